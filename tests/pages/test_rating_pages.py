"""好差评 without signing in: five rows of words, tags, once; and the pages on which staff mend what was bad."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases import letters
from cases.actions import rating as ratings
from cases.models import Rating
from tests.markup import markup
from tests.notifications.register import open_shop
from tests.subsidies import world

from .conftest import follow, violations

MENDED = "以后收到材料当天就看，不再让您等。"
LEVELS = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def rating(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    application = world.filed(benefit, shop, world.owner_of(shop))
    return letters.rating_of(application, "pay 1")


@pytest.fixture
def address(rating):
    return reverse("rate", args=[rating.token])


def test_the_page_needs_no_signing_in_and_shows_no_person(client, rating, address):
    page = markup(client.get(address))

    application = rating.case
    assert [level for level in LEVELS if f">{level}</button>" in page] == LEVELS
    assert application.benefit_version.content["title"] in page
    assert application.number not in page
    assert application.operator.name not in page
    assert application.business.name not in page


def test_its_address_goes_into_no_index_and_to_no_other_site(client, address):
    response = client.get(address)

    assert response.headers["X-Robots-Tag"] == "noindex, nofollow, noarchive"
    assert response.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in response.headers["Cache-Control"]


def test_an_address_that_was_guessed_is_not_there(client, db):
    assert client.get("/rate/00000000-0000-4000-8000-000000000000/").status_code == 404
    assert client.get("/rate/1/").status_code == 404


def test_each_level_has_its_own_tags(client, address):
    good = client.get(address, {"level": "5"}).content.decode()
    bad = client.get(address, {"level": "1"}).content.decode()

    assert ("办得快" in good, "等得太久" in good) == (True, False)
    assert ("办得快" in bad, "等得太久" in bad) == (False, True)
    assert "1 个工作日内联系您，15 个工作日内反馈整改结果。" in bad


def test_it_is_rated_once(client, rating, address):
    first = client.post(address, {"level": "2", "tags": ["等得太久"], "words": "打电话没人接"}, follow=True)
    second = client.post(address, {"level": "5"}, follow=True)

    rating.refresh_from_db()
    assert (rating.level, rating.tags, rating.words) == (2, ["等得太久"], "打电话没人接")
    assert "收到您的评价，谢谢您。" in first.content.decode()
    assert "这次服务已经评过了" in second.content.decode()


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"level": "9"},
        {"level": "-1"},
        {"level": "5", "tags": "等得太久"},
        {"level": "5", "words": "长" * 501},
    ],
)
def test_what_cannot_be_is_refused_and_said(client, rating, address, sent):
    response = client.post(address, sent)

    rating.refresh_from_db()
    assert response.status_code == 400
    assert "请改好下面 1 处" in response.content.decode()
    assert rating.level is None


def test_after_mending_it_is_rated_once_more(client, rating, address, people):
    ratings.rate(rating, 1)
    client.post(address, {"level": "5", "again": "1"})
    before = Rating.objects.get(pk=rating.pk).second
    ratings.contacted(rating, by=people.reviewer)
    ratings.mend(rating, MENDED, by=people.reviewer)

    page = client.get(address).content.decode()
    client.post(address, {"level": "4", "again": "1"})

    assert before is None
    assert MENDED in page
    assert Rating.objects.get(pk=rating.pk).second == 4


def test_a_form_from_elsewhere_is_refused(rating, address):
    response = Client(enforce_csrf_checks=True).post(address, {"level": "5"})

    assert response.status_code == 403
    assert Rating.objects.get(pk=rating.pk).level is None


def test_staff_see_the_ratings_of_their_own_bureau_and_mend_the_bad_ones(client, rating, people):
    ratings.rate(rating, 1, ["来回跑"], "跑了三趟")
    others = world.bureau("others", "别的局")
    change = reverse("admin:cases_rating_change", args=[rating.pk])

    client.force_login(others.reviewer)
    from_elsewhere = client.get(change).status_code
    client.force_login(people.reviewer)
    page = client.get(change).content.decode()
    client.post(reverse("admin:rating-contacted", args=[rating.pk]))
    short = client.post(reverse("admin:rating-mend", args=[rating.pk]), {"how": "好"}).content.decode()
    client.post(reverse("admin:rating-mend", args=[rating.pk]), {"how": MENDED})

    rating.refresh_from_db()
    assert from_elsewhere == 302
    assert "跑了三趟" in page
    assert "请写做了什么改进" in short
    assert (rating.mended_how, rating.mended_by) == (MENDED, people.reviewer)


def test_the_list_of_ratings_costs_the_same_for_one_and_for_three(client, people):
    benefit, counts = world.grant_of_money(), []
    client.force_login(people.reviewer)
    for place in (1, 2, 3):
        shop = open_shop(place)
        application = world.filed(benefit, shop, world.owner_of(shop))
        ratings.rate(letters.rating_of(application, "pay 1"), 1)
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:cases_rating_changelist"))
        counts.append(len(queries))

    assert counts[0] == counts[2]


def test_the_page_of_a_case_asks_for_a_rating_until_there_is_one(client, people):
    benefit, shop = world.grant_of_money(criteria=world.IN_DISTRICT), open_shop(1)
    owner = world.owner_of(shop)
    application = world.refused(world.filed(benefit, shop, owner), people)
    rating = application.ratings.get()
    client.force_login(owner)
    page = reverse("case", args=[application.public_id])

    asked = markup(client.get(page))
    ratings.rate(rating, 2)
    said = markup(client.get(page))
    colleague = world.all_rounder(people)
    ratings.contacted(rating, by=colleague)
    ratings.mend(rating, MENDED, by=colleague)
    mended = markup(client.get(page))

    address = reverse("rate", args=[rating.token])
    assert f'action="{address}"' in asked
    assert [level for level in LEVELS if f">{level}</button>" in asked] == LEVELS
    assert f'action="{address}"' not in said
    assert "您评了“不满意”。" in said
    assert "再评一次" not in said
    assert "改进了，再评一次" in mended


# Browser


def _rating():
    people = world.bureau()
    benefit, shop = world.grant_of_money(), open_shop(1)
    application = world.filed(benefit, shop, world.owner_of(shop))
    return letters.rating_of(application, "pay 1"), people


def test_rating_takes_three_taps(page, live_server, transactional_db):
    row, _ = _rating()

    page.goto(f"/rate/{row.token}/")
    found = violations(page)
    follow(page.get_by_role("button", name="非常满意"))
    found += violations(page)
    page.get_by_label("办得快").check()
    follow(page.get_by_role("button", name="提交评价"))

    assert page.get_by_role("heading", name="您的评价").is_visible()
    assert found + violations(page) == []
    row.refresh_from_db()
    assert (row.level, row.tags) == (5, ["办得快"])


def test_after_mending_the_page_can_be_read_by_everybody(page, live_server, transactional_db):
    row, people = _rating()
    ratings.rate(row, 1)
    ratings.contacted(row, by=people.reviewer)
    ratings.mend(row, MENDED, by=people.reviewer)

    page.goto(f"/rate/{row.token}/")

    assert violations(page) == []
    assert page.get_by_role("heading", name="改进以后，您再评一次").is_visible()
