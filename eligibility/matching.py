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
from django.db.models import BigIntegerField, F
from django.db.models.functions import Cast, Round

from businesses.models import Business
from businesses.registry import business_registry
from policies.criteria import amounts
from policies.criteria.rules import Rule
from policies.criteria.sql import column
from policies.criteria.states import NEEDS_NOTHING
from policies.criteria.when import EVER, FOR_GOOD, reading

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
    facts = {name: _whole(fact) for name, fact in amount_facts(rule.amount).items()}
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


@dataclass(frozen=True)
class _Layers:
    rule: Rule
    day: date
    columns: dict
    bounds: list
    together: int

    def over(self, inner):
        if not self.bounds:
            day = f"{self._since()} AS since, {self._until()} AS until_0"
            table, passes = f"SELECT *, {day} FROM ({inner}) AS below WHERE {self._fits()}", 0
        else:
            table = self._layer("*", inner)
            table = self._layer(f"*, {self._since()} AS since", table, self._fits())
            table = self._layer(f"*, {self._until()} AS until_0", table, f"since < {_day(FOR_GOOD)}")
            passes = max(self.together - 1, 0)
            for number in range(passes):
                table = self._layer(f"*, {self._extended(f'until_{number}')} AS until_{number + 1}", table)
        value, maximum = _amounts(self.rule.amount)
        columns = (
            "shop AS business_id",
            "owner AS operator_id",
            "told AS facts_version",
            f"{self._state()} AS state",
            f"CASE WHEN since > {_day(self.day)} THEN since END AS eligible_from",
            f"CASE WHEN until_{passes} < {_day(FOR_GOOD)} THEN until_{passes} END AS apply_before",
            f"{value} AS value_fen",
            f"{maximum} AS maximum_fen",
        )
        return f"SELECT {', '.join(columns)} FROM ({table}) AS decided"

    def _layer(self, columns, table, where="TRUE"):
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
            return _day(self.day)
        closes = self.rule.window.closes_on
        in_time = f" AND {{0}} <= {_day(closes)}" if closes else ""
        later = [
            f"CASE WHEN {first} > {_day(self.day)} AND {first} <= {last}{in_time.format(first)}"
            f" THEN {first} ELSE {_day(FOR_GOOD)} END"
            for first, last in self.bounds
        ]
        return f"CASE WHEN is_met THEN {_day(self.day)} ELSE {_least(later)} END"

    def _until(self):
        if not self.bounds:
            return _day(self.rule.window.closes_on or FOR_GOOD)
        ends = [
            f"CASE WHEN {first} <= since AND since <= {last} THEN {last} ELSE {_day(EVER)} END"
            for first, last in self.bounds
        ]
        return self._cut(_greatest(ends))

    def _extended(self, until):
        """A stretch goes on where another case begins before it is over, or on the day after."""
        following = f"{until} + 1" if connection.vendor == "postgresql" else f"date({until}, '+1 day')"
        ends = [
            f"CASE WHEN {first} <= {following} AND {last} > {until} THEN {last} ELSE {until} END"
            for first, last in self.bounds
        ]
        return self._cut(_greatest(ends))

    def _cut(self, day):
        closes = self.rule.window.closes_on
        return _least([day, _day(closes)]) if closes else day

    def _state(self):
        if not self.rule.is_money:
            return str(STATES["now"])
        open_state = STATES["auto" if self.rule.delivery in NEEDS_NOTHING else "now"]
        return f"CASE WHEN since > {_day(self.day)} THEN {STATES['soon']} ELSE {open_state} END"


def _day(day):
    """A date as a literal both engines compare with dates."""
    return f"DATE '{day.isoformat()}'" if connection.vendor == "postgresql" else f"'{day.isoformat()}'"


def _least(parts):
    return _extreme("LEAST" if connection.vendor == "postgresql" else "MIN", parts)


def _greatest(parts):
    return _extreme("GREATEST" if connection.vendor == "postgresql" else "MAX", parts)


def _extreme(function, parts):
    return f"{function}({', '.join(parts)})" if len(parts) > 1 else parts[0]


# Amounts, in whole fen


def amount_facts(amount) -> dict[str, str]:
    """The facts a stored amount is made of, by the name of their column in the statement."""
    match amount:
        case amounts.MonthlyCapped():
            return {"cost": amount.fact, "used": amount.used}
        case amounts.ShareOf():
            return {"paid": amount.fact}
        case amounts.Ceiling():
            return {"wanted": amount.wanted}
    return {}


def _whole(name):
    """A fact as a whole number, money in fen."""
    fact = business_registry()[name]
    if fact.type != "money":
        return column(fact)
    here = column(fact)  # of an added fact already in fen
    return Cast(Round(here * 100), BigIntegerField()) if fact.built_in else here


def _amounts(amount):
    """(value, maximum) as SQL over the decided rows; NULL where nothing can be told."""
    match amount:
        case amounts.Fixed():
            grant = _figure(amount.grant, _to_fen)
            return grant, grant
        case amounts.MonthlyCapped():
            cap, months = _figure(amount.cap, _to_fen), _figure(amount.months, int)
            left = _greatest([f"{months} - COALESCE(used, 0)", "0"])
            monthly = f"CASE WHEN cost IS NULL OR cost > {cap} THEN {cap} ELSE cost END"
            figures = ((amount.cap, cap), (amount.months, months))
            dated = [f"{sql} IS NOT NULL" for figure, sql in figures if not figure.always]
            told = " AND ".join(dated) or "TRUE"
            value = f"CASE WHEN cost IS NOT NULL AND {told} THEN {monthly} END"
            return value, f"CASE WHEN {told} THEN ({monthly}) * {left} END"
        case amounts.ShareOf():
            points = _figure(amount.ratio, lambda share: int(share * 10_000))
            share = f"(paid * {points} + 5000) / 10000"
            return share, share
        case amounts.Ceiling():
            limit = _figure(amount.limit, _to_fen)
            return f"CASE WHEN wanted > 0 AND wanted < {limit} THEN wanted ELSE {limit} END", limit
        case amounts.RateCut():
            rate = _figure(amount.rate, _to_fen)
            return rate, rate
    return _NOTHING, _NOTHING


_NOTHING = "CAST(NULL AS BIGINT)"


def _to_fen(yuan):
    return int(yuan * 100)


def _figure(parameter, whole):
    """A dated figure as it stands on the day of the amount: since when a shop fits."""
    if parameter.always:
        return str(whole(parameter.rows[0].value))
    rows = [
        f"WHEN {' AND '.join(conditions)} THEN {whole(row.value)}"
        for row in reversed(parameter.rows)
        if (conditions := _in_force(row))
    ]
    always = next((str(whole(row.value)) for row in reversed(parameter.rows) if not _in_force(row)), "NULL")
    return f"(CASE {' '.join(rows)} ELSE {always} END)"


def _in_force(row):
    conditions = []
    if row.starts_on:
        conditions.append(f"since >= {_day(row.starts_on)}")
    if row.ends_on:
        conditions.append(f"since <= {_day(row.ends_on)}")
    return conditions
