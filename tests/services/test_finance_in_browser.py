"""Two banks in a browser: the owner asks one, which says no, passes it on to the other and takes its offer, with and
without scripts; and the officers at their desks."""

import pytest
from django.conf import settings

from tests.pages.conftest import DESKTOP, PHONE, follow, sideways, violations
from tests.pages.shops import browser_of

WAYS = [(PHONE, False), (PHONE, True), pytest.param(DESKTOP, True, marks=pytest.mark.long)]
SUM = {"key": "sum", "type": "money", "label": "想借多少", "required": True}


@pytest.fixture(scope="module")
def city(site, django_db_blocker):
    """Two banks that offer the same loan."""
    with django_db_blocker.unblock():
        from tests.services import world

        return [
            world.bank(letter, name, code="M02a", questions=[SUM])
            for letter, name in (("a", "甲"), ("b", "乙"))
        ]


def cookies_of(user):
    client = browser_of(user)
    return {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}


def wrong_with(page, javascript=True):
    """What the width and axe find. Axe is a script and waits for others: it does not run where there are none."""
    wide = [f"{page.url} scrolls sideways"] if sideways(page) else []
    return wide + ([f"{page.url}: {fault}" for fault in violations(page)] if javascript else [])


def answer(page, verb, **typed):
    """An officer opens the first of the list and does a verb."""
    page.goto("/admin/services/leg/")
    follow(page.locator("#result_list th a").first)
    found = wrong_with(page)
    follow(page.locator("#content-main").get_by_role("link", name=verb, exact=True))
    for label, words in typed.items():
        page.get_by_label(label).fill(words)
    found += wrong_with(page)
    page.get_by_role("button", name=verb, exact=True).click()
    page.wait_for_url("**/change/")
    return found


@pytest.mark.crawl
@pytest.mark.parametrize(("width", "javascript"), WAYS)
def test_a_loan_is_asked_for_declined_passed_on_and_taken(open_browser, city, width, javascript):
    from cases.models import Case
    from services.models import Leg
    from tests.services import world

    shop, user = world.shop_that_rents(300 + width + javascript)
    page = open_browser(width, cookies_of(user), javascript)
    desks = [open_browser(DESKTOP, cookies_of(one.officer)) for one in city]

    page.goto("/services/loan-a/")
    page.goto("/services/loan-a/institutions/")
    wrong = wrong_with(page, javascript)
    page.get_by_role("button", name="下一步：看发什么").click()
    wrong += wrong_with(page, javascript)
    faults = page.locator(".errors li").all_inner_texts()
    page.get_by_label("想借多少").fill("50000")
    page.locator("[name=receivers]").first.check()
    page.get_by_role("button", name="下一步：看发什么").click()
    page.wait_for_url("**step=send")
    wrong += wrong_with(page, javascript)
    page.get_by_label("我同意演示银行甲看上面这些").check()
    page.get_by_role("button", name="发给这 1 家").click()
    page.wait_for_url("**/cases/**")
    wrong += wrong_with(page, javascript)
    case = Case.objects.get(business=shop)

    desks[0].goto("/admin/services/leg/")
    wrong += wrong_with(desks[0])
    desks[0].locator("#result_list th a").first.click()
    desks[0].get_by_role("button", name="查看授权信息").click()
    seen = desks[0].locator("#content-main").inner_text()
    wrong += answer(desks[0], "不能办", 给店主的理由="开店时间太短")
    page.reload()
    page.get_by_role("link", name="转给下一家").first.click()
    page.locator("[name=receivers]").check()
    wrong += wrong_with(page, javascript)
    page.get_by_role("button", name="转给选中的").click()
    page.wait_for_url(f"**/cases/{case.public_id}/")
    wrong += answer(desks[1], "接单")
    unseen = desks[1].locator("#content-main").inner_text()
    wrong += answer(desks[1], "给出条件", 内容="8 万元，两年，以审批为准")
    page.reload()
    wrong += wrong_with(page, javascript)
    page.get_by_role("link", name="就这家").first.click()
    wrong += wrong_with(page, javascript)
    page.get_by_role("button", name="就这家").click()
    page.wait_for_url(f"**/cases/{case.public_id}/")
    page.goto("/me/sharing/")
    wrong += wrong_with(page, javascript)

    assert wrong == []
    assert len(faults) == 2
    assert shop.name in seen
    assert shop.name not in unseen
    assert "演示银行甲看了一次" in page.locator("main").inner_text()
    assert (Case.objects.get(pk=case.pk).state, Case.objects.get(pk=case.pk).outcome) == ("served", "helped")
    states = Leg.objects.filter(request=case.pk).order_by("position").values_list("receiver__code", "state")
    assert list(states) == [("bank_a", "no_help"), ("bank_b", "done")]


@pytest.fixture(scope="module")
def insurer(site, django_db_blocker):
    with django_db_blocker.unblock():
        from tests.services import world

        return world.bank("c", "旁边的保险", kind="insurer", code="M03a", shares=(), questions=[SUM])


@pytest.mark.parametrize("javascript", [False, pytest.param(True, marks=pytest.mark.long)])
def test_an_insurer_is_asked_and_offers(open_browser, insurer, javascript):
    from cases.models import Case
    from tests.services import world

    shop, user = world.shop_that_rents(340 + javascript)
    page = open_browser(PHONE, cookies_of(user), javascript)
    desk = open_browser(DESKTOP, cookies_of(insurer.officer))

    page.goto("/services/loan-c/institutions/")
    page.get_by_label("想借多少").fill("20000")
    page.locator("[name=receivers]").first.check()
    follow(page.get_by_role("button", name="下一步：看发什么"))
    wrong = wrong_with(page, javascript)
    follow(page.get_by_role("button", name="发给这 1 家"))
    case = Case.objects.get(business=shop)
    wrong += answer(desk, "接单")
    wrong += answer(desk, "给出条件", 内容="一年 600 元，以核保为准")
    page.goto(f"/cases/{case.public_id}/")
    follow(page.get_by_role("link", name="就这家").first)
    follow(page.get_by_role("button", name="就这家"))

    assert wrong == []
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("served", "helped")
