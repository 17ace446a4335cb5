"""Stored shops as departments know them, and browsers of people who act for them."""

import re
from datetime import date, timedelta

from django.test import Client
from django.utils import timezone

from accounts.actions import agree
from accounts.models import User
from businesses.actions import bind, give_mandate
from businesses.models import Business
from businesses.register import Arrival, take_in

PERSON, NAME, LAST_SIX = "520201198001010012", "演示店主", "010012"
CODE, SECOND_CODE = "92520201MA6E00019C", "92520203MA6E000199"


def day(days_ago=0):
    return timezone.localdate() - timedelta(days=days_ago)


def tea_shop():
    """What departments and the owner say of a veteran's tea shop, ten months old, in rented premises."""
    return {
        "registry": {
            "entity_type": "individual_business",
            "operating_status": "operating",
            "registered_on": day(300).isoformat(),
            "district": "520201",
            "industry": "F5226",
            "born_on": "1980-01-01",
            "sex": "male",
            "annual_report_filed": True,
            "abnormal_listed": False,
            "seriously_dishonest": False,
        },
        "tax": {"taxpayer_type": "small_scale", "deduction_months_used": 0, "annual_vat": "0.00"},
        "social_security": {"unit_insured": False, "insurance_arrears": False, "employees": 1},
        "veterans": {"operator_groups": {"yes": ["self_employed_veteran"], "no": []}},
        "employment": {
            "first_time_business": True,
            "startup_subsidy_received": False,
            "agri_startup_subsidy_received": False,
            "rent_subsidy_months_received": 0,
            "guaranteed_loans_received": 0,
        },
        "self": {"rents_premises": True, "monthly_rent": "800.00", "rent_reduction_received": False},
    }


def store(said, *, code=CODE, identity=PERSON, on: date | None = None, name="演示茶叶店"):
    arrival = Arrival(said, credit_code=code, identity=identity, name=name, operator_name=NAME)
    take_in([arrival], on=on or day())
    return Business.objects.get(credit_code=code)


def person(number=1):
    user = User.objects.begin_with_phone(f"1390000{number:04}")
    agree(user, "sensitive")
    return user


def owner_of(shop, number=1):
    user = person(number)
    bind(user, shop.credit_code, NAME, LAST_SIX)
    return user


def agent_of(shop, owner, scopes, number=2):
    phone = f"1391000{number:04}"  # of no owner
    user = User.objects.begin_with_phone(phone)
    agree(user, "sensitive")
    give_mandate(shop, phone=phone, scopes=scopes, until=day(), by=owner, relation="女儿")
    return user


def browser_of(user):
    client = Client()
    client.force_login(user)
    return client


def text_of(response):
    """The words of the main part of a page."""
    page = response.content.decode()
    page = page[page.find("<main") : page.find("</main>")] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
