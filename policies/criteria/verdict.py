"""The first reading of a rule: what it says of one profile, on a day and on the days after.

Every node has one of four levels: FAIL < UNKNOWN < STAFF < PASS, so ``all`` is the least of its children and ``any``
the greatest. That is Kleene's logic of three values with met split in two: STAFF is met as far as a machine can tell.
A tree is compiled once into closures; only leaves that compare dates or use dated parameters are looked at again for
later days, and only on the days on which one of them can flip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from .operators import EARLIER, LATER, RATIO_TESTS
from .tree import Group, Leaf, leaves

FAIL, UNKNOWN, STAFF, PASS = range(4)
OWN_WORD = ("self", "default")


def _level_of(leaf):
    """``(values, sources, day) -> level`` for one leaf."""
    unknown = STAFF if leaf.unknown_is_met else UNKNOWN
    holds = _ratio_holds(leaf) if leaf.operator is None else _fact_holds(leaf)
    if not leaf.check_staff:

        def level(values, sources, day):
            met = holds(values, day)
            return unknown if met is None else PASS if met else FAIL

        return level
    name = leaf.facts[0].name

    def checked_level(values, sources, day):
        # What an owner says of himself does not settle what a person has to check; what he admits does.
        met = holds(values, day)
        if met is None:
            return STAFF
        if not met:
            return FAIL
        return STAFF if sources.get(name, "self") in OWN_WORD else PASS

    return checked_level


def _fact_holds(leaf):
    """``(values, day) -> True, False or None`` for a leaf on one fact."""
    name, operand_on = leaf.facts[0].name, leaf.operand.on
    fixed = operand_on(date.max) if leaf.operand.always else None
    test, spans = leaf.operator.test, leaf.operator.spans

    def holds_by_time(values, day):
        start = values.get(name)
        operand = operand_on(day) if fixed is None else fixed
        if start is None or operand is None:
            return None
        for first, last in spans(start, operand):  # noqa: SIM110 (a generator costs three times as much)
            if first <= day <= last:
                return True
        return False

    def holds_always(values, day):
        value = values.get(name)
        return None if value is None else test(value, fixed)

    def holds_by_figure(values, day):
        value, operand = values.get(name), operand_on(day)
        return None if value is None or operand is None else test(value, operand)

    return holds_by_time if spans else holds_by_figure if fixed is None else holds_always


def _ratio_holds(leaf):
    above, below = (fact.name for fact in leaf.facts)
    test = RATIO_TESTS[leaf.ratio_operator]

    def holds(values, day):
        a, b, points = values.get(above), values.get(below), leaf.operand.on(day)
        return None if a is None or b is None or points is None else test(a, b, points)

    return holds


@dataclass(slots=True)
class Moment:
    """The levels of all leaves from one day on, until the next moment."""

    day: date
    levels: list


class Program:
    """A tree, compiled. ``leaves`` are numbered in order; ``combine[node]`` gives a node's level from the leaves'."""

    def __init__(self, root: Group):
        self.root = root
        self.leaves: list[Leaf] = list(leaves(root))
        self.fact_names = tuple({fact.name: None for leaf in self.leaves for fact in leaf.facts})
        self.place = {leaf.id: place for place, leaf in enumerate(self.leaves)}
        self._levels = [_level_of(leaf) for leaf in self.leaves]
        self._moving = [place for place, leaf in enumerate(self.leaves) if moves(leaf)]
        self.held = [place for place, leaf in enumerate(self.leaves) if leaf.held]
        self.changeable = [place for place, leaf in enumerate(self.leaves) if leaf.changeable]
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
            place = self.place[node.id]
            return lambda levels: levels[place]
        if not node.children:
            return lambda levels: PASS
        children = [self.combine(child) for child in node.children]
        pick = min if node.kind == "all" else max
        if all(isinstance(child, Leaf) for child in node.children):
            places = [self.place[child.id] for child in node.children]
            return lambda levels: pick([levels[place] for place in places])
        return lambda levels: pick([child(levels) for child in children])

    def levels_on(self, profile, day):
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
        if not self._moving:
            return moments
        values, sources = profile.values, profile.sources
        for flip in sorted(self._flips(values, day, last or LATER)):
            levels = list(levels)
            for place in self._moving:
                levels[place] = self._levels[place](values, sources, flip)
            moments.append(Moment(flip, levels))
        return moments

    def _flips(self, values, day, last):
        flips = set()
        for place in self._moving:
            leaf = self.leaves[place]
            for first, end in _edges(leaf, values):
                if day < first <= last:
                    flips.add(first)
                if end < LATER and day <= end < last:
                    flips.add(end + timedelta(days=1))
        return flips

    def met_span(self, node, profile, day):
        """The days on which ``node`` is met, as (first, last), None where open: around ``day``, else next, else last.

        Both None where time does not matter. An unknown leaf counts as not met here.
        """
        if isinstance(node, Leaf) and node.operand.always:
            edges = list(_edges(node, profile.values)) if moves(node) else ()
            return _open_ended(_nearest(edges, day)) if edges else (None, None)
        edges = [edge for leaf in leaves(node) if moves(leaf) for edge in _edges(leaf, profile.values)]
        if not edges:
            return None, None
        starts = {EARLIER} | {first for first, _ in edges}
        starts |= {end + timedelta(days=1) for _, end in edges if end < LATER}
        level = self.combine(node)
        spans, begun = [], None
        for start in sorted(starts):
            met = level(self.levels_on(profile, start)) >= STAFF
            if met and begun is None:
                begun = start
            elif not met and begun is not None:
                spans.append((begun, start - timedelta(days=1)))
                begun = None
        if begun is not None:
            spans.append((begun, LATER))
        return _open_ended(_nearest(spans, day)) if spans else (None, None)


def moves(leaf):
    """Whether the leaf can flip by time alone."""
    return bool(leaf.operator and leaf.operator.spans) or not leaf.operand.always


def _edges(leaf, values):
    """The stretches of days whose ends are the only days on which the leaf can flip."""
    if leaf.operator and leaf.operator.spans:
        start = values.get(leaf.facts[0].name)
        if start is not None:
            for row in leaf.operand.rows:
                yield from leaf.operator.spans(start, row.value)
    if not leaf.operand.always:
        for row in leaf.operand.rows:
            yield row.starts_on or EARLIER, row.ends_on or LATER


def _nearest(spans, day):
    """The span that holds ``day``, else the first after it, else the last before it."""
    if len(spans) == 1:
        return spans[0]
    ordered = sorted(spans)
    holding = next((span for span in ordered if span[0] <= day <= span[1]), None)
    return holding or next((span for span in ordered if span[0] > day), None) or ordered[-1]


def _open_ended(span):
    first, last = span
    return (None if first == EARLIER else first), (None if last == LATER else last)
