"""A document's first and last day: no benefit of it is open before or after, and owners hear of it when it changes."""

from datetime import timedelta

import pytest

from businesses.register import profile_of
from core.wording import day_text
from eligibility.evaluation import evaluate
from notifications import sweep
from notifications.models import PushRun
from notifications.pushes import calendar_run
from policies.models import PolicyDocument

from ..readers import owner_of, read_by
from ..register import TODAY, days_ahead, decisions, noon, not_so, open_shop, publish, told

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


@pytest.fixture
def shop():
    publish()
    found = open_shop(1)
    sweep.relay()
    return found


def set_days(first=None, last=None):
    document = PolicyDocument.objects.get(code="tests")
    document.effective_from, document.effective_to = first, last
    document.save()
    sweep.relay()


def follow():
    calendar_run.follow_the_day()
    sweep.relay()


def last_days():
    return [row[4] for row in decisions().values()]


def kinds():
    return [kind for _, kind, _ in told()]


def assessment(shop, day):
    (found,) = evaluate(profile_of(shop), day).assessments
    return found.state, found.eligible_from, found.apply_before


def test_what_can_be_had_can_be_had_to_the_last_day_of_the_document(shop):
    set_days(last=days_ahead(100))

    assert last_days() == [days_ahead(100)]
    assert kinds() == ["new"]
    assert assessment(shop, days_ahead(100)) == ("now", None, days_ahead(100))
    assert assessment(shop, days_ahead(101)) == ("closed", None, None)
    assert not_so() == {}


def test_the_day_after_its_last_owners_are_told_that_it_has_ended(shop):
    owner, last = owner_of(shop), days_ahead(30)
    set_days(last=last)

    with noon(last + timedelta(days=1)):
        follow()

        assert decisions() == {}
        assert "ended" in kinds()
        assert read_by(owner, shop).reason.says == f"这项政策办到 {day_text(last)}为止。"
        assert not_so() == {}


def test_before_its_first_day_nobody_has_anything_and_on_that_day_they_are_told():
    publish()
    shop = open_shop(1)
    set_days(first=days_ahead(20))

    assert decisions() == {}
    assert assessment(shop, TODAY()) == ("closed", days_ahead(20), None)
    with noon(days_ahead(20)):
        follow()

        assert kinds() == ["new"]
        assert not_so() == {}


def test_a_last_day_that_is_over_ends_it_at_once_and_taking_it_back_begins_it_again(shop):
    set_days(last=TODAY() - timedelta(days=1))
    ended, says = decisions(), read_by(owner_of(shop), shop).reason.says
    set_days()

    assert ended == {}
    assert says == "政策文件的施行日期或失效日期有变化。"
    assert last_days() == [None]
    assert not_so() == {}


def test_a_document_saved_without_another_day_looks_at_nobody(shop):
    before = PushRun.objects.count()
    PolicyDocument.objects.get(code="tests").save()

    assert PushRun.objects.count() == before


def test_a_benefit_that_opens_after_its_document_has_ended_never_opens():
    publish(window={"from": days_ahead(40).isoformat()})
    shop = open_shop(1)
    set_days(last=days_ahead(20))

    states = [assessment(shop, days_ahead(ahead)) for ahead in (0, 30, 50)]
    assert states == [("closed", None, None)] * 3
