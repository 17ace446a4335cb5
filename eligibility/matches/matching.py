"""Who fits a benefit, over the whole register at once: state, dates and amount of every shop, in one statement.

``select`` is the SQL reading of what policies/criteria/states.py says of one profile. Layers of derived tables, each a
pass over the one below: the rule's columns; the day from which (``since``) and until which (``until``); the amount.
Taxes are worked out together from every relief a shop has, so their amounts are told when they are shown, not here.
"""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db import connection
from django.db.models import BooleanField, Expression, F

from businesses.models import Business
from policies.criteria.rules import Rule
from policies.criteria.states import NEEDS_NOTHING
from policies.criteria.when import EVER, FOR_GOOD, reading

from .amounts_sql import amount_columns, amounts_in_fen, day_literal, greatest, least

# What a stored decision holds in one digit.
STATES = {"now": 1, "auto": 2, "soon": 3}


@dataclass(frozen=True)
class Statement:
    """A SELECT of business_id, operator_id, facts_version, state, both dates, value_fen and maximum_fen."""

    sql: str
    parameters: tuple


def select(rule: Rule, day: date, shops=None) -> Statement | None:
    """The decisions of ``rule`` on ``day`` for ``shops`` (a queryset of Business; all by default).

    Only shops with state now, auto or soon are in it; None where nobody can be. Live holdings are the caller's to take
    out. Raises TooManyCases.
    """
    if not rule.is_open_on(day):
        return None
    pattern = _pattern(rule, day, connection.vendor)
    condition = shops is not None and condition_of(shops)
    if condition is None:
        return None
    which, parameters = condition or ("TRUE", ())
    return Statement(pattern.sql.replace(_SHOPS, which), (*pattern.parameters, *parameters))


# Django writes the statement of a rule anew each time, which takes longer than a chunk of shops; so it is kept, with a
# place for the condition that says which shops.
_SHOPS = "/* which shops */"


@lru_cache(maxsize=200)
def _pattern(rule, day, vendor):
    read = reading(rule, day)
    facts = amount_columns(rule.amount)
    columns = {"shop": F("pk"), "owner": F("operator_id"), "told": F("version"), **read.columns, **facts}
    shops = Business.objects.order_by().annotate(**columns)
    shops = shops if read.possible is None else shops.filter(read.possible)
    query = shops.values(*columns).query
    sql, parameters = query.sql_with_params()
    inner = f"{sql} {'AND' if query.where else 'WHERE'} {_SHOPS}"
    return Statement(
        _Layers(rule, day, read.columns, read.bounds, read.together).over(inner), tuple(parameters)
    )


def condition_of(shops) -> tuple[str, tuple] | None:
    """(SQL, parameters) of the condition on the bare columns of Business that a queryset is; None where it is empty."""
    query = shops.order_by().values("pk").query
    compiler = query.get_compiler(connection=connection)
    try:
        compiler.pre_sql_setup()
        if sum(count > 0 for count in query.alias_refcount.values()) > 1:
            sql, parameters = query.sql_with_params()
            return f'"{Business._meta.db_table}"."id" IN ({sql})', tuple(parameters)
        sql, parameters = compiler.compile(query.where)
    except EmptyResultSet:  # Django knows that no shop is among them
        return None
    except FullResultSet:
        return "TRUE", ()
    return f"({sql})", tuple(parameters)


class Written(Expression):
    """A condition on Business that stands in SQL already. ``sql`` names the table by its own name."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, sql, parameters) -> None:
        super().__init__()
        self.sql, self.parameters = sql, parameters

    def as_sql(self, compiler, connection):
        return self.sql, list(self.parameters)


@dataclass(frozen=True)
class _Layers:
    rule: Rule
    day: date
    columns: dict
    bounds: list
    together: int

    def over(self, inner) -> str:
        if not self.bounds:
            day = f"{self._since()} AS since, {self._until()} AS until_0"
            table, passes = f"SELECT *, {day} FROM ({inner}) AS below WHERE {self._fits()}", 0
        else:
            table = self._layer("*", inner)
            table = self._layer(f"*, {self._since()} AS since", table, self._fits())
            table = self._layer(f"*, {self._until()} AS until_0", table, f"since < {day_literal(FOR_GOOD)}")
            passes = max(self.together - 1, 0)
            for number in range(passes):
                table = self._layer(f"*, {self._extended(f'until_{number}')} AS until_{number + 1}", table)
        value, maximum = amounts_in_fen(self.rule.amount)
        columns = (
            "shop AS business_id",
            "owner AS operator_id",
            "told AS facts_version",
            f"{self._state()} AS state",
            f"CASE WHEN since > {day_literal(self.day)} THEN since END AS eligible_from",
            f"CASE WHEN until_{passes} < {day_literal(FOR_GOOD)} THEN until_{passes} END AS apply_before",
            f"{value} AS value_fen",
            f"{maximum} AS maximum_fen",
        )
        return f"SELECT {', '.join(columns)} FROM ({table}) AS decided"

    def _layer(self, columns, table, where="TRUE") -> str:
        """A pass over ``table``, kept from being merged with the next: planners would copy every expression into each
        place that names it, and a rule of many cases would grow without end."""
        fence = "OFFSET 0" if connection.vendor == "postgresql" else "LIMIT -1"
        return f"SELECT {columns} FROM ({table}) AS below WHERE {where} {fence}"

    def _fits(self):
        """Whether a shop fits on the day, or does not and may later."""
        conditions = ["NOT is_held"] if "is_held" in self.columns else []
        if not self.rule.is_money:
            conditions.append("COALESCE(is_met, TRUE)")
        elif self.bounds:
            conditions.append("is_met IS NOT NULL")
        return " AND ".join(conditions) or "TRUE"

    def _since(self):
        if not self.rule.is_money or not self.bounds:
            return day_literal(self.day)
        closes = self.rule.window.closes_on
        in_time = f" AND {{0}} <= {day_literal(closes)}" if closes else ""
        later = [
            f"CASE WHEN {first} > {day_literal(self.day)} AND {first} <= {last}{in_time.format(first)}"
            f" THEN {first} ELSE {day_literal(FOR_GOOD)} END"
            for first, last in self.bounds
        ]
        return f"CASE WHEN is_met THEN {day_literal(self.day)} ELSE {least(later)} END"

    def _until(self):
        if not self.bounds:
            return day_literal(self.rule.window.closes_on or FOR_GOOD)
        ends = [
            f"CASE WHEN {first} <= since AND since <= {last} THEN {last} ELSE {day_literal(EVER)} END"
            for first, last in self.bounds
        ]
        return self._cut(greatest(ends))

    def _extended(self, until):
        """A stretch goes on where another case begins before it is over, or on the day after."""
        following = f"{until} + 1" if connection.vendor == "postgresql" else f"date({until}, '+1 day')"
        ends = [
            f"CASE WHEN {first} <= {following} AND {last} > {until} THEN {last} ELSE {until} END"
            for first, last in self.bounds
        ]
        return self._cut(greatest(ends))

    def _cut(self, day):
        closes = self.rule.window.closes_on
        return least([day, day_literal(closes)]) if closes else day

    def _state(self) -> str:
        if not self.rule.is_money:
            return str(STATES["now"])
        open_state = STATES["auto" if self.rule.delivery in NEEDS_NOTHING else "now"]
        return f"CASE WHEN since > {day_literal(self.day)} THEN {STATES['soon']} ELSE {open_state} END"
