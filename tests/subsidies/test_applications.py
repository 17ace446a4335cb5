"""The life of an application, from a draft to the grant, and who may do what on the way."""

import pytest
from django.utils import timezone

from businesses.register import profile_of
from cases.audit import verify
from core.errors import Refused
from core.models import forget_editions
from eligibility.evaluation import evaluate
from subsidies.actions import applying, approving
from subsidies.models import Application, Instalment
from tests.notifications.register import open_shop

from . import world


@pytest.fixture
def people(db):
    return world.bureau()


def test_an_application_goes_from_draft_to_grant(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    world.envelope(benefit, 10_000)

    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)

    assert (application.state, application.amount_fen) == ("approved", 500_000)
    assert list(Instalment.objects.values_list("amount_fen", "status")) == [(500_000, "due")]
    assert list(verify()) == []


def test_rent_is_granted_from_the_month_of_application_in_halves_of_a_year(people):
    benefit, shop = world.grant_of_rent(), world.shop_with_rent(1, "380")
    world.envelope(benefit)

    application = world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)

    instalments = list(Instalment.objects.order_by("number"))
    assert application.starts_on == world.first_of_this_month()
    assert sum(row.months for row in instalments) == 36
    assert sum(row.amount_fen for row in instalments) == 36 * 38_000
    assert {row.status for row in instalments[1:]} == {"planned"}
    assert all(row.from_month.month + row.months <= 13 for row in instalments)


def test_handing_in_twice_gives_the_same_receipt(people):
    benefit, shop = world.grant_of_money(), open_shop(1)
    owner = world.owner_of(shop)
    first = world.filed(benefit, shop, owner)

    second = applying.submit(Application.objects.get(pk=first.pk), by=owner)

    assert (second.number, second.version) == (first.number, first.version)


def test_the_same_person_cannot_have_a_benefit_once_per_person_for_a_second_shop(people):
    benefit = world.grant_of_money(once_per_person=True)
    one, other = open_shop(1), open_shop(2, person=1)
    world.filed(benefit, one, world.owner_of(one))

    with pytest.raises(Refused, match="每人只能申请一次"):
        applying.begin(other, benefit, by=world.owner_of(other))


def test_an_envelope_that_is_empty_grants_nothing(people):
    benefit, shops = world.grant_of_money(), [open_shop(1), open_shop(2)]
    world.envelope(benefit, 9_999)
    first, second = (world.filed(benefit, shop, world.owner_of(shop)) for shop in shops)
    world.approved(first, people)
    second = world.recommended(second, people)

    with pytest.raises(Refused, match="资金不够"):
        approving.approve(second, by=people.approver)

    second.refresh_from_db()
    assert second.state == "recommended"
    assert Instalment.objects.count() == 1


def test_a_benefit_without_money_is_closed_to_everybody_and_opens_again(people):
    benefit, shop, other = world.grant_of_money(), open_shop(1), open_shop(2)
    world.envelope(benefit, 9_999)
    world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)
    owner = world.owner_of(other)
    draft = world.draft(benefit, other, owner)

    closed = _state_for(benefit, other)
    with pytest.raises(Refused, match="资金已经用完"):
        applying.submit(draft, by=owner)
    world.envelope(benefit, 20_000)

    assert (closed, _state_for(benefit, other)) == ("closed", "now")
    assert applying.submit(draft, by=owner).state == "submitted"


def _state_for(benefit, shop):
    forget_editions()
    shop.refresh_from_db()
    found = evaluate(profile_of(shop), timezone.localdate()).assessments
    return next(row.state for row in found if row.rule.code == benefit.code)
