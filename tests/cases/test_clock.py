"""The time a bureau has: working days of the city, standing still while something is wanted of the owner; and what a
sweep does when it is over."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from cases import clock, queue, sweeping
from cases.actions import correcting
from cases.models import AuditEntry, Evidence
from cases.terms import terms_of
from cases.wording import NO_PROMISE, promise_text
from core.models import CalendarDay
from core.workdays import add_workdays, is_workday, workdays_between
from notifications.models import Letter
from subsidies.models import Application
from subsidies.procedure import SUBSIDY
from tests.notifications.register import open_shop
from tests.properties import examples

from ..subsidies import world

PROMISED = 15
COLUMNS = ("due_on", "legal_due_on", "stopped_on", "days_left", "legal_days_left")
DEFECTS = [{"kind": "material", "name": "租赁合同", "reason": "照片模糊看不清"}]


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def filed(people):
    benefit, shop = world.grant_of_money(promised_working_days=PROMISED), open_shop(1)
    world.envelope(benefit)
    return world.filed(benefit, shop, world.owner_of(shop))


def _counted(promised):
    """An application as far as the clock reads it."""
    version = SimpleNamespace(content={"promised_working_days": promised})
    return SimpleNamespace(benefit_version=version, life=SUBSIDY, **dict.fromkeys(COLUMNS))


def _set(row, columns):
    for name, value in columns.items():
        setattr(row, name, value)


def _noon_of(day):
    return time_machine.travel(f"{day.isoformat()}T12:00:00+08:00", tick=False)


@pytest.mark.django_db
def test_a_holiday_and_its_make_up_days_are_not_the_same_as_weekends():
    # 国庆节 2026: 1 to 7 October off.
    application = _counted(3)

    _set(application, clock.started(application, date(2026, 9, 29)))

    expected = [
        day for day in map(date(2026, 9, 29).__add__, map(timedelta, range(1, 30))) if is_workday(day)
    ]
    assert application.due_on == expected[2]
    assert application.due_on > date(2026, 10, 7)


@pytest.mark.django_db
def test_the_clock_stands_still_across_a_holiday():
    application = _counted(5)
    _set(application, clock.started(application, date(2026, 9, 25)))
    _set(application, clock.stopped(application, date(2026, 9, 29)))
    left = application.days_left

    _set(application, clock.going_on(application, date(2026, 10, 9)))

    assert left == workdays_between(date(2026, 9, 29), add_workdays(date(2026, 9, 25), 5))
    assert application.due_on == add_workdays(date(2026, 10, 9), left)
    assert application.stopped_on is None


@pytest.mark.django_db
def test_a_day_off_of_the_city_moves_what_is_due():
    start, off = date(2026, 11, 26), date(2026, 11, 27)
    usual, with_day_off = _counted(1), _counted(1)
    _set(usual, clock.started(usual, start))

    CalendarDay.objects.create(day=off, is_workday=False, note="市庆")
    _set(with_day_off, clock.started(with_day_off, start))

    assert (usual.due_on, with_day_off.due_on) == (off, date(2026, 11, 30))


@examples(60)
@given(
    promised=st.integers(1, 30),
    start=st.dates(date(2026, 1, 1), date(2026, 12, 1)),
    steps=st.lists(st.tuples(st.integers(0, 8), st.integers(0, 40)), max_size=5),
)
def test_the_counted_days_are_the_promise_whatever_pauses(calendar_ready, promised, start, steps):
    application, day, counted = _counted(promised), start, 0
    _set(application, clock.started(application, day))
    for running, paused in steps:
        until = min(day + timedelta(days=running), application.due_on)
        counted += workdays_between(day, until)
        _set(application, clock.stopped(application, until))
        day = until + timedelta(days=paused)
        _set(application, clock.going_on(application, day))

    assert counted + workdays_between(day, application.due_on) == promised


@pytest.fixture(scope="module")
def calendar_ready(django_db_setup, django_db_blocker):
    """Examples read the calendar of the city, and write nothing."""
    with django_db_blocker.unblock():
        yield


@pytest.mark.django_db
def test_nothing_promised_is_said_and_never_overdue(people):
    benefit, shop = world.grant_of_money(promised_working_days=None), open_shop(1)

    application = world.filed(benefit, shop, world.owner_of(shop))

    assert (application.due_on, promise_text(application)) == (None, NO_PROMISE)
    assert sweeping.escalate(date(2030, 1, 1)) == 0


def test_owner_and_bureau_are_told_the_same_day(filed, people):
    in_queue = queue.queue_for(people.reviewer).get()

    told = Letter.objects.order_by("-id").first()

    assert promise_text(in_queue) in told.sentence
    assert in_queue.due_on == filed.due_on


def test_a_version_may_fix_its_own_terms(people):
    benefit = world.grant_of_money(
        legal_working_days=20, correction_working_days=3, appeal_days=10, second_approval_from="100"
    )

    terms = terms_of(benefit.versions.get())

    assert (terms.legal_working_days, terms.correction_working_days, terms.appeal_days) == (20, 3, 10)
    assert terms.second_approval_from == 100
    assert terms.unverified & {"correction_working_days", "appeal_days", "second_approval_from"} == set()
    assert "publicity_days" in terms.unverified


# The sweep


def _swept(day):
    with _noon_of(day):
        return sweeping.sweep(day)


def test_what_is_due_today_is_escalated_once(filed):
    _swept(filed.due_on)
    _swept(filed.due_on)

    filed.refresh_from_db()
    assert filed.escalated_at is not None
    assert AuditEntry.objects.filter(verb="escalate", case=filed.pk).count() == 1
    assert Letter.objects.filter(title__contains="超过承诺时限").count() == 0


def test_the_owner_hears_once_that_it_is_overdue(filed):
    _swept(filed.due_on)

    _swept(filed.due_on + timedelta(days=1))
    _swept(filed.due_on + timedelta(days=2))

    letter = Letter.objects.get(title__contains="超过承诺时限")
    assert "已超过 1 天，已自动催办" in letter.sentence


def test_the_clock_of_the_owner_is_not_escalated(filed, people):
    application = correcting.request_correction(filed, DEFECTS, by=people.reviewer)

    _swept(application.due_on - timedelta(days=1))

    application.refresh_from_db()
    assert application.escalated_at is None


def test_a_correction_that_nobody_answers_ends_the_application(filed, people):
    application = correcting.request_correction(filed, DEFECTS, by=people.reviewer)
    last = application.corrections.get().due_on

    _swept(last)
    application.refresh_from_db()
    on_the_last_day = application.state
    first = _swept(last + timedelta(days=1))
    second = _swept(last + timedelta(days=1))

    application.refresh_from_db()
    assert (on_the_last_day, application.state) == ("correcting", "withdrawn")
    assert (first["补正过期"], second["补正过期"]) == (1, 0)


def test_a_draft_is_kept_for_thirty_days(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    application = world.draft(benefit, shop, world.owner_of(shop))
    begun = application.saved_at.date()

    _swept(begun + timedelta(days=30))
    kept = Application.objects.filter(pk=application.pk).exists()
    _swept(begun + timedelta(days=32))

    assert kept is True
    assert Application.objects.filter(pk=application.pk).exists() is False
    assert Evidence.objects.count() == 1  # stays in the wallet


def test_that_a_piece_expires_is_told_once(filed):
    Evidence.objects.update(expires_on=date(2026, 12, 20))

    first = sweeping.warn_of_expiry(date(2026, 12, 1))
    second = sweeping.warn_of_expiry(date(2026, 12, 2))

    assert (first, second) == (1, 0)
    assert Letter.objects.filter(title="“租赁合同”快到期了").count() == 1


def test_a_step_that_fails_does_not_keep_the_others(filed, monkeypatch):
    def broken(today):
        raise OSError("the disk is full")

    monkeypatch.setattr(sweeping, "STEPS", {"坏的": broken, **sweeping.STEPS})

    with pytest.raises(sweeping.Unfinished, match="坏的"):
        _swept(filed.due_on)

    filed.refresh_from_db()
    assert filed.escalated_at is not None


def test_the_sweep_is_run_by_hand_for_a_day(filed, capsys):
    call_command("sweep_cases", date=filed.due_on.isoformat())

    filed.refresh_from_db()
    assert "催办：1" in capsys.readouterr().out
    assert filed.escalated_at is not None


@pytest.mark.parametrize(
    ("room", "most"), [("", 18), ("services", 29), ("needs", 1), ("jobs", 9), ("visits", 3)]
)
def test_one_round_of_the_sweep_asks_little_when_nothing_is_due(
    filed, django_assert_max_num_queries, monkeypatch, room, most
):
    """The steps of each room to the right of cases and money apart."""
    apart = ("services", "needs", "jobs", "visits")
    steps = {
        name: step
        for name, step in sweeping.STEPS.items()
        if (found := step.__module__.partition(".")[0]) == room or (not room and found not in apart)
    }
    monkeypatch.setattr(sweeping, "STEPS", steps)

    with django_assert_max_num_queries(most):
        sweeping.sweep()


@pytest.mark.django_db(databases=["default", "postgres"])
def test_both_engines_sweep_alike(engine):
    people = world.bureau()
    benefit, shop, other = world.grant_of_money(), open_shop(1), open_shop(2)
    late = world.filed(benefit, shop, world.owner_of(shop))
    waiting = correcting.request_correction(
        world.filed(benefit, other, world.owner_of(other)), DEFECTS, by=people.reviewer
    )
    world.draft(benefit, open_shop(3), world.owner_of(open_shop(3)))
    day = late.due_on + timedelta(days=40)

    first, second = _swept(day), _swept(day)

    names = ("补正过期", "催办", "告知超期", "清理草稿")
    assert [first[name] for name in names] == [1, 1, 1, 1]
    assert set(second.values()) == {0}
    assert Application.objects.get(pk=waiting.pk).state == "withdrawn"
