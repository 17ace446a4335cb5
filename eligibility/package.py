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
        (found for found in assessments if found.state in OPEN_STATES and found.rule.is_money),
        key=lambda found: found.rule.code,
    )
    conflicts = conflicts_among(candidates)
    if not conflicts:
        return candidates, []
    given_up = set()
    for cluster in _clusters(conflicts):
        given_up |= cluster - _best_subset(
            cluster, conflicts, {found.rule.code: found for found in candidates}
        )
    return (
        [found for found in candidates if found.rule.code not in given_up],
        [found for found in candidates if found.rule.code in given_up],
    )


def conflicts_among(assessments) -> set:
    """The pairs of codes that cannot be held together. Exclusion is symmetric, whoever names it."""
    codes = {found.rule.code for found in assessments}
    return {
        frozenset((found.rule.code, other))
        for found in assessments
        for other in found.rule.excludes
        if other in codes and other != found.rule.code
    }


def _clusters(conflicts):
    """Sets of codes tied together by conflicts; what is in none is always taken."""
    clusters = []
    for pair in conflicts:
        touching = [cluster for cluster in clusters if cluster & pair]
        clusters = [cluster for cluster in clusters if not cluster & pair]
        clusters.append(set(pair).union(*touching))
    return clusters


def _weight(found):
    if found.amount.category not in ("cash", "tax"):
        return ZERO
    worth = found.amount.maximum if found.amount.maximum is not None else found.amount.value
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
    for found in taken:
        amount = found.amount
        if amount.category is None:
            continue
        own = sums[amount.category]
        own[amount.unit] += amount.value or ZERO
        if amount.maximum is None:
            own["unknown"].append(found.rule.code)
        elif "maximum" in own:
            own["maximum"] += amount.maximum
    return sums
