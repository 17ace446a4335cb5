"""Which shops can have another decision at all: what a rule reads of them, what days that pass turn, and where two
versions may say different things. All others keep the decision they have (match_store.py)."""

from dataclasses import replace
from datetime import date
from functools import lru_cache

from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, Func, Q, Value
from django.db.models.functions import Coalesce

from businesses.models import Business
from core.sql import SQL
from policies.criteria.differences import differences
from policies.criteria.operators import EARLIER, LATER, ONE_DAY
from policies.criteria.rules import Rule
from policies.criteria.sql import between, column, expression, within
from policies.criteria.when import TooManyCases, fixed_rows, reading

from .amounts_sql import amount_facts
from .matching import Written, condition_of


def reads(rule: Rule) -> frozenset:
    """Names of the facts that a stored decision under ``rule`` is made of."""
    return frozenset({*rule.program.fact_names, *amount_facts(rule.amount).values()})


def turned_between(rule: Rule, since: date, day: date) -> Q:
    """The shops for which some condition flips between ``since`` and ``day``, found by the index of their date, of
    those that meet what no day turns.

    A day passes for everybody, but only where a date crosses a rule's threshold can a decision change.
    """
    crossing = Q(pk__in=[])
    for leaf in _dated(rule):
        starts = leaf.operator.ago.starts
        for period in {row.value for row in leaf.operand.rows}:
            ranges = list(_differences(starts(period, since), starts(period, day)))
            if ranges:
                crossing |= Q(within(column(leaf.facts[0]), ranges))
    return crossing & _meets_the_fixed_rows(rule, connection.vendor)


@lru_cache(maxsize=200)
def _meets_the_fixed_rows(rule, vendor):
    rows = fixed_rows(rule)
    if not rows:
        return Q()
    met = expression(replace(rule.criteria, children=rows), EARLIER)  # the same on every day
    condition = condition_of(Business.objects.filter(met))
    return Q(Written(*condition)) if condition else Q(pk__in=[])


def turns(rule: Rule) -> bool:
    """Whether any shop can be found by ``turned_between`` at all."""
    return any(_dated(rule))


def _dated(rule):
    """The conditions that flip as days pass."""
    return (leaf for leaf in rule.program.leaves if leaf.operator and leaf.operator.ago)


def _differences(before, after):
    """The ranges of dates that lie in one of two lists of ranges and not in the other."""
    cuts = sorted(
        {
            edge
            for first, last in (*before, *after)
            for edge in (first, LATER if last == LATER else last + ONE_DAY)
        }
    )
    for place, cut in enumerate(cuts):
        inside = [any(first <= cut <= last for first, last in ranges) for ranges in (before, after)]
        if inside[0] != inside[1]:
            yield cut, cuts[place + 1] - ONE_DAY if place + 1 < len(cuts) else LATER


def big_days(rule: Rule) -> set[date]:
    """Days on which decisions may change for everybody: the window's edges and new figures."""
    window = rule.window
    days = {day for parameter in rule.parameters.values() for day in parameter.change_days()}
    days |= {window.opens_on} if window.opens_on else set()
    days |= {window.closes_on + ONE_DAY} if window.closes_on and window.closes_on < LATER else set()
    return days - {EARLIER}


def could_differ(old: Rule, new: Rule, day: date) -> Written | None:
    """The shops of which two rules may say different things on ``day``; None where that may be all of them."""
    return _could_differ(old, new, day, connection.vendor)


@lru_cache(maxsize=20)  # every chunk asks
def _could_differ(old, new, day, vendor):
    if (old.amount, old.window, old.delivery, old.is_money) != (
        new.amount,
        new.window,
        new.delivery,
        new.is_money,
    ):
        return None
    if old.is_open_on(day) != new.is_open_on(day):
        return None
    nodes = differences(old.criteria, new.criteria)
    if nodes is None:
        try:
            pairs = _different_readings(reading(old, day), reading(new, day))
        except TooManyCases:
            return None
        conditions = pairs and [_apart(*pair) for pair in pairs]
    else:
        conditions = [
            between(one, other, day) or _apart(expression(one, day), expression(other, day))
            for one, other in nodes
        ]
    if not conditions:
        return None if conditions is None else Written(SQL("1 = 0"), ())
    return Written(*condition_of(Business.objects.filter(Q(*conditions, _connector=Q.OR))))


def _different_readings(before, after) -> list | None:
    """Pairs of what two readings select of a shop; None where they select other columns."""
    if before.columns.keys() != after.columns.keys():
        return None
    pairs = [(before.columns[name], after.columns[name]) for name in before.columns]
    return [*pairs, (_certainly(before.possible), _certainly(after.possible))]


class _Apart(Func):
    """Whether two expressions differ, NULL being a value like others.

    Asked as a number, of which PostgreSQL expects few to be 1; of what IS DISTINCT FROM finds it expects nearly all.
    """

    arg_joiner = ") IS DISTINCT FROM ("  # SQLite does not bind = closer than IS
    template = "(CASE WHEN ((%(expressions)s)) THEN 1 ELSE 0 END = 1)"
    output_field = BooleanField()
    arity = 2

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, arg_joiner=") IS NOT (", **context)


def _apart(one, other):
    return _Apart(_boolean(one), _boolean(other))


def _certainly(possible):
    """Whether a shop is looked at at all."""
    return Value(True) if possible is None else Coalesce(_boolean(possible), Value(False))


def _boolean(expression):
    return ExpressionWrapper(expression, BooleanField()) if isinstance(expression, Q) else expression
