"""How long the main pages are, as they are opened (owner-surface.md §10): on a phone of 360 by 740, and in the largest
letters. What a page weighs and asks for is tested on every page (test_every_owner_page.py)."""

import pytest
from django.utils import timezone

from policies.catalogue import catalogue
from tests.pages.conftest import follow

from .places import ANONYMOUS, ANSWERED, OTHER_OWNER, OWNER, cookies_of

PHONE = {"width": 360, "height": 740}
CARD = 290
FIRST_BUTTON = 1_000
GUIDE, GUIDE_IN_LARGEST = 3_800, 6_500
CALCULATION = "/calc/rent/?monthly_rent=800&rent_subsidy_months_received=6"
TALLEST = {
    "home": (ANONYMOUS, "/", 2_600),
    "home, signed in": (OWNER, "/", 2_600),
    "results": (ANSWERED, "/check/results/", 3_200),
    "results of a shop": (OWNER, "/check/results/", 3_200),
    "results of a shop that still has to answer": (OTHER_OWNER, "/check/results/", 3_200),
    "guide": (ANSWERED, "/policies/M05c/", GUIDE),
    "case": (OWNER, "/cases/{application_id}/", 2_600),
    "calculator": (ANONYMOUS, CALCULATION, 2_000),
}
TALLEST_IN_LARGEST = {
    "results": (ANSWERED, "/check/results/", 5_000),
    "results of a shop": (OWNER, "/check/results/", 5_000),
    "results of a shop that still has to answer": (OTHER_OWNER, "/check/results/", 5_000),
    "guide": (ANSWERED, "/policies/M05c/", GUIDE_IN_LARGEST),
}


@pytest.fixture
def opened(open_browser, world):
    """The page at an address as somebody sees it: ``opened(who, path, size)``."""
    clients, _, rows = world

    def open_(who, path, size="standard"):
        page = open_browser(cookies={**cookies_of(clients[who]), "display-size": size}, **PHONE)
        assert page.goto(path.format(**rows)).status == 200
        return page

    return open_


def height(page):
    return page.evaluate("document.documentElement.scrollHeight")


@pytest.mark.parametrize("name", TALLEST)
def test_a_page_is_not_taller_than_agreed(opened, name):
    who, path, most = TALLEST[name]

    assert height(opened(who, path)) <= most


@pytest.mark.parametrize("name", TALLEST_IN_LARGEST)
def test_a_page_is_not_taller_than_agreed_in_the_largest_letters(opened, name):
    who, path, most = TALLEST_IN_LARGEST[name]

    assert height(opened(who, path, "largest")) <= most


@pytest.mark.crawl
@pytest.mark.parametrize(("size", "most"), [("standard", GUIDE), ("largest", GUIDE_IN_LARGEST)])
@pytest.mark.parametrize("who", [ANONYMOUS, ANSWERED, OWNER])
def test_no_guide_is_taller_than_agreed(opened, who, size, most):
    page, tall = opened(who, "/policies/", size), {}
    for code in catalogue().in_force_on(timezone.localdate()):
        page.goto(f"/policies/{code}/")
        if height(page) > most:
            tall[code] = height(page)

    assert tall == {}


@pytest.mark.parametrize("path", ["/policies/M05a/", "/policies/M05c/", "/policies/M01c/", "/policies/M14a/"])
def test_in_the_largest_letters_the_button_of_a_guide_is_near_its_top(opened, path):
    page = opened(ANSWERED, path, "largest")

    button = page.locator("main .btn:not(.alt):visible").first.bounding_box()

    assert button["y"] + button["height"] <= FIRST_BUTTON


def test_a_folded_card_is_short(opened):
    page = opened(ANSWERED, "/check/results/")

    heights = page.eval_on_selector_all("article[data-item]", "all => all.map(card => card.offsetHeight)")

    assert len(heights) == 9
    assert max(heights) <= CARD


def test_letters_grow_by_a_tap_and_the_reader_stays_where_they_were(opened):
    page = opened(ANONYMOUS, "/policies/M05c/?from=wechat")
    seen = []
    for _ in range(4):
        seen.append((page.evaluate("getComputedStyle(document.body).fontSize"), page.url.split("/", 3)[3]))
        follow(page.locator("header [name=size]"))

    assert [size for size, _ in seen] == ["17px", "21px", "25px", "17px"]
    assert {path for _, path in seen} == {"policies/M05c/?from=wechat"}


def test_the_page_of_an_error_keeps_the_size_of_letters(opened):
    page = opened(ANONYMOUS, "/", "largest")

    assert page.goto("/nothing/here/").status == 404
    assert page.evaluate("getComputedStyle(document.body).fontSize") == "25px"
    follow(page.locator("header [name=size]"))
    assert (page.url.split("/", 3)[3], page.locator("h1").inner_text()) == (
        "nothing/here/",
        "没有找到这个页面",
    )


@pytest.mark.parametrize("path", ["/", "/check/q/identity/", "/policies/M05c/", "/services/", "/login/"])
def test_the_tab_key_comes_to_everything_in_the_order_of_the_page(opened, path):
    page = opened(ANONYMOUS, path)
    wanted = page.evaluate(
        """() => {
          const controls = "a[href], button, input:not([type=hidden]), select, textarea, summary";
          const all = [...document.querySelectorAll(controls)]
            .filter(node => node.checkVisibility({ visibilityProperty: true }) && node.tabIndex >= 0);
          const first = new Set();
          // Of a group of radio buttons the key comes to one.
          return all.filter(node => node.type !== "radio" || (!first.has(node.name) && first.add(node.name)))
            .map((node, place) => { node.dataset.place = place; return String(place); });
        }"""
    )
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.dataset.place"))

    assert reached == wanted
