"""Golden cases: what a rule must say of a profile, kept beside the rule and run before it may be published."""

from core.errors import Invalid
from core.facts import Misread, read_date

from .states import assess_all

EXPECTATIONS = {
    "state": lambda found: found.state,
    "eligible_from": lambda found: found.eligible_from and found.eligible_from.isoformat(),
    "apply_before": lambda found: found.apply_before and found.apply_before.isoformat(),
    "value": lambda found: None if found.amount.value is None else str(found.amount.value),
    "maximum": lambda found: None if found.amount.maximum is None else str(found.amount.maximum),
    "missing_facts": lambda found: found.missing_facts,
}


def failures(code, cases, rules, registry):
    """(position, Chinese sentence) for every case of benefit ``code`` that ``rules`` do not meet.

    ``rules`` are evaluated together, because tax reliefs act on one another.
    """
    for place, case in enumerate(cases):
        try:
            day = read_date(case["as_of"])
            profile = registry.read_profile(case["profile"], as_of=day)
        except (Misread, Invalid) as problem:
            yield place, f"样例“{case['name']}”读不了：{problem}"
            continue
        found = next(found for found in assess_all(rules, profile, day) if found.rule.code == code)
        for key, expected in case["expect"].items():
            actual = EXPECTATIONS[key](found)
            if actual != expected:
                yield place, f"样例“{case['name']}”的 {key} 应是 {expected}，算出来是 {actual}"
