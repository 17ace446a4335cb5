"""Every boundary of the city's rules, on both sides: domain-facts §1.2 as one table.

Each row changes something of ``SHOP`` (given.py) and says: state, value, maximum, eligible_from, apply_before.
"""

import pytest

from core.money import FEN
from policies.criteria.tax import HALVED, LINES, due_fact

from .given import SHOP, found, rule, state_of

DAY = "2025-06-30"
ABSENT = object()
NO_TAXES = {due_fact(tax): "0.00" for tax in LINES[:-1]}
GRADUATE = {"operator_groups": ["graduate"]}  # without the fixed deduction, which is for other groups


def _income(yuan, **others):
    return dict(GRADUATE, annual_taxable_income=yuan, **others)


def _claimants(claimants, headcount):
    return dict(layoff_claimants_last_year=claimants, insured_headcount_last_year=headcount)


# fmt: off
BOUNDARIES = [
    # 降低失业保险费率
    ("unit insured", "M01a", "2025-12-31", {}, "auto 1.00 1.00 - 2025-12-31"),
    ("the day after the rate cut ended", "M01a", "2026-01-01", {}, "closed - - - -"),
    ("not unit insured", "M01a", DAY, dict(unit_insured=False), "if 1.00 1.00 - 2025-12-31"),
    ("suspended still lives", "M01a", DAY, dict(operating_status="suspended"), "auto 1.00 1.00 - 2025-12-31"),
    # 稳岗返还
    ("11 months insured", "M01b", DAY, dict(unemployment_insurance_months=11), "if 600.00 600.00 - 2025-12-31"),
    ("12 months insured", "M01b", DAY, dict(unemployment_insurance_months=12), "auto 600.00 600.00 - 2025-12-31"),
    ("13 months insured", "M01b", DAY, dict(unemployment_insurance_months=13), "auto 600.00 600.00 - 2025-12-31"),
    ("30 insured, 6 laid off", "M01b", DAY, _claimants(6, 30), "auto 600.00 600.00 - 2025-12-31"),
    ("31 insured, 6 laid off", "M01b", DAY, _claimants(6, 31), "no - - - -"),
    ("31 insured, 1 laid off", "M01b", DAY, _claimants(1, 31), "auto 600.00 600.00 - 2025-12-31"),
    ("20.00 % of 25", "M01b", DAY, _claimants(5, 25), "auto 600.00 600.00 - 2025-12-31"),
    ("20.83 % of 24", "M01b", DAY, _claimants(5, 24), "no - - - -"),
    ("5.50 % of 200", "M01b", DAY, _claimants(11, 200), "auto 600.00 600.00 - 2025-12-31"),
    ("5.51 % of 10,000", "M01b", DAY, _claimants(551, 10_000), "no - - - -"),
    ("0 laid off of 0 insured", "M01b", DAY, _claimants(0, 0), "auto 600.00 600.00 - 2025-12-31"),
    ("1 laid off of 0 insured", "M01b", DAY, _claimants(1, 0), "no - - - -"),
    ("paid nothing", "M01b", DAY, dict(unemployment_insurance_paid_last_year="0"), "auto 0.00 0.00 - 2025-12-31"),
    ("paid one fen", "M01b", DAY, dict(unemployment_insurance_paid_last_year="0.01"), "auto 0.01 0.01 - 2025-12-31"),
    ("paid unknown", "M01b", DAY, dict(unemployment_insurance_paid_last_year=ABSENT), "auto - - - 2025-12-31"),
    ("insured as a person", "M01b", DAY, dict(unit_insured=False), "if 600.00 600.00 - 2025-12-31"),
    ("in arrears", "M01b", DAY, dict(insurance_arrears=True), "if 600.00 600.00 - 2025-12-31"),
    ("arrears unknown", "M01b", DAY, dict(insurance_arrears=ABSENT), "auto 600.00 600.00 - 2025-12-31"),
    ("seriously dishonest", "M01b", DAY, dict(seriously_dishonest=True), "no - - - -"),
    ("suspended does not operate", "M01b", DAY, dict(operating_status="suspended"), "if 600.00 600.00 - 2025-12-31"),
    ("revoked", "M01b", DAY, dict(operating_status="revoked"), "no - - - -"),
    ("last day of the refund", "M01b", "2025-12-31", {}, "auto 600.00 600.00 - 2025-12-31"),
    ("day after the refund", "M01b", "2026-01-01", {}, "closed - - - -"),
    # 创业担保贷款
    ("wants 299,999", "M01c", DAY, dict(loan_amount_wanted=299_999), "now 299999.00 300000.00 - 2028-09-30"),
    ("wants 300,000", "M01c", DAY, dict(loan_amount_wanted=300_000), "now 300000.00 300000.00 - 2028-09-30"),
    ("wants 300,001", "M01c", DAY, dict(loan_amount_wanted=300_001), "now 300000.00 300000.00 - 2028-09-30"),
    ("wants 0, nothing wanted", "M01c", DAY, dict(loan_amount_wanted=0), "now 300000.00 300000.00 - 2028-09-30"),
    ("2 loans received", "M01c", DAY, dict(guaranteed_loans_received=2), "now 300000.00 300000.00 - 2028-09-30"),
    ("3 loans received", "M01c", DAY, dict(guaranteed_loans_received=3), "have - - - -"),
    ("loans unknown", "M01c", DAY, dict(guaranteed_loans_received=ABSENT), "now 300000.00 300000.00 - 2028-09-30"),
    ("16th birthday", "M01c", DAY, dict(born_on="2009-06-30"), "now 300000.00 300000.00 - 2028-09-30"),
    ("eve of 16", "M01c", DAY, dict(born_on="2009-07-01"), "soon 300000.00 300000.00 2025-07-01 2028-09-30"),
    ("a man of retirement age, 60 and a month", "M01c", "2025-05-30", dict(born_on="1965-04-30"), "no - - - -"),
    ("a man on the eve of it, 60 and two months", "M01c", DAY, dict(born_on="1965-05-01"),
     "now 300000.00 300000.00 - 2025-06-30"),
    ("a woman of retirement age, 55 and a month", "M01c", "2025-05-30", dict(born_on="1970-04-30", sex="female"),
     "no - - - -"),
    ("a woman on the eve of it, 55 and two months", "M01c", DAY, dict(born_on="1970-05-01", sex="female"),
     "now 300000.00 300000.00 - 2025-06-30"),
    ("63, sex unknown", "M01c", DAY, dict(born_on="1962-06-30", sex=ABSENT), "no - - - -"),
    ("the eve of 63, sex unknown", "M01c", DAY, dict(born_on="1962-07-01", sex=ABSENT),
     "now 300000.00 300000.00 - 2025-06-30"),
    ("a company's loan", "M01c", DAY, dict(entity_type="company"), "no - - - -"),
    ("born 29 February", "M01c", "2024-02-28", dict(born_on="1964-02-29"), "now 300000.00 300000.00 - 2024-02-28"),
    ("bad credit", "M01c", DAY, dict(good_credit=False), "no - - - -"),
    ("a migrant worker", "M01c", DAY, dict(operator_groups=["migrant_worker"]), "no - - - -"),
    ("a returning migrant worker", "M01c", DAY, dict(operator_groups=["returning_migrant_worker"]),
     "now 300000.00 300000.00 - 2028-09-30"),
    ("eve of the loan scheme", "M01c", "2023-09-30", dict(registered_on="2023-01-15"), "closed - - 2023-10-01 -"),
    ("last day of the loan scheme", "M01c", "2028-09-30", {}, "now 300000.00 300000.00 - 2028-09-30"),
    ("day after the loan scheme", "M01c", "2028-10-01", {}, "closed - - - -"),
    # 六税两费减半
    ("half of an odd fen", "M04a", DAY, dict(NO_TAXES, **GRADUATE, annual_stamp_duty="100.01"),
     "auto 50.01 - - 2027-12-31"),
    ("taxes unknown", "M04a", DAY, {}, "auto - - - 2027-12-31"),
    ("a company", "M04a", DAY, dict(entity_type="company"), "no - - - -"),
    ("suspended may halve", "M04a", DAY, dict(operating_status="suspended"), "auto - - - 2027-12-31"),
    ("deregistered", "M04a", DAY, dict(operating_status="deregistered"), "no - - - -"),
    ("not registered yet", "M04a", DAY, dict(operating_status="not_registered"), "if - - - 2027-12-31"),
    ("eve of the tax window", "M04a", "2022-12-31", {}, "closed - - 2023-01-01 -"),
    ("last day of the tax window", "M04a", "2027-12-31", {}, "auto - - - 2027-12-31"),
    ("day after the tax window", "M04a", "2028-01-01", {}, "closed - - - -"),
    # 经营所得个税减半
    ("a loss", "M04b", DAY, _income("-5000"), "auto 0.00 - - 2027-12-31"),
    ("no income", "M04b", DAY, _income(0), "auto 0.00 - - 2027-12-31"),
    ("top of the 5 % band", "M04b", DAY, _income(30_000), "auto 750.00 - - 2027-12-31"),
    ("one fen above", "M04b", DAY, _income("30000.01"), "auto 750.00 - - 2027-12-31"),
    ("one yuan above", "M04b", DAY, _income(30_001), "auto 750.05 - - 2027-12-31"),
    ("top of the 10 % band", "M04b", DAY, _income(90_000), "auto 3750.00 - - 2027-12-31"),
    ("one fen above 90,000", "M04b", DAY, _income("90000.01"), "auto 3750.00 - - 2027-12-31"),
    ("one yuan above 90,000", "M04b", DAY, _income(90_001), "auto 3750.10 - - 2027-12-31"),
    ("top of the 20 % band", "M04b", DAY, _income(300_000), "auto 24750.00 - - 2027-12-31"),
    ("one yuan above 300,000", "M04b", DAY, _income(300_001), "auto 24750.15 - - 2027-12-31"),
    ("top of the 30 % band", "M04b", DAY, _income(500_000), "auto 54750.00 - - 2027-12-31"),
    ("one yuan above 500,000", "M04b", DAY, _income(500_001), "auto 54750.18 - - 2027-12-31"),
    ("2,000,000", "M04b", DAY, _income(2_000_000), "auto 317250.00 - - 2027-12-31"),
    ("one fen above 2,000,000", "M04b", DAY, _income("2000000.01"), "auto 317250.00 - - 2027-12-31"),
    ("other relief above the tax", "M04b", DAY, _income(30_000, other_income_tax_relief=1501),
     "auto 0.00 - - 2027-12-31"),
    ("income unknown", "M04b", DAY, GRADUATE, "auto - - - 2027-12-31"),
    # 重点群体/退役士兵定额扣减
    ("month 36", "M04c", "2026-12-31", {}, "auto - 24000.00 - 2026-12-31"),
    ("month 37", "M04c", "2027-01-01", {}, "no - - - -"),
    ("registered on the last of January", "M04c", "2026-12-31", dict(registered_on="2024-01-31"),
     "auto - 24000.00 - 2026-12-31"),
    ("registered 29 February, month 36", "M04c", "2027-01-31", dict(registered_on="2024-02-29"),
     "auto - 2000.00 - 2027-01-31"),
    ("registered 29 February, month 37", "M04c", "2027-02-01", dict(registered_on="2024-02-29"), "no - - - -"),
    ("registered in March", "M04c", DAY, dict(registered_on="2025-03-10"), "auto - 20000.00 - 2028-02-29"),
    ("registers next week", "M04c", DAY, dict(registered_on="2025-07-10"),
     "soon - 12000.00 2025-07-10 2028-06-30"),
    ("registers next year", "M04c", DAY, dict(registered_on="2026-02-01"),
     "soon - 22000.00 2026-02-01 2029-01-31"),
    ("35 months used", "M04c", "2026-06-30", dict(deduction_months_used=35), "auto - 2000.00 - 2026-12-31"),
    ("36 months used", "M04c", "2026-06-30", dict(deduction_months_used=36), "have - - - -"),
    ("months used unknown", "M04c", "2026-06-30", dict(deduction_months_used=ABSENT),
     "unknown - 24000.00 - 2026-12-31"),
    ("VAT above the limit", "M04c", DAY, dict(annual_vat=30_000), "auto 24000.00 24000.00 - 2026-12-31"),
    ("registered on the last day of entry", "M04c", "2027-12-31", dict(registered_on="2027-12-31"),
     "auto - 2000.00 - 2030-11-30"),
    ("entered on the last day, next year", "M04c", "2028-01-01", dict(registered_on="2027-12-31"),
     "auto - 24000.00 - 2030-11-30"),
    ("registered after entry closed", "M04c", "2028-01-01", dict(registered_on="2028-01-01"), "no - - - -"),
    ("a veteran who was placed in a job", "M04c", DAY, dict(operator_groups=["veteran"]), "no - - - -"),
    ("not registered, no date", "M04c", DAY, dict(operating_status="not_registered", registered_on=ABSENT),
     "if - 24000.00 - -"),
    # 一次性创业补贴
    ("registered exactly 1 year", "M05a", "2025-01-15", {}, "now 5000.00 5000.00 - -"),
    ("one day less than 1 year", "M05a", "2025-01-14", {}, "soon 5000.00 5000.00 2025-01-15 -"),
    ("29 February, 1 year less a day", "M05a", "2025-02-27", dict(registered_on="2024-02-29"),
     "soon 5000.00 5000.00 2025-02-28 -"),
    ("29 February and 1 year", "M05a", "2025-02-28", dict(registered_on="2024-02-29"), "now 5000.00 5000.00 - -"),
    ("registers next week", "M05a", DAY, dict(registered_on="2025-07-10"), "soon 5000.00 5000.00 2026-07-10 -"),
    ("left school exactly 5 years ago", "M05a", DAY, dict(GRADUATE, left_school_on="2020-06-30"),
     "now 5000.00 5000.00 - 2025-06-30"),
    ("left school 5 years and a day ago", "M05a", DAY, dict(GRADUATE, left_school_on="2020-06-29"), "no - - - -"),
    ("left school 29 February, 5 years", "M05a", "2025-02-28", dict(GRADUATE, left_school_on="2020-02-29"),
     "now 5000.00 5000.00 - 2025-02-28"),
    ("left school 29 February, a day later", "M05a", "2025-03-01", dict(GRADUATE, left_school_on="2020-02-29"),
     "no - - - -"),
    ("5 years of school end before the first of the shop", "M05a", "2025-06-30",
     dict(GRADUATE, left_school_on="2020-06-30", registered_on="2024-07-01"), "no - - - -"),
    ("leaving date unknown", "M05a", DAY, dict(GRADUATE, left_school_on=ABSENT), "unknown 5000.00 5000.00 - -"),
    ("suspended", "M05a", DAY, dict(operating_status="suspended"), "if 5000.00 5000.00 - -"),
    ("deregistered", "M05a", DAY, dict(operating_status="deregistered"), "no - - - -"),
    ("not registered, no date", "M05a", DAY, dict(operating_status="not_registered", registered_on=ABSENT),
     "if 5000.00 5000.00 - -"),
    ("listed as abnormal", "M05a", DAY, dict(abnormal_listed=True), "if 5000.00 5000.00 - -"),
    ("a second business", "M05a", DAY, dict(first_time_business=False), "no - - - -"),
    ("received before", "M05a", DAY, dict(startup_subsidy_received=True), "have - - - -"),
    # 农业创业补贴
    ("a farming graduate", "M05b", DAY, {}, "now 10000.00 10000.00 - -"),
    ("not a graduate", "M05b", DAY, dict(operator_groups=["veteran"]), "no - - - -"),
    ("another industry", "M05b", DAY, dict(agri_industry="none"), "no - - - -"),
    ("suspended", "M05b", DAY, dict(operating_status="suspended"), "if 10000.00 10000.00 - -"),
    ("received before", "M05b", DAY, dict(agri_startup_subsidy_received=True), "have - - - -"),
    # 场所租赁补贴
    ("rent 0", "M05c", DAY, dict(monthly_rent=0), "now 0.00 0.00 - 2029-01-15"),
    ("rent 499", "M05c", DAY, dict(monthly_rent=499), "now 499.00 17964.00 - 2029-01-15"),
    ("rent 500", "M05c", DAY, dict(monthly_rent=500), "now 500.00 18000.00 - 2029-01-15"),
    ("rent 501", "M05c", DAY, dict(monthly_rent=501), "now 500.00 18000.00 - 2029-01-15"),
    ("rent unknown", "M05c", DAY, dict(monthly_rent=ABSENT), "now - 18000.00 - 2029-01-15"),
    ("12 months paid", "M05c", DAY, dict(rent_subsidy_months_received=12), "now 500.00 12000.00 - 2029-01-15"),
    ("35 months paid", "M05c", DAY, dict(rent_subsidy_months_received=35), "now 500.00 500.00 - 2029-01-15"),
    ("36 months paid", "M05c", DAY, dict(rent_subsidy_months_received=36), "have - - - -"),
    ("37 months paid", "M05c", DAY, dict(rent_subsidy_months_received=37), "have - - - -"),
    ("months paid unknown", "M05c", DAY, dict(rent_subsidy_months_received=ABSENT),
     "unknown 500.00 18000.00 - 2029-01-15"),
    ("startup exactly 5 years ago", "M05c", "2029-01-15", {}, "now 500.00 18000.00 - 2029-01-15"),
    ("startup 5 years and a day ago", "M05c", "2029-01-16", {}, "no - - - -"),
    ("29 February and 5 years", "M05c", "2029-02-28", dict(registered_on="2024-02-29"),
     "now 500.00 18000.00 - 2029-02-28"),
    ("29 February, 5 years and a day", "M05c", "2029-03-01", dict(registered_on="2024-02-29"), "no - - - -"),
    ("registers next week", "M05c", DAY, dict(registered_on="2025-07-10"),
     "soon 500.00 18000.00 2025-07-10 2030-07-10"),
    ("does not rent", "M05c", DAY, dict(rents_premises=False), "if 500.00 18000.00 - 2029-01-15"),
    ("rent was reduced", "M05c", DAY, dict(rent_reduction_received=True), "no - - - -"),
    ("premises not compliant", "M05c", DAY, dict(premises_compliant=False), "no - - - -"),
    ("suspended", "M05c", DAY, dict(operating_status="suspended"), "if 500.00 18000.00 - 2029-01-15"),
]
# fmt: on


@pytest.mark.parametrize(
    ("benefit", "as_of", "changes", "expected"),
    [row[1:] for row in BOUNDARIES],
    ids=[f"{benefit}: {title}" for title, benefit, *_ in BOUNDARIES],
)
def test_the_boundary(benefit, as_of, changes, expected):
    facts = {name: value for name, value in {**SHOP, **changes}.items() if value is not ABSENT}

    one = found(benefit, as_of, facts)

    answer = (one.state, one.amount.value, one.amount.maximum, one.eligible_from, one.apply_before)
    assert " ".join("-" if part is None else str(part) for part in answer) == expected


@pytest.mark.parametrize(
    ("claimants", "headcount", "share", "state"),
    [
        (2000, 10_000, "0.20", "now"),
        (2001, 10_000, "0.20", "no"),
        (550, 10_000, "0.055", "now"),
        (551, 10_000, "0.055", "no"),
        (1_000_000_000, 1_000_000_000, "1", "now"),
        (1_000_000_000, 999_999_999, "1", "no"),
    ],
)
def test_a_layoff_rate_may_reach_its_limit_but_not_pass_it(claimants, headcount, share, state):
    limit = {
        "ratio": ["layoff_claimants_last_year", "insured_headcount_last_year"],
        "op": "lte",
        "value": share,
    }

    assert state_of(rule(limit), DAY, _claimants(claimants, headcount)).state == state


@pytest.mark.parametrize("tax", HALVED)
def test_each_of_the_six_taxes_and_two_fees_is_halved(tax):
    one = found("M04a", DAY, {**SHOP, **GRADUATE, **NO_TAXES, due_fact(tax): "200.00"})

    assert (one.amount.value, one.amount.value % FEN) == (100, 0)
