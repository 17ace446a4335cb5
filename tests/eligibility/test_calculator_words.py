"""What the calculators say where a relief is over, in doubt, or used up, and whose figures they take."""

import re

import pytest

from eligibility.pages.calculators import CALCULATORS
from tests.markup import markup
from tests.pages.shops import browser_of, owner_of, store, tea_shop, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("catalogue_loaded", "on_a_day_of_2026")]
TAXES = "/calc/tax/"


@pytest.fixture
def on_a_day_of_2026(time_machine):
    time_machine.move_to("2026-11-29T10:00:00+08:00")


def shown(client, address, **given):
    return text_of(client.get(address, given))


def tax_of(client, year, **more):
    given = {
        "year": str(year),
        "annual_taxable_income": "200000",
        "place": "city",
        "annual_vat": "0",
        **more,
    }
    return shown(client, TAXES, **given)


def test_a_year_after_the_reliefs_says_that_there_are_none_instead_of_nought(client):
    page = tax_of(client, 2028)

    assert "2028 年 没有能享受的减免" in page
    assert "执行到 2027 年 12 月 31 日，2028 年还没有延续的通知。" in page
    assert not re.search("少交 [0-9]", page)


@pytest.mark.parametrize(("year", "is_halved"), [(2026, True), (2027, True), (2028, False)])
def test_the_last_year_of_the_relief_is_2027(client, year, is_halved):
    assert bool(re.search("少交 [0-9]", tax_of(client, year))) == is_halved


@pytest.mark.parametrize(("year", "is_doubted"), [(2025, False), (2026, True)])
def test_from_2026_on_the_deduction_says_what_the_vat_law_leaves_open(client, year, is_doubted):
    page = tax_of(
        client, year, operator_groups="self_employed_veteran", registered_on="2025-03-01", annual_vat="12000"
    )

    assert ("增值税这一步能不能照旧扣，还待核实" in page) == is_doubted


def test_a_refund_that_is_closed_is_none_that_can_be_had(client):
    page = shown(client, "/calc/refund/", unemployment_insurance_paid_last_year="1800")

    assert "可以返还" not in page
    assert "按到期前的比例算" in page
    assert "原政策到 2025 年 12 月 31 日为止，现在不能领。有没有延续，要等通知。" in page


@pytest.mark.parametrize(("used", "is_over"), [("35", False), ("36", True)])
def test_after_36_months_of_rent_no_sum_a_month_stands_at_the_top(client, used, is_over):
    page = shown(client, "/calc/rent/", monthly_rent="800", rent_subsidy_months_received=used)

    assert ("每月补贴" in page, "已经领满，不能再领" in page) == (not is_over, is_over)


@pytest.mark.parametrize("address", ["/calc/tax/", "/calc/rent/", "/calc/refund/", "/calc/startup/"])
def test_what_must_be_filled_in_does_not_offer_not_knowing_it(client, address):
    chosen = CALCULATORS[address.split("/")[2]]
    page = markup(client.get(address))

    offered = [name for name in chosen.required if f'name="{name}" value="unknown"' in page]
    assert offered == []


def test_the_rent_that_was_answered_before_is_filled_in(catalogue_loaded):
    shop = store(tea_shop())
    browser = browser_of(owner_of(shop))
    browser.post("/me/check/")

    assert 'value="800' in browser.get("/calc/rent/").content.decode()


@pytest.mark.parametrize(
    ("by_the_bureau", "by_the_owner", "words"),
    [
        ({"annual_taxable_income": "200000"}, {}, "按税务局的数算"),
        ({}, {"annual_taxable_income": "200000"}, "按您填的税额算"),
        ({"annual_taxable_income": "200000"}, {"annual_vat": "12000"}, "按税务局的数和您填的税额算"),
    ],
)
def test_a_sum_of_taxes_says_whose_figures_it_rests_on(by_the_bureau, by_the_owner, words):
    said = tea_shop()
    said["tax"] = {"taxpayer_type": "small_scale", **by_the_bureau}
    said["self"] |= by_the_owner
    shop = store(said)
    browser = browser_of(owner_of(shop))
    browser.post("/me/check/")

    assert words in browser.get("/check/results/").content.decode()
