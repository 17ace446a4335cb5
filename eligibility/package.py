"""The best legal package of benefits, and what it adds up to. Cash, tax and loans are never added together."""

from decimal import Decimal
from itertools import combinations

from policies.criteria.states import OPEN_STATES, Assessment

ZERO = Decimal("0.00")
MOST_TRIED_TOGETHER = 12


def best_package(assessments: list[Assessment]) -> tuple[list[Assessment], list[Assessment]]:
    """(taken, given up) among the benefits with money that can be had now, both in order of code.

    Benefits that exclude one another cannot stand together. Among legal sets the highest sum of maximums (else
    values) wins, loans weighing nothing; then more benefits; then the earlier codes.
    """
    candidates = sorted(
        (
            assessment
            for assessment in assessments
            if assessment.state in OPEN_STATES and assessment.rule.is_money
        ),
        key=lambda assessment: assessment.rule.code,
    )
    conflicts = conflicts_among(candidates)
    if not conflicts:
        return candidates, []
    given_up = set()
    for cluster in _clusters(conflicts):
        given_up |= cluster - _best_subset(
            cluster, conflicts, {assessment.rule.code: assessment for assessment in candidates}
        )
    return (
        [assessment for assessment in candidates if assessment.rule.code not in given_up],
        [assessment for assessment in candidates if assessment.rule.code in given_up],
    )


def conflicts_among(assessments) -> set:
    """The pairs of codes that cannot be held together. Exclusion is symmetric, whoever names it."""
    codes = {assessment.rule.code for assessment in assessments}
    return {
        frozenset((assessment.rule.code, other))
        for assessment in assessments
        for other in assessment.rule.excludes
        if other in codes and other != assessment.rule.code
    }


def _clusters(conflicts):
    """Sets of codes tied together by conflicts; what is in none is always taken."""
    clusters = []
    for pair in conflicts:
        touching = [cluster for cluster in clusters if cluster & pair]
        clusters = [cluster for cluster in clusters if not cluster & pair]
        clusters.append(set(pair).union(*touching))
    return clusters


def _weight(assessment):
    if assessment.amount.category not in ("cash", "tax"):
        return ZERO
    worth = assessment.amount.maximum if assessment.amount.maximum is not None else assessment.amount.value
    return worth or ZERO


def _best_subset(cluster, conflicts, by_code):
    codes = sorted(cluster)
    if len(codes) > MOST_TRIED_TOGETHER:
        return _greedy_subset(codes, conflicts, by_code)
    legal = (
        subset
        for count in range(len(codes), 0, -1)
        for subset in combinations(codes, count)
        if not any(pair <= set(subset) for pair in conflicts)
    )
    return set(
        min(legal, key=lambda subset: (-sum(_weight(by_code[code]) for code in subset), -len(subset), subset))
    )


def _greedy_subset(codes, conflicts, by_code):
    """For clusters too large to try out: the worthiest first."""
    taken = set()
    for code in sorted(codes, key=lambda code: (-_weight(by_code[code]), code)):
        if not any(pair <= taken | {code} for pair in conflicts):
            taken.add(code)
    return taken


def totals(taken: list[Assessment]) -> dict:
    """Sums over a package, kept apart by category; ``unknown`` lists benefits whose maximum is not known."""
    sums = {
        "cash": {"once": ZERO, "month": ZERO, "maximum": ZERO, "unknown": []},
        "tax": {"year": ZERO, "maximum": ZERO, "unknown": []},
        "loan": {"limit": ZERO, "unknown": []},
    }
    for assessment in taken:
        amount = assessment.amount
        if amount.category is None:
            continue
        own = sums[amount.category]
        own[amount.unit] += amount.value or ZERO
        if amount.maximum is None:
            own["unknown"].append(assessment.rule.code)
        elif "maximum" in own:
            own["maximum"] += amount.maximum
    return sums
