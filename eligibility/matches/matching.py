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
from core.sql import NOTHING, SQL, TRUE, compiled, joined, name, sql
from policies.criteria.rules import Rule
from policies.criteria.states import NEEDS_NOTHING
from policies.criteria.when import EVER, FOR_GOOD, reading

from .amounts_sql import amount_columns, amounts_in_fen, day_literal, greatest, least

# What a stored decision holds in one digit.
STATES = {"now": 1, "auto": 2, "soon": 3}


@dataclass(frozen=True)
class Statement:
    """A SELECT of business_id, operator_id, facts_version, state, both dates, value_fen and maximum_fen."""

    sql: SQL
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
    which, parameters = condition or (TRUE, ())
    return Statement(SQL(pattern.sql.replace(_SHOPS, which)), (*pattern.parameters, *parameters))


# Django writes the statement of a rule anew each time, which takes longer than a chunk of shops; so it is kept, with a
# place for the condition that says which shops.
_SHOPS = SQL("/* which shops */")


@lru_cache(maxsize=200)
def _pattern(rule, day, vendor):
    read = reading(rule, day)
    facts = amount_columns(rule.amount)
    columns = {"shop": F("pk"), "owner": F("operator_id"), "told": F("version"), **read.columns, **facts}
    shops = Business.objects.order_by().annotate(**columns)
    shops = shops if read.possible is None else shops.filter(read.possible)
    query = shops.values(*columns).query
    shops, parameters = compiled(query)
    inner = joined(" ", (shops, SQL("AND" if query.where else "WHERE"), _SHOPS))
    return Statement(
        _Layers(rule, day, read.columns, read.bounds, read.together).over(inner), tuple(parameters)
    )


def condition_of(shops) -> tuple[SQL, tuple] | None:
    """(SQL, parameters) of the condition on the bare columns of Business that a queryset is; None where it is empty."""
    query = shops.order_by().values("pk").query
    compiler = query.get_compiler(connection=connection)
    try:
        compiler.pre_sql_setup()
        if sum(count > 0 for count in query.alias_refcount.values()) > 1:
            found, parameters = compiled(query)
            return sql("{shop}.id IN ({found})", shop=Business, found=found), tuple(parameters)
        condition, parameters = compiler.compile(query.where)
    except EmptyResultSet:  # Django knows that no shop is among them
        return None
    except FullResultSet:
        return TRUE, ()
    return sql("({condition})", condition=SQL(condition)), tuple(parameters)


class Written(Expression):
    """A condition on Business that stands in SQL already. ``condition`` names the table by its own name."""

    conditional = True
    output_field = BooleanField()

    def __init__(self, condition: SQL, parameters) -> None:
        super().__init__()
        self.condition, self.parameters = condition, parameters

    def as_sql(self, compiler, connection):
        return self.condition, list(self.parameters)


@dataclass(frozen=True)
class _Layers:
    rule: Rule
    day: date
    columns: dict
    bounds: list
    together: int

    def over(self, inner) -> SQL:
        until, always = name("until_0"), day_literal(FOR_GOOD)
        if not self.bounds:
            table = sql(
                "SELECT *, {since} AS since, {last} AS {until} FROM ({inner}) AS below WHERE {fits}",
                since=self._since(),
                last=self._until(),
                until=until,
                inner=inner,
                fits=self._fits(),
            )
        else:
            table = self._layer(inner)
            table = self._layer(table, self._since(), name("since"), self._fits())
            table = self._layer(table, self._until(), until, sql("since < {always}", always=always))
            for number in range(1, self.together):
                longer = self._extended(until)
                until = name(f"until_{number}")
                table = self._layer(table, longer, until)
        value, maximum = amounts_in_fen(self.rule.amount)
        return sql(
            """SELECT shop AS business_id, owner AS operator_id, told AS facts_version, {state} AS state,
                CASE WHEN since > {day} THEN since END AS eligible_from,
                CASE WHEN {until} < {always} THEN {until} END AS apply_before,
                {value} AS value_fen, {maximum} AS maximum_fen
            FROM ({table}) AS decided""",
            state=self._state(),
            day=day_literal(self.day),
            until=until,
            always=always,
            value=value,
            maximum=maximum,
            table=table,
        )

    def _layer(self, table, column=None, called=None, where=TRUE) -> SQL:
        """A pass over ``table``, kept from being merged with the next: planners would copy every expression into each
        place that names it, and a rule of many cases would grow without end."""
        return sql(
            "SELECT {columns} FROM ({table}) AS below WHERE {where} {fence}",
            columns=SQL("*")
            if column is None
            else sql("*, {column} AS {called}", column=column, called=called),
            table=table,
            where=where,
            fence=SQL("OFFSET 0" if connection.vendor == "postgresql" else "LIMIT -1"),
        )

    def _fits(self):
        """Whether a shop fits on the day, or does not and may later."""
        conditions = [SQL("NOT is_held")] if "is_held" in self.columns else []
        if not self.rule.is_money:
            conditions.append(SQL("COALESCE(is_met, TRUE)"))
        elif self.bounds:
            conditions.append(SQL("is_met IS NOT NULL"))
        return joined(" AND ", conditions) or TRUE

    def _since(self):
        if not self.rule.is_money or not self.bounds:
            return day_literal(self.day)
        closes = self.rule.window.closes_on
        later = sql(
            "CASE WHEN {{first}} > {day} AND {{first}} <= {{last}}{in_time} THEN {{first}} ELSE {always} END",
            day=day_literal(self.day),
            in_time=sql(" AND {{first}} <= {closes}", closes=day_literal(closes)) if closes else NOTHING,
            always=day_literal(FOR_GOOD),
        )
        return sql(
            "CASE WHEN is_met THEN {day} ELSE {later} END",
            day=day_literal(self.day),
            later=least(self._each(later)),
        )

    def _until(self):
        if not self.bounds:
            return day_literal(self.rule.window.closes_on or FOR_GOOD)
        end = "CASE WHEN {{first}} <= since AND since <= {{last}} THEN {{last}} ELSE {never} END"
        return self._cut(greatest(self._each(sql(end, never=day_literal(EVER)))))

    def _extended(self, until):
        """A stretch goes on where another case begins before it is over, or on the day after."""
        following = "{until} + 1" if connection.vendor == "postgresql" else "date({until}, '+1 day')"
        end = sql(
            "CASE WHEN {{first}} <= {following} AND {{last}} > {until} THEN {{last}} ELSE {until} END",
            following=sql(following, until=until),
            until=until,
        )
        return self._cut(greatest(self._each(end)))

    def _each(self, template: SQL) -> list[SQL]:
        return [sql(template, first=name(first), last=name(last)) for first, last in self.bounds]

    def _cut(self, day):
        closes = self.rule.window.closes_on
        return least([day, day_literal(closes)]) if closes else day

    def _state(self) -> SQL:
        if not self.rule.is_money:
            return sql("{now}", now=STATES["now"])
        return sql(
            "CASE WHEN since > {day} THEN {soon} ELSE {open} END",
            day=day_literal(self.day),
            soon=STATES["soon"],
            open=STATES["auto" if self.rule.delivery in NEEDS_NOTHING else "now"],
        )
