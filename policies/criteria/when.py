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

from django.db.models import BooleanField, DateField, ExpressionWrapper, Func, Q, Value, When
from django.db.models import Case as Choose
from django.db.models.functions import Coalesce, Greatest, Least
from django.db.models.lookups import Exact, IsNull

from .operators import EARLIER, LATER, ONE_DAY
from .parameters import constant
from .sql import column, expression
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

    def __init__(self, day, duration):
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

    def __init__(self, day, days):
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

    def __gt__(self, day):
        return True

    def __lt__(self, day):
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

    def is_possible_with(self, other=None):
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
    """Splits a tree into cases. ``lenient``: what is not known counts as met, as services count it."""

    def __init__(self, lenient):
        self.lenient = lenient

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
        return Coalesce(condition, Value(self.lenient), output_field=BooleanField())

    def _leaf_cases(self, leaf):
        """A leaf that compares a date with the day, or whose figure depends on the day."""
        found = []
        for first, last, value in _figures(leaf.operand):
            within = Case((), () if first == EARLIER else (first,), () if last == LATER else (last,))
            if value is None:  # no figure is in force: unknown
                found += [within] if self._counts_unknown(leaf) else []
            elif leaf.operator and leaf.operator.ago:
                found += [within.and_also(case) for case in self._ago_cases(leaf, value)]
            else:
                fixed = replace(leaf, operand=constant(value))
                found.append(within.and_also(Case((self._known(expression(fixed, date.max)),))))
        return found

    def _counts_unknown(self, leaf):
        return self.lenient or leaf.unknown_is_met

    def _ago_cases(self, leaf, period):
        here = column(leaf.facts[0])
        for first, last in leaf.operator.ago.days(_ColumnPeriod(period), _ColumnDay(here)):
            yield Case(
                (IsNull(here, False),),
                () if first == EARLIER else (first.expression,),
                () if last == LATER else (last.expression,),
            )
        if self._counts_unknown(leaf):
            yield Case((IsNull(here, True),))


def _figures(operand):
    """The stretches on which a dated figure has one value, as (first day, last day, value or None)."""
    if operand.always:
        return [(EARLIER, LATER, operand.rows[0].value)]
    starts = sorted({EARLIER, *operand.change_days()})
    ends = [*(following - ONE_DAY for _, following in pairwise(starts)), LATER]
    return [(start, end, operand.on(start)) for start, end in zip(starts, ends, strict=True)]


@dataclass(frozen=True)
class Reading:
    """What a statement selects of each shop to say when it meets a rule.

    ``columns``: expressions by name: ``is_met`` on the day, NULL where that is unknown, left out where ``possible``
    says it; ``is_held`` (what is given once was received), never NULL; and of case n ``first_n`` and ``last_n``, NULL
    where its conditions do not hold. ``bounds``: the pairs of names; ``together``: how many of them may be so of one
    shop. ``possible``: what is so of every shop that meets the rule on some day, so that the others need not be looked
    at further and cases need not say it again; None where that may be any.
    """

    columns: dict
    bounds: list
    together: int = 0
    possible: object = None


def reading(rule, day) -> Reading:
    """The columns that tell when each shop meets ``rule``, seen from ``day``. Raises TooManyCases."""
    on_the_day = expression(rule.criteria, day)
    columns, found = {"is_held": is_held(rule, day)}, []
    if rule.program.moving:
        found = _Splitter(lenient=not rule.is_money).cases(rule.criteria)
    together = max((sum(map(case.is_possible_with, found)) for case in found), default=0)
    possible = None
    if rule.is_money:
        possible, found = _possible(found) if found else (Q(on_the_day), found)
    if found or not rule.is_money:
        columns["is_met"] = ExpressionWrapper(on_the_day, BooleanField())
    for number, case in enumerate(found):
        columns[f"first_{number}"], columns[f"last_{number}"] = case.first, case.last
    bounds = [(f"first_{number}", f"last_{number}") for number in range(len(found))]
    return Reading(columns, bounds, together, possible)


def _possible(cases):
    """(what is so in any of the cases, None where that may be anything; the cases where that is so)."""
    shared = [row for row in cases[0].conditions if all(row in case.conditions for case in cases)]
    cases = [case.without(shared) for case in cases]
    rest = [Q(*case.conditions) for case in cases if case.conditions]
    either = [Q(*rest, _connector=Q.OR)] if len(rest) == len(cases) else []
    return (Q(*shared, *either) if shared or either else None), cases


class _Not(Func):
    """NOT as SQL has it: NULL stays NULL. Django's ~ would not leave it so."""

    template = "NOT (%(expressions)s)"
    output_field = BooleanField()


def _certainly(condition):
    return Coalesce(condition, Value(False), output_field=BooleanField())


def is_held(rule, day) -> Q:
    """Whether what is given once was received already, as far as the rule's own facts tell."""
    held = [leaf for leaf in leaves(rule.criteria) if leaf.held]
    failing = [_certainly(_Not(expression(leaf, day))) for leaf in held]
    return Q(*failing, _connector=Q.OR) if failing else Q(Exact(Value(1), Value(0)))
