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
