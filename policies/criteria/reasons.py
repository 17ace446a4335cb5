"""Why a row does not hold, as far as the owner's own facts tell: which conditions are named, and in what words.

Of a group in which any way is enough, every way fails in its own manner. An owner is told of those meant for them: a
woman of nothing that only men must meet, a shop of 31 of no limit for smaller ones, a graduate not that they are no
migrant worker. A condition that holds is never named.
"""

from dataclasses import replace

from .consistency import exclude_each_other
from .everyday import objection
from .parameters import constant
from .states import Assessment
from .tree import Leaf, leaves
from .verdict import FAIL, STAFF


def why_not(node, found: Assessment) -> str:
    """Why ``node`` does not hold on the day of ``found``; empty where it does, or where nobody knows."""
    texts = (objection(leaf, found.profile, found.day) for leaf in failing(node, found))
    return "；".join(dict.fromkeys(texts))


def failing(node, found: Assessment) -> list[Leaf]:
    """The conditions below ``node`` that fail and that this owner would have to meet; none where it does not fail."""
    if found.rule.program.combine(node)(found.levels) != FAIL:
        return []
    if isinstance(node, Leaf):
        return [node]
    if node.kind == "all":
        return [leaf for child in node.children for leaf in failing(child, found)]
    ways = [_Way(failing(child, found), _holding(child, found)) for child in node.children]
    ways = _meant(ways, exclude_each_other)
    ways = _meant(ways, lambda one, other: one.facts == other.facts)
    return _shared([way.fails for way in ways])


class _Way:
    """One of several ways to meet a condition: what of it fails, and what holds."""

    def __init__(self, fails, holds) -> None:
        self.fails, self.holds = fails, holds


def _holding(node, found) -> list:
    """The conditions below ``node`` that are known to hold."""
    values, program = found.profile.values, found.rule.program
    return [
        leaf
        for leaf in leaves(node)
        if found.levels[program.place[leaf.id]] >= STAFF
        and all(values.get(fact.name) is not None for fact in leaf.facts)
    ]


def _meant(ways, is_shut_by):
    """The ways that what holds of another does not shut; all where none would be left."""
    open_ways = [
        way
        for way in ways
        if not any(
            is_shut_by(fails, holds)
            for other in ways
            if other is not way
            for holds in other.holds
            for fails in way.fails
        )
    ]
    return open_ways or ways


def _shared(lists):
    """What fails in every way; of several ways that fail on the same facts, what all of them fail on first."""
    facts = set.intersection(*({leaf.facts for leaf in leaves_} for leaves_ in lists))
    found = [leaf for leaves_ in lists for leaf in leaves_ if not facts or leaf.facts in facts]
    return _as_one(found) if len(lists) > 1 else found


def _as_one(found):
    """Several lists of members, any of which is enough, as one list."""
    if len({leaf.facts for leaf in found}) > 1 or any(
        leaf.operator is None or leaf.operator.name != "has_any" or not leaf.operand.always for leaf in found
    ):
        return found
    mask = 0
    for leaf in found:
        mask |= leaf.operand.rows[0].value
    return [replace(found[0], operand=constant(mask))]
