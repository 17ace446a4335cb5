"""What a person takes home and has erased."""

import json

import pytest

from accounts.actions import withdraw
from businesses import actions, own_data
from businesses.actions import ask_for_correction, bind, may, set_payment_account, state_facts, unbind
from businesses.models import (
    Binding,
    Business,
    Change,
    CorrectionRequest,
    Mandate,
    Operator,
    PaymentAccount,
)
from businesses.register import Arrival, known_of, take_in

from .world import ACCOUNT, CODES, LAST_SIX, NAME, OTHER, PERSON, TODAY, agent_of, opened, owner_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


def owner_with_everything():
    shop = opened(self={"sells_online": True}, tax={"tax_paid_last_year": "1200.00"})
    owner = owner_of(shop)
    agent_of(shop, owner, ["answer"])
    state_facts(shop, {"monthly_rent": "800.00", "operator_groups": ["veteran"]}, by=owner)
    set_payment_account(shop, **ACCOUNT, by=owner)
    ask_for_correction(shop, "registered_on", "营业执照上不是这天", by=owner)
    return shop, owner


def test_the_export_holds_what_the_person_did_here_and_can_be_written_as_json(engine):
    shop, owner = owner_with_everything()

    found = json.loads(json.dumps(own_data.export(owner)))

    assert [row["credit_code"] for row in found["bindings"]] == [CODES[0]]
    said = {name for row in found["bindings"][0]["statements"] for name in row["facts"]}
    assert said == {"sells_online", "monthly_rent", "operator_groups"}
    (who,), (here,) = found["people"], found["shops"]
    assert (who["name"], who["identity_number"], who["born_on"]) == (NAME, PERSON, "1980-01-01")
    assert (here["address"], here["facts"]["registered_on"]["value"]) == (shop.address, "2025-01-15")
    assert here["facts"]["tax_paid_last_year"] == {
        "value": "1200.00",
        "source": "tax",
        "on": TODAY.isoformat(),
    }
    assert {row["action"] for row in found["access_events"]} >= {"bind", "give_mandate", "state_facts"}
    assert [row["number"] for row in found["payment_accounts"]] == ["6222000012345678"]
    assert [row["scopes"] for row in found["mandates_given"]] == [["view", "answer"]]
    assert [row["note"] for row in found["correction_requests"]] == ["营业执照上不是这天"]


def test_an_agent_takes_home_nothing_of_the_owners(engine):
    owner_with_everything()

    found = own_data.export(person(2))

    assert {name for name, rows in found.items() if rows} == {"mandates_held"}
    own_data.erase(person(2))
    assert PaymentAccount.objects.standing().count() == 1


def test_erasing_leaves_what_departments_say_and_nothing_of_the_person(engine):
    shop, owner = owner_with_everything()

    own_data.erase(owner)
    own_data.erase(owner)

    assert actions.own_words(shop) == {}
    assert {best.source for best in known_of(shop)[0].values()} == {"registry", "tax"}
    assert [may(user, shop, "view") for user in (owner, person(2))] == [False, False]
    assert (PaymentAccount.objects.count(), Change.objects.count(), CorrectionRequest.objects.count()) == (
        0,
        0,
        0,
    )
    assert Operator.objects.get().identity.reveal() == PERSON
    assert bind(person(3), CODES[0], NAME, LAST_SIX).ended_at is None


def test_the_words_of_mandates_go_with_either_side(engine):
    shop, owner = owner_with_everything()
    for number, relation in ((3, "儿子"), (4, "侄女")):
        actions.give_mandate(
            shop, phone=f"1380000{number:04}", scopes=["view"], until=TODAY, relation=relation, by=owner
        )
    words = Mandate.objects.exclude(relation="").order_by("pk").values_list("relation", flat=True)
    before = list(words)

    own_data.erase(person(3))
    without_the_son = list(words.all())
    own_data.erase(owner)

    assert (before, without_the_son, list(words.all())) == (["儿子", "侄女"], ["侄女"], [])


def test_own_words_go_with_the_account_also_from_a_shop_that_was_unbound_before(engine):
    shop, owner = owner_with_everything()
    unbind(Binding.objects.get(), by=owner)
    said = {name for row in own_data.export(owner)["bindings"][0]["statements"] for name in row["facts"]}

    own_data.erase(owner)

    assert said == {"sells_online", "monthly_rent", "operator_groups"}
    assert actions.own_words(shop) == {}
    assert {best.source for best in known_of(shop)[0].values()} == {"registry", "tax"}
    assert (PaymentAccount.objects.count(), Change.objects.filter(source="self").count()) == (0, 0)


def test_what_is_anothers_by_now_is_neither_taken_home_nor_erased(engine):
    shop, owner = owner_with_everything()
    unbind(Binding.objects.get(), by=owner)
    heir = owner_of(shop, 6)
    state_facts(shop, {"monthly_rent": "500.00"}, by=heir)
    said = actions.own_words(shop)

    exported = own_data.export(owner)["bindings"][0]["statements"]
    own_data.erase(owner)

    assert exported == []
    assert actions.own_words(shop) == said
    assert may(heir, shop, "view")
    own_data.erase(heir)
    assert actions.own_words(shop) == {}


def passed_on_to_somebody_else(shop):
    """The register names another operator, who has spoken of themself in a shop of their own."""
    second = opened(1, OTHER, "别人")
    other = bind(person(6), second.credit_code, "别人", "010020").user
    state_facts(second, {"operator_groups": ["disabled"]}, by=other)
    take_in([Arrival({"registry": {}}, business_id=shop.pk, identity=OTHER)], on=TODAY)
    return second


def test_after_a_change_of_operator_the_last_owner_still_has_their_account_number_and_words(engine):
    shop, owner = owner_with_everything()
    passed_on_to_somebody_else(shop)

    found = own_data.export(owner)

    said = {name for row in found["bindings"][0]["statements"] for name in row["facts"]}
    assert [row["number"] for row in found["payment_accounts"]] == ["6222000012345678"]
    assert said == {"operator_groups"}  # what was said of the shop ends with the change
    withdraw(owner, "sensitive")
    assert PaymentAccount.objects.count() == 0


def test_closing_after_a_change_of_operator_erases_the_last_owners_and_leaves_the_next_ones(engine):
    shop, owner = owner_with_everything()
    before = Business.objects.get(pk=shop.pk).operator
    second = passed_on_to_somebody_else(shop)

    own_data.erase(owner)

    assert PaymentAccount.objects.count() == 0
    assert actions.own_words(second) == {"operator_groups": ["disabled"]}
    assert actions.own_words(Business.objects.get(pk=shop.pk)) == {"operator_groups": ["disabled"]}
    assert [row for row in before.record.said if row["source"] == "self"] == []
    assert {*Change.objects.filter(source="self").values_list("operator", flat=True)} == {second.operator_id}


def test_an_account_that_an_agent_typed_in_is_the_owners_also_once_the_shop_is_anothers(engine):
    shop = opened()
    owner = owner_of(shop)
    agent = agent_of(shop, owner, ["apply"])
    own = opened(1, OTHER, "代办人")
    bind(agent, own.credit_code, "代办人", "010020")
    set_payment_account(shop, **ACCOUNT, by=agent)
    take_in([Arrival({"registry": {}}, business_id=shop.pk, identity=OTHER)], on=TODAY)

    assert [len(own_data.export(user)["payment_accounts"]) for user in (agent, owner)] == [0, 1]
    own_data.erase(agent)
    assert PaymentAccount.objects.count() == 1
    own_data.erase(owner)
    assert PaymentAccount.objects.count() == 0
