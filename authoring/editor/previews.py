"""What a rule says while it is being written: sentences, and verdicts for test shops. Nothing is stored."""

import re
from datetime import timedelta

from django.utils import timezone

from accounts.access import record
from accounts.models import AccessEvent
from businesses.disclosure import profile_for
from businesses.models import Business
from core.facts import Misread
from core.wording import day_text, number_text, value_text
from eligibility.golden_cases import Outcome, assessed, failing_cases, outcomes, rules_beside
from eligibility.wording import UNITS, state_label
from policies.content import check_content
from policies.criteria.rows import rows

ROW_RESULTS = {
    "pass": "符合",
    "fail": "不符合",
    "unknown": "不知道",
    "wait": "还要等",
    "staff": "审核时核对",
}
SAME_LOOK = timedelta(minutes=30)
_CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")


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
    found = assessed(rule, rules_beside(rule, editing), profile_for(user, business), editing.today)
    return {"name": business.name, "about": editing.today.isoformat(), **verdict(Outcome(found))}


def _log_look(user, subject, version) -> None:
    """Once for as long as somebody is at it: the preview asks again whenever they stop typing."""
    seen = {"user": user, "action": "preview_version", "subject": subject, "detail": {"version": version.pk}}
    if not AccessEvent.objects.filter(**seen, at__gt=timezone.now() - SAME_LOOK).exists():
        record(user, seen["action"], subject, version=version.pk)
