"""Conditions that can never or must always hold together are mistakes, and are refused when a rule is saved.

All conditions on one fact inside one flattened ``all`` or ``any`` are tried on one value for every way they can fall.
``samples`` gives those values; the questions an owner is asked use them too.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from itertools import combinations

from core.facts import Members
from core.money import FEN

from .tree import Group, Leaf

FIRST, LAST = date(1900, 1, 1), date(2199, 12, 31)
MOST_MEMBERS_COMBINED = 10


def contradictions(root: Group) -> Iterator[tuple[str, str]]:
    """(node id, Chinese sentence) for every group whose conditions on one fact cannot differ in their outcome."""
    yield from _check(root)


def exclude_each_other(one: Leaf, other: Leaf) -> bool:
    """Whether two conditions on one fact can never hold together; of ratios that is not asked."""
    if one.facts != other.facts or one.operator is None or other.operator is None:
        return False
    return not any(_together([one, other], value, day, "all") for value, day in _trials([one, other]))


def _check(group):
    by_fact = defaultdict(list)
    for leaf in _flattened(group, group.kind):
        if leaf.operator is not None:
            by_fact[leaf.facts[0].name].append(leaf)
    for leaves in by_fact.values():
        outcomes = {_together(leaves, value, day, group.kind) for value, day in _trials(leaves)}
        outcomes.discard(None)
        if len(outcomes) == 1:
            fact = leaves[0].facts[0]
            verdict = "永远成立，等于没写" if outcomes.pop() else "永远不会成立"
            places = "、".join(leaf.id for leaf in leaves)
            yield leaves[0].id, f"{places} 里关于“{fact.label}”的条件合在一起{verdict}，请改值或删掉"
    for child in group.children:
        if isinstance(child, Group):
            yield from _check(child)


def _flattened(group, kind):
    for child in group.children:
        if isinstance(child, Leaf):
            yield child
        elif child.kind == kind:
            yield from _flattened(child, kind)


def _together(leaves, value, day, kind):
    results = [_holds(leaf, value, day) for leaf in leaves]
    if None in results:
        return None
    return all(results) if kind == "all" else any(results)


def _holds(leaf, value, day):
    operand = leaf.operand.on(day)
    if operand is None:
        return None
    if leaf.operator.ago:
        return any(first <= value <= last for first, last in leaf.operator.ago.starts(operand, day))
    return leaf.operator.test(value, operand)


def _trials(leaves):
    for day in _days(leaves):
        for value in samples(leaves[0].facts[0], leaves, day):
            yield value, day


def _days(leaves) -> list:
    """Days that show every mix of dated figures and fixed dates the leaves compare with."""
    days = {date(2025, 6, 15)}
    for leaf in leaves:
        days.update(leaf.operand.change_days())
        if leaf.operator.operand == "date":
            for row in leaf.operand.rows:
                days.update(
                    row.value + timedelta(days=shift) for shift in (-20000, -400, -1, 0, 1, 400, 20000)
                )
    return sorted(day for day in days if FIRST <= day <= LAST)


def samples(fact, leaves, day) -> list:
    """Inside values of ``fact``, one at least for every combination of outcomes of ``leaves`` on ``day``."""
    operands = [row.value for leaf in leaves for row in leaf.operand.rows]
    if fact.type == "bool":
        return [True, False]
    if fact.type == "choice":
        return [choice.value for choice in fact.choices]
    if fact.type == "set":
        return _member_samples(fact, operands)
    if fact.type == "code":
        return _code_samples(operands)
    if fact.type == "date":
        return _date_samples(fact, leaves, day)
    return _number_samples(fact, leaves)


def _number_samples(fact, leaves) -> list:
    step = FEN if fact.type == "money" else 1
    zero = Decimal("0.00") if fact.type == "money" else 0
    edges = {zero, zero + step}
    for leaf in leaves:
        for row in leaf.operand.rows:
            for value in row.value if isinstance(row.value, tuple) else (row.value,):
                edges.update((value - step, value, value + step))
    if fact.signed:
        edges.add(zero - step)
    return sorted(value for value in edges if fact.signed or value >= zero)


def _date_samples(fact, leaves, day) -> list:
    edges = {FIRST, day, LAST}
    for leaf in leaves:
        for row in leaf.operand.rows:
            if leaf.operator.operand == "date":
                edges.add(row.value)
            else:
                edges.add(row.value.latest_start_over_by(day))
                edges.add(row.value.earliest_start_reaching(day))
    near = {
        edge + timedelta(days=shift) for edge in edges if edge for shift in (-1, 0, 1) if FIRST < edge < LAST
    }
    last = day if fact.past_only else LAST
    return sorted(value for value in near | {FIRST, LAST} if FIRST <= value <= last)


def _member_samples(fact, masks) -> list:
    """One whole answer for every combination of members that the masks tell apart."""
    signatures = {}
    for choice in fact.choices:
        bit = fact.mask([choice.value])
        signatures.setdefault(tuple(bool(mask & bit) for mask in masks), choice.value)
    told_apart = list(signatures.values())
    most = len(told_apart) if len(told_apart) <= MOST_MEMBERS_COMBINED else 2
    answers = {
        fact.whole_answer(chosen) for count in range(most + 1) for chosen in combinations(told_apart, count)
    }
    answers.add(Members(fact.everything, fact.everything))
    return sorted(answers)


def _code_samples(operands) -> list:
    codes = {code for operand in operands for code in operand}
    letters = {code[0] for code in codes}
    other = next((letter for letter in "ABCDEFGHIJKLMNOPQRST" if letter not in letters), None)
    inside = {code.ljust(5, "0") for code in codes if len(code) > 1}
    outside = {f"{letter}99" for letter in letters}
    return sorted(codes | letters | inside | outside | ({other} if other else set()))
