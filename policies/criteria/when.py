"""The second reading in time: for each shop, the stretches of days on which a rule is met, in SQL.

A rule is split into cases, any of which is enough: conditions that time does not move, and bounds between which its
dates must lie. So a case is met from the greatest of its lower bounds to the least of its upper bounds. Bounds are what
``Ago.days`` says of a date, told with columns in place of dates: the leaf's meaning is written once.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import reduce
from itertools import pairwise, product
from math import prod
from typing import Any

from django.db.models import BooleanField, DateField, ExpressionWrapper, Func, Q, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.lookups import IsNull

from .operators import EARLIER, LATER, ONE_DAY
from .parameters import constant
from .sql import column, expression, within
from .tree import Leaf, leaves
from .verdict import moves

MOST_CASES = 24
# Stand for "since ever" and "for good" in SQL: no column reaches them.
EVER, FOR_GOOD = date(1, 1, 1), date(9999, 12, 31)


class TooManyCases(Exception):
    """The rule's dates are too entangled for one statement; shops have to be looked at one by one."""


class AfterPeriod(Func):
    """D + p, the last day of the month where the corresponding day does not exist (民法典 §202)."""

    output_field = DateField()
    arity = 1

    def __init__(self, day, duration) -> None:
        super().__init__(day)
        self.duration = duration

    def as_postgresql(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.source_expressions[0])
        count = self.duration.count
        match self.duration.unit:
            case "days":
                return f"({sql} + {count})", parameters
            case "calendar_months":
                months = (
                    f"date_trunc('month', {sql}::timestamp) + interval '{count} months' - interval '1 day'"
                )
                return f"({months})::date", parameters
            case unit:
                return f"({sql} + interval '{count} {unit}')::date", parameters

    def as_sqlite(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.source_expressions[0])
        count = self.duration.count
        match self.duration.unit:
            case "days":
                return f"date({sql}, '+{count} days')", parameters
            case "calendar_months":
                return f"date({sql}, 'start of month', '+{count} months', '-1 day')", parameters
            case unit:
                months = count * (12 if unit == "years" else 1)
                # SQLite lets 29 February run over into March: not past the end of the month meant.
                end = f"date({sql}, 'start of month', '+{months + 1} months', '-1 day')"
                return f"min(date({sql}, '+{months} months'), {end})", [*parameters, *parameters]


class Shifted(Func):
    """A day some days later or earlier."""

    output_field = DateField()
    arity = 1

    def __init__(self, day, days) -> None:
        super().__init__(day)
        self.days = days

    def as_postgresql(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"({sql} + ({self.days}))", parameters

    def as_sqlite(self, compiler, connection, **context):
        sql, parameters = compiler.compile(self.source_expressions[0])
        return f"date({sql}, '{self.days:+d} days')", parameters


@dataclass(frozen=True)
class _ColumnDay:
    """A column where Ago.days expects a date. No stored date lies at the ends of the calendar."""

    expression: object

    def __add__(self, delta: timedelta):
        return _ColumnDay(Shifted(self.expression, delta.days))

    def __sub__(self, delta: timedelta):
        return _ColumnDay(Shifted(self.expression, -delta.days))

    def __gt__(self, day) -> bool:
        return True

    def __lt__(self, day) -> bool:
        return True


@dataclass(frozen=True)
class _ColumnPeriod:
    """A duration that is added to columns."""

    duration: object

    def after(self, start: _ColumnDay):
        return _ColumnDay(AfterPeriod(start.expression, self.duration))


@dataclass(frozen=True)
class Case:
    """One way to meet a rule. Expressions over Business, none of them NULL where the conditions hold."""

    conditions: tuple = ()
    lower: tuple = ()
    upper: tuple = ()

    def and_also(self, other):
        conditions = dict.fromkeys(self.conditions + other.conditions)  # each once
        return Case(tuple(conditions), self.lower + other.lower, self.upper + other.upper)

    def without(self, conditions):
        """The same where ``conditions`` hold anyway."""
        return replace(self, conditions=tuple(row for row in self.conditions if row not in conditions))

    def is_possible_with(self, other=None) -> bool:
        """False where a date would have to be known and not known, in this case or in it and ``other``."""
        conditions = {*self.conditions, *(other.conditions if other else ())}
        known = {row.lhs for row in conditions if isinstance(row, IsNull) and not row.rhs}
        return not any(isinstance(row, IsNull) and row.rhs and row.lhs in known for row in conditions)

    @property
    def first(self):
        """The first day, as an expression; EVER where nothing bounds it, NULL where the conditions do not hold."""
        return self._where_it_holds(_extreme(Greatest, max, self.lower, EVER))

    @property
    def last(self):
        """The last day, likewise; FOR_GOOD where nothing bounds it."""
        return self._where_it_holds(_extreme(Least, min, self.upper, FOR_GOOD))

    def _where_it_holds(self, day):
        return (
            Choose(When(Q(*self.conditions), then=day), output_field=DateField()) if self.conditions else day
        )


def _extreme(function, pick, bounds, otherwise):
    constants = [bound for bound in bounds if isinstance(bound, date)]
    rest = [bound for bound in bounds if not isinstance(bound, date)]
    if constants or not rest:
        rest.append(Value(pick(constants, default=otherwise), output_field=DateField()))
    return function(*rest, output_field=DateField()) if len(rest) > 1 else rest[0]


class _Splitter:
    """Splits a tree into cases, those that can be met on ``day`` or later, until the rule closes.

    ``lenient``: what is not known counts as met, as services count it.
    """

    def __init__(self, day, closes, lenient) -> None:
        self.day, self.closes, self.lenient = day, closes or LATER, lenient

    def cases(self, node) -> list[Case]:
        if not any(moves(leaf) for leaf in leaves(node)):
            return [Case((self._known(expression(node, date.max)),))]
        if isinstance(node, Leaf):
            return self._leaf_cases(node)
        parts = [self.cases(child) for child in node.children]
        size = prod(map(len, parts)) if node.kind == "all" else sum(map(len, parts))
        if size > MOST_CASES:
            raise TooManyCases
        if node.kind == "any":
            return [case for part in parts for case in part]
        found = (reduce(Case.and_also, chosen, Case()) for chosen in product(*parts))
        return [case for case in found if case.is_possible_with()]

    def _known(self, condition):
        """As a condition of WHERE and WHEN, to which unknown is as good as false."""
        return Coalesce(condition, Value(True), output_field=BooleanField()) if self.lenient else Q(condition)

    def _leaf_cases(self, leaf):
        """A leaf that compares a date with the day, or whose figure depends on the day."""
        found = []
        for first, last, value in _figures(leaf.operand):
            if last < self.day or first > self.closes:
                continue
            in_force = Case((), () if first == EARLIER else (first,), () if last == LATER else (last,))
            if value is None:  # no figure is in force: unknown
                found += [in_force] if self._counts_unknown(leaf) else []
            elif leaf.operator and leaf.operator.ago:
                found += [in_force.and_also(case) for case in self._ago_cases(leaf, value, first, last)]
            else:
                fixed = replace(leaf, operand=constant(value))
                found.append(in_force.and_also(Case((self._known(expression(fixed, date.max)),))))
        return found

    def _counts_unknown(self, leaf):
        return self.lenient or leaf.unknown_is_met

    def _ago_cases(self, leaf, period, first, last):
        here = column(leaf.facts[0])
        known = (IsNull(here, False), *self._in_time(leaf.operator.ago, period, here, first, last))
        for begins, ends in leaf.operator.ago.days(_ColumnPeriod(period), _ColumnDay(here)):
            yield Case(
                known,
                () if begins == EARLIER else (begins.expression,),
                () if ends == LATER else (ends.expression,),
            )
        if self._counts_unknown(leaf):
            yield Case((IsNull(here, True),))

    def _in_time(self, ago, period, here, first, last):
        """What is so of every date for which some day from now on is right: compared with bare, so that it is cheap
        and an index serves. The right dates only ever move ahead as days pass."""
        now, then = ago.starts(period, max(first, self.day)), ago.starts(period, min(last, self.closes))
        low, high = now[0][0] if now else EARLIER, then[-1][1] if then else LATER
        return (within(here, [(low, high)]),) if (low, high) != (EARLIER, LATER) else ()


def _figures(operand) -> list:
    """The stretches on which a dated figure has one value, as (first day, last day, value or None)."""
    if operand.always:
        return [(EARLIER, LATER, operand.rows[0].value)]
    starts = sorted({EARLIER, *operand.change_days()})
    ends = [*(following - ONE_DAY for _, following in pairwise(starts)), LATER]
    return [(start, end, operand.on(start)) for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True)
class Reading:
    """What a statement selects of each shop to say when it meets a rule.

    ``columns``: expressions by name: ``is_met`` on the day, NULL where that is unknown; ``is_held`` (what is given once
    was received), never NULL; and of case n ``first_n`` and ``last_n``, NULL where its conditions do not hold.
    ``bounds``: the pairs of names; ``together``: how many of them may be so of one shop. ``possible``: what is so of
    every shop that meets the rule on ``day`` or later, None where that may be any. What it says the columns do not say
    again, and where it says all, ``is_met`` or ``is_held`` is not among them.
    """

    columns: dict
    bounds: list
    together: int = 0
    possible: object = None


def reading(rule, day) -> Reading:
    """The columns that tell when each shop meets ``rule``, seen from ``day``. Raises TooManyCases."""
    columns: dict[str, Any] = {}
    found, root = [], rule.criteria
    if rule.program.moving:
        cases = _Splitter(day, rule.window.closes_on, lenient=not rule.is_money).cases(root)
        found = _merged(cases)
    together = max((sum(map(case.is_possible_with, found)) for case in found), default=0)
    possible, fixed = None, fixed_rows(rule)
    if rule.is_money:
        possible, found = _possible(found) if found else (Q(expression(root, day)), found)
    if found or not rule.is_money:
        open_ = replace(root, children=tuple(child for child in root.children if child not in fixed))
        columns["is_met"] = ExpressionWrapper(expression(open_, day), BooleanField())
    if any(leaf.held and leaf not in fixed for leaf in leaves(root)):
        columns["is_held"] = is_held(rule, day)
    for number, case in enumerate(found):
        columns[f"first_{number}"], columns[f"last_{number}"] = case.first, case.last
    bounds = [(f"first_{number}", f"last_{number}") for number in range(len(found))]
    return Reading(columns, bounds, together, possible)


def fixed_rows(rule) -> tuple:
    """The rows of the root that no day turns: whoever has a decision under a rule of money meets them. None of others,
    for theirs may be made of what is not known."""
    if not rule.is_money:
        return ()
    return tuple(child for child in rule.criteria.children if not any(map(moves, leaves(child))))


def _possible(cases):
    """(what is so in any of the cases, None where that may be anything; the cases where that is so)."""
    shared, either = _either(cases)
    return (Q(*shared, *either) if shared or either else None), [case.without(shared) for case in cases]


def _merged(cases) -> list:
    """The cases, those between the same bounds as one."""
    between = {}
    for case in cases:
        between.setdefault((case.lower, case.upper), []).append(case)
    return [replace(same[0], conditions=sum(_either(same), ())) for same in between.values()]


def _either(cases):
    """(conditions that all cases share, what else is so in one of them or another)."""
    shared = tuple(row for row in cases[0].conditions if all(row in case.conditions for case in cases))
    rest = [Q(*case.without(shared).conditions) for case in cases]
    return shared, ((Q(*rest, _connector=Q.OR),) if all(rest) else ())


class _Not(Func):
    """NOT as SQL has it: NULL stays NULL. Django's ~ would not leave it so."""

    template = "NOT (%(expressions)s)"
    output_field = BooleanField()


def is_held(rule, day) -> Q | None:
    """Whether what is given once was received already, as far as the rule's own facts tell; None: they say nothing."""
    held = [leaf for leaf in leaves(rule.criteria) if leaf.held]
    failing = [
        Coalesce(_Not(expression(leaf, day)), Value(False), output_field=BooleanField()) for leaf in held
    ]
    return Q(*failing, _connector=Q.OR) if failing else None
