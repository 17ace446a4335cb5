"""A whole register comes in at once: everybody is judged in runs of their own, and the answer is the same."""

import pytest
from django.core.management import call_command

from core.background import ringing_at_the_end, start_after_commit
from core.invariants import broken
from notifications import sweep
from notifications.models import Notification, PushRun, Touched
from notifications.pushes import fact_changes
from tests.measures import load_catalogue

from ..register import decisions, told

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture
def a_load_is_small(monkeypatch):
    monkeypatch.setattr(fact_changes, "A_LOAD", 100)


def test_a_load_is_judged_in_runs_and_comes_to_the_same(engine, a_load_is_small, monkeypatch):
    load_catalogue()
    call_command("generate_businesses", 150, seed=3, verbosity=0)

    waiting = Touched.objects.count()
    sweep.relay()
    sweep.relay()  # the runs that the first has begun
    by_runs, messages = decisions(), told()

    assert waiting > 0
    assert Touched.objects.count() == 0
    assert PushRun.objects.filter(scope__startswith="register").exists()
    assert PushRun.objects.filter(finished_at=None).count() == 0
    assert [problem for _, found in broken() for problem in found] == []

    Notification.objects.all().delete()
    PushRun.objects.filter(scope__startswith="register").delete()
    monkeypatch.setattr(fact_changes, "A_LOAD", 20_000)
    for shop in {shop for _, shop in by_runs}:
        fact_changes.touch([shop])
    sweep.relay()

    assert decisions() == by_runs
    assert messages != []


def test_a_few_shops_are_not_a_load(engine):
    load_catalogue()
    call_command("generate_businesses", 20, seed=3, verbosity=0)

    sweep.relay()

    assert not PushRun.objects.filter(scope__startswith="register").exists()
    assert Touched.objects.count() == 0


def test_doorbells_of_a_load_ring_once_at_its_end(engine, django_capture_on_commit_callbacks):
    rung = []

    def bell(number):
        rung.append(number)

    bell.name = "bell"

    with ringing_at_the_end():
        with django_capture_on_commit_callbacks(execute=True):
            start_after_commit(bell, 1)
            start_after_commit(bell, 1)
            start_after_commit(bell, 2)
        before_the_end = list(rung)

    assert before_the_end == []
    assert rung == [1, 2]
