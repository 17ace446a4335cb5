"""What all shops together could have on any day, and for how much: every money benefit in one reading of the register.

Stored decisions say what is so today. This says what the published rules make of another day: windows that open or
close until then, versions that take effect, dates that pass. Facts are as they are known now.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import BooleanField, Count, ExpressionWrapper, Q

from businesses.models import Business
from core.sql import NOTHING, SQL, compiled, name, sql
from eligibility.holdings import held_where, in_the_way_of
from eligibility.matches.amounts_sql import amount_columns, amounts_in_fen, day_literal, may_be_unknown
from eligibility.models import Holding
from policies.catalogue import catalogue
from policies.criteria.rules import Rule
from policies.criteria.sql import met


@dataclass(frozen=True)
class Share:
    """What shops of a place could have of one benefit on one day, who have it already apart.

    ``value_fen``: the sum of what each gets, once or a month; ``maximum_fen``: at most, in all. None of taxes,
    which are told shop by shop. ``untold`` of the shops are not in ``value_fen``: theirs depends on what is not known.
    """

    shops: int = 0
    untold: int = 0
    value_fen: int | None = None
    maximum_fen: int | None = None
    holders: int = 0

    def __add__(self, other):
        return Share(
            self.shops + other.shops,
            self.untold + other.untold,
            _sum(self.value_fen, other.value_fen),
            _sum(self.maximum_fen, other.maximum_fen),
            self.holders + other.holders,
        )


@dataclass(frozen=True)
class Prospect:
    """One benefit on one day. ``places``: its share by district, "" where none is registered. ``is_open``: whether
    anybody can have it at all."""

    code: str
    title: str
    unit: str | None
    is_open: bool
    places: dict[str, Share]

    @property
    def whole(self) -> Share:
        return sum(self.places.values(), Share())


def _sum(one, other):
    return None if one is other is None else (one or 0) + (other or 0)


def forecast(day: date) -> list[Prospect]:
    """Every money benefit of which a version decides on ``day``, in order of code; nobody can have what is closed."""
    known = catalogue()
    versions = {
        code: version for code, version in sorted(known.in_force_on(day).items()) if version.rule.is_money
    }
    rules = {
        code: version.rule
        for code, version in versions.items()
        if version.rule.is_open_on(day) and code not in known.closed_documents
    }
    ids = {code: known.benefits[code].pk for code in versions}
    held = set(Holding.objects.live(day).order_by().values_list("benefit", flat=True).distinct())
    holding = {code: held_where(pk, day) for code, pk in ids.items() if held & in_the_way_of(pk, day)}
    shares, holders = shares_of(list(rules.values()), day, holding), _holders(day, ids)
    return [
        Prospect(
            code=code,
            title=version.content["title"],
            unit=version.rule.amount.unit,
            is_open=code in rules,
            places=_added(shares.get(code, {}), holders.get(code, {})),
        )
        for code, version in versions.items()
    ]


def shares_of(rules: list[Rule], day: date, held: dict[str, Q] | None = None) -> dict[str, dict[str, Share]]:
    """``{code: {district: share}}`` of rules that are open on ``day``, in one statement. ``held``: what is so of the
    shops that have a benefit already, by code."""
    if not rules:
        return {}
    columns, worth, asked, places = {}, [], {}, []
    for number, rule in enumerate(rules):
        prefix = f"of_{number}_"
        fits = _fits(rule, day, (held or {}).get(rule.code))
        columns |= {f"{prefix}fits": fits, **amount_columns(rule.amount, prefix)}
        value, maximum = amounts_in_fen(rule.amount, prefix, day_literal(day))
        worth += [
            sql("{worth} AS {column}", worth=one, column=name(f"{prefix}{called}"))
            for called, one in (("value", value), ("maximum", maximum))
        ]
        figures = _figures(rule, prefix, value, maximum)
        places.append([asked.setdefault(figure, len(asked)) for figure in figures])  # each is asked once
    shops = Business.objects.order_by().annotate(**columns).values("district", *columns)
    read, parameters = compiled(shops)
    # SQLite is kept from working out a condition anew for each figure; PostgreSQL would read the register alone then.
    statement = sql(
        """SELECT district, {asked}
        FROM (SELECT *, {worth} FROM ({shops} {fence}) AS shops) AS worth GROUP BY district""",
        asked=list(asked),
        worth=worth,
        shops=read,
        fence=NOTHING if connection.vendor == "postgresql" else SQL("LIMIT -1"),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows = cursor.fetchall()
    return {
        rule.code: {
            district or "": _share(*(numbers[place] for place in mine)) for district, *numbers in rows
        }
        for rule, mine in zip(rules, places, strict=True)
    }


def _figures(rule, prefix, value, maximum):
    """SQL of how many fit, of how many of them the value is not known, and of the sums of value and maximum."""
    fits, told = name(f"{prefix}fits"), name(f"{prefix}value")
    yield sql("COUNT(*) FILTER (WHERE {fits})", fits=fits)
    unknown = sql("COUNT(*) FILTER (WHERE {fits} AND {told} IS NULL)", fits=fits, told=told)
    yield unknown if may_be_unknown(rule.amount) else SQL("0")
    for column, worth in ((told, value), (told if maximum == value else name(f"{prefix}maximum"), maximum)):
        depends = prefix in worth  # else it is the same for every shop
        summed = "COALESCE(SUM({column}) FILTER (WHERE {fits}), 0)"
        counted = "COUNT(*) FILTER (WHERE {fits}) * {worth}"
        yield sql(summed if depends else counted, column=column, fits=fits, worth=worth)


def _share(shops, untold, value, maximum):
    return Share(shops, untold, *(None if fen is None else int(fen) for fen in (value, maximum)))


def _fits(rule, day, held):
    fits = met(rule.criteria, day)
    return ExpressionWrapper(fits & ~held if held else fits, BooleanField())


def _holders(day, ids):
    """``{code: {district: share}}`` of those who have a benefit."""
    rows = Holding.objects.live(day).order_by().values_list("benefit", "business__district")
    codes, found = {pk: code for code, pk in ids.items()}, defaultdict(dict)
    for pk, district, count in rows.annotate(count=Count("business", distinct=True)):
        if pk in codes:
            found[codes[pk]][district or ""] = Share(holders=count)
    return found


def _added(one, other) -> dict:
    return {place: one.get(place, Share()) + other.get(place, Share()) for place in {*one, *other}}
