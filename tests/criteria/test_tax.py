"""One year's taxes with every relief in legal order (domain-facts §2)."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.criteria.tax import (
    DEDUCTED,
    HALVED,
    LINES,
    ZERO,
    Reliefs,
    compute,
    income_tax,
    months_in_year,
    year_limit,
)
from tests.properties import examples

from .given import SHOP, found

yuan = st.integers(0, 30_000_000).map(lambda fen: Decimal(fen) / 100)
dues = st.dictionaries(st.sampled_from(LINES[:-1]), yuan)
incomes = st.integers(-1_000_000, 300_000_000).map(lambda fen: Decimal(fen) / 100) | st.sampled_from(
    [Decimal(edge) for edge in ("0", "0.01", "30000", "90000", "300000", "500000", "2000000", "2000000.01")]
)
reliefs = st.builds(
    Reliefs,
    halve=st.booleans(),
    income_cap=st.none() | st.sampled_from([Decimal(1_000_000), Decimal(2_000_000)]),
    limit=st.none() | yuan,
    halve_surcharges_first=st.booleans(),
)


@pytest.mark.parametrize(
    ("taxable_income", "tax"),
    [
        ("-5000", "0.00"),
        ("0", "0.00"),
        ("0.10", "0.01"),
        ("30000", "1500.00"),
        ("30000.10", "1500.01"),
        ("90000", "7500.00"),
        ("90000.10", "7500.02"),
        ("300000", "49500.00"),
        ("300000.10", "49500.03"),
        ("500000", "109500.00"),
        ("500000.10", "109500.04"),
        ("2000000", "634500.00"),
        ("2400000", "774500.00"),
    ],
)
def test_the_statutory_tax_on_business_income(taxable_income, tax):
    assert str(income_tax(Decimal(taxable_income), 2025)) == tax


def test_years_before_the_schedule_are_refused():
    with pytest.raises(ValueError, match="2019"):
        income_tax(Decimal(1), 2018)


def test_the_lines_stand_in_legal_order_zeros_too():
    assert [line.tax for line in compute(2025, {}, ZERO, ZERO, Reliefs())] == [
        "vat",
        "urban_maintenance_tax",
        "education_surcharge",
        "local_education_surcharge",
        "resource_tax",
        "property_tax",
        "urban_land_use_tax",
        "stamp_duty",
        "farmland_occupation_tax",
        "income_tax",
    ]


@pytest.mark.parametrize(
    ("income", "other_relief", "halved"),
    [
        (80_000, 2_000, "2250.00"),
        (80_000, 6_500, "0.00"),
        (80_000, 9_000, "0.00"),
        (2_400_000, 6_000, "314750.00"),
        (2_400_000, 0, "317250.00"),
    ],
)
def test_income_tax_is_halved_after_other_reliefs(income, other_relief, halved):
    facts = {**SHOP, "operator_groups": ["graduate"], "annual_taxable_income": income}

    one = found("M04b", "2025-06-30", {**facts, "other_income_tax_relief": other_relief})

    assert str(one.amount.value) == halved


def test_the_fixed_deduction_counts_as_other_relief_of_the_income_tax():
    both = Reliefs(income_cap=Decimal(2_000_000), limit=Decimal(2_000))

    line = compute(2025, {}, Decimal(80_000), ZERO, both)[-1]

    assert (line.deducted, line.halved, line.payable) == (2_000, 2_250, 2_250)


# due 20,000 VAT, 1,400 + 600 + 400 surcharges, 300 stamp duty; 7,500 income tax; limit 24,000
A_YEAR = {
    "vat": Decimal(20_000),
    "urban_maintenance_tax": Decimal(1_400),
    "education_surcharge": Decimal(600),
    "local_education_surcharge": Decimal(400),
    "stamp_duty": Decimal(300),
}
EVERYTHING = Reliefs(halve=True, income_cap=Decimal(2_000_000), limit=Decimal(24_000))


def _lines(applied):
    lines = compute(2025, A_YEAR, Decimal(90_000), ZERO, applied)
    return {line.tax: line for line in lines if line.due}


def test_surcharges_are_halved_first_and_the_limit_runs_down_in_order():
    lines = _lines(EVERYTHING)

    assert {tax: (line.halved, line.deducted, line.limit_left) for tax, line in lines.items()} == {
        "vat": (0, 20_000, 4_000),
        "urban_maintenance_tax": (700, 700, 3_300),
        "education_surcharge": (300, 300, 3_000),
        "local_education_surcharge": (200, 200, 2_800),
        "stamp_duty": (150, 0, 2_800),
        "income_tax": (2_350, 2_800, 0),
    }


def test_the_switch_deducts_from_surcharges_before_halving_them():
    lines = _lines(replace(EVERYTHING, halve_surcharges_first=False))

    assert {tax: (line.halved, line.deducted, line.limit_left) for tax, line in lines.items()} == {
        "vat": (0, 20_000, 4_000),
        "urban_maintenance_tax": (0, 1_400, 2_600),
        "education_surcharge": (0, 600, 2_000),
        "local_education_surcharge": (0, 400, 1_600),
        "stamp_duty": (150, 0, 1_600),
        "income_tax": (2_950, 1_600, 0),
    }


@pytest.mark.parametrize(
    ("registered_on", "year", "used", "months"),
    [
        ("2024-01-15", 2023, 0, 0),
        ("2024-01-15", 2024, 0, 12),
        ("2024-01-15", 2026, 24, 12),
        ("2024-01-15", 2027, 0, 0),
        ("2024-03-31", 2024, 0, 10),
        ("2024-03-31", 2027, 34, 2),
        ("2024-03-31", 2027, 35, 1),
        ("2024-12-31", 2024, 0, 1),
        ("2024-12-31", 2027, 0, 11),
        ("2024-01-15", 2025, 36, 0),
        ("2024-01-15", 2025, 40, 0),
    ],
)
def test_the_months_of_a_year_that_the_deduction_still_has(registered_on, year, used, months):
    assert months_in_year(date.fromisoformat(registered_on), year, 36, used) == months


def test_a_partial_year_has_its_months_of_the_limit():
    assert [str(year_limit(Decimal(24_000), months)) for months in (0, 1, 7, 12)] == [
        "0.00",
        "2000.00",
        "14000.00",
        "24000.00",
    ]
    assert str(year_limit(Decimal(20_000), 1)) == "1666.67"


@examples(300)
@given(dues, incomes, yuan, reliefs)
def test_every_line_adds_up(due, income, other_relief, applied):
    lines = compute(2025, due, income, other_relief, applied)

    limit = applied.limit or ZERO
    assert sum(line.deducted for line in lines) <= limit
    assert [line.limit_left for line in lines] == sorted((line.limit_left for line in lines), reverse=True)
    assert lines[-1].limit_left == limit - sum(line.deducted for line in lines)
    for line in lines:
        assert min(line.due, line.other_relief, line.halved, line.deducted, line.limit_left) >= 0
        assert line.payable == line.due - line.other_relief - line.halved - line.deducted
        assert line.payable >= 0
        assert line.deducted == 0 or line.tax in DEDUCTED
        assert line.halved == 0 or line.tax in HALVED or line.tax == "income_tax"
        assert line.other_relief == 0 or line.tax == "income_tax"


@examples(200)
@given(dues, incomes, yuan, reliefs, yuan)
def test_a_larger_limit_never_costs_the_owner(due, income, other_relief, applied, more):
    less = replace(applied, limit=applied.limit or ZERO)

    before = compute(2025, due, income, other_relief, less)
    after = compute(2025, due, income, other_relief, replace(less, limit=less.limit + more))

    assert _payable(after) <= _payable(before)
    assert sum(line.deducted for line in after) >= sum(line.deducted for line in before)


@examples(200)
@given(dues, incomes, yuan, reliefs)
def test_one_more_relief_never_costs_the_owner(due, income, other_relief, applied):
    payable = _payable(compute(2025, due, income, other_relief, applied))

    for more in (
        {"halve": True},
        {"income_cap": applied.income_cap or Decimal(2_000_000)},
        {"limit": applied.limit or Decimal(24_000)},
    ):
        assert _payable(compute(2025, due, income, other_relief, replace(applied, **more))) <= payable


@examples(200)
@given(incomes, yuan)
def test_more_income_never_pays_less_tax(income, more):
    assert income_tax(income, 2025) <= income_tax(income + more, 2025)


def _payable(lines):
    return sum(line.payable for line in lines)
