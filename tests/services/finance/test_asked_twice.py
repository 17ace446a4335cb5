"""What is asked twice is one request."""

import threading

import pytest

from businesses.models import Sharing
from services.asking import Ask
from services.finance import tenders
from services.models import Leg, ServiceCase
from tests.core.test_idempotency import begin  # noqa: F401
from tests.services import world

pytestmark = pytest.mark.django_db
in_parallel = pytest.mark.django_db(databases=["default", "postgres"], transaction=True)


def test_what_is_asked_twice_is_the_one_that_stands_whichever_bank_is_named(shop, owner, banks):
    case = world.tender(shop, owner, banks[0])

    again, is_new = tenders.ask_institutions(
        banks[1].offering, shop, Ask(), [banks[1].department.pk], {}, by=owner
    )

    assert (again.pk, is_new) == (case.pk, False)
    assert Leg.objects.count() == 1


@in_parallel
def test_two_at_once_are_one_request(begin):  # noqa: F811
    shop, owner = world.shop_that_rents()
    one = world.bank()
    digest, barrier, heard = world.digest(shop, one), threading.Barrier(2), []

    def work():
        barrier.wait()
        pk = one.department.pk
        heard.append(
            tenders.ask_institutions(one.offering, shop, Ask(), [pk], {pk: digest}, by=owner, is_fresh=True)[
                1
            ]
        )

    for thread in [begin(work) for _ in range(2)]:
        thread.join()

    assert sorted(heard) == [False, True]
    assert (ServiceCase.objects.count(), Leg.objects.count(), Sharing.objects.count()) == (1, 1, 1)
