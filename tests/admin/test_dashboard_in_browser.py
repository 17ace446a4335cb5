"""The dashboard of cases on a phone and at a desk, with scripts and without, and for who cannot see it."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone

from subsidies.actions import reviewing
from subsidies.models import Application
from tests.pages.conftest import DESKTOP, PHONE, WIDTHS, follow, sideways, violations
from tests.subsidies import world

from .reviewing import QUEUE, benefit_to_review, filed

pytestmark = pytest.mark.django_db(transaction=True)
BOARD = f"{QUEUE}dashboard/"


@pytest.fixture
def people(transactional_db):
    return world.bureau()


@pytest.fixture
def cases(people):
    """Granted ones, a refused one, one overdue; and a shop that could have applied and has not."""
    benefit = benefit_to_review()
    days = timedelta(days=12), timedelta(days=30)
    for place in (1, 2):
        case = world.approved(filed(benefit, place), people)
        Application.objects.filter(pk=case.pk).update(submitted_at=timezone.now() - days[place - 1])
    case = world.accepted(filed(benefit, 3), people)
    failed = [row["id"] for row in case.judged["criteria"]]
    reviewing.refuse(case, by=people.reviewer, failed=failed, reason=world.REASON)
    late = filed(benefit, 4)
    Application.objects.filter(pk=late.pk).update(due_on=timezone.localdate() - timedelta(days=2))
    world.shop_with_rent(5)


@pytest.fixture
def open_as(chromium, live_server):
    """``open_as(user, width=…, javascript=…, dark=…)``. What the page complains of fails."""
    contexts, complaints = [], []

    def open_(user, width=DESKTOP, javascript=True, dark=False):
        browser, name = Client(), configured.SESSION_COOKIE_NAME
        browser.force_login(user)
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            base_url=live_server.url,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            java_script_enabled=javascript,
        )
        contexts.append(context)
        value = browser.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        page = context.new_page()
        if dark:
            page.add_init_script("localStorage.setItem('theme', 'dark')")
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", [False, True])
def test_everybody_can_use_the_dashboard(people, cases, open_as, width, dark):
    page, found = open_as(people.approver, width=width, dark=dark), {}

    for address in (BOARD, f"{BOARD}?days=30", QUEUE, "/admin/"):
        page.goto(address)
        found[address] = [*violations(page), *(["scrolls sideways"] if sideways(page) else [])]

    assert {address: faults for address, faults in found.items() if faults} == {}


def test_bars_are_as_long_as_their_figures_say(people, cases, open_as):
    page = open_as(people.approver)
    page.goto(BOARD)
    widths = page.locator("section:has(#refusals) .board-bar rect").evaluate_all(
        "bars => bars.map(bar => Math.round(100 * bar.getBoundingClientRect().width"
        " / bar.parentNode.getBoundingClientRect().width))"
    )

    assert widths == [100, 100]


def test_without_scripts_and_without_cases_there_is_a_page(people, open_as):
    page = open_as(people.approver, width=PHONE, javascript=False)
    page.goto(BOARD)
    follow(page.get_by_role("link", name="近 365 天"))

    assert page.get_by_role("link", name="近 365 天").get_attribute("aria-current") == "page"
    assert page.locator("svg.board-bar").count() == 0


def test_a_tile_leads_to_its_cases_and_they_are_saved_as_a_file(people, cases, open_as):
    page = open_as(people.reviewer, javascript=False)
    page.goto("/admin/")
    follow(page.get_by_role("link", name="办件看板"))
    follow(page.get_by_role("link", name="1 已超期"))
    with page.expect_download() as saved:
        page.get_by_role("link", name="这一类下载 CSV").click()

    text = Path(saved.value.path()).read_text("utf-8-sig")
    assert [line.split(",")[2] for line in text.splitlines()] == ["商户", "演示店004"]
