"""Applications before staff, and the forms of the case page, for the tests of review."""

import html
import re

from django.test import Client

from cases.actions import correcting
from tests.subsidies import world

QUEUE = "/admin/subsidies/application/"
STAFF_ROW = {
    "fact": "premises_compliant",
    "op": "eq",
    "value": True,
    "check": "staff",
    "clause": "试行办法第一条",
    "origin": "source",
}
RENT_ROW = {
    "fact": "rents_premises",
    "op": "eq",
    "value": True,
    "clause": "试行办法第一条",
    "origin": "source",
}


def benefit_to_review():
    """One sum, for who rents premises that staff find to be in order."""
    found = world.grant_of_money(criteria={"all": [STAFF_ROW, RENT_ROW]})
    world.envelope(found)
    return found


def filed(benefit, place, **answers):
    shop = world.shop_with_rent(place)
    return world.filed(benefit, shop, world.owner_of(shop), **answers)


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def case(application, part="change"):
    return f"{QUEUE}{application.pk}/{part}/"


def text(response):
    body = re.sub(r"<(script|style).*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


def sent(application, do, **more):
    return {"do": do, "expected_version": application.version, **more}


def verdict_of(application, verdict="pass", place=0):
    return {f"verdict-{application.judged['criteria'][place]['id']}": verdict}


def defects():
    return [{"kind": "material", "name": "租赁合同", "reason": "照片不清楚，看不见文字"}]


def mend(application):
    owner = application.submitter
    piece = world.evidence(application.operator)
    correcting.mend_material(application, "租赁合同", [piece], by=owner)
    return correcting.correct(application, by=owner)
