"""Mandates: what agents and programs may do for an owner, and when that ends."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions import agree, withdraw
from accounts.models import ApiClient, User
from businesses import rules
from businesses.actions import bind, give_mandate, may, revoke_mandate, state_facts
from businesses.models import Business, Mandate
from core.errors import Invalid, Refused

from .world import NAME, OTHER, TODAY, agent_of, clerk, opened, owner_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize(
    ("scopes", "allowed"),
    [
        (["view"], {"view"}),
        (["answer"], {"view", "answer"}),
        (["apply"], {"view", "apply"}),
        (["view", "answer", "apply"], {"view", "answer", "apply"}),
    ],
)
def test_an_agent_may_what_the_owner_allowed_and_the_owner_everything(engine, scopes, allowed):
    shop, other = opened(), opened(1, OTHER)
    owner = owner_of(shop)
    agent = agent_of(shop, owner, scopes)

    assert {scope for scope in rules.SCOPES if may(agent, shop, scope)} == allowed
    assert {scope for scope in rules.SCOPES if may(owner, shop, scope)} == set(rules.SCOPES)
    assert [may(agent, other, scope) for scope in rules.SCOPES] == [False] * 3
    assert list(Business.objects.visible_to(agent)) == [shop]


def test_a_mandate_ends_at_once_by_either_side_and_by_itself_after_its_last_day(engine, time_machine):
    shop = opened()
    owner = owner_of(shop)
    agent, stranger = agent_of(shop, owner, ["view"]), person(3)

    with pytest.raises(PermissionDenied):
        revoke_mandate(Mandate.objects.get(), by=stranger)
    revoke_mandate(Mandate.objects.get(), by=owner)
    assert not may(agent, shop, "view")
    agent_of(shop, owner, ["view"])
    revoke_mandate(Mandate.objects.standing().get(), by=agent)
    assert not may(agent, shop, "view")
    with pytest.raises(Refused, match="已经撤销"):
        revoke_mandate(Mandate.objects.latest("pk"), by=agent)

    agent_of(shop, owner, ["view"])
    assert may(agent, shop, "view")
    time_machine.move_to(timezone.now() + timedelta(days=1))
    assert not may(agent, shop, "view")


def test_a_new_mandate_takes_the_place_of_the_one_before(engine):
    shop = opened()
    owner = owner_of(shop)
    agent_of(shop, owner, ["answer", "apply"])

    agent = agent_of(shop, owner, ["view"])

    assert [row.scopes for row in Mandate.objects.standing()] == [["view"]]
    assert not may(agent, shop, "answer")


def test_a_program_acts_by_mandate_within_its_scopes(engine):
    shop = opened()
    owner = owner_of(shop)
    bank = ApiClient.objects.create(name="演示银行", client_type="confidential", scopes="businesses:read")

    give_mandate(shop, client=bank, scopes=["view"], until=TODAY, by=owner)

    assert [may(bank, shop, scope) for scope in rules.SCOPES] == [True, False, False]
    with pytest.raises(PermissionDenied):
        state_facts(shop, {"monthly_rent": "1.00"}, by=bank)
    assert list(Business.objects.visible_to(bank)) == [shop]


def test_a_program_that_was_switched_off_neither_acts_nor_is_given_a_mandate(engine):
    shop = opened()
    owner = owner_of(shop)
    bank = ApiClient.objects.create(name="演示银行", client_type="confidential", scopes="businesses:read")
    give_mandate(shop, client=bank, scopes=["view"], until=TODAY, by=owner)

    bank.disabled_at = timezone.now()
    bank.save()

    assert may(bank, shop, "view") is False
    assert list(Business.objects.visible_to(bank)) == []
    with pytest.raises(Invalid) as told:
        give_mandate(shop, client=bank, scopes=["view"], until=TODAY, by=owner)
    assert [(fault.field, fault.code) for fault in told.value.faults] == [("client", "disabled_client")]


def test_mandates_stand_for_as_long_as_the_account_of_whoever_gave_them(engine):
    shop = opened()
    owner = owner_of(shop)
    agent = agent_of(shop, owner, ["answer"])

    User.objects.filter(pk=owner.pk).update(is_active=False)

    assert [may(agent, shop, scope) for scope in rules.SCOPES] == [False] * 3
    assert list(Business.objects.visible_to(agent)) == []
    assert Mandate.objects.standing().count() == 0


def test_taking_back_the_agreement_to_the_service_ends_the_mandates_given(engine):
    shop, other = opened(), opened(1, OTHER)
    owner = owner_of(shop)
    agent = agent_of(shop, owner, ["answer"])
    neighbour = bind(agent, other.credit_code, NAME, "010020").user
    kept = give_mandate(other, phone="13800000001", scopes=["view"], until=TODAY, by=neighbour)
    agree(owner, "service")

    withdraw(owner, "service")

    assert list(Mandate.objects.filter(revoked_at=None)) == [kept]
    assert [may(agent, shop, "view"), may(owner, shop, "view")] == [False, True]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"phone": "1380000"}, "phone"),
        ({"phone": "13800000001"}, "phone"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["delete"]}, "scopes"),
        ({"until": TODAY - timedelta(days=1)}, "until"),
        ({"until": rules.last_day_of_a_mandate(TODAY) + timedelta(days=1)}, "until"),
        ({"relation": "亲" * 21}, "relation"),
    ],
)
def test_a_mandate_that_cannot_be_is_refused_at_its_field(engine, change, field):
    shop = opened()
    asked = {"phone": "13800000002", "scopes": ["view"], "until": TODAY, "relation": "女儿", **change}

    with pytest.raises(Invalid) as told:
        give_mandate(shop, by=owner_of(shop), **asked)

    assert [fault.field for fault in told.value.faults] == [field]
    assert Mandate.objects.count() == 0


def test_only_the_owner_gives_mandates(engine):
    shop = opened()
    agent = agent_of(shop, owner_of(shop), ["view", "answer", "apply"])

    for user in (agent, person(3), clerk("market", "change_mandate")):
        with pytest.raises(PermissionDenied):
            give_mandate(shop, phone="13800000004", scopes=["view"], until=TODAY, by=user)


def test_a_year_from_the_leap_day_is_the_28th():
    assert rules.last_day_of_a_mandate(date(2028, 2, 29)) == date(2029, 2, 28)
    assert rules.last_day_of_a_mandate(date(2026, 11, 24)) == date(2027, 11, 24)
