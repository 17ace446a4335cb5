"""What a benefit is worth where facts are missing: a tax amount is null only where an absent fact could change it."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.facts import Profile
from policies.criteria.amounts import Amount, Fixed
from policies.criteria.parameters import Parameter, Row
from policies.criteria.states import assess_all
from policies.criteria.tax import LINES, due_fact
from tests.properties import examples

from .given import SHOP, found, measures, rule, state_of
from .given import profile as read

DAY = date(2025, 6, 30)
TAXES = [due_fact(tax) for tax in LINES[:-1]]
FACTS = [*TAXES, "annual_taxable_income", "deduction_months_used"]
TAX_RULES = ("M04a", "M04b", "M04c")
sums = st.sampled_from(
    [Decimal(yuan) for yuan in ("0", "0.01", "600", "23999.99", "24000", "90000", "5000000")]
)
LEAST_AND_MOST = {name: [Decimal(0), Decimal("0.02"), Decimal(100), Decimal(10_000_000)] for name in FACTS}
LEAST_AND_MOST["deduction_months_used"] = [0, 30, 35]


@st.composite
def tax_shops(draw):
    """A shop with some of its tax facts, others of which nothing is known."""
    values = dict(read("2025-06-30", SHOP).values)
    for name in FACTS:
        values.pop(name, None)
        if draw(st.booleans()):
            values[name] = draw(st.integers(0, 35) if name == "deduction_months_used" else sums)
    return values


def amounts(values, codes=TAX_RULES):
    """Amounts by code of the tax reliefs, of which ``deduction_months_used`` alone decides no state here."""
    rules = [one for one in measures().rules if one.code in codes]
    return {one.rule.code: one.amount for one in assess_all(rules, Profile(values), DAY)}


@examples(300)
@given(tax_shops(), st.data())
def test_a_tax_amount_that_is_stated_cannot_be_changed_by_an_absent_fact(values, data):
    values.setdefault("deduction_months_used", 0)
    absent = [name for name in FACTS if name not in values]
    completed = {name: data.draw(st.sampled_from(LEAST_AND_MOST[name])) for name in absent}

    before, after = amounts(values), amounts({**values, **completed})

    for code in TAX_RULES:
        if before[code].value is not None:
            assert after[code].value == before[code].value
        assert after[code].value is not None


@examples(300)
@given(tax_shops())
def test_a_tax_amount_that_is_null_names_only_facts_that_are_absent_and_can_change_it(values):
    values.setdefault("deduction_months_used", 0)

    for code, amount in amounts(values).items():
        assert (amount.value is None) == bool(amount.missing)
        assert not set(amount.missing) & set(values)
        if amount.value is None:
            assert len({amounts({**values, **dict(filled)})[code].value for filled in fillings(values)}) > 1


def fillings(values):
    """The absent facts filled in a few extreme ways."""
    absent = [name for name in FACTS if name not in values]
    for place in range(4):
        yield [(name, LEAST_AND_MOST[name][place % len(LEAST_AND_MOST[name])]) for name in absent]
    for one in absent:
        for most in (Decimal(10_000_000), Decimal(100)):
            yield [(name, most if name == one else Decimal(0)) for name in absent]


@examples(150)
@given(tax_shops())
def test_amount_facts_never_change_a_state(values):
    rules = measures().rules
    without = {name: value for name, value in values.items() if name not in [*TAXES, "annual_taxable_income"]}

    def states(facts):
        return [one.state for one in assess_all(rules, Profile(facts), DAY)]

    assert states(values) == states(without)


@pytest.mark.parametrize("benefit", [one.code for one in measures().rules if one.is_money])
def test_what_is_refused_closed_or_had_promises_nothing(benefit):
    rules = measures().rules
    shop, revoked = read("2025-06-30", SHOP), read("2025-06-30", {**SHOP, "operating_status": "revoked"})
    outcomes = [
        next(one for one in everything if one.rule.code == benefit)
        for everything in (
            assess_all(rules, revoked, DAY),
            assess_all(rules, shop, DAY, closed_documents={benefit}),
            assess_all(rules, shop, DAY, held={benefit}),
        )
    ]

    assert [one.state for one in outcomes] == ["no", "closed", "have"]
    assert {(one.amount.value, one.amount.maximum, one.amount.lines) for one in outcomes} == {
        (None, None, ())
    }


def test_the_working_of_the_rent_subsidy_adds_up_line_by_line():
    lines = found("M05c", "2025-06-30", {**SHOP, "rent_subsidy_months_received": 6}).amount.lines

    assert [(line.label, line.working, str(line.value)) for line in lines] == [
        ("每月", "实际每月 800 元，每月最高 500 元", "500.00"),
        ("最多", "500 元 × 30 个月", "15000.00"),
    ]


def test_the_working_of_a_refund_shows_its_share():
    (line,) = found("M01b", "2025-06-30", SHOP).amount.lines

    assert (line.working, str(line.value)) == ("1,000 元 × 60%", "600.00")


AMOUNTS = {
    "two kinds": {"fixed": "1", "none": {}},
    "a kind nobody knows": {"lottery": {}},
    "no kind": {},
    "no mapping": "5000",
    "a third decimal": {"fixed": "1.005"},
    "a negative sum": {"fixed": "-1"},
    "a float": {"fixed": 1.5},
    "terms missing": {"monthly_capped": {"cap": "500"}},
    "terms nobody knows": {"ceiling": {"limit": "1", "wanted": "loan_amount_wanted", "rate": "1"}},
    "a fact of another type": {"ceiling": {"limit": "1", "wanted": "employees"}},
    "a fact nobody knows": {"share_of": {"fact": "luck", "ratio": "0.5"}},
    "a share above 1": {"share_of": {"fact": "annual_vat", "ratio": "1.01"}},
    "a share with five decimals": {"share_of": {"fact": "annual_vat", "ratio": "0.12345"}},
    "a parameter nobody knows": {"fixed": {"param": "grant"}},
    "income halving without its cap": {"income_tax_halving": {}},
}


@pytest.mark.parametrize("raw", AMOUNTS.values(), ids=AMOUNTS)
def test_an_amount_that_does_not_fit_is_refused(raw):
    with pytest.raises(ValueError, match=r"amount|金额|参数|事实|比例|缺少|只能|grant|income_cap"):
        rule(amount=raw)


def test_a_figure_that_changes_counts_from_its_day():
    grants = {"grant": [{"value": "5000", "to": "2025-06-30"}, {"value": "6000", "from": "2025-07-01"}]}
    dated = rule(parameters=grants, amount={"fixed": {"param": "grant"}})

    sums = [dated.amount.on(Profile(), day, "").value for day in (date(2025, 6, 30), date(2025, 7, 1))]

    assert sums == [5000, 6000]
    assert state_of(dated, "2025-07-01", {}).state == "now"


def test_of_a_day_on_which_a_figure_is_not_in_force_nothing_can_be_told():
    ended = Parameter("grant", [Row(Decimal("5000"), None, date(2025, 6, 30))])

    assert Fixed(ended).on(Profile(), date(2025, 7, 1), "试") == Amount(None, None, "once", "cash")
