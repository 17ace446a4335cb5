"""Lists to check oneself against, and 个转企 both ways beside each other."""

from decimal import Decimal

import pytest

from core.facts import Profile
from services.checklists.conversion import taxes_compared, ways
from services.selfchecks import selfchecks
from tests.measures import load_catalogue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", ["conversion"])
def test_a_list_says_what_is_lacking_for_each_of_its_criteria(key):
    check = selfchecks()[key]
    everything = dict.fromkeys(check.registry, True)

    whole = check.judge(check.registry.profile_of(everything))
    nothing = check.judge(check.registry.profile_of({}))
    lacking = {
        name: check.judge(check.registry.profile_of({**everything, name: False})) for name in check.registry
    }

    assert (whole["is_met"], whole["is_open"]) == (True, False)
    assert (nothing["is_met"], nothing["is_open"]) == (False, True)
    for name, judged in lacking.items():
        failing = [row for row in judged["rows"] if row["result"] == "fail"]
        assert [row["facts"] for row in failing] == [[name]]
        assert all(row["advice"] and row["clause"] for row in failing)


def test_the_page_asks_shows_what_is_lacking_and_keeps_nothing(client):
    asked = client.get("/selfcheck/conversion/")
    answered = client.get("/selfcheck/conversion/", {"taxes_settled": "false", "debts_disposed": "true"})
    unknown = client.get("/selfcheck/nothing/")

    assert (asked.status_code, answered.status_code, unknown.status_code) == (200, 200, 404)
    assert "先到税务局把税报清" in answered.content.decode()
    assert "先到税务局把税报清" not in asked.content.decode()
    assert "answers" not in client.cookies


def test_a_year_of_taxes_before_and_after_to_the_fen():
    """200,000 yuan: the schedule takes 20 % less 10,500, halved; a small firm pays 5 %; dividends 20 % of the rest."""
    load_catalogue()
    profile = Profile({"annual_taxable_income": Decimal("200000.00"), "entity_type": "individual_business"})

    found = taxes_compared(profile, 2026)

    assert [row.total for row in found] == [Decimal("14750.00"), Decimal("10000.00"), Decimal("48000.00")]


@pytest.mark.parametrize(
    ("profit", "year", "count"), [("3000000", 2027, 3), ("3000000.01", 2027, 0), ("1", 2028, 0)]
)
def test_what_holds_for_small_firms_only_is_not_said_of_others(profit, year, count):
    load_catalogue()

    assert len(taxes_compared(Profile({"annual_taxable_income": Decimal(profit)}), year)) == count


def test_both_ways_stand_beside_each_other_with_the_taxes(client):
    load_catalogue()

    page = client.get("/services/conversion/compare/", {"profit": "200000"}).content.decode()
    wrong = client.get("/services/conversion/compare/", {"profit": "20万"})

    assert all(row["what"] in page and row["direct"] in page and row["renew"] in page for row in ways())
    assert all(figure in page for figure in ("14,750 元", "10,000 元", "48,000 元"))
    assert wrong.status_code == 400
    assert 'value="20万"' in wrong.content.decode()
