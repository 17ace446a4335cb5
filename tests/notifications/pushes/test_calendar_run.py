"""Days pass: only shops whose dates cross a threshold are looked at, and nobody is missed."""

from datetime import timedelta

import pytest

from businesses.models import Business
from eligibility import verifying
from eligibility.matches import affected, match_store
from eligibility.models import MatchCoverage
from notifications import sweep
from notifications.models import Notification, PushRun
from notifications.pushes import calendar_run, runs
from policies.catalogue import catalogue

from .. import register
from ..register import (
    OLD_ENOUGH,
    TODAY,
    YOUNG_ENOUGH,
    decisions,
    months_ago,
    noon,
    not_so,
    open_shop,
    publish,
    told,
)

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def test_the_day_a_shop_has_waited_for_it_is_told():
    open_shop(1, registered_on=months_ago(11).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()
    day = months_ago(11).replace(year=months_ago(11).year + 1)

    with noon(day - timedelta(days=1)):
        calendar_run.follow_the_day()
        sweep.relay()
        before = [kind for _, kind, _ in told()]
    with noon(day):
        calendar_run.follow_the_day()
        sweep.relay()
        after = told()

    assert "new" not in before
    assert ("演示店001", "new", day) in after
    assert not_so() == {}


def test_a_day_is_followed_once_however_often_it_is_asked_for():
    open_shop(1, registered_on=months_ago(11).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()

    with noon(register.days_ahead(40)):
        first = calendar_run.follow_the_day()
        second = calendar_run.follow_the_day()
        sweep.relay()
        third = calendar_run.follow_the_day()

    assert (len(first), second, third) == (1, [], [])
    assert [kind for _, kind, _ in told()].count("new") == 1


def test_missed_days_are_caught_up():
    for place, months in enumerate((11, 10, 9), 1):
        open_shop(place, registered_on=months_ago(months).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()

    with noon(register.days_ahead(75)):
        calendar_run.follow_the_day()
        sweep.relay()

        assert [name for name, kind, _ in told() if kind == "new"] == ["演示店001", "演示店002"]
        assert not_so() == {}


def test_a_stretch_that_ends_closes_the_decision():
    open_shop(1, registered_on=months_ago(23).isoformat())
    publish(criteria={"all": [YOUNG_ENOUGH]})
    sweep.relay()

    with noon(register.days_ahead(60)):
        calendar_run.follow_the_day()
        sweep.relay()

        assert decisions() == {}
        assert [kind for _, kind, _ in told()] == ["ended", "new"]
        assert not_so() == {}


@pytest.mark.parametrize("delivery", ["apply", "automatic"])
def test_whoever_has_to_hurry_is_reminded_once(delivery):
    shop = open_shop(1, registered_on=months_ago(23).isoformat())
    publish(criteria={"all": [YOUNG_ENOUGH]}, delivery=delivery)
    sweep.relay()
    (found,) = decisions().values()
    last = found[4]

    for before in (20, 10, 9, 3):
        with noon(last - timedelta(days=before)):
            calendar_run.follow_the_day()
            sweep.relay()

    assert [(kind, day) for _, kind, day in told()] == [("new", TODAY()), ("reminder", last)]
    assert shop.pk is not None


def test_while_everything_is_stopped_nobody_is_reminded_and_afterwards_everybody(admin):
    open_shop(1, registered_on=months_ago(23).isoformat())
    publish(criteria={"all": [YOUNG_ENOUGH]})
    sweep.relay()
    (found,) = decisions().values()
    runs.stop_everything("核对口径", by=admin)

    with noon(found[4] - timedelta(days=10)):
        calendar_run.follow_the_day()
        assert [kind for _, kind, _ in told()] == ["new"]

        runs.release_everything(by=admin)
        calendar_run.follow_the_day()
        assert [kind for _, kind, _ in told()] == ["new", "reminder"]


def test_on_a_day_a_window_opens_everybody_is_judged():
    open_shop(1)
    opens = register.days_ahead(5)
    publish(window={"from": opens.isoformat(), "to": None})
    sweep.relay()
    assert told() == []

    with noon(opens):
        calendar_run.follow_the_day()
        sweep.relay()

        assert told() == [("演示店001", "new", opens)]
        assert [run.cause for run in PushRun.objects.filter(day=opens)] == ["policy"]
        assert not_so() == {}


def test_the_day_after_a_window_closes_nothing_stands():
    open_shop(1)
    closes = register.days_ahead(5)
    publish(window={"from": None, "to": closes.isoformat()})
    sweep.relay()

    with noon(closes + timedelta(days=1)):
        calendar_run.follow_the_day()
        sweep.relay()

        assert decisions() == {}
        assert ("演示店001", "ended", closes + timedelta(days=1)) in told()
        assert not_so() == {}


def test_going_on_day_by_day_ends_where_judging_everybody_anew_ends():
    register.load_city(100, seed=5)
    start = TODAY()
    followed = [start + timedelta(days=ahead) for ahead in (1, 2, 9, 33, 36, 40, 97, 98, 240, 400)]

    for day in followed:
        with noon(day):
            calendar_run.follow_the_day()
            sweep.relay()
            wrong = {
                subject.benefit_id: verifying.wrong_by_statement(subject) for subject in verifying.subjects()
            }
            assert wrong == {subject.benefit_id: [] for subject in verifying.subjects()}

    with noon(followed[-1]):
        by_shop = {
            subject.benefit_id: list(verifying.wrong_one_by_one(subject)) for subject in verifying.subjects()
        }
    assert by_shop == {benefit: [] for benefit in by_shop}
    assert {standing.day for standing in MatchCoverage.objects.all()} == {followed[-1]}
    assert Notification.objects.filter(day__gt=start).exists()


def test_a_day_looks_only_at_shops_whose_dates_cross_a_threshold():
    register.load_city(100, seed=5)
    rule = catalogue().benefits["M05a"].in_force_on(TODAY()).rule

    near = affected.turned_between(rule, TODAY(), TODAY() + timedelta(days=1))

    assert Business.objects.filter(near).count() <= 3
    dates = [row for leaf in rule.program.leaves if leaf.operator and leaf.operator.ago for row in leaf.facts]
    assert {fact.name for fact in dates} == {"registered_on", "left_school_on"}


def test_of_them_it_looks_only_at_those_that_meet_what_no_day_turns():
    for place, status in enumerate(["operating", "closed"], start=1):
        open_shop(place, registered_on=months_ago(11).isoformat(), operating_status=status)
    publish(criteria={"all": [OLD_ENOUGH, {"fact": "operating_status", "op": "eq", "value": "operating"}]})
    rule = catalogue().benefits["T01a"].in_force_on(TODAY()).rule

    turned = affected.turned_between(rule, TODAY(), TODAY() + timedelta(days=40))

    assert list(Business.objects.filter(turned).values_list("name", flat=True)) == ["演示店001"]


def shops_whose_day_has_come(count):
    """``count`` shops that fit in 40 days, since they are old enough then; the benefit's version."""
    for place in range(1, count + 1):
        open_shop(place, registered_on=months_ago(11).isoformat())
    version = publish(criteria={"all": [OLD_ENOUGH]})
    sweep.relay()
    return version


def runs_of(version):
    found = PushRun.objects.filter(version=version, cause="calendar").exclude(scope=PushRun.REMINDERS)
    return [(run.scope, run.status, run.changed, run.told, run.chunks.count()) for run in found]


def test_few_shops_are_judged_and_told_with_the_day_itself():
    version = shops_whose_day_has_come(3)

    with noon(register.days_ahead(40)):
        calendar_run.follow_the_day()

        assert [name for name, kind, _ in told() if kind == "new"] == ["演示店001", "演示店002", "演示店003"]
        assert runs_of(version) == [(PushRun.FEW, "done", 3, 3, 0)]
        assert not_so() == {}


def test_many_shops_are_left_to_a_run_with_a_ledger(monkeypatch):
    version = shops_whose_day_has_come(3)
    monkeypatch.setattr(calendar_run, "SHOPS_AT_ONCE", 2)

    with noon(register.days_ahead(40)):
        calendar_run.follow_the_day()
        assert runs_of(version) == [("", "running", 0, 0, 1)]
        sweep.relay()

        assert [name for name, kind, _ in told() if kind == "new"] == ["演示店001", "演示店002", "演示店003"]
        assert runs_of(version) == [("", "done", 3, 3, 1)]
        assert not_so() == {}


def test_while_everything_is_stopped_a_day_tells_nobody(admin):
    version = shops_whose_day_has_come(1)
    runs.stop_everything("核对口径", by=admin)

    with noon(register.days_ahead(40)):
        calendar_run.follow_the_day()
        sweep.relay()
        assert ([kind for _, kind, _ in told()], runs_of(version)) == (["soon"], [("", "running", 0, 0, 1)])

        runs.release_everything(by=admin)
        sweep.relay()
        assert sorted(kind for _, kind, _ in told()) == ["new", "soon"]
        assert not_so() == {}


def test_what_fails_on_a_day_is_tried_again_in_a_run_of_its_own_and_holds_up_no_other_benefit(
    monkeypatch, admin
):
    broken_one = shops_whose_day_has_come(1)
    other = publish("T02a", criteria={"all": [OLD_ENOUGH]})
    sweep.relay()
    decide = match_store.decide

    def fails_on_one(subject, shops, **options):
        if subject.version_id == broken_one.pk:
            raise ValueError("unreadable")
        return decide(subject, shops, **options)

    monkeypatch.setattr(match_store, "decide", fails_on_one)
    with noon(register.days_ahead(40)):
        calendar_run.follow_the_day()
        for _ in range(4):
            sweep.relay()
        assert [status for _, status, *_ in runs_of(broken_one)] == ["failed"]
        assert runs_of(other) == [(PushRun.FEW, "done", 1, 1, 0)]

        monkeypatch.setattr(match_store, "decide", decide)
        run = PushRun.objects.get(version=broken_one, status="failed")
        runs.resume(run, by=admin)
        sweep.relay()
        assert not_so() == {}
