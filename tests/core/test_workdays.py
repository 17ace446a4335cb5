"""Working days: the state's holidays and make-up days, what the city says of single days, and counting with both."""

import os
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core.models import CalendarDay, forget_editions
from core.workdays import LONGEST, _said, _workdays, add_workdays, is_workday, workdays_between
from tests.properties import examples

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
DAYS_OFF = {
    "元旦": ("2025-01-01", "2026-01-01", "2026-01-02"),
    "春节": ("2025-01-28", "2025-02-04", "2026-02-16", "2026-02-23"),
    "清明节": ("2025-04-04", "2026-04-06"),
    "劳动节": ("2025-05-01", "2025-05-05", "2026-05-05"),
    "端午节": ("2025-06-02", "2026-06-19"),
    "国庆节和中秋节": ("2025-10-08", "2026-09-25", "2026-10-07"),
    "周末": ("2025-03-15", "2026-11-29"),
}
MAKE_UP_DAYS = {
    2025: ("2025-01-26", "2025-02-08", "2025-04-27", "2025-09-28", "2025-10-11"),
    2026: ("2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"),
}


def on(day):
    return date.fromisoformat(day)


@pytest.mark.django_db
@pytest.mark.parametrize("holiday", DAYS_OFF)
def test_offices_rest_on_holidays_and_weekends(holiday):
    assert [is_workday(on(day)) for day in DAYS_OFF[holiday]] == [False] * len(DAYS_OFF[holiday])


@pytest.mark.django_db
@pytest.mark.parametrize("year", MAKE_UP_DAYS)
def test_offices_work_on_the_weekends_that_make_up_for_a_holiday(year):
    days = [on(day) for day in MAKE_UP_DAYS[year]]

    assert all(day.weekday() >= 5 for day in days)
    assert [is_workday(day) for day in days] == [True] * len(days)


@pytest.mark.django_db
def test_a_year_not_announced_yet_has_its_holidays_by_law_and_no_make_up_days():
    first = date(2027, 1, 1)
    days = [first + timedelta(days=number) for number in range(365)]
    weekends_at_work = [day for day in days if day.weekday() >= 5 and is_workday(day)]

    assert weekends_at_work == []
    # 除夕 and 春节, the days of 劳动节 and 国庆节 that fall on weekdays.
    off = ("2027-01-01", "2027-02-05", "2027-02-08", "2027-05-03", "2027-10-01", "2027-10-05")
    assert [is_workday(on(day)) for day in off] == [False] * 6
    assert is_workday(on("2027-10-08"))


# Counting


@pytest.mark.django_db
def test_the_day_itself_is_not_counted_and_days_off_are_passed_over():
    before_the_holiday = on("2026-09-30")

    assert add_workdays(before_the_holiday, 0) == before_the_holiday
    assert add_workdays(before_the_holiday, 1) == on("2026-10-08")
    assert add_workdays(before_the_holiday, 3) == on("2026-10-10")  # 补班的星期六
    assert workdays_between(before_the_holiday, on("2026-10-10")) == 3


@pytest.mark.django_db
def test_a_span_backwards_is_negative_and_one_over_days_off_is_nothing():
    assert workdays_between(on("2026-10-10"), on("2026-09-30")) == -3
    assert workdays_between(on("2026-10-01"), on("2026-10-07")) == 0
    assert workdays_between(on("2026-12-31"), on("2025-12-31")) == -workdays_between(
        on("2025-12-31"), on("2026-12-31")
    )


@pytest.mark.django_db
@pytest.mark.parametrize("count", [-1, LONGEST + 1])
def test_a_count_that_cannot_be_meant_is_refused(count):
    with pytest.raises(ValueError, match="working days"):
        add_workdays(on("2026-11-25"), count)


class Counting(TestCase):
    @examples(200)
    @given(DAYS, st.integers(0, 300))
    def test_adding_and_counting_are_each_others_inverse(self, day, count):
        last = add_workdays(day, count)

        assert workdays_between(day, last) == count
        assert workdays_between(last, day) == -count
        assert count == 0 or is_workday(last)

    @examples(200)
    @given(DAYS, DAYS, DAYS)
    def test_spans_add_up(self, one, two, three):
        assert workdays_between(one, two) + workdays_between(two, three) == workdays_between(one, three)


# What the city says


@both_engines
def test_what_the_city_says_of_a_day_holds_at_once_and_no_longer_than_it_says_so(engine):
    saturday, monday = on("2026-11-28"), on("2026-11-30")
    before = (is_workday(saturday), add_workdays(on("2026-11-27"), 1))

    extra = CalendarDay.objects.create(day=saturday, is_workday=True, note="补班")
    CalendarDay.objects.create(day=monday, is_workday=False, note="市庆")
    during = (is_workday(saturday), add_workdays(on("2026-11-27"), 2))
    extra.delete()
    after = (is_workday(saturday), add_workdays(on("2026-11-27"), 1))

    assert before == (False, monday)
    assert during == (True, on("2026-12-01"))
    assert after == (False, on("2026-12-01"))


@both_engines
def test_what_was_said_and_rolled_back_was_never_said(engine):
    saturday = on("2026-11-28")

    with transaction.atomic():
        CalendarDay.objects.create(day=saturday, is_workday=True)
        within = is_workday(saturday)
        transaction.set_rollback(True)

    assert (within, is_workday(saturday)) == (True, False)


@both_engines
def test_a_computation_asks_for_the_edition_and_nothing_else(engine, settings):
    CalendarDay.objects.create(day=on("2026-11-28"), is_workday=True)
    add_workdays(on("2026-11-25"), 500)
    settings.EDITION_SECONDS = 0.0
    forget_editions()

    with CaptureQueriesContext(connection) as queries:
        add_workdays(on("2026-11-25"), 500)

    assert len(queries) == 1


@both_engines
def test_the_first_computation_reads_all_the_city_says_at_once(engine):
    CalendarDay.objects.create(day=on("2026-11-28"), is_workday=True)
    for remembered in (_said, _workdays):
        remembered.cache_clear()

    with CaptureQueriesContext(connection) as queries:
        workdays_between(on("2025-01-01"), on("2028-12-31"))

    assert len(queries) == 2


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles"])
def test_a_day_is_the_same_day_wherever_the_server_stands(zone):
    program = (
        "import django; django.setup()\n"
        "from datetime import date\n"
        "from django.db import connection\n"
        "from core.models import CalendarDay, Edition\n"
        "from core.workdays import add_workdays, is_workday\n"
        "with connection.schema_editor() as editor:\n"
        "    editor.create_model(CalendarDay), editor.create_model(Edition)\n"
        "print(add_workdays(date(2025, 12, 31), 40), is_workday(date(2026, 1, 4)))"
    )
    given = {"TZ": zone, "DATABASE_URL": "sqlite://:memory:", "DJANGO_SETTINGS_MODULE": "tests.settings"}

    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **given},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["2026-03-04", "True"]
