"""Who is wanted when: people asked for and people free, by month, work and county with its neighbours."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

from django.db.models import Count, Q, Sum

from .models import Availability, Post
from .settings import figure
from .trades import counties, place_of, trades

MONTHS = 12


@dataclass(frozen=True)
class Demand:
    """``people`` wanted and ``free`` of one trade in one county and month; ``near``: free in the counties beside it."""

    trade: str
    county: str
    people: int
    free: int
    near: int

    @property
    def label(self) -> str:
        return trades()[self.trade].label

    @property
    def place(self) -> str:
        return place_of(self.county)

    @property
    def lacking(self) -> int:
        return max(0, self.people - self.free)


def month_after(day: date, months: int) -> date:
    """The first of the month so many months later."""
    place = day.year * 12 + day.month - 1 + months
    return date(place // 12, place % 12 + 1, 1)


def months_from(day: date, count: int) -> list[date]:
    """The firsts of the month of ``day`` and of those after it."""
    return [month_after(day, place) for place in range(count)]


def demand(months: Sequence[date], county: str = "") -> list[list[Demand]]:
    """Of each of the months, which begin on these days and follow each other, the most wanted first; with its
    neighbours for a county. Two queries."""
    posts = Post.objects.open()
    if county:
        posts = posts.filter(county__in=[county, *counties()[county].near])
    looking = Availability.objects.filter(worker__state="looking")
    wanted = _by_month(posts, months, Sum, "people", "")
    free = _by_month(looking, months, Count, "worker", "worker__")
    return [_sorted(*of_month, county) for of_month in zip(wanted, free, strict=True)]


def _by_month(rows, months, aggregate, counted, prefix) -> list[Counter]:
    """``{(trade, county): how many}`` of each month; rows have a day from and a day until which they stand."""
    overlaps = [
        Q(**{f"{prefix}from_on__lt": month_after(month, 1), f"{prefix}until_on__gte": month})
        for month in months
    ]
    sums = {f"month_{place}": aggregate(counted, filter=overlap) for place, overlap in enumerate(overlaps)}
    found = rows.filter(reduce(or_, overlaps)).order_by().values_list("trade", "county").annotate(**sums)
    counters = [Counter() for _ in months]
    for trade, place, *counts in found:
        for counter, count in zip(counters, counts, strict=True):
            counter[trade, place] = count or 0
    return counters


def _sorted(wanted, free, county) -> list[Demand]:
    found = [
        Demand(
            trade,
            place,
            people,
            free[trade, place],
            sum(free[trade, other] for other in counties()[place].near),
        )
        for (trade, place), people in wanted.items()
        if people
    ]
    return sorted(found, key=lambda row: (row.county != county, -row.people, row.trade, row.county))


def worth_a_class(rows: list[Demand]) -> list[Demand]:
    """Work on the land of which a county wants so many that a class of pickers is worth while (M11a)."""
    return [row for row in rows if trades()[row.trade].farm and row.people >= figure("farm_class_from")]
