"""How long the results are on a phone, and that what is only told unfolds without scripts."""

import pytest

from .conftest import PHONE
from .owners import answers_cookie, typical_owners

TALLEST = 3_200  # owner-surface.md §10
OWNERS = typical_owners()


@pytest.mark.parametrize("owner", OWNERS)
def test_results_are_no_longer_than_they_were_made(open_browser, owner):
    page = open_browser(PHONE, {"answers": answers_cookie(OWNERS[owner])})
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/check/results/")

    assert page.evaluate("document.documentElement.scrollHeight") <= TALLEST


def test_a_line_unfolds_to_its_reasons_and_leads_to_its_guide(open_browser):
    page = open_browser(PHONE, {"answers": answers_cookie(OWNERS[next(iter(OWNERS))])}, javascript=False)
    page.goto("/check/results/")
    line = page.locator("article[data-state=auto]").first
    line.locator("summary").click()

    assert line.locator("[data-criterion]").first.is_visible()
    assert line.get_by_role("link", name="看办事指南和原文").is_visible()
