"""A new version of a benefit: only shops of which it may say something else are looked at, and told what changed."""

import pytest

from businesses.models import Business
from eligibility import publishing
from eligibility.models import Match, MatchCoverage
from notifications import sweep
from notifications.models import (
    EVERYBODY,
    WITHOUT_OPERATOR,
    Notification,
    PushRun,
)
from notifications.pushes import calendar_run, fact_changes, pushing, runs

from .. import register
from ..register import (
    IN_DISTRICT,
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

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def test_another_amount_is_told_with_what_it_was():
    open_shop(1)
    version = publish()
    sweep.relay()

    newer = put_in_force(draft(version.benefit, amount={"fixed": "6000"}))
    sweep.relay()

    assert told() == [("演示店001", "amount", TODAY()), ("演示店001", "new", TODAY())]
    row = Notification.objects.get(kind=3)
    assert (row.before_fen, row.version_id) == (500000, newer.pk)
    assert Match.objects.get().value_fen == 600000
    assert not_so() == {}


def test_a_new_version_that_says_the_same_of_a_shop_tells_it_nothing():
    open_shop(1, employees=3)
    open_shop(2, employees=9)
    version = publish(criteria={"all": [{"fact": "employees", "op": "lte", "value": 5}]})
    sweep.relay()

    put_in_force(draft(version.benefit, criteria={"all": [{"fact": "employees", "op": "lte", "value": 10}]}))
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY()), ("演示店002", "new", TODAY())]
    assert Match.objects.get(business__name="演示店001").version_id == version.pk
    assert not_so() == {}


def test_a_new_version_looks_only_at_shops_of_which_it_may_say_something_else():
    for place in range(1, 6):
        open_shop(place, employees=place)
    version = publish(criteria={"all": [{"fact": "employees", "op": "lte", "value": 3}]})
    sweep.relay()

    newer = put_in_force(
        draft(version.benefit, criteria={"all": [{"fact": "employees", "op": "lte", "value": 4}]})
    )
    sweep.relay()

    assert (run_of(newer).matched, run_of(newer).changed) == (1, 1)


def test_a_new_version_that_changes_few_decisions_is_one_chunk():
    for place in range(1, 6):
        open_shop(place, employees=place)
    version = publish(criteria={"all": [{"fact": "employees", "op": "lte", "value": 3}]})
    sweep.relay()

    criteria = {"all": [{"fact": "employees", "op": "lte", "value": 4}]}
    newer = put_in_force(draft(version.benefit, criteria=criteria))
    sweep.relay()

    assert list(run_of(newer).chunks.values_list("lo", "told")) == [(EVERYBODY, 1)]
    assert told()[-1] == ("演示店004", "new", TODAY())
    assert not_so() == {}


@pytest.mark.parametrize("change", [{"amount": {"fixed": "6000"}}, {"criteria": {"all": [IN_DISTRICT]}}])
def test_a_new_version_that_changes_more_than_fit_in_a_chunk_is_cut_up(monkeypatch, change):
    monkeypatch.setattr(runs, "CHUNK", 2)
    for place in range(1, 6):
        open_shop(place, district="520203")
    Business.objects.filter(name="演示店005").update(operator=None)
    version = publish()
    sweep.relay()

    newer = put_in_force(draft(version.benefit, **change))
    sweep.relay()

    run = run_of(newer)
    assert (run.status, run.changed, run.told) == ("done", 5, 4)
    assert run.chunks.first().lo == WITHOUT_OPERATOR
    assert run.chunks.count() > 2
    assert not_so() == {}


def test_who_no_longer_fits_is_told_and_the_decision_is_closed_not_deleted():
    shop = open_shop(1)
    version = publish(criteria={"all": [IN_DISTRICT]})
    sweep.relay()

    put_in_force(
        draft(version.benefit, criteria={"all": [{"fact": "district", "op": "eq", "value": "520203"}]})
    )
    sweep.relay()

    assert told() == [("演示店001", "ended", TODAY()), ("演示店001", "new", TODAY())]
    assert Match.objects.get(business=shop).closed_on == TODAY()
    assert decisions() == {}
    assert not_so() == {}


def test_a_decision_that_comes_back_is_opened_again():
    shop = open_shop(1)
    publish(criteria={"all": [IN_DISTRICT]})
    sweep.relay()
    register.tell_of(shop, district="520203")
    sweep.relay()

    register.tell_of(shop, district="520201")
    sweep.relay()

    assert len(decisions()) == 1
    assert Match.objects.count() == 1
    # The same change on the same day is one message.
    assert told() == [("演示店001", "ended", TODAY()), ("演示店001", "new", TODAY())]
    assert not_so() == {}


def test_a_withdrawn_version_ends_what_it_gave(admin):
    open_shop(1)
    version = publish()
    sweep.relay()

    publishing.withdraw(version, by=admin, reason="金额写错了")
    sweep.relay()

    assert told() == [("演示店001", "ended", TODAY()), ("演示店001", "new", TODAY())]
    assert decisions() == {}
    assert MatchCoverage.objects.get().version_id is None
    assert not_so() == {}


def test_a_withdrawn_version_gives_way_to_the_one_before_it(admin):
    open_shop(1)
    version = publish()
    sweep.relay()
    newer = put_in_force(draft(version.benefit, amount={"fixed": "6000"}))
    sweep.relay()

    publishing.withdraw(newer, by=admin, reason="金额写错了")
    sweep.relay()

    assert [(row.kind, row.before_fen) for row in Notification.objects.order_by("pk")] == [
        (1, None),
        (3, 500000),
        (3, 600000),
    ]
    assert Match.objects.get().value_fen == 500000
    assert not_so() == {}


def test_a_version_that_is_overtaken_stops_and_writes_no_more_rows():
    open_shop(1)
    version = publish()
    newer = put_in_force(draft(version.benefit, amount={"fixed": "6000"}))

    sweep.relay()

    assert (run_of(version).status, run_of(version).told) == ("stopped", 0)
    assert (run_of(newer).status, run_of(newer).told) == ("done", 1)
    assert [row.version_id for row in Notification.objects.all()] == [newer.pk]
    assert not_so() == {}


def test_a_paused_push_does_not_hold_up_the_version_that_takes_its_place(admin):
    open_shop(1)
    sweep.relay()
    version = publish()
    runs.pause(run_of(version), by=admin)

    newer = put_in_force(draft(version.benefit, amount={"fixed": "6000"}))
    sweep.relay()

    assert (run_of(version).status, run_of(newer).status) == ("stopped", "done")
    assert [row.version_id for row in Notification.objects.all()] == [newer.pk]
    assert not_so() == {}


def test_what_an_overtaken_version_had_written_is_put_right_by_the_next(monkeypatch):
    monkeypatch.setattr(runs, "CHUNK", 1)
    for place in (1, 2, 3):
        open_shop(place, employees=4)
    first = publish(criteria={"all": [{"fact": "employees", "op": "lte", "value": 3}]})
    sweep.relay()
    second = put_in_force(
        draft(first.benefit, criteria={"all": [{"fact": "employees", "op": "lte", "value": 4}]})
    )
    while Notification.objects.count() < 2:
        pushing._next_chunks(run_of(second).pk)

    # Says of everybody what the first version said, which is what was brought up to date last for all.
    put_in_force(draft(first.benefit, criteria={"all": [{"fact": "employees", "op": "lt", "value": 4}]}))
    sweep.relay()

    assert decisions() == {}
    assert not_so() == {}


def test_a_version_of_a_later_day_waits_for_it():
    open_shop(1)
    version = publish()
    sweep.relay()
    later = put_in_force(
        draft(version.benefit, amount={"fixed": "6000"}, effective_from=register.days_ahead(10))
    )
    sweep.relay()
    assert PushRun.objects.filter(version=later).count() == 0

    calendar_run.follow_the_day(register.days_ahead(10))
    # Judged as of that day; what decides today is looked up by the clock.
    run = run_of(later)
    assert (run.cause, run.day) == ("policy", register.days_ahead(10))
    sweep.relay()

    assert [(row.kind, row.day) for row in Notification.objects.order_by("pk")] == [
        (1, TODAY()),
        (3, register.days_ahead(10)),
    ]


@pytest.mark.parametrize("first", ["the new version", "the change of facts"])
def test_a_fact_that_changed_just_before_a_version_that_reads_it_no_more_is_not_forgotten(first):
    shop = open_shop(1, district="520201", employees=9)
    open_shop(2, district="520201", employees=2)
    few = {"fact": "employees", "op": "lte", "value": 5}
    version = publish(criteria={"all": [IN_DISTRICT, few]})
    sweep.relay()

    register.tell_of(shop, employees=3)
    newer = put_in_force(draft(version.benefit, criteria={"all": [IN_DISTRICT]}))
    if first == "the new version":
        pushing.work(run_of(newer).pk)
    else:
        fact_changes.follow_facts()
    sweep.relay()

    assert [name for name, kind, _ in told() if kind == "new"] == ["演示店001", "演示店002"]
    assert not_so() == {}


def test_a_new_version_whose_dates_are_too_entangled_looks_at_everybody():
    open_shop(1, registered_on="2024-01-10", left_school_on="2020-07-01", born_on="1990-01-01")
    facts = ("registered_on", "left_school_on", "born_on")

    def entangled(*months):
        return [
            {"any": [{"fact": fact, "op": "at_least_ago", "value": {"months": count}} for fact in facts]}
            for count in months
        ]

    version = publish(criteria={"all": entangled(12, 18, 24)})
    sweep.relay()
    newer = put_in_force(draft(version.benefit, criteria={"all": entangled(12, 18, 25)}))
    sweep.relay()

    assert run_of(newer).status == "done"
    assert not_so() == {}
