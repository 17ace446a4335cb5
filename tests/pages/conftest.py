"""A running site with the catalogue, and browsers that notice every complaint.

Tests with ``site`` see committed rows and run after all tests in a transaction: keep the two in separate modules.
"""

from pathlib import Path

import axe_playwright_python
import pytest

from tests import properties
from tests.servers import wait_for_requests_to_end

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
FIND_VIOLATIONS = """rules => axe.run(document, {rules, resultTypes: ['violations'], preload: false, selectors: false})
    .then(found => found.violations)"""
OF_COLOURS = ("color-contrast", "link-in-text-block")
PHONE, DESKTOP, NARROW = 360, 1280, 320
# For tests that look at every page of a kind with axe.
WIDTHS = [PHONE, pytest.param(DESKTOP, marks=pytest.mark.long)]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    """The database is wanted for browser tests too; marked only now that pytest-django has put them last."""
    for item in items:
        if "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.django_db)


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    """The address of a server with the 21 measures."""
    from django.db import connections
    from pytest_django.live_server_helper import LiveServer

    from core.models import forget_editions
    from tests.measures import load_catalogue
    from tests.restoring import restore

    with django_db_blocker.unblock():
        load_catalogue()
        server = LiveServer("localhost")
        yield server.url
        server.stop()
        restore(["default"])
        # With the browser's loop running this thread has a second set of connections.
        connections.close_all()
        forget_editions()


@pytest.fixture
def open_browser(chromium, site):
    """Opens a page of its own browser: ``open_browser(width=…, cookies={…}, javascript=…)``.

    Whatever a page of it complains about, a script error, a blocked or missing resource, fails the test.
    """
    contexts, complaints = [], []

    def heard(message):
        # The browser also reports the status of the page itself, which tests assert where it matters.
        own_page = message.location.get("url") == message.page.url
        if message.type in ("error", "warning") and not (own_page and "Failed to load" in message.text):
            complaints.append(f"{message.text} {message.location.get('url')}")

    def missing(request):
        if request.failure != "net::ERR_ABORTED":  # the reader went on before it came
            complaints.append(f"{request.url} {request.failure}")

    def open_(width=PHONE, cookies=(), javascript=True, height=800):
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            base_url=site,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": name, "value": value, "url": site} for name, value in dict(cookies).items()]
        )
        page = context.new_page()
        page.has_scripts = javascript  # axe is one, and waits for ever where none may run
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", heard)
        page.on("requestfailed", missing)
        return page

    yield open_
    for context in contexts:
        context.close()
    wait_for_requests_to_end()
    assert complaints == []


@pytest.fixture(params=[True, pytest.param(False, marks=pytest.mark.long)], ids=["phone", "other_widths"])
def faults(request):
    """What is wrong with the page shown, by width: ``faults(page, widths)``. Axe looks at it on a phone, and in the
    long run at the other widths."""

    def found(page, widths):
        wrong = []
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            if getattr(page, "has_scripts", True) and width != NARROW and (width == PHONE) is request.param:
                wrong += [f"{width}: {fault}" for fault in violations(page)]
            wrong += [f"{width}: scrolls {sideways(page)} px sideways"] if sideways(page) else []
        return wrong

    return found


def follow(link):
    """Click what leads to another page, wait until that is there and return its response: after a mere click the
    page shown may still be the one before."""
    with link.page.expect_navigation() as arrived:
        link.click()
    return arrived.value


def violations(page, *, colours=True):
    """What axe finds, one line a rule, with the first place. Run past the page's CSP, which stays as it is.

    It reads no style sheets anew: only a rule that is off needs that, and the page would be blamed for its requests.
    Whether words stand out from what is around them (``colours``) takes it three quarters of its time."""
    page.wait_for_load_state()
    page.evaluate(AXE)
    found = page.evaluate(FIND_VIOLATIONS, {rule: {"enabled": colours} for rule in OF_COLOURS})
    return [f"{row['id']}: {row['help']} {row['nodes'][0]['html']}" for row in found]


def violations_on_the_way(page):
    """The same at a step of a walk: in the short run without colours, which are those of style sheets that pages of
    their own tests are looked at with."""
    return violations(page, colours=not properties.sampled)


def sideways(page):
    """By how many pixels the page can be scrolled sideways."""
    page.wait_for_load_state()  # what was clicked may have led to a page of which nothing is there yet
    return page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
