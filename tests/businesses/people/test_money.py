"""Accounts for money, and numbers in clear."""

import json

import pytest
from django.core.exceptions import PermissionDenied

from accounts.actions import agree, withdraw
from accounts.models import AccessEvent
from businesses import actions
from businesses.actions import set_payment_account
from businesses.models import PaymentAccount, account_standing
from core.errors import Invalid, Refused

from .with_cases import everybody_has_a_case
from .world import ACCOUNT, LAST_SIX, NAME, PERSON, agent_of, clerk, opened, owner_of, person

OTHER_ACCOUNT = {**ACCOUNT, "number": "6222000012345679"}
pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.every_engine("money")]


def test_a_new_account_ends_the_one_before_and_the_same_again_changes_nothing(engine):
    shop = opened()
    owner = owner_of(shop)
    first = set_payment_account(shop, **ACCOUNT, by=owner)

    again = set_payment_account(shop, **{**ACCOUNT, "number": "6222-0000-1234-5678"}, by=owner)
    second = set_payment_account(shop, **OTHER_ACCOUNT, by=owner, last_six=LAST_SIX, is_fresh=True)

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


@pytest.mark.parametrize(
    ("proof", "words"),
    [
        ({"last_six": LAST_SIX}, "要先确认是您本人。请再收一次验证码，15 分钟内改好"),
        ({"last_six": "010013", "is_fresh": True}, "身份证后 6 位和登记的对不上"),
    ],
)
def test_a_code_alone_does_not_change_where_money_goes(engine, proof, words):
    shop = opened()
    owner = owner_of(shop)
    first = set_payment_account(shop, **ACCOUNT, by=owner)

    with pytest.raises(Refused, match=words):
        set_payment_account(shop, **OTHER_ACCOUNT, by=owner, **proof)

    assert list(PaymentAccount.objects.all()) == [first]


def test_guessing_the_digits_has_an_end_and_is_written_down(engine):
    shop = opened()
    owner = owner_of(shop)
    set_payment_account(shop, **ACCOUNT, by=owner)
    told = []
    for digits in ("000000", "000001", "000002", "000003", "000004", LAST_SIX):
        with pytest.raises(Refused) as refusal:
            set_payment_account(shop, **OTHER_ACCOUNT, by=owner, last_six=digits, is_fresh=True)
        told.append(str(refusal.value)[:6])

    assert told == ["身份证后 6"] * 5 + ["填错的次数太"]
    assert AccessEvent.objects.filter(action="account_refused").count() == 5


def test_taking_consent_back_does_not_make_the_next_account_the_first(engine):
    shop = opened()
    owner = owner_of(shop)
    set_payment_account(shop, **ACCOUNT, by=owner)
    withdraw(owner, "sensitive")
    agree(owner, "sensitive")

    with pytest.raises(Refused, match="要先确认是您本人"):
        set_payment_account(shop, **OTHER_ACCOUNT, by=owner)
    account = set_payment_account(shop, **OTHER_ACCOUNT, by=owner, last_six=LAST_SIX, is_fresh=True)

    assert account.is_change


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


def test_where_nobody_stands_behind_a_shop_there_is_no_account(db):
    assert account_standing(None) is None
