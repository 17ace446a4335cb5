"""Members of a set keep their own source, wherever it is shown or counts; a word without effect is told."""

import json

import pytest
from django.test import Client
from django.utils import timezone

from cases.assessment import judge_draft
from eligibility.wording import answer_rows
from tests.notifications.register import open_shop, tell_of
from tests.subsidies import world

from .conftest import address_of

pytestmark = pytest.mark.django_db
PROVED = {
    "all": [
        {"fact": "operator_groups", "op": "has_any", "value": ["self_employed_veteran"], "check": "staff"}
    ]
}


@pytest.fixture
def shop(db):
    """The employment office knows a graduate who is not disabled."""
    shop = open_shop(1)
    tell_of(shop, "employment", operator_groups={"yes": ["graduate"], "no": ["disabled"]})
    return shop


@pytest.fixture
def owner(shop):
    world.bureau()
    return world.owner_of(shop)


@pytest.fixture
def browser(owner):
    client = Client()
    client.force_login(owner)
    return client


def patch(browser, shop, **facts):
    body = json.dumps({"facts": facts})
    return browser.patch(address_of(shop), body, content_type="application/json").json()


def test_an_owners_member_is_the_owners_beside_a_departments(browser, shop):
    groups = patch(browser, shop, operator_groups=["graduate", "self_employed_veteran"])["facts"][
        "operator_groups"
    ]

    assert (groups["value"], groups["source"]) == (["graduate", "veteran", "self_employed_veteran"], None)
    assert {name: groups["members"][name]["source"] for name in groups["value"]} == {
        "graduate": "employment",
        "veteran": "self",
        "self_employed_veteran": "self",
    }


def test_the_page_names_each_source_with_its_members(browser, shop):
    patch(browser, shop, operator_groups=["graduate", "self_employed_veteran"])

    page = browser.get("/me/correct/operator_groups/").content.decode()

    assert "公共就业服务、您填写的" in page


def criterion(shop, owner):
    found = world.draft(world.grant_of_money(criteria=PROVED), shop, owner)
    (row,) = answer_rows(judge_draft(found, timezone.localdate()).found)
    return row["result"], row["source"]


def test_a_criterion_that_staff_check_is_not_proved_by_another_departments_member(browser, shop, owner):
    patch(browser, shop, operator_groups=["graduate", "self_employed_veteran"])

    assert criterion(shop, owner) == ("staff", "self")


def test_it_is_proved_by_the_department_that_told_of_this_member(browser, shop, owner):
    tell_of(shop, "veterans", operator_groups={"yes": ["self_employed_veteran"], "no": []})
    patch(browser, shop, operator_groups=["graduate", "migrant_worker"])

    assert criterion(shop, owner) == ("pass", "veterans")


def test_what_has_no_effect_is_told_in_the_answer(browser, shop):
    told = patch(browser, shop, operator_groups=["disabled"], monthly_rent="800.00")

    assert [(row["field"], row["code"]) for row in told["warnings"]] == [
        ("facts.operator_groups", "overruled")
    ]
    assert "现在以“公共就业服务”的信息为准" in told["warnings"][0]["detail"]
    assert told["facts"]["operator_groups"]["members"]["disabled"]["holds"] is False


def test_what_stands_as_it_was_said_is_warned_of_in_no_way(browser, shop):
    assert patch(browser, shop, operator_groups=["graduate"], monthly_rent="800.00")["warnings"] == []


def test_one_value_of_a_department_goes_before_the_owners_and_that_is_told(browser, shop):
    told = patch(browser, shop, district="520203")

    assert told["facts"]["district"]["value"] == "520201"
    assert [row["field"] for row in told["warnings"]] == ["facts.district"]
