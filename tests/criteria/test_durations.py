"""Periods of calendar time: "以上、以下、内" on the right day, month ends and leap years included."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.criteria.durations import LONGEST, Duration
from tests.properties import examples

ONE_DAY = timedelta(days=1)
durations = st.sampled_from(["years", "months", "days", "calendar_months"]).flatmap(
    lambda unit: st.builds(Duration, st.just(unit), st.integers(1, {"days": 900}.get(unit, 40)))
)
days = st.dates(date(1990, 1, 1), date(2040, 12, 31)) | st.sampled_from(
    [date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1), date(2025, 2, 28), date(2026, 12, 31)]
)


@pytest.mark.parametrize(
    ("start", "duration", "end"),
    [
        ("2024-02-29", {"years": 1}, "2025-02-28"),
        ("2024-02-29", {"years": 4}, "2028-02-29"),
        ("2025-02-28", {"years": 3}, "2028-02-28"),
        ("2025-01-15", {"years": 5}, "2030-01-15"),
        ("2025-01-31", {"months": 1}, "2025-02-28"),
        ("2024-01-31", {"months": 1}, "2024-02-29"),
        ("2025-02-28", {"months": 1}, "2025-03-28"),
        ("2025-12-31", {"months": 2}, "2026-02-28"),
        ("2025-08-31", {"months": 13}, "2026-09-30"),
        ("2025-12-31", {"days": 1}, "2026-01-01"),
        ("2024-02-28", {"days": 365}, "2025-02-27"),
        ("2025-01-01", {"calendar_months": 1}, "2025-01-31"),
        ("2025-01-31", {"calendar_months": 1}, "2025-01-31"),
        ("2025-01-31", {"calendar_months": 2}, "2025-02-28"),
        ("2024-01-15", {"calendar_months": 36}, "2026-12-31"),
        ("2024-02-29", {"calendar_months": 36}, "2027-01-31"),
        ("2027-12-31", {"calendar_months": 36}, "2030-11-30"),
        ("9999-06-15", {"years": 1}, "9999-12-31"),
        ("9999-12-31", {"days": 1}, "9999-12-31"),
        ("9999-12-01", {"calendar_months": 1}, "9999-12-31"),
        ("9950-01-01", {"months": 1200}, "9999-12-31"),
    ],
)
def test_a_date_plus_a_period(start, duration, end):
    assert Duration.read(duration).after(date.fromisoformat(start)) == date.fromisoformat(end)


def test_four_dates_become_a_month_old_on_28_february_2025():
    day, month = date(2025, 2, 28), Duration("months", 1)

    turning = [start for start in _days_before(day, 60) if month.after(start) == day]

    assert turning == [date(2025, 1, 28), date(2025, 1, 29), date(2025, 1, 30), date(2025, 1, 31)]


def test_no_date_becomes_a_month_old_on_31_march_2025():
    day, month = date(2025, 3, 31), Duration("months", 1)

    assert [start for start in _days_before(day, 60) if month.after(start) == day] == []
    assert month.latest_start_over_by(day) == date(2025, 2, 28)
    assert month.earliest_start_reaching(day) == date(2025, 3, 1)


@examples(150)
@given(durations, days)
def test_the_latest_start_over_by_a_day_is_the_latest_of_all(duration, day):
    assert duration.latest_start_over_by(day) == max(
        start for start in _days_before(day, _span(duration)) if duration.after(start) <= day
    )


@examples(150)
@given(durations, days)
def test_the_earliest_start_reaching_a_day_is_the_earliest_of_all(duration, day):
    assert duration.earliest_start_reaching(day) == min(
        start for start in _days_before(day, _span(duration)) if duration.after(start) >= day
    )


@examples(300)
@given(durations, days)
def test_a_later_start_never_ends_earlier(duration, start):
    assert duration.after(start) <= duration.after(start + ONE_DAY)


@examples(300)
@given(durations, days)
def test_a_later_day_never_has_an_earlier_threshold(duration, day):
    assert duration.latest_start_over_by(day) <= duration.latest_start_over_by(day + ONE_DAY)
    assert duration.earliest_start_reaching(day) <= duration.earliest_start_reaching(day + ONE_DAY)


def test_nothing_is_over_by_the_first_days_of_the_calendar():
    assert Duration("years", 1).latest_start_over_by(date(1, 6, 1)) is None
    assert Duration("years", 1).earliest_start_reaching(date(1, 6, 1)) == date.min


@pytest.mark.parametrize("day", [date.min, date.max])
@pytest.mark.parametrize("unit", LONGEST)
def test_the_ends_of_the_calendar_break_nothing(day, unit):
    longest = Duration(unit, LONGEST[unit])

    assert longest.earliest_start_reaching(day) <= day
    assert longest.after(day) >= day


@pytest.mark.parametrize("raw", [{"years": 1}, {"months": 1200}, {"days": 30}, {"calendar_months": 36}])
def test_a_period_is_written_as_it_was_read(raw):
    assert Duration.read(raw).write() == raw


@pytest.mark.parametrize(
    "raw",
    [
        None, 12, "1 year", [], {}, {"years": 1, "months": 1}, {"weeks": 2}, {"years": 0}, {"years": -1},
        {"years": 101}, {"months": 1201}, {"days": 36501}, {"years": "1"}, {"years": 1.5}, {"years": True},
    ],
)  # fmt: skip
def test_what_is_no_period_is_refused(raw):
    with pytest.raises(ValueError, match="期限"):
        Duration.read(raw)


def _span(duration):
    """More days than the period has."""
    return {"years": 366, "months": 31, "days": 1, "calendar_months": 31}[duration.unit] * duration.count + 62


def _days_before(day, count):
    return [day - timedelta(days=back) for back in range(count, -1, -1)]
