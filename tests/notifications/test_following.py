"""Facts change and days pass: only whom that can concern is looked at, and nobody is missed."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from businesses.models import Business
from businesses.registry import business_registry
from core.invariants import broken
from eligibility import deciding, verifying
from eligibility.catalogue import catalogue
from eligibility.models import Standing
from notifications import following, relaying
from notifications.models import Notification, PushRun, Touched
from policies.criteria.rules import read_rule

from . import register
from .register import TODAY, decisions, months_ago, open_shop, publish, told

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
RENT = {
    "monthly_capped": {
        "cap": "500",
        "months": 36,
        "fact": "monthly_rent",
        "used": "rent_subsidy_months_received",
    }
}
FEW = {"fact": "employees", "op": "lte", "value": 5}
OLD_ENOUGH = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 1}}
YOUNG_ENOUGH = {"fact": "registered_on", "op": "at_most_ago", "value": {"years": 2}}


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def holds():
    return [problem for _, found in broken() for problem in found] == []


def noon(day):
    return time_machine.travel(f"{day.isoformat()}T12:00:00+08:00", tick=False)


# Facts


def test_a_changed_fact_reaches_the_inbox():
    shop = open_shop(1, employees=9)
    publish(criteria={"all": [FEW]})
    relaying.relay()

    register.tell_of(shop, employees=3)
    relaying.relay()

    assert told() == [("演示店001", "new", TODAY())]
    assert PushRun.objects.get(cause="profile").told == 1
    assert holds()


def test_a_new_shop_is_judged_by_every_rule():
    publish(criteria={"all": [FEW]})
    relaying.relay()

    open_shop(1, employees=2)
    relaying.relay()

    assert told() == [("演示店001", "new", TODAY())]
    assert holds()


def test_only_benefits_that_read_what_changed_are_looked_at():
    shop = open_shop(1, employees=2)
    publish("T01a", criteria={"all": [FEW]})
    publish("T01b", criteria={"all": [{"fact": "district", "op": "eq", "value": "520201"}]})
    relaying.relay()
    register.tell_of(shop, sells_online=True)

    with CaptureQueriesContext(connection) as queries:
        following.follow_facts()

    assert [query for query in queries if "INTO decided" in query["sql"]] == []
    assert Touched.objects.count() == 0


def test_an_amount_is_followed_too_and_an_owners_own_change_of_it_is_no_news():
    shop = open_shop(1, monthly_rent="300.00")
    publish(amount=RENT)
    relaying.relay()

    register.tell_of(shop, monthly_rent="450.00")
    relaying.relay()

    assert [row[1:3] for row in decisions().values()] == [(45000, 1620000)]
    assert told() == [("演示店001", "new", TODAY())]
    assert holds()


def test_who_no_longer_fits_after_a_change_is_told():
    shop = open_shop(1, employees=2)
    publish(criteria={"all": [FEW]})
    relaying.relay()

    register.tell_of(shop, employees=9)
    relaying.relay()

    assert told() == [("演示店001", "ended", TODAY()), ("演示店001", "new", TODAY())]
    assert decisions() == {}


def test_a_shop_that_passes_to_another_operator_is_theirs_in_its_decisions():
    open_shop(1, person=1)
    publish()
    relaying.relay()

    shop = open_shop(1, person=2)
    relaying.relay()

    assert [row for row in verifying.subjects() if verifying.wrong_by_statement(row)] == []
    assert holds()
    assert shop.operator_id is not None


def test_a_shop_that_cannot_be_judged_does_not_hold_up_the_others(monkeypatch):
    publish(criteria={"all": [FEW]})
    relaying.relay()
    open_shop(1, employees=2)
    poison = open_shop(2, employees=2)
    open_shop(3, employees=2)
    decide = deciding.decide

    def fails_on_one(subject, shops, **options):
        if shops.filter(pk=poison.pk).exists():
            raise ValueError("unreadable")
        return decide(subject, shops, **options)

    monkeypatch.setattr(deciding, "decide", fails_on_one)
    for _ in range(8):
        relaying.relay()

    assert [name for name, _, _ in told()] == ["演示店001", "演示店003"]
    assert [(row.shops, row.problem) for row in Touched.objects.all()] == [([poison.pk], "unreadable")]

    monkeypatch.setattr(deciding, "decide", decide)
    following.follow_the_day()
    relaying.relay()
    assert [name for name, _, _ in told()] == ["演示店001", "演示店002", "演示店003"]
    assert holds()


# The calendar


def test_the_day_a_shop_has_waited_for_it_is_told():
    open_shop(1, registered_on=months_ago(11).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    relaying.relay()
    day = months_ago(11).replace(year=months_ago(11).year + 1)

    with noon(day - timedelta(days=1)):
        following.follow_the_day()
        relaying.relay()
        before = [kind for _, kind, _ in told()]
    with noon(day):
        following.follow_the_day()
        relaying.relay()
        after = told()

    assert "new" not in before
    assert ("演示店001", "new", day) in after
    assert holds()


def test_a_day_is_followed_once_however_often_it_is_asked_for():
    open_shop(1, registered_on=months_ago(11).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    relaying.relay()

    with noon(register.days_ahead(40)):
        first = following.follow_the_day()
        second = following.follow_the_day()
        relaying.relay()
        third = following.follow_the_day()

    assert (len(first), second, third) == (1, [], [])
    assert [kind for _, kind, _ in told()].count("new") == 1


def test_missed_days_are_caught_up():
    for place, months in enumerate((11, 10, 9), 1):
        open_shop(place, registered_on=months_ago(months).isoformat())
    publish(criteria={"all": [OLD_ENOUGH]})
    relaying.relay()

    with noon(register.days_ahead(75)):
        following.follow_the_day()
        relaying.relay()

        assert [name for name, kind, _ in told() if kind == "new"] == ["演示店001", "演示店002"]
        assert holds()


def test_a_stretch_that_ends_closes_the_decision():
    open_shop(1, registered_on=months_ago(23).isoformat())
    publish(criteria={"all": [YOUNG_ENOUGH]})
    relaying.relay()

    with noon(register.days_ahead(60)):
        following.follow_the_day()
        relaying.relay()

        assert decisions() == {}
        assert [kind for _, kind, _ in told()] == ["ended", "new"]
        assert holds()


def test_whoever_has_to_hurry_is_reminded_once():
    shop = open_shop(1, registered_on=months_ago(23).isoformat())
    publish(criteria={"all": [YOUNG_ENOUGH]})
    relaying.relay()
    (found,) = decisions().values()
    last = found[4]

    for days in (20, 10, 9, 3):
        with noon(last - timedelta(days=days)):
            following.follow_the_day()
            relaying.relay()

    assert [(kind, day) for _, kind, day in told()] == [("new", TODAY()), ("reminder", last)]
    assert shop.pk is not None


def test_on_a_day_a_window_opens_everybody_is_judged():
    open_shop(1)
    opens = register.days_ahead(5)
    publish(window={"from": opens.isoformat(), "to": None})
    relaying.relay()
    assert told() == []

    with noon(opens):
        following.follow_the_day()
        relaying.relay()

        assert told() == [("演示店001", "new", opens)]
        assert [run.cause for run in PushRun.objects.filter(day=opens)] == ["policy"]
        assert holds()


def test_the_day_after_a_window_closes_nothing_stands():
    open_shop(1)
    closes = register.days_ahead(5)
    publish(window={"from": None, "to": closes.isoformat()})
    relaying.relay()

    with noon(closes + timedelta(days=1)):
        following.follow_the_day()
        relaying.relay()

        assert decisions() == {}
        assert ("演示店001", "ended", closes + timedelta(days=1)) in told()
        assert holds()


def test_a_suspended_document_ends_everything_under_it_and_in_force_again_brings_it_back():
    open_shop(1)
    version = publish()
    relaying.relay()
    document = version.benefit.measure.document

    document.status = "suspended"
    document.save()
    relaying.relay()
    assert decisions() == {}

    document.status = "in_force"
    document.save()
    relaying.relay()
    assert len(decisions()) == 1
    assert holds()


def test_going_on_day_by_day_ends_where_judging_everybody_anew_ends():
    register.load_city(100, seed=5)
    start = TODAY()
    days = [start + timedelta(days=days) for days in (1, 2, 9, 33, 36, 40, 97, 98, 240, 400)]

    for day in days:
        with noon(day):
            following.follow_the_day()
            relaying.relay()
            wrong = {
                subject.benefit_id: verifying.wrong_by_statement(subject) for subject in verifying.subjects()
            }
            assert wrong == {subject.benefit_id: [] for subject in verifying.subjects()}

    with noon(days[-1]):
        by_shop = {
            subject.benefit_id: list(verifying.wrong_one_by_one(subject)) for subject in verifying.subjects()
        }
    assert by_shop == {benefit: [] for benefit in by_shop}
    assert {standing.day for standing in Standing.objects.all()} == {days[-1]}
    assert Notification.objects.filter(day__gt=start).exists()


def test_a_day_looks_only_at_shops_whose_dates_cross_a_threshold():
    register.load_city(100, seed=5)
    rule = catalogue().benefits["M05a"].in_force_on(TODAY()).rule

    near = deciding.turned_between(rule, TODAY(), TODAY() + timedelta(days=1))

    assert Business.objects.filter(near).count() <= 3
    dates = [row for leaf in rule.program.leaves if leaf.operator and leaf.operator.ago for row in leaf.facts]
    assert {fact.name for fact in dates} == {"registered_on", "left_school_on"}


def test_a_rule_says_what_its_decisions_are_made_of(engine):
    content = {
        "title": "试",
        "kind": "rent_subsidy",
        "delivery": "apply",
        "criteria": {"all": [FEW, OLD_ENOUGH]},
        "amount": RENT,
    }
    rule = read_rule(content, registry=business_registry(), code="T01a")

    assert deciding.reads(rule) == {
        "employees",
        "registered_on",
        "monthly_rent",
        "rent_subsidy_months_received",
    }
