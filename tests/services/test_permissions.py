"""Whoever looks after services of a bureau sees its services, and none of its money."""

import pytest

from accounts.models import User
from cases.models import Case
from cases.rights.permissions import may_review
from services.permissions import gives
from subsidies.models import Application
from tests.notifications.register import open_shop
from tests.subsidies import world as money
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return world.bureau()


def test_the_clerk_of_services_sees_what_is_asked_and_nothing_that_is_applied_for(people):
    asked, _ = world.asked(world.offering())
    shop = open_shop(2)
    applied = money.filed(money.grant_of_money(), shop, owner_of(shop))

    def seen(user):
        return sorted(Case.objects.visible_to(user).values_list("pk", flat=True))

    assert (seen(people.clerk), seen(people.reviewer)) == ([asked.pk], sorted([asked.pk, applied.pk]))
    assert not Application.objects.visible_to(people.clerk).exists()
    assert (may_review(people.clerk, asked), may_review(people.clerk, applied)) == (True, False)
    assert may_review(people.reviewer, applied)


def test_whoever_is_of_no_bureau_gives_nothing_of_a_mentors(people):
    row = world.offering("booking", mentor=User.objects.begin_with_phone("13800000004"))
    stranger = User.objects.create(username="nowhere", is_staff=True)
    stranger.groups.set(people.clerk.groups.all())

    assert [gives(user, row) for user in (people.clerk, stranger)] == [True, False]
