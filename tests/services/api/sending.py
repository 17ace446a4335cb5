"""What the tests of the API ask for, and how."""

from services.models import Leg
from tests.services import world

SUM = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
MONTHS = {"key": "months", "type": "integer", "label": "几个月"}
RENT = {"key": "rent", "type": "money", "label": "每月房租", "fact": "monthly_rent"}
FILE = {"key": "proof", "type": "files", "label": "证明", "required": True}


def wrong(answer, status=400):
    assert answer.status_code == status, answer.content.decode()
    return [(row["field"], row["code"]) for row in answer.json()["errors"]]


def ask_for(asker, shop, **more):
    return asker.post("requests/", {"business": str(shop.public_id), "offering": "ask", **more})


def bank(letter):
    found = world.institution(f"demo-bank-{letter}", f"演示银行{letter}")
    found.offering = world.offering(
        "tender",
        f"loan-{letter}",
        provider=found.department,  # the bureau watches
        questions=[SUM, RENT],
        shares=["monthly_rent"],
    )
    return found


def leg_of(bank):
    return Leg.objects.get(receiver=bank.department)
