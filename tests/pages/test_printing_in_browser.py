"""On paper: a guide is one sheet with its code at the top right and the law unfolded; results can be read."""

from io import BytesIO
from itertools import pairwise

import pikepdf
import pytest

from core.data_files import read_yaml
from tests.settings import BASE_DIR

from .owners import answers_cookie, typical_owners

PAPER = {"width": 726, "height": 1054}  # pixels of A4 within its margins
LONGEST = ("M01b", "M01c", "M04c", "M05a", "M05b", "M05c", "M14a")
OWNERS = {"nobody": None} | typical_owners()


def _codes():
    data = read_yaml(BASE_DIR / "policies/data/measures.yaml")
    return [code for measure in data["measures"].values() for code in measure["benefits"]]


GUIDES = [code if code in LONGEST else pytest.param(code, marks=pytest.mark.long) for code in _codes()]


def printed(open_browser, address, answers=None):
    page = open_browser(cookies={"answers": answers_cookie(answers)} if answers else {})
    page.goto(address)
    with pikepdf.open(BytesIO(page.pdf(prefer_css_page_size=True))) as paper:
        return page, len(paper.pages)


def box(page, mark):
    return page.locator(mark).first.bounding_box()


def are_apart(one, other):
    return (
        one["x"] + one["width"] <= other["x"]
        or other["x"] + other["width"] <= one["x"]
        or one["y"] + one["height"] <= other["y"]
        or other["y"] + other["height"] <= one["y"]
    )


@pytest.mark.crawl
@pytest.mark.parametrize("code", GUIDES)
def test_a_guide_is_one_sheet_of_paper(open_browser, code):
    assert printed(open_browser, f"/policies/{code}/")[1] == 1


@pytest.mark.crawl
@pytest.mark.parametrize("code", LONGEST)
@pytest.mark.parametrize("owner", typical_owners())
def test_with_the_owners_own_verdict_it_still_is(open_browser, code, owner):
    assert printed(open_browser, f"/policies/{code}/", OWNERS[owner])[1] == 1


@pytest.mark.crawl
@pytest.mark.parametrize("owner", OWNERS)
def test_its_code_stands_at_the_top_right_beside_everything_else(open_browser, owner):
    page, _ = printed(open_browser, "/policies/M05c/", OWNERS[owner])
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    code = box(page, ".qr")

    assert code["x"] + code["width"] == PAPER["width"]
    assert code["y"] < 100
    assert 76 <= code["width"] == code["height"]  # two centimetres
    for mark in ("h1", ".verdict", "#can > .card", ".share a"):
        assert are_apart(code, box(page, mark)), mark
    assert are_apart(box(page, ".share a"), box(page, "h1"))


def test_the_law_is_unfolded_on_paper_and_buttons_are_left_out(open_browser):
    page, _ = printed(open_browser, "/policies/M05c/")
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)

    assert box(page, "#law blockquote")["height"] > 20
    left = page.locator(":is(button, .btn, .chip, nav)").evaluate_all(
        "all => all.filter(one => one.getClientRects().length).map(one => one.textContent)"
    )
    assert left == []


def test_results_on_paper_show_every_reason_and_nothing_lies_over_another(open_browser):
    page, sheets = printed(
        open_browser, "/check/results/", next(iter(OWNERS[name] for name in typical_owners()))
    )
    page.emulate_media(media="print")
    page.set_viewport_size(PAPER)
    boxes = page.locator(":is(.result, h2.group)").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect()).map(({x, y, width, height}) => ({x, y, width, height}))"
    )
    inside = page.locator(".result").evaluate_all(
        "all => all.every(one => [...one.querySelectorAll('*')].every("
        "inner => inner.getBoundingClientRect().bottom <= one.getBoundingClientRect().bottom + 1))"
    )
    folded = page.locator(".result .marks > li").evaluate_all(
        "all => all.filter(one => !one.getBoundingClientRect().height).length"
    )

    assert sheets <= 3
    assert all(are_apart(one, other) for one, other in pairwise(boxes))
    assert inside
    assert folded == 0
