"""The pages of somebody signed in, in a browser: any width, any size of letters, without scripts."""

import pytest
from django.conf import settings

from .conftest import DESKTOP, NARROW, PHONE, follow
from .shops import CODE, LAST_SIX, NAME, SECOND_CODE, agent_of, browser_of, owner_of, person, store, tea_shop

ADDRESSES = [
    "/me/",
    "/me/bind/",
    "/me/unbind/",
    "/me/account/",
    "/me/mandates/",
    "/me/correct/registered_on/",
    "/me/correct/monthly_rent/",
    "/check/",
    "/check/q/identity/",
    "/check/q/registered/",
    "/check/results/",
    "/",
]


@pytest.fixture(scope="module")
def people(site, django_db_blocker):
    """Session cookies: of the tea shop's owner, who checks with it and has a second shop; of one without a shop; and of
    one who may no longer act for the shop they chose.
    """
    from businesses.actions import ask_for_correction

    with django_db_blocker.unblock():
        shop = store(tea_shop())
        owner = owner_of(shop)
        store(tea_shop(), code=SECOND_CODE, name="演示名字很长很长很长很长很长很长的第二家店")
        owner_of(store(tea_shop(), code=SECOND_CODE), 1)
        agent_of(shop, owner, ["answer", "apply"])
        ask_for_correction(shop, "district", "已经搬到水城区了", by=owner)
        browser = browser_of(owner)
        browser.post("/me/switch/", {"shop": shop.public_id})
        browser.post("/me/check/")
        store(tea_shop(), code="92520204MA6E00019P", identity="520201198001010020", name="演示杂货铺")
        left = browser_of(agent_of(shop, owner, ["view"], number=8))
        session = left.session
        session["shop"] = "of-a-mandate-that-has-ended"
        session.save()
        found = {"owner": browser, "newcomer": browser_of(person(7)), "left": left}
        name = settings.SESSION_COOKIE_NAME
        return {who: {name: client.cookies[name].value} for who, client in found.items()}


@pytest.mark.crawl
@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_of_ones_own_is_accessible_and_fits_any_width(open_browser, faults, people, address):
    page = open_browser(cookies=people["owner"])

    assert page.goto(address).status == 200
    assert page.locator("h1").count() == 1
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []
    assert page.locator("[style], [onclick], script:not([src])").count() == 0


@pytest.mark.crawl
@pytest.mark.parametrize("address", ADDRESSES[:7])
def test_a_page_of_ones_own_is_accessible_in_the_largest_letters_on_dark(
    open_browser, faults, people, address
):
    page = open_browser(cookies={**people["owner"], "display-size": "largest", "display-theme": "dark"})

    page.goto(address)

    assert page.evaluate("getComputedStyle(document.body).fontSize") == "25px"
    assert faults(page, [PHONE, DESKTOP, NARROW]) == []


def test_who_may_no_longer_act_for_the_chosen_shop_chooses_another_without_scripts(
    open_browser, faults, people
):
    looked_at = open_browser(cookies=people["left"])
    page = open_browser(width=NARROW, javascript=False, cookies=people["left"])

    looked_at.goto("/me/mandates/")
    page.goto("/me/mandates/")

    assert (page.url.endswith("/me/"), page.locator("h1").inner_text()) == (True, "选一家店")
    assert faults(looked_at, [PHONE, DESKTOP, NARROW]) == []  # what looks for faults is a script
    follow(page.locator("text=演示茶叶店（代办）"))
    assert page.locator("h1").inner_text().startswith("演示茶叶店")


def test_every_button_and_link_can_be_hit_by_a_thumb(open_browser, people):
    page = open_browser(cookies=people["owner"])
    small = {}
    for address in ADDRESSES[:7]:
        page.goto(address)
        page.eval_on_selector_all("details", "all => all.forEach(one => one.open = true)")
        for control in page.locator("main :is(a, button, summary, .choice, input:not([type=hidden]))").all():
            box = control.bounding_box()
            inside_a_sentence = control.evaluate("node => node.closest('p:not(.acts):not(.links)') !== null")
            if box and not inside_a_sentence and min(box["height"], box["width"]) < 44:
                small[address, control.inner_text()] = box

    assert small == {}


def test_without_scripts_a_newcomer_binds_a_shop_and_checks_with_it(open_browser, people):
    page = open_browser(width=NARROW, javascript=False, cookies=people["newcomer"])
    page.goto("/me/")
    page.fill("#credit_code", "92520204ma6e00019p")
    page.fill("#operator_name", NAME)
    page.fill("#last_six", LAST_SIX)
    follow(page.locator("text=核对并绑定"))
    assert page.locator(".errors").inner_text().startswith("请改好下面 1 处")
    assert page.input_value("#last_six") == ""
    page.fill("#last_six", "010020")
    follow(page.locator("text=核对并绑定"))
    assert page.locator("h1").inner_text() == "演示杂货铺"

    follow(page.locator("text=用这些信息查政策"))
    visited = []
    while "/check/q/" in page.url:
        assert page.url not in visited
        visited.append(page.url)
        for name in page.eval_on_selector_all(
            "fieldset", "all => all.map(field => field.querySelector('input').name)"
        ):
            page.locator(f"[name='{name}']:is([value='none-of-them'], [value='none'])").check(force=True)
        follow(page.locator("form[data-question] button"))

    assert page.url.endswith("/check/results/")
    assert len(visited) <= 2
    assert "为“演示杂货铺”查的" in page.locator("main").inner_text()
    assert CODE not in page.content()
