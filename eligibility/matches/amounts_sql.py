"""What a benefit is worth, as SQL: in whole fen, over rows that hold what the amount is made of.

``amount_columns`` is what such a row holds besides ``since``, the day as of which dated figures stand;
``amounts_in_fen`` reads it. Taxes are worked out together from every relief a shop has, so they have no amount here.
"""

from datetime import date

from django.db import connection
from django.db.models import BigIntegerField
from django.db.models.functions import Cast, Round

from businesses.registry import business_registry
from core.money import in_fen
from core.sql import SQL, TRUE, joined, name, sql
from policies.criteria import amounts
from policies.criteria.sql import column

_NOTHING = SQL("CAST(NULL AS BIGINT)")
SINCE = SQL("since")


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


def may_be_unknown(amount) -> bool:
    """Whether a shop may fit and its value not be known: of a loan there is a limit at least."""
    return not amount_facts(amount).keys().isdisjoint({"cost", "paid"})


def amount_columns(amount, prefix="") -> dict:
    """The same facts as expressions over Business: whole numbers, money in fen."""
    return {f"{prefix}{called}": _whole(fact) for called, fact in amount_facts(amount).items()}


def _whole(named):
    fact = business_registry()[named]
    if fact.type != "money":
        return column(fact)
    here = column(fact)  # of an added fact already in fen
    return Cast(Round(here * 100), BigIntegerField()) if fact.built_in else here


def amounts_in_fen(amount, prefix="", since: SQL = SINCE) -> tuple[SQL, SQL]:
    """(value, maximum) as SQL; NULL where nothing can be told."""
    here = {fact: name(f"{prefix}{fact}") for fact in ("cost", "used", "paid", "wanted")}
    match amount:
        case amounts.Fixed():
            grant = _figure(amount.grant, in_fen, since)
            return grant, grant
        case amounts.MonthlyCapped():
            cap, months = _figure(amount.cap, in_fen, since), _figure(amount.months, int, since)
            left = greatest([sql("{months} - COALESCE({used}, 0)", months=months, **here), SQL("0")])
            monthly = "CASE WHEN {cost} IS NULL OR {cost} > {cap} THEN {cap} ELSE {cost} END"
            monthly = sql(monthly, cap=cap, **here)
            figures = ((amount.cap, cap), (amount.months, months))
            dated = [sql("{one} IS NOT NULL", one=one) for figure, one in figures if not figure.always]
            told = joined(" AND ", dated) or TRUE
            here |= {"told": told, "monthly": monthly, "left": left}
            value = sql("CASE WHEN {cost} IS NOT NULL AND {told} THEN {monthly} END", **here)
            return value, sql("CASE WHEN {told} THEN ({monthly}) * {left} END", **here)
        case amounts.ShareOf():
            points = _figure(amount.ratio, lambda share: int(share * 10_000), since)
            share = sql("({paid} * {points} + 5000) / 10000", points=points, **here)
            return share, share
        case amounts.Ceiling():
            limit = _figure(amount.limit, in_fen, since)
            wanted = "CASE WHEN {wanted} > 0 AND {wanted} < {limit} THEN {wanted} ELSE {limit} END"
            return sql(wanted, limit=limit, **here), limit
        case amounts.RateCut():
            rate = _figure(amount.rate, in_fen, since)
            return rate, rate
    return _NOTHING, _NOTHING


def _figure(parameter, whole, since) -> SQL:
    """A dated figure as it stands on ``since``: of a decision, the day from which the shop fits."""
    if parameter.always:
        return sql("{figure}", figure=whole(parameter.rows[0].value))
    rows = [
        sql("WHEN {met} THEN {figure}", met=joined(" AND ", conditions), figure=whole(row.value))
        for row in reversed(parameter.rows)
        if (conditions := _in_force(row, since))
    ]
    always = (whole(row.value) for row in reversed(parameter.rows) if not _in_force(row, since))
    return sql("(CASE {rows} ELSE {always} END)", rows=joined(" ", rows), always=next(always, SQL("NULL")))


def _in_force(row, since):
    conditions = []
    if row.starts_on:
        conditions.append(sql("{since} >= {day}", since=since, day=day_literal(row.starts_on)))
    if row.ends_on:
        conditions.append(sql("{since} <= {day}", since=since, day=day_literal(row.ends_on)))
    return conditions


def day_literal(day: date) -> SQL:
    """A date as a literal both engines compare with dates."""
    written = f"'{day.isoformat()}'"
    return SQL(f"DATE {written}") if connection.vendor == "postgresql" else SQL(written)


def least(parts: list[SQL]) -> SQL:
    return _extreme("LEAST" if connection.vendor == "postgresql" else "MIN", parts)


def greatest(parts: list[SQL]) -> SQL:
    return _extreme("GREATEST" if connection.vendor == "postgresql" else "MAX", parts)


def _extreme(function, parts):
    return sql("{function}({parts})", function=SQL(function), parts=parts) if len(parts) > 1 else parts[0]
