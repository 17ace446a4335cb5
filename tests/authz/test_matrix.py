"""Every address × verb × role answers as matrix.py says, and no address is missing from it."""

import re

import pytest
from django.urls import Resolver404, resolve

from . import matrix
from .asking import FOR_EVERYBODY, FOR_STAFF, WHO, other_than_said
from .routes import routes

pytestmark = pytest.mark.django_db
TABLE = {**FOR_EVERYBODY, **FOR_STAFF}


@pytest.mark.crawl
@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("address", FOR_EVERYBODY)
def test_every_role_gets_what_the_table_says(world, settings, address, who):
    settings.ANONYMOUS_REQUESTS_PER_SECOND = 100_000

    assert other_than_said(address, FOR_EVERYBODY[address], world, who) == []


def test_no_address_of_the_site_is_missing_from_the_table(world):
    rows, _ = world
    listed = set()
    for address in TABLE:
        try:
            listed.add(resolve(matrix.filled(address, rows)).route)
        except Resolver404:
            listed.add(address)

    # Listed above, one address for each.
    apps = "auth|accounts|businesses|policies|notifications|cases|subsidies|services|needs|jobs|visits|core"
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
