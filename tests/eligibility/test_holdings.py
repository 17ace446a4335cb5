"""What a shop has or has applied for: one row, read by pages, API and pushes alike."""

from datetime import timedelta

import pytest
from django.utils import timezone

from businesses.register import profile_of
from eligibility import holdings
from eligibility.evaluation import evaluate
from eligibility.models import Holding
from policies.models import Benefit
from tests.notifications.register import open_shop

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


@pytest.fixture
def rent():
    return Benefit.objects.get(code="M05c")


@pytest.fixture
def startup():
    return Benefit.objects.get(code="M05a")


def state_of(shop, code):
    today = timezone.localdate()
    answer = evaluate(profile_of(shop), today, held=holdings.held_by(shop, today))
    return next(found.state for found in answer.assessments if found.rule.code == code)


def test_what_is_applied_for_is_had_until_it_is_refused(rent):
    shop = open_shop(1)
    assert state_of(shop, "M05c") != "have"

    holdings.hold(shop, rent, "applied")
    assert state_of(shop, "M05c") == "have"

    holdings.hold(shop, rent, "declined")
    assert state_of(shop, "M05c") != "have"


def test_a_step_further_changes_the_row_and_adds_none(rent):
    shop = open_shop(1)
    for kind in ("applied", "granted", "enjoyed"):
        holdings.hold(shop, rent, kind)

    assert list(Holding.objects.values_list("kind", flat=True)) == ["enjoyed"]


def test_after_a_refusal_a_new_application_is_a_row_of_its_own(rent):
    shop = open_shop(1)
    holdings.hold(shop, rent, "declined")
    holdings.hold(shop, rent, "applied")

    assert sorted(Holding.objects.values_list("kind", flat=True)) == ["applied", "declined"]


def test_what_is_given_once_to_a_person_counts_for_all_their_shops(startup, rent):
    first, second = open_shop(1, person=1), open_shop(2, person=1)

    holdings.hold(first, startup, "granted")
    assert [state_of(shop, "M05a") for shop in (first, second)] == ["have", "have"]

    holdings.hold(first, rent, "granted")
    assert holdings.held_by(second) == {"M05a"} | ({"M05c"} if rent_is_for_a_person() else set())


def rent_is_for_a_person():
    return Benefit.objects.get(code="M05c").versions.get().content["once_per_person"]


def test_a_holding_is_over_the_day_after_its_last(rent):
    shop, today = open_shop(1), timezone.localdate()
    holdings.hold(shop, rent, "granted", since=today - timedelta(days=30), until=today)

    assert holdings.held_by(shop, today) == {"M05c"}
    assert holdings.held_by(shop, today + timedelta(days=1)) == frozenset()


def test_an_application_withdrawn_before_it_was_decided_leaves_nothing(rent):
    shop = open_shop(1)
    holdings.release(holdings.hold(shop, rent, "applied"))

    assert holdings.held_by(shop) == frozenset()
