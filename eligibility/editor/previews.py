"""What a rule says while it is being written: sentences, and verdicts for test shops. Nothing is stored."""

import re
from datetime import timedelta
from typing import NamedTuple

from django.utils import timezone

from accounts.access import record
from accounts.models import AccessEvent
from businesses.disclosure import profile_for
from businesses.models import Business
from core.errors import Invalid
from core.facts import Misread, read_date
from core.wording import day_text, number_text, value_text
from policies.content import check_content
from policies.criteria.golden import EXPECTATIONS
from policies.criteria.rows import rows
from policies.criteria.states import assess_all

from ..catalogue import catalogue
from ..wording import STATE_HEADINGS, UNITS, state_label

EXPECTATION_LABELS = {
    "state": "结果",
    "eligible_from": "从哪天起",
    "apply_before": "最晚哪天",
    "value": "金额",
    "maximum": "最多",
    "missing_facts": "还差的答案",
}
ROW_RESULTS = {
    "pass": "符合",
    "fail": "不符合",
    "unknown": "不知道",
    "wait": "还要等",
    "staff": "审核时核对",
}
SAME_LOOK = timedelta(minutes=30)
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")


class Outcome(NamedTuple):
    """A case under a rule: what was found, or why it could not be looked at."""

    found: object
    problem: str = ""

    @property
    def actual(self):
        """{expectation: value} in the form golden cases are written in."""
        return {key: read(self.found) for key, read in EXPECTATIONS.items()} if self.found else {}


def rule_of(content, editing):
    """The checked rule of some content of this version, or None where it cannot be read."""
    if content is None:
        return None
    rule, _ = check_content(
        content,
        registry=editing.registry,
        code=editing.code,
        measure=editing.version.benefit.measure.code,
        number=editing.version.number,
    )
    return rule


def outcomes(rule, cases, editing) -> list[Outcome]:
    """Every case under ``rule``, in their order."""
    beside, found = _beside(rule, editing), []
    for case in cases:
        try:
            as_of = read_date(case["as_of"])
            profile = editing.registry.read_profile(case["profile"], as_of=as_of)
        except Misread as problem:
            found.append(Outcome(None, problem.detail))
        except Invalid as problem:
            found.append(Outcome(None, "；".join(fault.detail for fault in problem.faults)))
        else:
            found.append(Outcome(_assessed(rule, beside, profile, as_of)))
    return found


def _beside(rule, editing):
    """The published rules that ``rule`` must be looked at together with: tax reliefs act on one another."""
    if not rule.is_tax:
        return []
    day = editing.version.effective_from or editing.today
    return [other for other in catalogue().rules_on(day) if other.is_tax and other.code != editing.code]


def _assessed(rule, beside, profile, day):
    return assess_all([*beside, rule], profile, day)[-1]


def expectation_text(key, value, editing) -> str:
    """An expectation, or what was worked out, as people read it."""
    if value is None:
        return "没有"
    if key == "state":
        return STATE_HEADINGS.get(value, value)
    if key == "missing_facts":
        registry = editing.registry
        return "、".join(registry[name].label if name in registry else name for name in value) or "没有"
    if key not in ("value", "maximum"):
        return value
    return f"{number_text(value)}{'%' if 'rate_cut' in (editing.content.get('amount') or {}) else ' 元'}"


def profile_text(profile, registry) -> str:
    """A test shop in one line."""
    parts = []
    for name, raw in profile.items():
        fact = registry.get(name)
        try:
            told = "不知道" if raw is None else value_text(fact, fact.read(raw)) if fact else str(raw)
        except Misread:
            told = str(raw)
        parts.append(f"{fact.label if fact else name}：{told}")
    return "；".join(parts) or "什么都不知道"


def verdict(outcome: Outcome) -> dict:
    """A verdict as the preview shows it: the words on the tag, the money, and every row."""
    if outcome.found is None:
        return {"problem": outcome.problem}
    found = outcome.found
    amount, told = found.amount, ""
    if amount is not None and amount.value is not None:
        told = f"{number_text(amount.value)} {UNITS[amount.unit]}"
    dates = [
        text
        for day, text in ((found.eligible_from, "{} 起"), (found.apply_before, "最晚 {}"))
        if day
        for text in (text.format(day_text(day)),)
    ]
    shown = [(row["sentence"], ROW_RESULTS.get(row["result"], row["result"])) for row in rows(found)]
    return {"state": found.state, "label": state_label(found), "amount": told, "dates": dates, "rows": shown}


def test_shops(rule, content, editing) -> list[dict]:
    """The golden cases of the content as test shops with their verdicts."""
    cases = content.get("golden") or ()
    return [
        {
            "name": case["name"],
            "about": f"{case['as_of']}　{profile_text(case['profile'], editing.registry)}",
            **verdict(outcome),
        }
        for case, outcome in zip(cases, outcomes(rule, cases, editing), strict=True)
    ]


def passed(editing) -> dict | None:
    """``{"cases", "passed"}`` of the stored content; None where it cannot be read."""
    rule, cases = rule_of(editing.content, editing), editing.content.get("golden") or ()
    if rule is None:
        return None
    return {"cases": len(cases), "passed": len(cases) - len(failing_cases(rule, editing))}


def failing_cases(rule, editing) -> list[str]:
    """A Chinese sentence for every golden case of the content that ``rule`` does not meet."""
    cases, sentences = editing.content.get("golden") or (), []
    for case, outcome in zip(cases, outcomes(rule, cases, editing), strict=True):
        actual = outcome.actual
        wrong = [
            f"{EXPECTATION_LABELS[key]}应是 {expectation_text(key, expected, editing)}，"
            f"算出来是 {expectation_text(key, actual[key], editing)}"
            for key, expected in case["expect"].items()
            if actual and actual[key] != expected
        ]
        if outcome.problem:
            sentences.append(f"样例“{case['name']}”读不了：{outcome.problem}")
        elif wrong:
            sentences.append(f"样例“{case['name']}”：{'；'.join(wrong)}")
    return sentences


def may_look_up(user) -> bool:
    return user.has_perm("businesses.view_business")


def shop_by_code(rule, credit_code, editing, user) -> dict:
    """The verdict for a shop of the register, seen as ``user`` may see it; the look is logged."""
    code = credit_code.strip().upper()
    if not _CREDIT_CODE.fullmatch(code):
        return {"name": "登记的店", "problem": "统一社会信用代码是 18 位数字和大写字母，请再核对。"}
    business = Business.objects.visible_to(user).filter(credit_code=code).first()
    if business is None:
        return {"name": "登记的店", "problem": "没有找到这家店，或者您不能看。"}
    _log_look(user, f"business {business.pk}", editing.version)
    found = _assessed(rule, _beside(rule, editing), profile_for(user, business), editing.today)
    return {"name": business.name, "about": editing.today.isoformat(), **verdict(Outcome(found))}


def _log_look(user, subject, version):
    """Once for as long as somebody is at it: the preview asks again whenever they stop typing."""
    seen = {"user": user, "action": "preview_version", "subject": subject, "detail": {"version": version.pk}}
    if not AccessEvent.objects.filter(**seen, at__gt=timezone.now() - SAME_LOOK).exists():
        record(user, seen["action"], subject, version=version.pk)
