"""Owners as people describe them, relative to today; and the cookie in which a browser keeps their answers."""

import re
from datetime import timedelta

from django.http import HttpResponse
from django.utils import timezone

from businesses.facts import BUILT_IN_REGISTRY
from eligibility.answers import COOKIE, keep


def months_ago(months):
    return (timezone.localdate() - timedelta(days=months * 30)).isoformat()


def typical_owners():
    """Answers by a short description of who gives them."""
    return {
        "退役士兵，茶叶店，租店面": {
            "operator_groups": ["self_employed_veteran"],
            "registered_on": months_ago(10),
            "rents_premises": True,
            "rent_reduction_received": False,
            "rent_subsidy_months_received": 0,
            "monthly_rent": "800",
            "first_time_business": True,
            "startup_subsidy_received": False,
            "agri_industry": "tea",
            "agri_activity": "circulation",
            "agri_startup_subsidy_received": False,
            "deduction_months_used": 0,
            "unit_insured": False,
        },
        "就业困难人员，面馆，租金 380 元": {
            "operator_groups": ["hard_to_employ"],
            "registered_on": months_ago(30),
            "rents_premises": True,
            "rent_reduction_received": False,
            "rent_subsidy_months_received": 12,
            "monthly_rent": "380",
            "first_time_business": True,
            "startup_subsidy_received": True,
            "agri_industry": "none",
            "unit_insured": None,
        },
        "什么身份都不是，还没登记": {
            "operator_groups": [],
            "operating_status": "not_registered",
            "registered_on": None,
        },
        "只答了身份": {"operator_groups": ["graduate"]},
    }


def answers_cookie(answers):
    """The value of the answers cookie, as the site itself writes it."""
    return keep(HttpResponse(), answers).cookies[COOKIE].value


def filled_in(page, owner):
    """What the owner's form sends for the questions on a page (HTML): the facts asked, answered as they would be."""
    data = dict(re.findall(r'<input type="hidden" name="(shop)" value="([^"]+)">', page))
    for name in asked_on(page):
        fact, answer = BUILT_IN_REGISTRY[name], owner.get(name)
        if name == "registered_on" and is_not_registered(owner):
            data[f"{name}-other"] = "not_registered"
        elif answer is None:
            data[f"{name}-other" if fact.type in ("date", "integer", "money") else name] = "unknown"
        elif fact.type == "set":
            data[name] = answer or ["none-of-them"]
        else:
            data[name] = {True: "true", False: "false"}.get(answer, answer) if fact.type == "bool" else answer
    return data


def is_not_registered(owner):
    """Whether people say 还没登记: also of a day that is still to come, which only programs may ask about."""
    day = owner.get("registered_on")
    return owner.get("operating_status") == "not_registered" or (
        day and day > timezone.localdate().isoformat()
    )


def asked_on(page):
    names = re.findall(r'<(?:input|select)[^>]* name="([a-z_]+)(?:-other)?"', page)
    return [name for name in dict.fromkeys(names) if name in BUILT_IN_REGISTRY]
