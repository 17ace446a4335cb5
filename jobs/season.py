"""Who is wanted when: people asked for and people free, by month, work and county with its neighbours."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Sum

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


def demand(month: date, county: str = "") -> list[Demand]:
    """Of the month that begins on ``month``, the most wanted first; with its neighbours for a county. Two queries."""
    until = month_after(month, 1)
    posts = Post.objects.open().filter(from_on__lt=until, until_on__gte=month)
    if county:
        posts = posts.filter(county__in=[county, *counties()[county].near])
    wanted = posts.order_by().values_list("trade", "county").annotate(people=Sum("people"))
    free = Counter({(trade, place): count for trade, place, count in _free(month, until)})
    found = [
        Demand(
            trade,
            place,
            people,
            free[trade, place],
            sum(free[trade, other] for other in counties()[place].near),
        )
        for trade, place, people in wanted
    ]
    return sorted(found, key=lambda row: (row.county != county, -row.people, row.trade, row.county))


def _free(month, until):
    rows = Availability.objects.filter(
        worker__state="looking",
        worker__from_on__lt=until,
        worker__until_on__gte=month,
    )
    return rows.order_by().values_list("trade", "county").annotate(count=Count("worker"))


def worth_a_class(rows: list[Demand]) -> list[Demand]:
    """Work on the land of which a county wants so many that a class of pickers is worth while (M11a)."""
    return [row for row in rows if trades()[row.trade].farm and row.people >= figure("farm_class_from")]
