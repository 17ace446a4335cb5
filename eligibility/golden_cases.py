"""What the golden cases of a draft say against it: a Chinese sentence for each that its rule does not meet."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from django.utils import timezone

from businesses.registry import business_registry
from core.errors import Invalid
from core.facts import Misread, Registry, read_date
from core.wording import number_text
from policies.catalogue import catalogue
from policies.criteria.golden import EXPECTATIONS
from policies.criteria.states import assess_all
from policies.models import BenefitVersion

from .wording import STATE_HEADINGS

EXPECTATION_LABELS = {
    "state": "结果",
    "eligible_from": "从哪天起",
    "apply_before": "最晚哪天",
    "value": "金额",
    "maximum": "最多",
    "missing_facts": "还差的答案",
}


@dataclass
class Draft:
    """A version, and its content as it is stored or would be."""

    version: BenefitVersion
    content: dict
    registry: Registry = field(default_factory=business_registry)
    today: date = field(default_factory=timezone.localdate)

    @property
    def code(self):
        return self.version.benefit.code


class Outcome(NamedTuple):
    """A case under a rule: what was found, or why it could not be looked at."""

    found: object
    problem: str = ""

    @property
    def actual(self):
        """{expectation: value} in the form golden cases are written in."""
        return {key: read(self.found) for key, read in EXPECTATIONS.items()} if self.found else {}


def outcomes(rule, cases, draft) -> list[Outcome]:
    """Every case under ``rule``, in their order."""
    beside, judged = rules_beside(rule, draft), []
    for case in cases:
        try:
            as_of = read_date(case["as_of"])
            profile = draft.registry.read_profile(case["profile"], as_of=as_of)
        except Misread as problem:
            judged.append(Outcome(None, problem.detail))
        except Invalid as problem:
            judged.append(Outcome(None, "；".join(fault.detail for fault in problem.faults)))
        else:
            judged.append(Outcome(assessed(rule, beside, profile, as_of)))
    return judged


def rules_beside(rule, draft) -> list:
    """The published rules that ``rule`` must be looked at together with: tax reliefs act on one another."""
    if not rule.is_tax:
        return []
    day = draft.version.effective_from or draft.today
    return [other for other in catalogue().rules_on(day) if other.is_tax and other.code != draft.code]


def assessed(rule, beside, profile, day):
    return assess_all([*beside, rule], profile, day)[-1]


def expectation_text(key, value, draft) -> str:
    """An expectation, or what was worked out, as people read it."""
    if value is None:
        return "没有"
    if key == "state":
        return STATE_HEADINGS.get(value, value)
    if key == "missing_facts":
        registry = draft.registry
        return "、".join(registry[name].label if name in registry else name for name in value) or "没有"
    if key not in ("value", "maximum"):
        return value
    return f"{number_text(value)}{'%' if 'rate_cut' in (draft.content.get('amount') or {}) else ' 元'}"


def failing_cases(rule, draft) -> list[str]:
    """A Chinese sentence for every golden case of the content that ``rule`` does not meet."""
    cases, sentences = draft.content.get("golden") or (), []
    for case, outcome in zip(cases, outcomes(rule, cases, draft), strict=True):
        actual = outcome.actual
        wrong = [
            f"{EXPECTATION_LABELS[key]}应是 {expectation_text(key, expected, draft)}，"
            f"算出来是 {expectation_text(key, actual[key], draft)}"
            for key, expected in case["expect"].items()
            if actual and actual[key] != expected
        ]
        if outcome.problem:
            sentences.append(f"样例“{case['name']}”读不了：{outcome.problem}")
        elif wrong:
            sentences.append(f"样例“{case['name']}”：{'；'.join(wrong)}")
    return sentences
