"""The running site with a world of rows in it, and what a browser sees on its pages (look.js)."""

import gzip
from collections import namedtuple
from pathlib import Path

import pytest

from tests.pages.conftest import open_browser, pytest_collection_modifyitems, site

from .places import BROKEN, browsers, cookies_of, drawn, pages_of, places

__all__ = ["open_browser", "pytest_collection_modifyitems", "site"]

LOOK = Path(__file__).with_name("look.js").read_text("utf-8")
Mode = namedtuple("Mode", "width height size theme contrast keyboard")
NORMAL = Mode(360, 740, "standard", "light", "standard", True)
MODES = {
    "360": NORMAL,
    "360 large": NORMAL._replace(size="large", keyboard=False),
    "360 largest": NORMAL._replace(size="largest"),
    "320×256": NORMAL._replace(width=320, height=256),
    "351": NORMAL._replace(width=351, keyboard=False),
    "360×479": NORMAL._replace(height=479, keyboard=False),
    "1280": NORMAL._replace(width=1280, height=900),
    "dark": NORMAL._replace(theme="dark", keyboard=False),
    "high contrast": NORMAL._replace(contrast="high", keyboard=False),
    "high contrast, dark": NORMAL._replace(contrast="high", theme="dark", keyboard=False),
}

# In which the pages that no short run draws are seen.
WIDEST_APART = ("360", "360 largest", "320×256", "1280", "high contrast, dark")


@pytest.fixture(scope="module")
def world(site, django_db_blocker, tmp_path_factory):
    """Clients of whoever looks, all places, and the rows."""
    from django.db import transaction
    from django.test import override_settings

    from tests.authz import world as made

    folder = str(tmp_path_factory.mktemp("private"))
    with override_settings(PRIVATE_FOLDER=folder, UPLOAD_SCANNER=""), django_db_blocker.unblock():
        # What is done on commit waits until all is there.
        with override_settings(DEBUG=True), transaction.atomic():
            rows = made.build()
        clients = browsers()
        yield clients, places(rows), rows


@pytest.fixture(scope="module", params=["drawn", pytest.param("the_others", marks=pytest.mark.long)])
def looks(request, world, chromium, site, django_db_blocker):
    """What is found on each page in each mode: [(place, mode, found)]. Each is opened once and looked at from all
    sides."""
    clients, all_places, _ = world
    with django_db_blocker.unblock():
        short = drawn(all_places, clients)
        others = [one for one in all_places if one not in short]
        chosen = short if request.param == "drawn" else list(pages_of(others, clients))
    seen = []
    for who, client in clients.items():
        context = chromium.new_context(
            base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", reduced_motion="reduce"
        )
        context.add_cookies(
            [{"name": name, "value": value, "url": site} for name, value in cookies_of(client).items()]
        )
        page = context.new_page()
        page.route("**/broken/**", _broken)
        for place in (one for one in chosen if one.who == who):
            page.set_viewport_size({"width": NORMAL.width, "height": NORMAL.height})
            answer = page.goto(place.path)
            weight = len(gzip.compress(answer.body(), 6))
            modes = MODES if request.param == "drawn" else {name: MODES[name] for name in WIDEST_APART}
            seen += [
                (str(place), name, _look(page, mode) | {"weight": weight}) for name, mode in modes.items()
            ]
        context.close()
    return seen


def _broken(route, request):
    """The page that is shown when the server cannot do what was asked."""
    from django.test import RequestFactory

    from portal import views

    status = BROKEN["/" + request.url.split("/", 3)[3]]
    answer = views.page_of_error(RequestFactory().get("/"), status)
    route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)


def _look(page, mode):
    page.set_viewport_size({"width": mode.width, "height": mode.height})
    page.evaluate(
        "shown => Object.assign(document.documentElement.dataset, shown)",
        {"size": mode.size, "theme": mode.theme, "contrast": mode.contrast},
    )
    is_high = mode.contrast == "high"
    return page.evaluate(
        LOOK,
        {
            "tap": 60 if mode.size == "largest" else 44,
            "gap": 8,
            "contrast": 7 if is_high else 4.5,
            "largeContrast": 4.5 if is_high else 3,
            "isStill": True,
            "withKeyboard": mode.keyboard,
            "withText": mode == NORMAL,
        },
    )
