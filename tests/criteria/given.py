"""What the tests of the rule language start from: the city's rules, a shop that meets them, and small rules."""

from datetime import date
from functools import cache

from businesses.facts import BUILT_IN_REGISTRY
from policies.criteria.rules import read_rule
from policies.criteria.states import assess, assess_all
from policies.measures_file import DEFAULT_PATH, read_file

# Meets every money benefit on 2025-06-30, and nothing of it has been received.
SHOP = {
    "entity_type": "individual_business",
    "operating_status": "operating",
    "registered_on": "2024-01-15",
    "first_time_business": True,
    "abnormal_listed": False,
    "seriously_dishonest": False,
    "operator_groups": ["graduate", "self_employed_veteran"],
    "left_school_on": "2022-07-01",
    "born_on": "1995-03-01",
    "sex": "male",
    "good_credit": True,
    "unit_insured": True,
    "unemployment_insurance_months": 12,
    "unemployment_insurance_paid_last_year": "1000.00",
    "insurance_arrears": False,
    "insured_headcount_last_year": 10,
    "layoff_claimants_last_year": 0,
    "rents_premises": True,
    "premises_compliant": True,
    "rent_reduction_received": False,
    "monthly_rent": "800.00",
    "rent_subsidy_months_received": 0,
    "startup_subsidy_received": False,
    "agri_startup_subsidy_received": False,
    "agri_industry": "tea",
    "agri_activity": "circulation",
    "leads_agri_enterprise": True,
    "guaranteed_loans_received": 0,
    "deduction_months_used": 0,
}


@cache
def measures():
    """The file that ships with the product, read and checked."""
    return read_file(DEFAULT_PATH, BUILT_IN_REGISTRY)


def day(text):
    return date.fromisoformat(text)


def profile(as_of, facts, registry=BUILT_IN_REGISTRY):
    return registry.read_profile(facts, as_of=day(as_of))


def found(benefit, as_of, facts):
    """What the city's rules say of ``facts`` about one benefit."""
    everything = assess_all(measures().rules, profile(as_of, facts), day(as_of))
    return next(one for one in everything if one.rule.code == benefit)


def rule(*conditions, registry=BUILT_IN_REGISTRY, code="X01a", **content):
    """A rule of our own: 5,000 yuan for whoever meets ``conditions``."""
    plain = {"kind": "startup_subsidy", "delivery": "apply", "amount": {"fixed": "5000"}}
    return read_rule(
        {"criteria": {"all": list(conditions)}, **plain, **content}, registry=registry, code=code
    )


def state_of(own_rule, as_of, facts):
    return assess(own_rule, profile(as_of, facts), day(as_of))
