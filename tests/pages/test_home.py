"""The home page: the way in for a visitor; for whoever acts for a shop, what is theirs, the most pressing first."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from eligibility import answers
from eligibility.evaluation import evaluate
from eligibility.pages.results import sums_of
from eligibility.wording import standing_label
from policies.catalogue import catalogue, popular_codes
from portal.home import WORDS
from subsidies.actions import applying
from tests.markup import markup
from tests.services.world import offering, slot
from tests.subsidies import world

from .shops import agent_of, browser_of, owner_of, person, store, tea_shop, text_of
from .test_cases import CONTRACT, asked_to_correct

pytestmark = pytest.mark.usefixtures("catalogue_loaded")


def headings(page):
    """Of the second level, in order, without icons."""
    return [re.sub(r"<[^>]+>", "", whole).strip() for whole in re.findall(r"<h2[^>]*>(.*?)</h2>", page, re.S)]


@pytest.fixture
def people(db):
    return world.bureau()


@pytest.fixture
def shop(db):
    return store(tea_shop())


@pytest.fixture
def owner(shop):
    return owner_of(shop)


@pytest.fixture
def browser(owner):
    return browser_of(owner)


# A visitor


def test_a_visitor_finds_the_check_then_words_then_subjects_then_what_is_asked_most(client):
    page = markup(client.get("/"))

    assert page.index("开始查") < page.index('role="search"')
    assert headings(page) == [
        "查完您会看到（举例）",
        "有什么难处，直接搜",
        "按需要找",
        "大家最常查",
        "有人帮您",
    ]


def test_each_subject_leads_somewhere_and_says_a_figure_only_from_the_policy(client):
    today, page = timezone.localdate(), markup(client.get("/"))
    versions = catalogue().in_force_on(today)

    for row in WORDS["subjects"]:
        whole = re.search(
            rf'<a[^>]*href="([^"]+)"[^>]*>(?:(?!</a>).)*<b>{row["title"]}</b>.*?</a>', page, re.S
        )
        label = standing_label(versions[row["benefit"]], today) if "benefit" in row else None
        assert (label["figure"] if label else row["words"]) in whole[0]
        assert client.get(whole[1].replace("&amp;", "&")).status_code == 200


def test_three_are_shown_that_can_be_had_today(client):
    page = markup(client.get("/"))

    assert len(popular_codes(timezone.localdate())) == 3
    assert [code for code in popular_codes(timezone.localdate()) if f'href="/policies/{code}/"' in page] == (
        popular_codes(timezone.localdate())
    )


def test_the_next_times_with_a_seat_left_are_shown_the_nearest_first(client):
    rows = {code: offering("booking", code) for code in ("first", "full", "later", "last")}
    for code, days, taken in (("later", 9, 0), ("full", 1, 1), ("last", 20, 0), ("first", 2, 0)):
        slot(rows[code], days, taken=taken)

    page = markup(client.get("/"))

    assert re.findall(r'href="/services/(\w+)/"', page) == ["first", "later"]


# Of one's own


def test_an_owner_sees_their_shop_and_their_own_sums_without_a_question(browser, shop, owner):
    page = browser.get("/")

    book, today = answers.ShopBook(shop, owner), timezone.localdate()
    evaluation = evaluate(book.profile_of(book.answers, book.registry, today), today, held=book.held(today))
    rows = sums_of(evaluation)
    assert "开始查" not in markup(page)
    assert [row["category"] for row in rows] == ["cash", "tax", "loan"]
    for row in rows:
        assert f"{row['label']}{row['prefix']}{row['figure']}{row['unit']}" in re.sub(
            r"\s", "", text_of(page)
        )
        assert row["names"] in text_of(page)


def test_the_sums_at_home_are_those_of_the_results(browser):
    browser.post("/me/check/")
    own, results = markup(browser.get("/")), markup(browser.get("/check/results/"))

    def figures(page):
        sums = re.search(r'<section class="sums[^"]*"[^>]*>(.*?)</section>', page, re.S)[1]
        return re.findall(r"<b>([^<]+)</b>", sums)

    assert len(figures(own)) == 3
    assert figures(own) == figures(results)


def test_what_waits_stands_first_then_what_is_not_filled_in(people):
    shop = world.shop_with_rent(1, "380")
    owner = world.owner_of(shop)
    rent = world.grant_of_rent(criteria=world.IN_DISTRICT)
    world.envelope(rent)
    waiting = [world.filed(rent, shop, owner)]
    draft = applying.begin(shop, world.grant_of_money("T01d"), by=owner)
    asked_to_correct(waiting[0], people)

    page = markup(browser_of(owner).get("/"))

    assert headings(page)[:3] == ["要您处理 · 1 件", "没填完", "我的三笔钱"]
    assert f'href="/cases/{waiting[0].public_id}/correct/"' in page
    assert f'href="/apply/{draft.public_id}/' in page


def test_two_of_what_waits_are_shown_and_the_others_counted(people):
    shop = world.shop_with_rent(1, "380")
    owner = world.owner_of(shop)
    for code in ("T01a", "T01d", "T01e"):
        asked_to_correct(world.filed(world.grant_of_money(code), shop, owner), people, CONTRACT)

    page = markup(browser_of(owner).get("/"))

    assert headings(page)[0] == "要您处理 · 3 件"
    assert page.count("/correct/") == 2
    assert "还有 1 件" in page


def test_who_has_nothing_to_do_is_not_told_of_it(browser):
    assert "要您处理 ·" not in markup(browser.get("/"))
    assert "没填完" not in markup(browser.get("/"))


def test_what_is_still_to_be_asked_begins_at_its_page(browser, shop):
    page = markup(browser.get("/"))
    key = re.search(r'name="page"\s+value="(\w+)"', page)[1]

    answer = browser.post("/me/check/", {"shop": shop.public_id, "page": key})

    assert answer.headers["Location"] == f"/check/q/{key}/"


def test_who_may_only_look_is_asked_nothing(shop, owner):
    agent = browser_of(agent_of(shop, owner, ["view"]))

    assert 'name="page"' not in markup(agent.get("/"))
    assert "我的三笔钱" in markup(agent.get("/"))


def test_a_day_that_comes_is_in_the_diary(browser):
    page = text_of(browser.get("/"))

    assert "我的日程" in page
    assert "可以领开店补贴" in page
    assert "还有 65 天" in page


def test_the_shop_is_said_in_four_lines_with_the_way_to_its_sources(browser):
    page = text_of(browser.get("/"))

    assert all(word in page for word in WORDS["facts"].values())
    assert all(word in page for word in ("钟山区", "800 元", "1 人", "看来源、改错"))


def test_who_has_no_shop_gets_the_visitors_page(db):
    assert "开始查" in markup(browser_of(person(7)).get("/"))


def test_a_shop_that_can_have_no_money_is_told_so_and_led_to_the_reasons(shop, browser):
    said = tea_shop()
    said["registry"]["operating_status"] = "deregistered"
    store(said)

    page = markup(browser.get("/"))

    assert "还没有能领的钱" in page
    assert "看每一笔怎么来的" in page


def test_the_page_takes_as_many_queries_for_five_cases_as_for_one(people):
    shop = world.shop_with_rent(1, "380")
    owner = world.owner_of(shop)
    browser = browser_of(owner)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            browser.get("/")
        return len(caught)

    asked_to_correct(world.filed(world.grant_of_money("T01a"), shop, owner), people, CONTRACT)
    queries()
    one = queries()
    for code in ("T01d", "T01e", "T01f", "T01g"):
        asked_to_correct(world.filed(world.grant_of_money(code), shop, owner), people, CONTRACT)
    assert queries() == one
