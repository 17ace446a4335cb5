"""Searching on a phone and on a desk, with scripts and without."""

import pytest

from tests.pages.conftest import DESKTOP, NARROW, PHONE, follow

HIGHEST = 260  # where the first thing found begins on a phone (owner-surface.md S3)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no_scripts"])
def test_what_is_meant_stands_high_on_a_phone_and_leads_to_its_guide(open_browser, faults, javascript):
    page = open_browser(PHONE, {}, javascript=javascript)
    page.goto("/policies/")
    page.fill("[name=q]", "租门面")
    follow(page.get_by_role("button", name="查找"))
    page.set_viewport_size({"width": 360, "height": 740})
    high = page.locator("main .go").first.bounding_box()["y"]
    wrong = faults(page, [PHONE, NARROW, DESKTOP])
    follow(page.get_by_role("link", name="房租补贴").first)

    assert high <= HIGHEST
    assert wrong == []
    assert page.url.endswith("/policies/M05c/")


def test_filters_unfold_and_are_cleared_without_scripts(open_browser):
    page = open_browser(PHONE, {}, javascript=False)
    page.goto("/policies/?q=补贴")
    page.get_by_text("筛选：").click()
    follow(page.locator("main details details a").first)
    chosen = page.url
    follow(page.get_by_role("link", name="清除筛选"))

    assert "topic=" in chosen
    assert "topic=" not in page.url


TALLEST = 3_800  # a 事项 on a phone of 360 by 740 (owner-surface.md §10)


@pytest.mark.parametrize("code", ["M05c", "M14a"])
def test_a_guide_is_no_longer_than_agreed(open_browser, code):
    page = open_browser(PHONE, {})
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"/policies/{code}/")

    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no_scripts"])
def test_a_question_is_answered_and_leads_on_or_becomes_a_need(open_browser, faults, javascript):
    page = open_browser(PHONE, {}, javascript=javascript)
    page.goto("/ask/")
    page.fill("[name=q]", "房租 400 元能补多少")
    follow(page.get_by_role("button", name="问", exact=True))
    answered = page.locator("[role=status]").inner_text()
    wrong = faults(page, [PHONE, NARROW, DESKTOP])
    page.fill("[name=q]", "失业金怎么领")
    follow(page.get_by_role("button", name="问", exact=True))
    declined = page.locator("[role=status]").inner_text()
    follow(page.get_by_role("button", name="提诉求"))

    assert answered.startswith("按您说的，400 元/月。")
    assert declined.startswith("失业保险金不在这里办。")
    assert wrong == []
    assert "/needs/" in page.url


def test_a_number_that_is_somebody_s_does_not_come_into_the_address(open_browser):
    page = open_browser(PHONE, {}, javascript=False)
    page.goto("/ask/")
    page.fill("[name=q]", "13800000001 怎么领房租补贴")
    follow(page.get_by_role("button", name="问", exact=True))

    assert "13800000001" not in page.url
