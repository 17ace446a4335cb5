"""Working days of the city: the state's public holidays and make-up days, and what the city says of single days.

The day itself is not counted; a period of n working days ends with the n-th working day after it (民法典 §201). The
state announces a year's make-up days in November of the year before; until the package knows them, a year has its
holidays by law alone, and the city adds what it already knows (CalendarDay).
"""

from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from .models import WORKDAYS_EDITION, CalendarDay, Edition

if TYPE_CHECKING:
    from holidays import HolidayBase

_DAY = timedelta(days=1)
LONGEST = 1_000


def is_workday(day: date) -> bool:
    """Whether offices work on ``day``."""
    return day in _workdays(day.year, _edition())


def add_workdays(day: date, count: int) -> date:
    """The ``count``-th working day after ``day``; ``day`` itself for 0. Raises ValueError below 0 and over LONGEST."""
    if not 0 <= count <= LONGEST:
        raise ValueError(f"{count} working days cannot be meant")
    edition = _edition()
    while count:
        day += _DAY
        count -= day in _workdays(day.year, edition)
    return day


def workdays_between(first: date, last: date) -> int:
    """Working days after ``first`` up to and with ``last``; negative where ``last`` is earlier."""
    if last < first:
        return -workdays_between(last, first)
    edition = _edition()
    return sum(
        first < day <= last for year in range(first.year, last.year + 1) for day in _workdays(year, edition)
    )


def _edition() -> int:
    """Asked for once in a computation; remembered in the process, so that it seldom costs a query."""
    return Edition.objects.current(WORKDAYS_EDITION)


@lru_cache(maxsize=64)
def _workdays(year, edition) -> frozenset[date]:
    """Every day of ``year`` on which offices work, as said by ``edition`` of the city's own days."""
    said, usual = _said(edition), _calendar(year)
    first = date(year, 1, 1)
    days = (first + offset * _DAY for offset in range((date(year, 12, 31) - first).days + 1))
    return frozenset(day for day in days if said.get(day, usual.is_working_day(day)))


@lru_cache(maxsize=4)
def _said(edition) -> dict:
    return dict(CalendarDay.objects.values_list("day", "is_workday"))


def _calendar(year) -> "HolidayBase":
    import holidays  # half a second: only where a day is asked for

    return holidays.country_holidays("CN", years=year)
