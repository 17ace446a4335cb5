"""How long the results are on a phone, and that what is only told unfolds without scripts."""

from random import Random

import pytest
from django.utils import timezone

from businesses.synthetic import generate_profile

from .conftest import PHONE
from .owners import answers_cookie, typical_owners

TALLEST = {"standard": 3_200, "largest": 5_000}  # owner-surface.md §10
OWNERS = typical_owners()


def taller_than_agreed(open_browser, answers):
    """The sizes of letters in which the results for some answers are: {size: height in px}."""
    page = open_browser(PHONE, {"answers": answers_cookie(answers)})
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/check/results/")
    heights = {}
    for size in TALLEST:
        page.evaluate("size => document.documentElement.dataset.size = size", size)
        heights[size] = page.evaluate("document.documentElement.scrollHeight")
    return {size: height for size, height in heights.items() if height > TALLEST[size]}


@pytest.mark.parametrize("owner", OWNERS)
def test_results_are_no_taller_than_agreed(open_browser, owner):
    assert taller_than_agreed(open_browser, OWNERS[owner]) == {}


@pytest.mark.crawl
@pytest.mark.parametrize("seed", range(24))
def test_results_of_made_up_shops_are_no_taller_than_agreed(open_browser, seed):
    answers = generate_profile(Random(seed), timezone.localdate()) | {"operating_status": "operating"}

    assert taller_than_agreed(open_browser, answers) == {}


def test_a_line_unfolds_to_its_reasons_and_leads_to_its_guide(open_browser):
    page = open_browser(PHONE, {"answers": answers_cookie(OWNERS[next(iter(OWNERS))])}, javascript=False)
    page.goto("/check/results/")
    line = page.locator("article[data-state=auto]").first
    line.locator("summary").click()

    assert line.locator("[data-criterion]").first.is_visible()
    assert line.get_by_role("link", name="看办事指南和原文").is_visible()
