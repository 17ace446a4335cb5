"""A version that is overtaken halfway, stuck or judged by two clocks leaves nothing behind that is not so."""

import pytest
import time_machine
from django.db import DatabaseError

from eligibility.models import MatchCoverage
from notifications import sweep
from notifications.models import PushRun, Touched
from notifications.pushes import calendar_run, fact_changes, pushing, runs

from .. import register
from ..register import (
    OLD_ENOUGH,
    TODAY,
    decisions,
    draft,
    not_so,
    open_shop,
    publish,
    put_in_force,
    run_of,
    told,
)

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("locks")]
FEW = {"criteria": {"all": [{"fact": "employees", "op": "lte", "value": 3}]}}
MANY = {"criteria": {"all": [{"fact": "employees", "op": "lte", "value": 9}]}}


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


@pytest.fixture
def small_chunks(monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 2)


def test_a_version_like_the_one_before_takes_back_what_an_overtaken_one_had_written(small_chunks):
    for place in range(1, 8):
        open_shop(place, employees=place)
    first = publish(**FEW)
    sweep.relay()
    second = put_in_force(draft(first.benefit, **MANY))
    while (halfway := len(decisions())) <= 3:
        pushing._next_chunks(run_of(second).pk)

    put_in_force(draft(first.benefit, **FEW))
    sweep.relay()

    assert 3 < halfway < 7
    assert run_of(second).status == "stopped"
    assert len(decisions()) == 3
    assert not_so() == {}


SERVICE = {"amount": {"none": None}, "kind": "training", "delivery": "service"}


@pytest.mark.parametrize("halfway", [False, True], ids=["done", "halfway"])
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "second"])
def test_a_version_that_is_not_pushed_ends_what_the_one_before_has_given(is_first, halfway, small_chunks):
    for place in range(1, 8):
        open_shop(place, employees=place)
    sweep.relay()
    version = publish(**MANY)
    if not is_first:
        sweep.relay()
        version = put_in_force(draft(version.benefit, amount={"fixed": "6000"}))
    for _ in range(4):
        pushing._next_chunks(run_of(version).pk)
    if not halfway:
        sweep.relay()

    put_in_force(draft(version.benefit, **SERVICE))
    sweep.relay()
    begun = calendar_run.follow_the_day()
    sweep.relay()

    assert [run.ends for run in begun] == [True]
    assert decisions() == {}
    assert calendar_run.follow_the_day() == []
    assert not_so() == {}


@pytest.mark.parametrize("stuck", ["paused", "failed"])
def test_a_run_that_stands_still_does_not_hold_up_a_newer_version(stuck, small_chunks, admin):
    for place in range(1, 8):
        open_shop(place, employees=place)
    sweep.relay()
    first = publish(**FEW)
    pushing._next_chunks(run_of(first).pk)
    pushing._next_chunks(run_of(first).pk)
    PushRun.objects.filter(version=first).update(status=stuck)

    newer = put_in_force(draft(first.benefit, **MANY))
    sweep.relay()
    sweep.relay()

    assert (run_of(first).status, run_of(newer).status) == ("stopped", "done")
    assert len(decisions()) == 7
    assert not_so() == {}


def test_a_clock_that_ran_ahead_and_was_put_back_loses_nobody():
    anniversary = register.days_ahead(1)
    shop = open_shop(1, registered_on=anniversary.replace(year=anniversary.year - 1).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()
    with time_machine.travel(f"{anniversary.isoformat()}T00:30:00+08:00", tick=False):
        calendar_run.follow_the_day()
        sweep.relay()
    ahead = [kind for _, kind, _ in told()]

    fact_changes.touch([shop.pk])
    sweep.relay()

    assert MatchCoverage.objects.get().day == anniversary
    assert (ahead, [kind for _, kind, _ in told()]) == (["new", "soon"], ["new", "soon"])
    assert [row[0] for row in decisions().values()] == [1]
    assert not_so() == {}


def test_what_cannot_be_followed_does_not_keep_the_rest_from_being_done(small_chunks):
    open_shop(1)
    sweep.relay()
    Touched.objects.create(shops={"no": "list"})
    version = publish()

    sweep.relay()

    assert "no" in Touched.objects.get().problem
    assert (run_of(version).status, told()) == ("done", [("演示店001", "new", TODAY())])


def test_a_server_that_dies_in_the_middle_of_an_answer_is_not_held_against_the_chunk(
    small_chunks, monkeypatch
):
    open_shop(1)
    sweep.relay()
    version = publish()

    def dies(*arguments, **options):
        raise DatabaseError("server closed the connection unexpectedly")

    with monkeypatch.context() as patched:
        patched.setattr(pushing, "_shops_of", dies)
        for _ in range(4):
            with pytest.raises(DatabaseError):
                pushing.work(run_of(version).pk)
    sweep.relay()

    assert (run_of(version).status, run_of(version).told) == ("done", 1)
