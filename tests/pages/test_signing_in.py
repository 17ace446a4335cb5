"""The pages of signing in, as phones and desktops show them, by keyboard and without scripts."""

from itertools import count

import pytest
from django.conf import settings
from django.test import Client

from .conftest import DESKTOP, NARROW, PHONE, follow

OWNER_PAGES = ["/me/security/", "/me/data/", "/me/data/close/", "/me/security/prove/"]
STAFF_PAGES = ["/me/security/", "/me/security/factor/on/", "/me/security/prove/password/", "/me/data/"]
LOOKS = [{}, {"display-size": "largest", "display-theme": "dark"}]
WIDTHS = [PHONE, DESKTOP, NARROW]
_numbers = (f"139{number:08}" for number in count(1))


@pytest.fixture
def number():
    """A phone that no other test has asked a code for."""
    return next(_numbers)


def session_of(user):
    client = Client()
    client.force_login(user)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.fixture(scope="module")
def owner_session(site, django_db_blocker):
    from accounts.models import User

    with django_db_blocker.unblock():
        return session_of(User.objects.begin_with_phone("13800000077"))


@pytest.fixture(scope="module")
def staff_session(site, django_db_blocker):
    from accounts.models import User

    with django_db_blocker.unblock():
        return session_of(User.objects.create_user("clerk", password="only-in-tests", is_staff=True))


def ask_for_a_code(page, number):
    page.goto("/login/")
    page.fill("#phone", number)
    with page.expect_navigation(url="**/login/code/"):
        page.press("#phone", "Enter")


@pytest.mark.crawl
@pytest.mark.parametrize("look", LOOKS, ids=["standard", "largest"])
@pytest.mark.parametrize("address", ["/login/", "/login/staff/", "/login/?next=/help/"])
def test_the_ways_in_are_accessible_and_fit_any_width(open_browser, faults, look, address):
    page = open_browser(cookies=look)

    assert page.goto(address).status == 200
    assert page.locator("h1").count() == 1
    assert faults(page, WIDTHS) == []


@pytest.mark.parametrize("look", LOOKS, ids=["standard", "largest"])
def test_so_is_the_page_for_the_code_with_and_without_faults(open_browser, faults, gateway, number, look):
    page = open_browser(cookies=look)
    ask_for_a_code(page, number)
    found = faults(page, WIDTHS)
    page.set_viewport_size({"width": PHONE, "height": 800})
    with page.expect_navigation():
        page.press("#code", "Enter")
    assert page.locator(".errors").is_visible()

    assert found + faults(page, WIDTHS) == []
    assert page.title().startswith("有错误：")
    assert page.locator("#code").get_attribute("autocomplete") == "one-time-code"
    assert page.locator("#code").get_attribute("inputmode") == "numeric"


@pytest.mark.crawl
@pytest.mark.parametrize("look", LOOKS, ids=["standard", "largest"])
@pytest.mark.parametrize("address", OWNER_PAGES)
def test_pages_of_owners_are_accessible_and_fit_any_width(open_browser, faults, owner_session, look, address):
    page = open_browser(cookies=look | owner_session)

    assert page.goto(address).status == 200
    assert page.locator("h1").count() == 1
    assert faults(page, WIDTHS) == []


@pytest.mark.crawl
@pytest.mark.parametrize("look", LOOKS, ids=["standard", "largest"])
@pytest.mark.parametrize("address", STAFF_PAGES)
def test_pages_of_staff_are_accessible_and_fit_any_width(open_browser, faults, staff_session, look, address):
    page = open_browser(cookies=look | staff_session)

    assert page.goto(address).status == 200
    assert page.locator("h1").count() == 1
    assert faults(page, WIDTHS) == []


def test_signing_in_works_without_scripts_and_by_keyboard(open_browser, gateway, number):
    page = open_browser(javascript=False)
    page.goto("/help/")
    follow(page.locator("header >> text=登录"))
    page.fill("#phone", f"+86 {number[:3]} {number[3:7]} {number[7:]}")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/login/code/")
    page.fill("#code", gateway.code())
    page.keyboard.press("Enter")
    page.wait_for_url("**/help/")
    page.set_viewport_size({"width": 1280, "height": 800})  # a phone shows the name on its tab 我的
    signed_in = page.locator("header").inner_text()
    follow(page.locator("header >> text=退出"))
    assert page.locator("header >> text=登录").is_visible()

    assert f"{number[:3]}****{number[-4:]}" in signed_in
