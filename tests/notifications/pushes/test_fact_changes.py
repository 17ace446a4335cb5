"""Facts change: only whom that can concern is looked at, and nobody is missed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from businesses.registry import business_registry
from eligibility import verifying
from eligibility.matches import affected, match_store
from notifications import sweep
from notifications.models import PushRun, Touched
from notifications.pushes import calendar_run, fact_changes
from policies.criteria.rules import read_rule

from .. import register
from ..register import OLD_ENOUGH, TODAY, decisions, not_so, open_shop, publish, told

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


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def test_a_changed_fact_reaches_the_inbox():
    shop = open_shop(1, employees=9)
    publish(criteria={"all": [FEW]})
    sweep.relay()

    register.tell_of(shop, employees=3)
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY())]
    assert PushRun.objects.get(cause="profile").told == 1
    assert not_so() == {}


def test_a_new_shop_is_judged_by_every_rule():
    publish(criteria={"all": [FEW]})
    sweep.relay()

    open_shop(1, employees=2)
    sweep.relay()

    assert told() == [("演示店001", "new", TODAY())]
    assert not_so() == {}


def test_only_benefits_that_read_what_changed_are_looked_at():
    shop = open_shop(1, employees=2)
    publish("T01a", criteria={"all": [FEW]})
    publish("T01b", criteria={"all": [{"fact": "district", "op": "eq", "value": "520201"}]})
    sweep.relay()
    register.tell_of(shop, sells_online=True)

    with CaptureQueriesContext(connection) as queries:
        fact_changes.follow_facts()

    assert [query for query in queries if "INTO decided" in query["sql"]] == []
    assert Touched.objects.count() == 0


def test_an_amount_is_followed_too_and_an_owners_own_change_of_it_is_no_news():
    shop = open_shop(1, monthly_rent="300.00")
    publish(amount=RENT)
    sweep.relay()

    register.tell_of(shop, monthly_rent="450.00")
    sweep.relay()

    assert [row[1:3] for row in decisions().values()] == [(45000, 1620000)]
    assert told() == [("演示店001", "new", TODAY())]
    assert not_so() == {}


def test_who_no_longer_fits_after_a_change_is_told():
    shop = open_shop(1, employees=2)
    publish(criteria={"all": [FEW]})
    sweep.relay()

    register.tell_of(shop, employees=9)
    sweep.relay()

    assert told() == [("演示店001", "ended", TODAY()), ("演示店001", "new", TODAY())]
    assert decisions() == {}


def test_a_shop_that_passes_to_another_operator_is_theirs_in_its_decisions():
    open_shop(1, person=1)
    publish()
    sweep.relay()

    shop = open_shop(1, person=2)
    sweep.relay()

    assert [row for row in verifying.subjects() if verifying.wrong_by_statement(row)] == []
    assert not_so() == {}
    assert shop.operator_id is not None


def test_a_shop_that_cannot_be_judged_does_not_hold_up_the_others(monkeypatch):
    publish(criteria={"all": [FEW]})
    sweep.relay()
    open_shop(1, employees=2)
    poison = open_shop(2, employees=2)
    open_shop(3, employees=2)
    decide = match_store.decide

    def fails_on_one(subject, shops, **options):
        if shops.filter(pk=poison.pk).exists():
            raise ValueError("unreadable")
        return decide(subject, shops, **options)

    monkeypatch.setattr(match_store, "decide", fails_on_one)
    for _ in range(8):
        sweep.relay()

    assert [name for name, _, _ in told()] == ["演示店001", "演示店003"]
    assert [(row.shops, row.problem) for row in Touched.objects.all()] == [([poison.pk], "unreadable")]

    monkeypatch.setattr(match_store, "decide", decide)
    calendar_run.follow_the_day()
    sweep.relay()
    assert [name for name, _, _ in told()] == ["演示店001", "演示店002", "演示店003"]
    assert not_so() == {}


def test_a_suspended_document_ends_everything_under_it_and_in_force_again_brings_it_back():
    open_shop(1)
    version = publish()
    sweep.relay()
    document = version.benefit.measure.document

    document.status = "suspended"
    document.save()
    sweep.relay()
    assert decisions() == {}

    document.status = "in_force"
    document.save()
    sweep.relay()
    assert len(decisions()) == 1
    assert not_so() == {}


def test_a_rule_says_what_its_decisions_are_made_of(engine):
    content = {
        "title": "试",
        "kind": "rent_subsidy",
        "delivery": "apply",
        "criteria": {"all": [FEW, OLD_ENOUGH]},
        "amount": RENT,
    }
    rule = read_rule(content, registry=business_registry(), code="T01a")

    assert affected.reads(rule) == {
        "employees",
        "registered_on",
        "monthly_rent",
        "rent_subsidy_months_received",
    }
