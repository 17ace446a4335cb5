"""The best legal package, against trying out every set; and totals that keep cash, tax and loans apart."""

from datetime import date
from decimal import Decimal
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY
from core.facts import Profile
from eligibility.package import best_package, totals
from policies.criteria.rules import read_rule
from policies.criteria.states import assess_all
from policies.criteria.tree import RuleError
from tests.properties import examples

DAY = date(2026, 11, 24)
LOAN = {"kind": "loan_guarantee", "amount": {"ceiling": {"limit": "300000", "wanted": "loan_amount_wanted"}}}
RENT = {
    "kind": "rent_subsidy",
    "amount": {
        "monthly_capped": {
            "cap": "500",
            "months": 36,
            "fact": "monthly_rent",
            "used": "rent_subsidy_months_received",
        }
    },
}
SERVICE = {"kind": "service", "amount": {"none": {}}}
RATE = {"kind": "rate_cut", "amount": {"rate_cut": {"rate": "1.00"}}}
TAX = {"kind": "tax_relief", "delivery": "automatic", "amount": {"tax_halving": {}}}


def benefit(code, excludes=(), *, open=True, **content):
    """A benefit that everyone can have, or nobody; 5,000 yuan once unless ``content`` says otherwise."""
    nobody = {"fact": "employees", "op": "eq", "value": 999}
    plain = {
        "kind": "startup_subsidy",
        "delivery": "apply",
        "amount": {"fixed": "5000"},
        "excludes": excludes,
    }
    criteria = {"all": [] if open else [nobody]}
    return read_rule({**plain, "criteria": criteria, **content}, registry=BUILT_IN_REGISTRY, code=code)


def grant(yuan):
    return {"amount": {"fixed": str(yuan)}}


def assessed(*rules, **values):
    return assess_all(rules, Profile({"employees": 1, **values}), DAY)


def codes(found):
    return [one.rule.code for one in found]


def package(*rules, **values):
    """Codes of (taken, given up)."""
    taken, given_up = best_package(assessed(*rules, **values))
    return codes(taken), codes(given_up)


@st.composite
def offers(draw):
    """Up to seven benefits with random sums, some loans, and random exclusions, each named by one side."""
    count = draw(st.integers(1, 7))
    names = [f"X{place:02}a" for place in range(count)]
    pairs = draw(st.sets(st.sampled_from([*combinations(names, 2), (names[0], "GONE")]), max_size=10))
    rules = []
    for name in names:
        excludes = tuple(sorted(other for one, other in pairs if one == name))
        content = draw(st.sampled_from([grant(0), grant(100), grant(200), grant(300), LOAN]))
        rules.append(benefit(name, excludes, **content))
    return rules, pairs


@examples(150)
@given(offers())
def test_no_legal_set_is_better_than_the_package(offer):
    rules, pairs = offer
    found = assessed(*rules)

    taken, given_up = best_package(found)

    def rank(chosen):
        worth = sum(one.amount.maximum for one in chosen if one.amount.category != "loan")
        return -worth, -len(chosen), codes(chosen)

    legal = [
        chosen
        for count in range(len(found) + 1)
        for chosen in combinations(found, count)
        if not any({one, other} <= set(codes(chosen)) for one, other in pairs)
    ]
    assert codes(taken) == min(map(rank, legal))[2]
    assert sorted(codes(taken) + codes(given_up)) == codes(found)


def test_the_higher_sum_wins_and_the_other_is_given_up():
    assert package(benefit("A"), benefit("B", ["A"], **grant(10_000))) == (["B"], ["A"])


def test_exclusion_holds_whoever_names_it():
    assert package(benefit("A", ["B"]), benefit("B", **grant(10_000))) == (["B"], ["A"])


def test_one_large_benefit_gives_way_to_two_smaller_that_are_worth_more_together():
    hub = benefit("A", ["B", "C"], **grant(5_000))

    assert package(hub, benefit("B", **grant(3_000)), benefit("C", **grant(3_000))) == (["B", "C"], ["A"])


def test_of_equal_sums_more_benefits_win():
    hub = benefit("A", ["B", "C"], **grant(6_000))

    assert package(hub, benefit("B", **grant(3_000)), benefit("C", **grant(3_000))) == (["B", "C"], ["A"])


def test_of_equal_sums_and_numbers_the_earlier_code_wins():
    assert package(benefit("A", ["B"]), benefit("B")) == (["A"], ["B"])


def test_a_loan_weighs_nothing_against_money_that_need_not_be_paid_back():
    assert package(benefit("A", ["B"], **LOAN), benefit("B", **grant(1))) == (["B"], ["A"])


def test_the_maximum_counts_where_the_monthly_value_is_smaller():
    assert package(benefit("A", ["B"], **RENT), benefit("B", **grant(17_999)), monthly_rent=Decimal(800)) == (
        ["A"],
        ["B"],
    )


def test_what_is_not_open_takes_no_part():
    assert package(benefit("A", ["B"], open=False), benefit("B", **grant(1))) == (["B"], [])


def test_services_take_no_part():
    assert package(benefit("A", **SERVICE), benefit("B")) == (["B"], [])


def test_without_conflict_everything_is_taken():
    assert package(benefit("A"), benefit("B"), benefit("C", **LOAN)) == (["A", "B", "C"], [])


@pytest.mark.parametrize("count", [13, 20])
def test_a_large_tangle_still_gives_a_legal_package(count):
    names = [f"X{place:02}a" for place in range(count)]
    ring = [benefit(name, [names[place - 1]], **grant(100 + place)) for place, name in enumerate(names)]

    taken, given_up = package(*ring)

    assert sorted(taken + given_up) == names
    assert not any({names[place], names[place - 1]} <= set(taken) for place in range(count))
    assert len(taken) == count // 2


def test_totals_never_mix_categories():
    found = assessed(
        benefit("A", **grant(5_000)),
        benefit("B", **RENT),
        benefit("C", **LOAN),
        benefit("D", **TAX),
        benefit("E", **RATE),
        monthly_rent=Decimal("499.50"),
        loan_amount_wanted=Decimal(200_000),
        **{f"annual_{tax}": Decimal(100) for tax in TAXES},
    )

    assert totals(found) == {
        "cash": {"once": 5_000, "month": Decimal("499.50"), "maximum": Decimal("22982.00"), "unknown": []},
        "tax": {"year": 400, "maximum": 0, "unknown": ["D"]},
        "loan": {"limit": 200_000, "unknown": []},
    }


TAXES = (
    "urban_maintenance_tax", "education_surcharge", "local_education_surcharge", "resource_tax", "property_tax",
    "urban_land_use_tax", "stamp_duty", "farmland_occupation_tax",
)  # fmt: skip


def test_a_value_that_is_not_known_adds_nothing_and_a_maximum_that_is_not_known_is_named():
    refund = {"amount": {"share_of": {"fact": "unemployment_insurance_paid_last_year", "ratio": "0.60"}}}
    found = assessed(benefit("A", **refund), benefit("B", **RENT))

    assert totals(found)["cash"] == {"once": 0, "month": 0, "maximum": 18_000, "unknown": ["A"]}


def test_the_totals_of_nothing_are_written_as_money():
    assert {str(figure) for kind in totals([]).values() for figure in kind.values() if figure != []} == {
        "0.00"
    }


def test_a_rate_in_percent_weighs_nothing():
    assert package(benefit("A", ["B"], **RATE), benefit("B", **grant("0.50"))) == (["B"], ["A"])


def test_a_benefit_that_names_itself_is_refused():
    with pytest.raises(RuleError, match="事项不能排斥它自己"):
        benefit("A", ["A"])
