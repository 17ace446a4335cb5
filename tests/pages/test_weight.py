"""What a first visit weighs over the wire."""

import gzip
from pathlib import Path

import pytest
from django.conf import settings

from tests.settings import BASE_DIR

from .owners import answers_cookie, typical_owners
from .shops import browser_of, person, store, tea_shop

KILOBYTE = 1024
PAGES = [
    "/",
    "/policies/",
    "/policies/M05/",
    "/policies/M05c/",
    "/ask/",
    "/check/q/identity/",
    "/check/results/",
    "/services/",
    "/login/",
    "/login/staff/",
]
WITH_A_SCRIPT = ("/", "/policies/M05c/", "/check/results/")  # works without; offers more where it runs
OWN_PAGES = [
    *("/me/", "/me/bind/", "/me/account/", "/me/mandates/", "/me/correct/registered_on/"),
    *("/me/data/", "/me/security/"),
    *("/inbox/", "/inbox/preferences/"),
    *("/cases/", "/apply/M05c/", "/services/"),
]


@pytest.fixture(scope="module")
def session(site, django_db_blocker):
    """The cookie of an owner of whose shop every department knows something."""
    from businesses.models import Binding

    with django_db_blocker.unblock():
        shop = store(tea_shop(), code="92520281MA6E000198", identity="520201198001010039")
        owner = person(90)
        Binding.objects.get_or_create(business=shop, user=owner)
        return {settings.SESSION_COOKIE_NAME: browser_of(owner).cookies[settings.SESSION_COOKIE_NAME].value}


@pytest.mark.crawl
@pytest.mark.parametrize("address", PAGES)
def test_a_first_visit_is_light_and_asks_for_one_script_at_most(open_browser, address):
    _assert_light(
        open_browser(cookies={"answers": answers_cookie(next(iter(typical_owners().values())))}), address
    )


@pytest.mark.crawl
@pytest.mark.parametrize("address", OWN_PAGES)
def test_a_page_of_ones_own_is_as_light(open_browser, session, address):
    _assert_light(open_browser(cookies=session), address)


def _assert_light(page, address):
    bodies = {}
    page.on("response", lambda response: bodies.setdefault(response.url.partition("?")[0], response))

    page.goto(address, wait_until="networkidle")

    # Reading a body lets the browser report further answers: the list is closed first.
    weights = {url: len(gzip.compress(response.body(), 6)) for url, response in tuple(bodies.items())}
    (html,) = (weight for url, weight in weights.items() if url.endswith(address))
    assert html <= 12 * KILOBYTE
    assert len([url for url in weights if not url.endswith("/icon.svg")]) <= 3
    assert sum(weights.values()) <= 45 * KILOBYTE
    scripts = ["keep.js"] if address in WITH_A_SCRIPT else []
    assert [url.rpartition("/")[2] for url in weights if url.endswith(".js")] == scripts
    assert page.locator("script").count() == len(scripts)
    assert page.locator("script:not([src]), style, [style], [onclick]").count() == 0


def test_the_style_sheet_is_small():
    css = (Path(BASE_DIR) / "portal" / "static" / "app.css").read_bytes()

    assert len(gzip.compress(css, 6)) <= 12 * KILOBYTE
    assert b"@import" not in css
    assert b"url(" not in css
