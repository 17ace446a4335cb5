"""The service worker as it is served, and the page of what is there without a network."""

import json
import re

import pytest
from django.templatetags.static import static
from django.urls import reverse

from portal import offline

LARGEST = 6 * 1024


@pytest.fixture
def worker(client, db):
    return client.get("/sw.js")


def known(worker):
    return json.loads(re.search(r"^const KNOWN = (.*);$", worker.content.decode(), re.MULTILINE)[1])


def test_the_worker_is_small_and_asked_for_anew_every_time(worker):
    headers = worker.headers

    assert len(worker.content) <= LARGEST
    assert (headers["Content-Type"], headers["Cache-Control"]) == (
        "text/javascript; charset=utf-8",
        "no-cache",
    )
    assert "worker-src 'self'" in headers["Content-Security-Policy"]
    assert worker.cookies == {}


def test_it_names_what_it_keeps_as_pages_do(worker, client):
    found = known(worker)

    assert found["files"] == [static(name) for name in ("app.css", "keep.js", "icon.svg")]
    assert (found["home"], found["offline"], found["results"]) == ("/", "/offline/", "/check/results/")
    assert re.fullmatch(r"[0-9a-f]{16}", found["version"])


def test_a_file_that_changes_makes_another_version(settings, tmp_path):
    settings.STATICFILES_DIRS = [tmp_path]
    versions = []
    for text in ("a {}", "a {}", "b {}"):
        (tmp_path / "app.css").write_text(text)
        offline._version.cache_clear()
        versions.append(offline._version())
    offline._version.cache_clear()

    assert versions[0] == versions[1] != versions[2]


def test_the_script_empties_the_cache_that_the_worker_does(worker):
    """Both name it: a result kept in another would outlive its reader's leaving."""
    script = (offline.Path(offline.settings.BASE_DIR) / "portal/static/keep.js").read_text("utf-8")
    named = [re.search(r'RESULT = "(\w+)"', text)[1] for text in (script, worker.content.decode())]

    assert named == ["result", "result"]
    assert f'RESULTS = "{known(worker)["results"]}"' in script


def test_it_knows_every_address_after_which_somebody_else_may_hold_the_phone(worker):
    pattern = re.search(r"^const PARTING = /(.*)/;$", worker.content.decode(), re.MULTILINE)[1]
    names = ("login", "login-code", "staff-login", "logout", "admin:logout", "clear-answers", "close-account")
    missed = [name for name in names if not re.search(pattern, reverse(name))]

    assert missed == []
    assert re.search(pattern, reverse("set-preferences")) is None


@pytest.mark.django_db
def test_the_page_for_no_network_says_what_is_there_and_whom_to_call(client):
    text = client.get("/offline/").content.decode()

    assert "<h1>没有网络也能看的</h1>" in text
    assert 'href="tel:12345"' in text
    assert re.search(r"<ul[^>]*data-kept>", text) is not None
