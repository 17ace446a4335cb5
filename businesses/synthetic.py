"""Made-up shops, as the API takes them, for tests and benchmarks.

Every share below is synthetic: invented so that each rule meets shops on both sides of its edges, counted nowhere.
The same seed gives the same shops, on every machine.
"""

from datetime import date, timedelta
from random import Random

from .facts import AGRI_INDUSTRIES, BUILT_IN_REGISTRY, DISTRICTS

# Synthetic: how often a number or date is one of those that the edges of rules are near to.
AT_AN_EDGE = 0.3
# Synthetic: how often a yes/no fact holds.
SHARE_TRUE = {
    "first_time_business": 0.75,
    "annual_report_filed": 0.9,
    "abnormal_listed": 0.05,
    "seriously_dishonest": 0.02,
    "sells_online": 0.3,
    "owns_brand": 0.1,
    "exports": 0.03,
    "good_credit": 0.93,
    "unit_insured": 0.2,
    "insurance_arrears": 0.05,
    "rents_premises": 0.65,
    "premises_compliant": 0.9,
    "rent_reduction_received": 0.08,
    "startup_subsidy_received": 0.1,
    "agri_startup_subsidy_received": 0.03,
    "leads_agri_enterprise": 0.2,
    "judgment_debtor": 0.02,
}
# Synthetic: how many of a hundred shops have each choice.
OF_A_HUNDRED = {
    "entity_type": {
        "individual_business": 94,
        "small_micro_enterprise": 3,
        "farmer_cooperative": 2,
        "company": 1,
    },
    "operating_status": {
        "operating": 88,
        "suspended": 5,
        "deregistered": 3,
        "revoked": 1,
        "not_registered": 3,
    },
    "district": dict(zip((choice.value for choice in DISTRICTS), (30, 18, 22, 30), strict=True)),
    "industry": {"F5212": 24, "F": 12, "F51": 8, "H6210": 18, "O": 12, "A01": 6, "G": 8, "C13": 7, "R": 5},
    "taxpayer_type": {"small_scale": 96, "general": 4},
    "environmental_assessment": {"none": 90, "registration": 6, "report_form": 3, "report_book": 1},
    "sex": {"female": 47, "male": 53},
    "agri_industry": {
        "none": 76,
        **{choice.value: 2 for choice in AGRI_INDUSTRIES if choice.value != "none"},
    },
    "agri_activity": {"none": 70, "circulation": 16, "planting_breeding": 14},
    "business_type": {"survival": 92, "growth": 7, "development": 1},
}
# Synthetic: how many of a hundred members of a set a person is on average.
MEMBERSHIPS = {
    "operator_groups": {
        "graduate": 14, "graduation_year_graduate": 3, "hard_to_employ": 12, "migrant_worker": 22,
        "returning_migrant_worker": 8, "veteran": 6, "self_employed_veteran": 4, "poverty_alleviated": 8,
        "registered_unemployed": 10, "unemployed_half_year": 5, "zero_employment_family": 1,
        "subsistence_family": 2, "disabled": 3, "released_prisoner": 1, "online_merchant": 6,
        "overcapacity_worker": 2, "rural_entrepreneur": 6,
    },
    "distinctive_classes": {"famous": 1, "characteristic": 2, "quality": 2, "emerging": 1},
}  # fmt: skip
# Synthetic: days before today, from and to, and those that come up more often.
DAYS_AGO = {
    "registered_on": (-60, 4000, (0, 364, 365, 366, 1094, 1095, 1096, 1825, 1826, 1827)),
    "left_school_on": (0, 4000, (1825, 1826, 1827)),
    "born_on": (6000, 24000, (5843, 5844, 20088, 20089, 21914, 21915)),
    "published_penalty_on": (0, 1500, (730, 731)),
}
# Synthetic: whole numbers, from and to, and those that come up more often.
INTEGERS = {
    "employees": (1, 12, (1, 2)),
    "unemployment_insurance_months": (0, 60, (0, 11, 12, 13)),
    "insured_headcount_last_year": (0, 60, (0, 1, 30, 31)),
    "layoff_claimants_last_year": (0, 4, (0,)),
    "deduction_months_used": (0, 36, (0, 35, 36)),
    "rent_subsidy_months_received": (0, 36, (0, 35, 36)),
    "guaranteed_loans_received": (0, 3, (0,)),
    "insured_headcount": (0, 60, (0, 1)),
    "premises_area": (8, 400, (20, 60)),
}
# Synthetic: yuan, from and to, and those that come up more often.
MONEY = {
    "unemployment_insurance_paid_last_year": (0, 9_000, (0,)),
    "annual_taxable_income": (-20_000, 2_600_000, (0, 30_000, 80_000, 90_000, 300_000, 500_000, 2_000_000)),
    "other_income_tax_relief": (0, 20_000, (0,)),
    "monthly_rent": (0, 6_000, (0, 499, 500, 501, 800)),
    "loan_amount_wanted": (0, 500_000, (0, 100_000, 300_000, 300_001)),
    "tax_paid_last_year": (0, 60_000, (0,)),
    "annual_vat": (0, 40_000, (0,)),
}
OTHER_TAXES = (0, 6_000, (0,))


def generate_profile(random: Random, today: date, unknown_share=0.2) -> dict:
    """One shop's facts in JSON shape. Each is left out with probability ``unknown_share``."""
    profile = {}
    for fact in BUILT_IN_REGISTRY.values():
        # Drawn even where left out, so that a larger unknown_share leaves the other facts as they are.
        left_out, value = random.random() < unknown_share, _value(fact, random, today)
        if not left_out:
            profile[fact.name] = value
    return profile


def _value(fact, random, today):
    if fact.type == "bool":
        return random.random() < SHARE_TRUE[fact.name]
    if fact.type in ("choice", "code"):
        shares = OF_A_HUNDRED[fact.name]
        return random.choices(list(shares), list(shares.values()))[0]
    if fact.type == "set":
        return [member for member, share in MEMBERSHIPS[fact.name].items() if random.random() * 100 < share]
    if fact.type == "date":
        return (today - timedelta(days=_number(DAYS_AGO[fact.name], random))).isoformat()
    if fact.type == "integer":
        return _number(INTEGERS[fact.name], random)
    low, high, often = MONEY.get(fact.name, OTHER_TAXES)
    return f"{_number((low * 100, high * 100, [value * 100 for value in often]), random) / 100:.2f}"


def _number(between, random):
    low, high, often = between
    return random.choice(often) if random.random() < AT_AN_EDGE else random.randint(low, high)
