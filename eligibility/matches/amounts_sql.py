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
from policies.criteria import amounts
from policies.criteria.sql import column

_NOTHING = "CAST(NULL AS BIGINT)"


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
    return {f"{prefix}{name}": _whole(fact) for name, fact in amount_facts(amount).items()}


def _whole(name):
    fact = business_registry()[name]
    if fact.type != "money":
        return column(fact)
    here = column(fact)  # of an added fact already in fen
    return Cast(Round(here * 100), BigIntegerField()) if fact.built_in else here


def amounts_in_fen(amount, prefix="", since="since") -> tuple[str, str]:
    """(value, maximum) as SQL; NULL where nothing can be told."""
    cost, used, paid, wanted = (f"{prefix}{name}" for name in ("cost", "used", "paid", "wanted"))
    match amount:
        case amounts.Fixed():
            grant = _figure(amount.grant, in_fen, since)
            return grant, grant
        case amounts.MonthlyCapped():
            cap, months = _figure(amount.cap, in_fen, since), _figure(amount.months, int, since)
            left = greatest([f"{months} - COALESCE({used}, 0)", "0"])
            monthly = f"CASE WHEN {cost} IS NULL OR {cost} > {cap} THEN {cap} ELSE {cost} END"
            figures = ((amount.cap, cap), (amount.months, months))
            dated = [f"{sql} IS NOT NULL" for figure, sql in figures if not figure.always]
            told = " AND ".join(dated) or "TRUE"
            value = f"CASE WHEN {cost} IS NOT NULL AND {told} THEN {monthly} END"
            return value, f"CASE WHEN {told} THEN ({monthly}) * {left} END"
        case amounts.ShareOf():
            points = _figure(amount.ratio, lambda share: int(share * 10_000), since)
            share = f"({paid} * {points} + 5000) / 10000"
            return share, share
        case amounts.Ceiling():
            limit = _figure(amount.limit, in_fen, since)
            return f"CASE WHEN {wanted} > 0 AND {wanted} < {limit} THEN {wanted} ELSE {limit} END", limit
        case amounts.RateCut():
            rate = _figure(amount.rate, in_fen, since)
            return rate, rate
    return _NOTHING, _NOTHING


def _figure(parameter, whole, since) -> str:
    """A dated figure as it stands on ``since``: of a decision, the day from which the shop fits."""
    if parameter.always:
        return str(whole(parameter.rows[0].value))
    rows = [
        f"WHEN {' AND '.join(conditions)} THEN {whole(row.value)}"
        for row in reversed(parameter.rows)
        if (conditions := _in_force(row, since))
    ]
    always = (str(whole(row.value)) for row in reversed(parameter.rows) if not _in_force(row, since))
    return f"(CASE {' '.join(rows)} ELSE {next(always, 'NULL')} END)"


def _in_force(row, since):
    conditions = []
    if row.starts_on:
        conditions.append(f"{since} >= {day_literal(row.starts_on)}")
    if row.ends_on:
        conditions.append(f"{since} <= {day_literal(row.ends_on)}")
    return conditions


def day_literal(day: date) -> str:
    """A date as a literal both engines compare with dates."""
    return f"DATE '{day.isoformat()}'" if connection.vendor == "postgresql" else f"'{day.isoformat()}'"


def least(parts: list[str]) -> str:
    return _extreme("LEAST" if connection.vendor == "postgresql" else "MIN", parts)


def greatest(parts: list[str]) -> str:
    return _extreme("GREATEST" if connection.vendor == "postgresql" else "MAX", parts)


def _extreme(function, parts):
    return f"{function}({', '.join(parts)})" if len(parts) > 1 else parts[0]
