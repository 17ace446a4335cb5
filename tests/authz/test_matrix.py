"""Every address × verb × role answers as matrix.py says, and no address is missing from it."""

import copy
import re

import pytest
from django.db import transaction
from django.urls import Resolver404, resolve

from . import matrix, staff_matrix
from .cells import ABSENT, CLOSED, FORBIDDEN, HIDDEN, LOGIN, OPEN
from .routes import routes
from .world import ROLES

pytestmark = pytest.mark.django_db

TABLE = {
    **matrix.PAGES,
    **matrix.INBOX,
    **matrix.CASES,
    **matrix.API,
    **staff_matrix.ADMIN_PAGES,
    **staff_matrix.CASE_PAGES,
    **staff_matrix.model_pages(),
}


def cell(path, response):
    """What an answer means for the one who asked."""
    if response.status_code in (301, 302):
        where = response.headers["Location"]
        if where.startswith(("/login/", "/admin/login/")):
            return LOGIN
        return HIDDEN if where == "/admin/" and path.startswith("/admin/") else OPEN
    assert response.status_code < 500 and response.status_code != 429, (path, response.status_code)
    return {401: LOGIN, 403: FORBIDDEN, 404: HIDDEN, 405: ABSENT}.get(response.status_code, OPEN)


def ask(browser, verb, path, body=None):
    """One request in a browser of its own, undone afterwards."""
    browser, jar = copy.copy(browser), copy.deepcopy(browser.cookies)
    browser.cookies = jar
    with transaction.atomic():
        response = browser.get(path) if verb == "GET" else browser.post(path, body)
        if response.streaming:
            response.getvalue()  # to its end, so that its file is closed
        transaction.set_rollback(True)
    return cell(path, response)


@pytest.mark.parametrize("address", TABLE)
def test_every_role_gets_what_the_table_says(world, settings, address):
    rows, browsers = world
    settings.ANONYMOUS_REQUESTS_PER_SECOND = 100_000
    path, wrong = matrix.filled(address, rows), []

    for verb, expected in TABLE[address].items():
        for role in ROLES:
            found = ask(browsers[role], verb, path, staff_matrix.BODIES.get(address))
            allowed = (FORBIDDEN, HIDDEN, ABSENT) if expected[role] == CLOSED else (expected[role],)
            if found not in allowed:
                wrong.append(f"{verb} {path} {role}: {found}, not {expected[role]}")

    assert wrong == []


def test_no_address_of_the_site_is_missing_from_the_table(world):
    rows, _ = world
    listed = set()
    for address in TABLE:
        try:
            listed.add(resolve(matrix.filled(address, rows)).route)
        except Resolver404:
            listed.add(address)

    apps = "auth|accounts|businesses|policies|notifications|cases|subsidies|core"  # listed above, one address for each
    assert {route for route in routes() if route not in listed} == {f"admin/^(?P<app_label>{apps})/$"}


def test_no_path_of_the_openapi_document_is_missing_from_the_table(world, client):
    rows, _ = world
    listed = {
        resolve(matrix.filled(address, rows)).route for address in TABLE if address.startswith("api/v1/")
    }
    described = {
        re.sub(r"{(\w+)}", lambda name: "M05" if name[1] == "code" else "x", path).lstrip("/")
        for path in client.get("/api/schema/").json()["paths"]
    }

    assert {path for path in described if resolve(f"/{path}").route not in listed} == set()


def test_another_owners_shop_answers_like_one_that_does_not_exist(world):
    rows, browsers = world
    for path in ("", "matches/"):
        theirs = browsers["other"].get(f"/api/v1/businesses/{rows['shop'].public_id}/{path}")
        missing = browsers["other"].get(f"/api/v1/businesses/{rows['nobody']}/{path}")

        assert (theirs.status_code, theirs.content) == (missing.status_code, missing.content)
        assert theirs.status_code == 404


def test_lists_and_searches_hold_only_rows_of_the_own_department(world):
    browsers = world[1]
    lists = {
        "businesses/importrun": ("employment.csv", "registry.csv"),
        "businesses/source": ("公共就业", "市场监管登记"),
        "policies/benefitversion": ("M05a 第 9 版", "M16b 第 9 版"),
    }
    for name, (own, markets) in lists.items():
        seen = {
            role: browsers[role].get(f"/admin/{name}/?q=").content.decode()
            for role in ("hr_reviewer", "market_reviewer", "auditor")
        }
        assert (own in seen["hr_reviewer"], markets in seen["hr_reviewer"]) == (True, False), name
        assert (own in seen["market_reviewer"], markets in seen["market_reviewer"]) == (False, True), name
        assert (own in seen["auditor"], markets in seen["auditor"]) == (True, True), name
