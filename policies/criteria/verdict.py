"""The first reading of a rule: what it says of one profile, on a day and on the days after.

Every node has one of four levels: FAIL < UNKNOWN < STAFF < PASS, so ``all`` is the least of its children and ``any``
the greatest. That is Kleene's logic of three values with met split in two: STAFF is met as far as a machine can tell.
A tree is compiled once into closures; only leaves that compare dates or use dated parameters are looked at again for
later days, and only on the days on which one of them can flip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import itemgetter

from core.facts import Told

from .operators import EARLIER, LATER, ONE_DAY, RATIO_TESTS
from .tree import Group, Leaf, leaves

FAIL, UNKNOWN, STAFF, PASS = range(4)
OWN_WORD = ("self", "default")


def _level_of(leaf):
    """``(values, sources, day) -> level`` for one leaf."""
    unknown = STAFF if leaf.unknown_is_met else UNKNOWN
    if leaf.check_staff:
        return _checked(leaf.facts[0].name, _holds(leaf))
    if leaf.operand.always and leaf.facts[0].type in ("choice", "bool"):
        return _looked_up(leaf, unknown)
    holds = _holds(leaf)

    def level(values, sources, day):
        met = holds(values, day)
        return unknown if met is None else PASS if met else FAIL

    return level


def _checked(name, holds):
    """What an owner says of himself does not settle what a person has to check; what he admits does."""

    def level(values, sources, day):
        met = holds(values, day)
        if met is None:
            return STAFF
        if not met:
            return FAIL
        source = sources.get(name, "self")
        if isinstance(source, Told):  # of a set others may have told of this member
            return PASS if holds({name: source.without(OWN_WORD)}, day) else STAFF
        return STAFF if source in OWN_WORD else PASS

    return level


def source_of(leaf, fact, profile, day) -> str | None:
    """Who told what a leaf says of a fact; None where several told of a set, and it is still open.

    Where departments settle it, the first of them that does so alone, or else the first that told.
    """
    source = profile.sources.get(fact.name, "self")
    if not isinstance(source, Told):
        return source
    holds = _holds(leaf)
    if holds(profile.values, day) is None:
        return None
    if holds({fact.name: source.without(OWN_WORD)}, day) is None:
        return "self"
    others = [(name, members) for name, members in source.parts if name not in OWN_WORD]
    alone = (name for name, members in others if holds({fact.name: members}, day) is not None)
    return next(alone, others[0][0])


def _looked_up(leaf, unknown):
    """A fact of few values: every outcome is worked out beforehand."""
    fact, test, operand = leaf.facts[0], leaf.operator.test, leaf.operand.on(date.max)
    values_of_fact = (True, False) if fact.type == "bool" else [choice.value for choice in fact.choices]
    outcomes = {value: PASS if test(value, operand) else FAIL for value in values_of_fact}
    outcomes[None] = unknown
    name = fact.name
    return lambda values, sources, day: outcomes[values.get(name)]


def _holds(leaf):
    """``(values, day) -> True, False or None``."""
    if leaf.operator is None:
        return _ratio_holds(leaf)
    name, operand_on, test = leaf.facts[0].name, leaf.operand.on, leaf.operator.test
    fixed = operand_on(date.max) if leaf.operand.always else None
    if leaf.operator.ago:
        return _ago_holds(leaf)
    if fixed is None:

        def holds(values, day):
            value, operand = values.get(name), operand_on(day)
            return None if value is None or operand is None else test(value, operand)

    else:

        def holds(values, day):
            value = values.get(name)
            return None if value is None else test(value, fixed)

    return holds


def _ago_holds(leaf):
    """Compares the date with ranges worked out once per day."""
    name, operand_on, starts = leaf.facts[0].name, leaf.operand.on, leaf.operator.ago.starts

    @lru_cache(maxsize=128)
    def starts_on(day):
        operand = operand_on(day)
        return None if operand is None else starts(operand, day)

    def holds(values, day):
        start, ranges = values.get(name), starts_on(day)
        if start is None or ranges is None:
            return None
        return _is_inside(ranges, start)

    return holds


def _ratio_holds(leaf):
    above, below = (fact.name for fact in leaf.facts)
    operand_on, test = leaf.operand.on, RATIO_TESTS[leaf.ratio_operator]

    def holds(values, day):
        a, b, points = values.get(above), values.get(below), operand_on(day)
        return None if a is None or b is None or points is None else test(a, b, points)

    return holds


def _is_inside(ranges, day) -> bool:
    for first, last in ranges:  # noqa: SIM110 (a generator costs three times as much)
        if first <= day <= last:
            return True
    return False


@dataclass(slots=True)
class Moment:
    """The levels of all leaves from one day on, until the next moment."""

    day: date
    levels: list


class Program:
    """A tree, compiled. ``leaves`` are numbered in order; the other lists hold such numbers.

    ``moving``: leaves that time alone can turn. ``final``: leaves of the root that neither time nor always the owner
    can turn, so that one that fails decides. ``level``: the root's level from those of the leaves.
    """

    def __init__(self, root: Group) -> None:
        self.root = root
        self.leaves: list[Leaf] = list(leaves(root))
        self.fact_names = tuple({fact.name: None for leaf in self.leaves for fact in leaf.stated})
        self.place = {leaf.id: place for place, leaf in enumerate(self.leaves)}
        self.moving = [place for place, leaf in enumerate(self.leaves) if moves(leaf)]
        self.held = [place for place, leaf in enumerate(self.leaves) if leaf.held]
        self.changeable = [place for place, leaf in enumerate(self.leaves) if leaf.changeable]
        self.final = [
            self.place[child.id] for child in root.children if isinstance(child, Leaf) and not moves(child)
        ]
        self._levels = [_level_of(leaf) for leaf in self.leaves]
        self._combined = {}
        self.level = self.combine(root)
        self.shapes = None  # What rows.py works out once about each node.

    def combine(self, node) -> Callable:
        """``levels -> level`` of one node."""
        if node.id not in self._combined:
            self._combined[node.id] = self._compile(node)
        return self._combined[node.id]

    def _compile(self, node):
        if isinstance(node, Leaf):
            return itemgetter(self.place[node.id])
        if not node.children:
            return lambda levels: PASS
        pick = min if node.kind == "all" else max
        places = [self.place[child.id] for child in node.children if isinstance(child, Leaf)]
        groups = [self.combine(child) for child in node.children if isinstance(child, Group)]
        if len(places) == len(self.leaves):
            return pick
        if not groups:
            own = itemgetter(*places)
            return (lambda levels: pick(own(levels))) if len(places) > 1 else own
        return lambda levels: pick([levels[place] for place in places] + [group(levels) for group in groups])

    def levels_on(self, profile, day) -> list:
        """The level of every leaf on ``day``."""
        values, sources = profile.values, profile.sources
        return [level(values, sources, day) for level in self._levels]

    def moments(self, profile, day, last=None, levels=None):
        """``day`` and every later day up to ``last`` on which a leaf may flip, each with its levels.

        ``levels``: those of ``day``, where they are known already.
        """
        if levels is None:
            levels = self.levels_on(profile, day)
        moments = [Moment(day, levels)]
        if self.moving:
            edges = [edge for place in self.moving for edge in _edges(self.leaves[place], profile.values)]
            moments += (
                Moment(flip, self._turned(levels, self.moving, profile, flip))
                for flip in sorted(_flips(edges))
                if day < flip <= (last or LATER)
            )
        return moments

    def _turned(self, levels, places, profile, day):
        """``levels`` with those at ``places`` as they are on ``day``."""
        turned = levels.copy()
        for place in places:
            turned[place] = self._levels[place](profile.values, profile.sources, day)
        return turned

    def days_met(self, leaf, profile, today) -> list[tuple[date, date]]:
        """The stretches of days on which a leaf is met, in order, as inclusive pairs.

        ``today``: the levels of the leaves. What time does not move is met always or never, by its level of today;
        an unknown leaf counts as not met.
        """
        edges = _edges(leaf, profile.values)
        if not edges:
            return ALWAYS if today[self.place[leaf.id]] >= STAFF else NEVER
        return edges if leaf.operand.always else self._days_tried(self.place[leaf.id], edges, profile)

    def _days_tried(self, place, edges, profile):
        """For a leaf whose figure changes: try the first day of every stretch between flips."""
        starts = sorted(_flips(edges) | {EARLIER})
        days = []
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            if self._levels[place](profile.values, profile.sources, start) >= STAFF:
                days = _united(days, [(start, following - ONE_DAY if following else LATER)])
        return days


ALWAYS, NEVER = [(EARLIER, LATER)], []


def joined(kind, lists_of_days):
    """The days of a group from those of its children: in all of them, or in any."""
    days, join = (ALWAYS, _common) if kind == "all" else (NEVER, _united)
    for others in lists_of_days:
        days = join(days, others)
    return days


def _common(some, others):
    """The days in both of two ordered lists of stretches."""
    if some is ALWAYS or not others:
        return others
    if others is ALWAYS:
        return some
    pairs = [(max(a, c), min(b, d)) for a, b in some for c, d in others]
    return sorted([(first, last) for first, last in pairs if first <= last])


def _united(some, others):
    """The days in either of two ordered lists of stretches, those that touch made one."""
    if not some or others is ALWAYS:
        return others
    if not others or some is ALWAYS:
        return some
    united = []
    for first, last in sorted(some + others):
        if united and (united[-1][1] == LATER or first <= united[-1][1] + ONE_DAY):
            united[-1] = united[-1][0], max(last, united[-1][1])
        else:
            united.append((first, last))
    return united


def span_around(days, day):
    """The stretch that holds ``day``, else the next, else the last, as (first, last) with None where open."""
    if not days:
        return None, None
    first, last = days[0] if len(days) == 1 else _nearest(days, day)
    return (None if first == EARLIER else first), (None if last == LATER else last)


def _nearest(days, day):
    holding = next((span for span in days if span[0] <= day <= span[1]), None)
    return holding or next((span for span in days if span[0] > day), None) or days[-1]


def moves(leaf) -> bool:
    """Whether the leaf can flip by time alone."""
    return bool(leaf.operator and leaf.operator.ago) or not leaf.operand.always


def _edges(leaf, values):
    """The stretches of days whose ends are the only days on which the leaf can flip."""
    edges = []
    if leaf.operator and leaf.operator.ago:
        start = values.get(leaf.facts[0].name)
        if start is not None:
            for row in leaf.operand.rows:
                edges += leaf.operator.ago.days(row.value, start)
    if not leaf.operand.always:
        edges += [(row.starts_on or EARLIER, row.ends_on or LATER) for row in leaf.operand.rows]
    return edges


def _flips(edges):
    """The first days of another outcome."""
    return {first for first, _ in edges} | {last + ONE_DAY for _, last in edges if last < LATER}
