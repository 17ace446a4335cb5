"""Ten people as the city has them, and what each of them is told: the text in said.txt.

`python -m tests.spoken.personas` writes it anew after words were changed; read what changed before you commit it.
"""

from pathlib import Path

from businesses.facts import BUILT_IN_REGISTRY
from core.facts import read_date
from policies.criteria.everyday import everyday
from policies.criteria.sentence import sentence
from policies.criteria.tree import leaves

SAID = Path(__file__).with_name("said.txt")
DAY = read_date("2026-11-29")

SHOP = {
    "operating_status": "operating",
    "registered_on": "2025-03-08",
    "first_time_business": True,
    "rents_premises": True,
    "rent_reduction_received": False,
    "rent_subsidy_months_received": 0,
    "monthly_rent": "800",
    "startup_subsidy_received": False,
    "agri_startup_subsidy_received": False,
    "deduction_months_used": 0,
    "unit_insured": False,
    "agri_industry": "none",
    "agri_activity": "none",
}
BORN = {"born_on": "1990-05-01", "sex": "male"}

PERSONAS = {
    "高校毕业生，2024 年离校，做茶叶": SHOP
    | BORN
    | {
        "operator_groups": ["graduate"],
        "left_school_on": "2024-07-01",
        "agri_industry": "tea",
        "agri_activity": "circulation",
    },
    "高校毕业生，2015 年离校": SHOP
    | BORN
    | {"operator_groups": ["graduate"], "left_school_on": "2015-07-01"},
    "自主就业退役士兵，开店 10 个月": SHOP
    | BORN
    | {"operator_groups": ["self_employed_veteran"], "registered_on": "2026-01-15"},
    "就业困难人员，58 岁，女": SHOP
    | {
        "operator_groups": ["hard_to_employ"],
        "born_on": "1968-01-05",
        "sex": "female",
        "monthly_rent": "380",
    },
    "农民工，男，1966 年 10 月 5 日生": SHOP
    | {"operator_groups": ["returning_migrant_worker"], "born_on": "1966-10-05", "sex": "male"},
    "什么身份都不是，领过补贴，歇业": SHOP
    | BORN
    | {
        "operator_groups": [],
        "operating_status": "suspended",
        "startup_subsidy_received": True,
        "rent_subsidy_months_received": 36,
        "rents_premises": False,
    },
    "什么都没答": {},
    "退役军人，还没登记": {
        "operator_groups": ["veteran"],
        "operating_status": "not_registered",
        "registered_on": None,
    },
    "公司，31 人裁 2 人，2025 年": SHOP
    | {
        "entity_type": "company",
        "operator_groups": ["veteran"],
        "unit_insured": True,
        "unemployment_insurance_months": 11,
        "insured_headcount_last_year": 31,
        "layoff_claimants_last_year": 2,
        "unemployment_insurance_paid_last_year": "2000",
        "insurance_arrears": True,
        "seriously_dishonest": True,
    },
    "老店，开了 20 年，什么都不符合": SHOP
    | {
        "operator_groups": ["graduate", "veteran"],
        "left_school_on": "2004-07-01",
        "registered_on": "2006-03-08",
        "born_on": "1950-05-01",
        "first_time_business": False,
        "abnormal_listed": True,
        "good_credit": False,
        "premises_compliant": False,
        "rent_reduction_received": True,
        "guaranteed_loans_received": 3,
        "deduction_months_used": 36,
        "leads_agri_enterprise": False,
        "business_type": "survival",
        "environmental_assessment": "none",
    },
}
DAYS = {"公司，31 人裁 2 人，2025 年": read_date("2025-06-30")}


def said() -> str:
    """Every condition of every rule when it holds and when it does not, as an owner reads it, then what each person is
    told."""
    return "\n".join([*_conditions(), *_in_everyday_words(), *_people()]) + "\n"


def _conditions():
    from policies.catalogue import catalogue

    yield "# 每一条条件：符合时，不符合时"
    told = {}
    for rule in catalogue().rules_on(DAY):
        for leaf in leaves(rule.criteria):
            told.setdefault((sentence(leaf, DAY), sentence(leaf.negated(), DAY)), []).append(rule.code)
    for (holds, fails), codes in told.items():
        yield f"{holds} ｜ {fails}（{'、'.join(dict.fromkeys(codes)) if len(codes) < 9 else f'{len(codes)} 处'}）"


def _in_everyday_words():
    from policies.catalogue import catalogue

    yield "\n# 店主看到的每一条条件"
    told = {}
    for rule in catalogue().rules_on(DAY):
        for row in rule.criteria.children:
            told[everyday(row, DAY)] = sentence(row, DAY)
    for plain, official in told.items():
        yield plain if plain == official else f"{plain} ｜ {official}"


def _people():
    from eligibility.evaluation import evaluate
    from eligibility.spoken import spoken

    for name, facts in PERSONAS.items():
        day = DAYS.get(name, DAY)
        yield f"\n# {name}（{day.isoformat()}）"
        yield from spoken(evaluate(BUILT_IN_REGISTRY.read_profile(facts, as_of=day), day))


if __name__ == "__main__":
    import os
    from tempfile import TemporaryDirectory

    import django
    from django.core.management import call_command

    with TemporaryDirectory() as folder:
        os.environ["DJANGO_SETTINGS_MODULE"] = "portal.settings"
        os.environ.update(DATABASE_URL=f"sqlite:///{folder}/said.sqlite3", REDIS_URL="")
        django.setup()
        call_command("migrate", verbosity=0)
        call_command("load_measures")
        SAID.write_text(said(), "utf-8")
