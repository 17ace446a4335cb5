"""Binding a shop to an account, and its end: proof, tries, and verbs that wait for each other."""

import threading
import time
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from hypothesis import given
from hypothesis import strategies as some

from accounts.actions import withdraw
from accounts.models import AccessEvent, ApiClient
from businesses import actions, providing, proving
from businesses.actions import (
    ask_for_correction,
    bind,
    give_mandate,
    may,
    set_payment_account,
    state_facts,
    unbind,
)
from businesses.models import Binding, Business, CorrectionRequest, Mandate, Operator, PaymentAccount
from businesses.register import Arrival, take_in
from core.errors import Invalid, Refused
from core.models import Attempts

from .world import (
    ACCOUNT,
    CODES,
    LAST_SIX,
    NAME,
    OTHER,
    PERSON,
    TODAY,
    agent_of,
    clerk,
    opened,
    owner_of,
    person,
    slow,
)

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.mark.parametrize(
    ("code", "name", "digits"),
    [
        (CODES[0], NAME, LAST_SIX),
        (" 9252 0201-ma6e00019c ", "阿依•买买提", " 010012"),
        ("９２５２０２０１ＭＡ６Ｅ０００１９Ｃ", "阿依 ．买买提", "０１００１２"),
    ],
)
def test_code_name_and_six_digits_bind_a_shop_however_they_are_typed(engine, code, name, digits):
    shop, user = opened(), person(1)

    binding = bind(user, code, name, digits)

    assert (binding.business, binding.user, binding.ended_at) == (shop, user, None)
    assert list(Business.objects.visible_to(user)) == [shop]
    assert AccessEvent.objects.filter(user=user, action="bind", subject=f"business {shop.pk}").count() == 1


@slow
@given(
    name=some.sampled_from([NAME, "阿依买买提", "阿依", "甲" * 80]),
    digits=some.one_of(some.just(LAST_SIX), some.from_regex(r"[0-9]{5}[0-9X]", fullmatch=True)),
)
def test_only_both_together_prove_and_a_refusal_never_tells_which_was_wrong(name, digits):
    Attempts.objects.all().delete()
    Binding.objects.all().delete()
    if not Business.objects.exists():
        opened()

    try:
        bind(person(1), CODES[0], name, digits)
        told = ""
    except Refused as refusal:
        told = str(refusal)

    assert told == ("" if (name, digits) == (NAME, LAST_SIX) else proving.DO_NOT_MATCH)
    assert Binding.objects.count() == (not told)


def test_after_five_wrong_tries_even_the_right_digits_wait_until_the_next_day(engine, time_machine):
    opened()
    time_machine.move_to("2026-11-24T10:00:00+08:00", tick=False)
    for _ in range(5):
        with pytest.raises(Refused, match="对不上"):
            bind(person(1), CODES[0], NAME, "010013")

    with pytest.raises(Refused, match="约 22 小时后再试"):
        bind(person(1), CODES[0], NAME, LAST_SIX)

    time_machine.shift(timedelta(days=1))
    assert bind(person(1), CODES[0], NAME, LAST_SIX).ended_at is None


def test_many_strangers_together_have_ten_tries_a_day_at_one_shop(engine, time_machine):
    opened(), opened(1, OTHER)
    time_machine.move_to("2026-11-24T10:00:00+08:00", tick=False)
    for number in range(1, 11):
        with pytest.raises(Refused, match="对不上"):
            bind(person(number), CODES[0], NAME, "010013")

    with pytest.raises(Refused, match="次数太多"):
        bind(person(20), CODES[0], NAME, LAST_SIX)

    # Another shop is not concerned, and the owner of this one waits a day at most.
    assert bind(person(20), CODES[1], NAME, "010020")
    time_machine.shift(timedelta(days=1))
    assert bind(person(20), CODES[0], NAME, LAST_SIX)


def test_right_tries_do_not_count(engine):
    shop, user = opened(), person(1)
    for _ in range(7):
        unbind(bind(user, shop.credit_code, NAME, LAST_SIX), by=user)

    assert set(Attempts.objects.values_list("count", flat=True)) <= {0}


def test_every_fault_of_the_form_is_told_at_once(engine):
    with pytest.raises(Invalid) as told:
        bind(person(1), "92520201MA6E00019D", " ", "12345")

    assert [(fault.field, fault.code) for fault in told.value.faults] == [
        ("credit_code", "invalid_check_digit"),
        ("operator_name", "required"),
        ("last_six", "invalid_last_six"),
    ]


def test_an_unknown_code_says_what_to_do_and_costs_no_try(engine):
    for _ in range(8):
        with pytest.raises(Refused, match="没有查到这家店。刚登记的要等 1–2 天，也可以先自己填"):
            bind(person(1), CODES[0], NAME, LAST_SIX)

    assert Attempts.objects.count() == 0


def test_without_agreement_to_sensitive_data_nothing_is_compared(engine):
    opened()
    user = person(1)
    withdraw(user, "sensitive")

    with pytest.raises(Refused, match="请先勾选同意"):
        bind(user, CODES[0], NAME, LAST_SIX)
    assert Attempts.objects.count() == 0


def test_a_shop_bound_by_another_is_told_only_to_whoever_proves_it_is_theirs(engine):
    shop = opened()
    owner_of(shop)

    with pytest.raises(Refused, match="对不上"):
        bind(person(2), CODES[0], NAME, "010013")
    with pytest.raises(Refused, match="已经由另一个手机号绑定"):
        bind(person(2), CODES[0], NAME, LAST_SIX)
    with pytest.raises(Refused, match="您已经绑定过了"):
        bind(person(1), CODES[0], NAME, LAST_SIX)


def test_a_shop_without_an_identity_number_sends_its_owner_to_the_office(engine):
    take_in([Arrival({"registry": {}}, credit_code=CODES[0], name="演示店", operator_name=NAME)], on=TODAY)

    with pytest.raises(Refused, match="登记窗口补登"):
        bind(person(1), CODES[0], NAME, LAST_SIX)


def test_unbinding_ends_what_was_given_under_it(engine):
    shop = opened()
    owner = owner_of(shop)
    agent = agent_of(shop, owner, ["view"])
    binding = Binding.objects.get()

    for stranger in (agent, clerk("hrss", "view_binding")):
        with pytest.raises(PermissionDenied):
            unbind(binding, by=stranger)
    unbind(binding, by=owner)

    assert [may(user, shop, "view") for user in (owner, agent)] == [False, False]
    assert Mandate.objects.standing().count() == 0
    with pytest.raises(Refused, match="已经解除"):
        unbind(binding, by=owner)


def test_staff_who_may_change_bindings_unbind_and_it_is_written_down(engine):
    shop = opened()
    owner_of(shop)
    by = clerk("market", "change_binding")

    unbind(Binding.objects.get(), by=by, reason="营业执照已转让")

    assert Binding.objects.get().ended_because == "营业执照已转让"
    event = AccessEvent.objects.get(action="unbind")
    assert (event.user, event.reason, event.subject) == (by, "营业执照已转让", f"business {shop.pk}")


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_of_accounts_binding_one_shop_at_once_one_does():
    alias, connections["default"] = connections["default"], connections["postgres"]
    try:
        shop, people = opened(), [person(number) for number in range(1, 7)]
        told, barrier = [], threading.Barrier(len(people))

        def attempt(user):
            connections["default"] = connections["postgres"]
            barrier.wait()
            try:
                told.append(bind(user, shop.credit_code, NAME, LAST_SIX).user_id)
            except Refused as refusal:
                told.append(str(refusal))
            finally:
                connections["postgres"].close()

        threads = [threading.Thread(target=attempt, args=(user,)) for user in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        (binding,) = Binding.objects.filter(ended_at=None)
        assert sorted(map(str, told)) == sorted(
            [str(binding.user_id), *[actions.BOUND_BY_ANOTHER] * (len(people) - 1)]
        )
    finally:
        connections["default"] = alias


@contextmanager
def on_postgres():
    """Whatever says "default" in this thread reaches PostgreSQL."""
    alias, connections["default"] = connections["default"], connections["postgres"]
    try:
        yield
    finally:
        connections["default"] = alias


def when_it_waited_for(first, then):
    """What becomes of ``then`` (its result, or what it raised), begun while ``first`` is done but not yet committed."""
    told = []

    def attempt():
        with on_postgres():
            try:
                told.append(then())
            except (PermissionDenied, Refused) as refusal:
                told.append(refusal)
            finally:
                connections["postgres"].close()

    waiting = threading.Thread(target=attempt)
    with transaction.atomic():
        first()
        waiting.start()
        until = time.monotonic() + 20
        with connections["postgres"].cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
            while cursor.fetchone() is None:
                assert waiting.is_alive(), told
                assert time.monotonic() < until
                time.sleep(0.02)
                cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
    waiting.join()
    return told[0]


VERBS = {
    "a mandate": lambda shop, by: give_mandate(
        shop, phone="13800000002", scopes=["view"], until=TODAY, by=by
    ),
    "a fact": lambda shop, by: state_facts(shop, {"monthly_rent": "1.00"}, by=by),
    "a correction": lambda shop, by: ask_for_correction(shop, "registered_on", "不对", by=by),
    "an account": lambda shop, by: set_payment_account(shop, **ACCOUNT, by=by),
}
ENDINGS = {
    "unbound": lambda shop: unbind(shop.bindings.get(), by=shop.bindings.get().user),
    "passed on": lambda shop: take_in(
        [Arrival({"registry": {}}, business_id=shop.pk, identity=OTHER, operator_name="别人")], on=TODAY
    ),
}


@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_that_waited_for_the_binding_to_end_does_nothing(verb, ending):
    with on_postgres():
        shop = opened()
        owner = owner_of(shop)

        told = when_it_waited_for(lambda: ENDINGS[ending](shop), lambda: VERBS[verb](shop, owner))

        assert type(told) is PermissionDenied
        assert Mandate.objects.count() == CorrectionRequest.objects.count() == 0
        assert (actions.own_words(shop), PaymentAccount.objects.count()) == ({}, 0)


@pytest.mark.django_db(databases="__all__", transaction=True)
@pytest.mark.parametrize(("place", "identity"), [(0, OTHER), (1, PERSON)], ids=["the shop", "the person"])
def test_of_two_registered_at_once_the_same_shop_is_refused_and_the_same_person_has_both(place, identity):
    with on_postgres():
        program = ApiClient.objects.create(name="演示登记", client_type="confidential", source="registry")

        def register():
            return providing.register_business(
                credit_code=CODES[place],
                name="演示店",
                operator_name=NAME,
                identity=identity,
                facts={},
                by=program,
            )

        found = when_it_waited_for(opened, register)

        assert Operator.objects.count() == 1
        if place == 0:
            assert (str(found), Business.objects.count()) == (providing.KNOWN_ALREADY, 1)
        else:
            assert (found.operator, Business.objects.count()) == (Operator.objects.get(), 2)
