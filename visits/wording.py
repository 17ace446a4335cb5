"""Days of a visit as owners and staff read them."""

from collections.abc import Callable
from datetime import date

from cases.wording import near_day


def window_of(visit, today: date) -> str:
    """From when until when, without the year where it is this one."""
    if visit.from_on == visit.until_on:
        return near_day(visit.from_on, today)
    return f"{near_day(visit.from_on, today)}到 {near_day(visit.until_on, today)}"


def near(words: str) -> Callable:
    """A headline in which ``{window}`` and ``{on}`` are filled in."""

    def headline(case, today) -> str:
        visit = case.visit
        on = near_day(visit.on, today) if visit.on else ""
        return words.format(window=window_of(visit, today), on=on)

    return headline


def lapsed(case, today: date) -> str:
    return "来过，一直没有写结果" if case.visit.arrived_at else "到期没有来，这次取消"
