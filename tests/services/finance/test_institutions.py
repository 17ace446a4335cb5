"""Which institutions can be asked."""

import pytest

from core.errors import Invalid
from services.asking import Ask
from services.finance import tenders
from services.finance.institutions import institutions_of
from services.models import Offering, ServiceCase
from tests.notifications.register import tell_of
from tests.services import world

from .tendering import VETERAN

pytestmark = pytest.mark.django_db


def test_institutions_are_those_that_offer_the_same_each_once_those_that_fit_first(shop, banks):
    first, second, _ = banks
    Offering.objects.filter(pk=first.offering.pk).update(criteria=VETERAN)
    tell_of(shop, "employment", operator_groups={"yes": [], "no": ["veteran"]})
    world.offering(
        "tender",
        "second",
        handler=world.bureau().department,
        benefit=world.benefit("T02a"),
        provider=second.department,
    )
    world.bank("d", "丁", code="T02b")

    rows = institutions_of(banks[2].offering, shop)

    assert [(one.department.name, one.may_be_asked) for one in rows] == [
        ("演示银行乙", True),
        ("演示银行丙", True),
        ("演示银行甲", False),
    ]
    assert len(rows[-1].fit.rows) == 1


@pytest.mark.parametrize("wrong", ["none", "strange", "unfit", "six"])
def test_only_those_that_can_be_asked_are_asked_and_no_more_than_five(shop, owner, banks, wrong):
    Offering.objects.filter(pk=banks[1].offering.pk).update(criteria=VETERAN)
    tell_of(shop, "employment", operator_groups={"yes": [], "no": ["veteran"]})
    more = [world.bank(letter, letter) for letter in "defgh"] if wrong == "six" else []
    ids = {
        "none": [],
        "strange": [world.institution("bank_x", "别的银行").department.pk],
        "unfit": [banks[1].department.pk],
        "six": [one.department.pk for one in (banks[0], *more)],
    }[wrong]

    with pytest.raises(Invalid) as refusal:
        tenders.ask_institutions(banks[0].offering, shop, Ask(), ids, {}, by=owner)

    assert {fault.field for fault in refusal.value.faults} == {"receivers"}
    assert not ServiceCase.objects.exists()
