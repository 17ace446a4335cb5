"""Accounts for money, and numbers in clear."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actions import withdraw
from accounts.models import AccessEvent
from businesses import actions
from businesses.actions import set_payment_account
from businesses.models import PaymentAccount
from core.errors import Invalid, Refused

from .with_cases import everybody_has_a_case
from .world import ACCOUNT, NAME, PERSON, agent_of, clerk, opened, owner_of, person

pytestmark = pytest.mark.django_db(databases="__all__")


def test_a_new_account_ends_the_one_before_and_the_same_again_changes_nothing(engine):
    shop = opened()
    owner = owner_of(shop)
    first = set_payment_account(shop, **ACCOUNT, by=owner)

    again = set_payment_account(shop, **{**ACCOUNT, "number": "6222-0000-1234-5678"}, by=owner)
    second = set_payment_account(shop, **{**ACCOUNT, "number": "622200001234567X"[:-1] + "9"}, by=owner)

    assert (again, first.last_four, second.last_four) == (first, "5678", "5679")
    assert list(PaymentAccount.objects.standing()) == [second]
    assert PaymentAccount.objects.get(pk=second.pk).number.reveal() == "6222000012345679"


def test_money_goes_to_the_operator_only(engine):
    shop = opened()
    owner = owner_of(shop)

    with pytest.raises(Refused, match="户名要和登记的经营者同名"):
        set_payment_account(shop, **{**ACCOUNT, "holder": "别人"}, by=owner)
    with pytest.raises(Invalid) as told:
        set_payment_account(shop, holder=NAME, bank="", number="12", by=owner)
    assert [fault.field for fault in told.value.faults] == ["bank", "number"]
    assert set_payment_account(shop, **{**ACCOUNT, "holder": "阿依•买买提"}, by=owner).holder == "阿依•买买提"


def test_an_account_needs_the_scope_apply_and_the_owners_agreement(engine):
    shop = opened()
    owner = owner_of(shop)
    writer, helper = agent_of(shop, owner, ["answer"]), agent_of(shop, owner, ["apply"], number=3)

    for stranger in (writer, person(4)):
        with pytest.raises(PermissionDenied):
            set_payment_account(shop, **ACCOUNT, by=stranger)
    account = set_payment_account(shop, **ACCOUNT, by=helper)
    readers = (owner, helper, writer, agent_of(shop, owner, ["view"], number=5), person(4))
    assert [list(PaymentAccount.objects.visible_to(user)) for user in readers] == [
        [account],
        [account],
        [],
        [],
        [],
    ]
    event = AccessEvent.objects.get(action="set_payment_account")
    assert (event.user, event.detail) == (helper, {"account": account.pk, "by_mandate": True})

    withdraw(owner, "sensitive")
    assert PaymentAccount.objects.count() == 0
    with pytest.raises(Refused, match="请先勾选同意"):
        set_payment_account(shop, **ACCOUNT, by=helper)


def test_a_number_in_clear_takes_a_right_and_a_reason_and_leaves_a_trace(engine, monkeypatch):
    everybody_has_a_case(monkeypatch)
    operator = opened().operator
    by = clerk("market", "view_operator", "unmask")

    for stranger in (clerk("market", "view_operator"), clerk("market", "unmask"), person(1)):
        with pytest.raises(PermissionDenied):
            actions.reveal(operator, "identity", by=stranger, reason="核对身份")
    with pytest.raises(Invalid):
        actions.reveal(operator, "identity", by=by, reason=" 看看 ")
    shown = actions.reveal(operator, "identity", by=by, reason="核对身份证")

    event = AccessEvent.objects.get(action="unmask")
    assert shown == PERSON
    assert (event.user, event.subject, event.reason) == (by, f"operator {operator.pk}", "核对身份证")
    assert PERSON not in json.dumps(event.detail)


def test_thirty_numbers_an_hour_are_enough(engine, monkeypatch):
    everybody_has_a_case(monkeypatch)
    operator = opened().operator
    by = clerk("market", "view_operator", "unmask")
    for _ in range(30):
        actions.reveal(operator, "identity", by=by, reason="核对身份证")

    with pytest.raises(Refused, match="1 小时最多查看 30 次"):
        actions.reveal(operator, "identity", by=by, reason="核对身份证")
    assert AccessEvent.objects.filter(action="unmask").count() == 30
