"""What a first visit weighs over the wire."""

import gzip
from pathlib import Path

import pytest

from tests.settings import BASE_DIR

from .owners import answers_cookie, typical_owners

KILOBYTE = 1024
PAGES = ["/", "/policies/", "/policies/M05/", "/check/q/identity/", "/check/results/"]


@pytest.mark.parametrize("address", PAGES)
def test_a_first_visit_is_light_and_needs_no_script(open_browser, address):
    page = open_browser(cookies={"answers": answers_cookie(next(iter(typical_owners().values())))})
    bodies = {}
    page.on("response", lambda response: bodies.setdefault(response.url.partition("?")[0], response))

    page.goto(address, wait_until="networkidle")

    weights = {url: len(gzip.compress(response.body(), 6)) for url, response in bodies.items()}
    (html,) = (weight for url, weight in weights.items() if url.endswith(address))
    assert html <= 12 * KILOBYTE
    assert len(weights) <= 6
    assert sum(weights.values()) <= 45 * KILOBYTE
    assert [url for url in weights if url.endswith(".js")] == []
    assert page.locator("script, style, [style], [onclick]").count() == 0


def test_the_style_sheet_is_small():
    css = (Path(BASE_DIR) / "portal" / "static" / "app.css").read_bytes()

    assert len(gzip.compress(css, 6)) <= 12 * KILOBYTE
    assert b"@import" not in css
    assert b"url(" not in css
