"""Requests to several institutions, as the tests ask and answer them."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import User
from businesses.actions import give_mandate
from cases.models import Case
from services.finance import tenders
from services.models import Leg
from tests.services import world

SUM = {"key": "sum", "type": "money", "label": "想借多少", "required": True}
VETERAN = {"all": [{"fact": "operator_groups", "op": "has_any", "value": ["veteran"]}]}


def state_of(case):
    row = Case.objects.get(pk=case.pk)
    return row.state, row.outcome


def legs_of(case):
    rows = Leg.objects.filter(request=case.pk).order_by("position")
    return [
        (leg.receiver.name, leg.state, leg.sharing_id is not None) for leg in rows.select_related("receiver")
    ]


def answered(case, one, verb, **typed):
    return tenders.answer(world.leg_of(case, one), verb, typed, by=one.officer)


def helper_of(shop, owner):
    until = timezone.localdate() + timedelta(days=30)
    give_mandate(shop, scopes=["view", "apply"], until=until, by=owner, phone="13912345678")
    return User.objects.with_phone("13912345678")


def bank_of_loans(**more):
    return world.bank(code="M02d", questions=[SUM], **more)


def shown(response):
    return response.content.decode()
