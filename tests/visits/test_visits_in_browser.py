"""Visits in a browser: two bureaus plan, both accept, an officer arrives by the code at the door, the owner rates."""

import re

import pytest
from django.conf import settings

from tests.pages.conftest import DESKTOP, NARROW, PHONE, follow
from tests.pages.shops import browser_of

from .test_invariants import not_so

WAYS = [True, pytest.param(False, marks=pytest.mark.long)]


@pytest.fixture(scope="module")
def offices(site, django_db_blocker):
    """The bureaus for the environment and of the market, and the offerings."""
    with django_db_blocker.unblock():
        from portal.demo_services import load_mentor
        from services.catalogue.loading import load_offerings
        from tests.visits import world

        load_mentor()
        load_offerings(demo=True)
        return [world.bureau(), world.bureau("market", "市市场监管局")]


def cookies_of(user):
    return {settings.SESSION_COOKIE_NAME: browser_of(user).cookies[settings.SESSION_COOKIE_NAME].value}


def day(ahead):
    from tests.visits import world

    return world.day(ahead).isoformat()


def planned(page, shop, items):
    """By its form, from today on; the page of the visit is open afterwards."""
    page.goto("/admin/visits/visitcase/")
    follow(page.get_by_role("link", name="安排检查"))
    page.get_by_label("商户的信用代码").fill(shop.credit_code)
    page.get_by_label("查什么").fill(items)
    page.get_by_label("最早哪天").fill(day(0))
    page.get_by_label("最晚哪天").fill(day(5))
    follow(page.get_by_role("button", name="列入计划"))


def done(page, verb, **typed):
    """A verb on the page of the visit that is open."""
    follow(page.locator(".case-buttons").get_by_role("link", name=verb, exact=True))
    for label, words in typed.items():
        page.get_by_label(label).fill(words)
    follow(page.locator(".case-buttons").get_by_role("button", name=verb, exact=True))


@pytest.mark.benefit("M19a")
@pytest.mark.parametrize("javascript", WAYS)
def test_two_plans_become_one_visit_that_is_paid_and_rated(open_browser, faults, offices, javascript):
    from tests.visits import world
    from visits.models import VisitCase

    shop, owner = world.shop(700 + javascript)
    desks = [open_browser(DESKTOP, cookies_of(one.officer), javascript) for one in offices]
    for desk, items in zip(desks, ("油烟\n排污", "价签"), strict=True):
        planned(desk, shop, items)
    proposal = desks[1].locator("#content-main").inner_text()
    wrong = faults(desks[1], [PHONE, DESKTOP])

    # Both accept; the day is brought forward to today.
    desks[0].reload()
    for desk in desks:
        done(desk, "同意合并")
    done(desks[0], "改日期", 检查日期=day(0))

    # The owner looks from the offering on.
    page = open_browser(PHONE, cookies_of(owner), javascript)
    page.goto("/services/visits/")
    follow(page.get_by_role("link", name="打开这一页"))
    plan = page.locator("main").inner_text()
    wrong += faults(page, [PHONE, NARROW, DESKTOP])
    follow(page.get_by_role("link", name="打开店铺码"))
    code = page.get_by_role("img", name=re.compile("店铺码"))
    assert code.locator("path").get_attribute("d") == picture(page.url, shop)
    wrong += faults(page, [PHONE, NARROW, DESKTOP])

    # Somebody at the door, without and with signing in.
    stranger = open_browser(PHONE, {}, javascript)
    stranger.goto(door(shop))
    asked = stranger.locator("main").inner_text()
    wrong += faults(stranger, [PHONE, NARROW])
    officer = open_browser(PHONE, cookies_of(offices[0].other), javascript)
    officer.goto(door(shop))
    wrong += faults(officer, [PHONE, NARROW])
    follow(officer.get_by_role("button", name="到店"))
    arrived = officer.locator("main").inner_text()
    follow(officer.get_by_role("link", name="查完写结果"))
    done(officer, "写结果", 内容="油烟净化器在用，价签齐全。")

    # The owner reads the result, and rates it.
    page.goto("/me/visits/")
    result = page.locator("main").inner_text()
    wrong += faults(page, [PHONE, NARROW])
    follow(page.get_by_role("link", name="评一评"))
    follow(page.get_by_role("button", name="非常满意", exact=True))
    follow(page.get_by_role("button", name="提交评价"))
    page.goto("/me/visits/")
    rated = page.locator("main").inner_text()

    assert wrong == []
    assert "建议合并" in proposal
    assert "市生态环境局" not in proposal
    assert "市生态环境局、市市场监管局" in plan
    assert "油烟、排污、价签" in plan
    assert ("工作人员请登录" in asked, shop.name in asked) == (True, False)
    assert "已到店" in arrived
    assert "结果：油烟净化器在用，价签齐全。" in result
    assert "您评的：非常满意" in rated
    assert list(VisitCase.objects.filter(business=shop).order_by("pk").values_list("state", "outcome")) == [
        ("done", "helped"),
        ("merged", "answered"),
    ]
    assert not_so() == set()


def door(shop):
    from visits.code import path_of

    return path_of(shop)


def picture(url, shop):
    """Of the address at the door, on the site that is open."""
    from core.pictures import code_of

    return code_of(f"{url.removesuffix('/me/code/')}{door(shop)}")["path"]


def test_a_complaint_begins_with_the_visit(open_browser, faults, offices):
    from tests.visits import world

    shop, owner = world.shop(710)
    world.visit_set(shop, offices[0], 1)
    page = open_browser(PHONE, cookies_of(owner), javascript=False)
    page.goto("/me/visits/")
    follow(page.get_by_role("button", name=re.compile("投诉")))

    assert page.locator("textarea").input_value().startswith("反映市生态环境局的检查（")
    page.locator("textarea").fill(page.locator("textarea").input_value() + "没有出示证件。")
    follow(page.get_by_role("button", name="下一步"))
    words = page.locator("main").inner_text()
    assert "没有出示证件" in words
    assert "市政务服务中心" in words
