"""好差评: rated once by the address alone; what is bad is answered and mended in time, and may be rated once more."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases import letters
from cases.actions import rating as ratings
from cases.models import Rating
from core.errors import Invalid, Refused
from core.workdays import add_workdays
from notifications.models import Letter
from tests.notifications.register import open_shop

from ..subsidies import world

MENDED = "以后收到材料当天就看，不再让您等。"


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def rating(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    application = world.filed(benefit, shop, world.owner_of(shop))
    return letters.rating_of(application, "pay 1")


def test_a_stage_is_rated_once(rating):
    ratings.rate(rating, 5, ["办得快"], "谢谢")

    with pytest.raises(Refused, match="已经评过"):
        ratings.rate(rating, 1)

    rating.refresh_from_db()
    assert (rating.level, rating.tags, rating.words) == (5, ["办得快"], "谢谢")
    assert (rating.contact_by, rating.mend_by) == (None, None)


def test_a_bad_rating_is_answered_in_one_working_day_and_mended_in_fifteen(rating):
    today = timezone.localdate()

    found = ratings.rate(rating, 2, ["等得太久"])

    assert found.contact_by == add_workdays(today, 1)
    assert found.mend_by == add_workdays(today, 15)


@pytest.mark.parametrize("level", [0, 6, None])
def test_a_level_is_one_of_five(rating, level):
    with pytest.raises(Invalid, match="请选一项评价"):
        ratings.rate(rating, level)


def test_tags_belong_to_the_level(rating):
    with pytest.raises(Invalid, match="原因和评价对不上"):
        ratings.rate(rating, 5, ["等得太久"])


def test_what_is_bad_is_called_about_then_mended_and_the_owner_is_told(rating, people):
    ratings.rate(rating, 1)

    with pytest.raises(Refused, match="请先联系店主"):
        ratings.mend(rating, MENDED, by=people.reviewer)
    ratings.contacted(rating, by=people.reviewer)
    ratings.mend(rating, MENDED, by=people.reviewer)

    letter = Letter.objects.order_by("-id").first()
    assert letter.sentence == "以后收到材料当天就看，不再让您等。您可以再评一次。"
    assert letter.action_path == f"/rate/{rating.token}/"


def test_once_mended_it_may_be_rated_once_more(rating, people):
    ratings.rate(rating, 1)
    with pytest.raises(Refused):
        ratings.rate_again(rating, 4)
    ratings.contacted(rating, by=people.reviewer)
    ratings.mend(rating, MENDED, by=people.reviewer)

    ratings.rate_again(rating, 4)
    with pytest.raises(Refused, match="已经评过"):
        ratings.rate_again(rating, 5)

    rating.refresh_from_db()
    assert (rating.level, rating.second) == (1, 4)


def test_other_bureaus_do_not_answer_it(rating):
    ratings.rate(rating, 1)

    with pytest.raises(PermissionDenied):
        ratings.contacted(rating, by=world.bureau("others", "别的局").reviewer)


def test_a_good_rating_needs_no_mending(rating, people):
    ratings.rate(rating, 4)

    with pytest.raises(Refused, match="只有差评"):
        ratings.contacted(rating, by=people.reviewer)

    assert Rating.objects.get(pk=rating.pk).contacted_at is None
