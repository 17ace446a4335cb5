"""Owners, agents and the departments that answer them: who may do what to a shop, and what becomes of it."""

import json
import threading
import time
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from accounts.actions import agree, withdraw
from accounts.models import AccessEvent, ApiClient, Department, User
from businesses import actions, own_data, providing, rules
from businesses.actions import (
    ask_for_correction,
    bind,
    decide_correction,
    give_mandate,
    may,
    revoke_mandate,
    set_payment_account,
    state_facts,
    unbind,
)
from businesses.facts import BUILT_IN_REGISTRY, DERIVED
from businesses.models import (
    Binding,
    Business,
    Change,
    CorrectionRequest,
    Mandate,
    Operator,
    PaymentAccount,
    Source,
)
from businesses.register import Arrival, known_of, profile_of, take_in
from businesses.synthetic import generate_profile
from core.errors import Invalid, Refused
from core.models import Attempts

pytestmark = pytest.mark.django_db(databases="__all__")

PERSON, OTHER = "520201198001010012", "520201198001010020"
NAME, LAST_SIX = "阿依·买买提", "010012"
CODES = ["92520201MA6E00019C", "92520203MA6E000199"]
TODAY = timezone.localdate()
slow = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def opened(place=0, identity=PERSON, name=NAME, **said):
    """A shop in the register; ``said``: ``source={fact: value}``."""
    said.setdefault("registry", {"registered_on": "2025-01-15", "operating_status": "operating"})
    arrival = Arrival(
        said, credit_code=CODES[place], identity=identity, name=f"演示店{place}", operator_name=name
    )
    take_in([arrival], on=TODAY)
    return Business.objects.get(credit_code=CODES[place])


def person(number):
    user = User.objects.begin_with_phone(f"1380000{number:04}")
    agree(user, "sensitive")
    return user


def owner_of(shop, number=1):
    return bind(person(number), shop.credit_code, NAME, LAST_SIX).user


def agent_of(shop, owner, scopes, number=2):
    give_mandate(shop, phone=f"1380000{number:04}", scopes=scopes, until=TODAY, by=owner)
    return person(number)


def clerk(department, *codenames):
    """Staff of a department with some permissions."""
    bureau, _ = Department.objects.get_or_create(code=department, defaults={"name": department})
    user = User.objects.create_user(
        f"clerk-{department}-{User.objects.count()}", is_staff=True, department=bureau
    )
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return User.objects.get(pk=user.pk)


def department_of(source, department):
    Source.objects.update_or_create(
        code=source, defaults={"label": source, "department_code": department, "columns": {}}
    )


# Binding


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

    assert told == ("" if (name, digits) == (NAME, LAST_SIX) else actions.DO_NOT_MATCH)
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
@pytest.mark.parametrize(
    ("place", "identity", "told"),
    [(0, OTHER, providing.KNOWN_ALREADY), (1, PERSON, providing.PERSON_CAME_FIRST)],
    ids=["the shop", "the person"],
)
def test_of_two_shops_registered_at_once_the_later_is_told_whether_shop_or_person_came_first(
    place, identity, told
):
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

        refused = when_it_waited_for(opened, register)

        assert str(refused) == told
        assert Business.objects.count() == Operator.objects.count() == 1
        if place == 1:  # as it was told to
            assert register().operator == Operator.objects.get()


# Mandates


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


# What owners say


def own_answers(seed):
    facts = generate_profile(Random(seed), TODAY, unknown_share=0.6)
    return {name: value for name, value in facts.items() if rules.may_state(BUILT_IN_REGISTRY[name])}


@slow
@given(seed=some.integers(0, 10_000), split=some.integers(0, 40))
def test_answers_given_in_two_goes_make_the_shop_that_one_go_makes(seed, split):
    if not Business.objects.exists():
        owner_of(opened())
    shop, by = Business.objects.get(), User.objects.get(bindings__ended_at=None)
    answers = own_answers(seed)
    state_facts(shop, {}, by=by, withdraw=[*actions.own_words(shop)])
    before = profile_of(shop)
    known = {name: value for name, value in before.values.items() if before.sources[name] != "default"}

    pairs = list(answers.items())
    state_facts(shop, dict(pairs[:split]), by=by)
    state_facts(shop, dict(pairs[split:]), by=by)
    in_two = profile_of(shop)
    state_facts(shop, {}, by=by, withdraw=[*answers])
    emptied = profile_of(shop).values
    state_facts(shop, answers, by=by)
    in_one = profile_of(shop)

    assert (in_two.values, in_two.sources) == (in_one.values, in_one.sources)
    assert emptied == before.values
    # What departments know stands, and whatever they do not know is as the owner says.
    said = BUILT_IN_REGISTRY.read_profile(answers, as_of=TODAY).values
    assert in_one.values == {**said, **known}


def test_what_only_departments_say_cannot_be_stated(engine):
    shop = opened()
    facts = {"annual_report_filed": True, "business_type": "growth", "monthly_rent": "800", "no_such": 1}

    with pytest.raises(Invalid) as told:
        state_facts(shop, facts, by=owner_of(shop))

    assert {(fault.field, fault.code) for fault in told.value.faults} == {
        ("facts.no_such", "unknown_field"),
        ("facts.annual_report_filed", "not_yours_to_state"),
        ("facts.business_type", "not_yours_to_state"),
    }
    assert actions.own_words(shop) == {}


@pytest.mark.parametrize("spelled", ["800", "800.0", 800, Decimal("800"), Decimal("800.00")])
def test_an_owners_words_are_kept_in_their_one_spelling_however_they_came(engine, spelled):
    shop = opened()
    owner = owner_of(shop)
    facts = {"monthly_rent": spelled, "sells_online": None, "operator_groups": ["veteran"]}

    state_facts(shop, facts, by=owner)

    assert json.loads(json.dumps(actions.own_words(shop))) == {
        "monthly_rent": "800.00",
        "sells_online": None,
        "operator_groups": ["veteran"],
    }
    assert profile_of(shop).values["monthly_rent"] == Decimal("800.00")


def test_answers_to_an_older_version_are_refused_and_nothing_is_lost(engine):
    shop = opened()
    by = owner_of(shop)
    seen = shop.version
    newer = state_facts(shop, {"monthly_rent": "800.00"}, by=by, expected_version=seen)

    with pytest.raises(Refused, match="刚刚有更新"):
        state_facts(shop, {"monthly_rent": "500.00"}, by=by, expected_version=seen)

    assert newer.version > seen
    assert actions.own_words(shop) == {"monthly_rent": "800.00"}


def test_whose_words_may_be_stated(engine):
    shop = opened()
    owner = owner_of(shop)
    reader = agent_of(shop, owner, ["view"])
    writer = agent_of(shop, owner, ["answer"], number=3)

    for stranger in (reader, person(4), clerk("market", "view_business")):
        with pytest.raises(PermissionDenied):
            state_facts(shop, {"monthly_rent": "1.00"}, by=stranger)
    state_facts(shop, {"monthly_rent": "300.00"}, by=writer)

    assert Change.objects.get().by == writer
    event = AccessEvent.objects.get(action="state_facts")
    assert (event.user, event.detail) == (writer, {"facts": ["monthly_rent"]})
    assert actions.own_words(shop) == {"monthly_rent": "300.00"}


def test_what_a_person_says_of_themself_reaches_all_their_shops(engine):
    shop, second = opened(), opened(1)
    state_facts(shop, {"operator_groups": ["veteran"], "monthly_rent": "800.00"}, by=owner_of(shop))

    assert profile_of(second).values["operator_groups"] == profile_of(shop).values["operator_groups"]
    assert "monthly_rent" not in profile_of(second).values


# Corrections


def disputed(fact="registered_on", note="营业执照上是 2024 年", **said):
    shop = opened(**said)
    department_of("registry", "market"), department_of("tax", "tax")
    return ask_for_correction(shop, fact, note, by=owner_of(shop))


def test_a_dispute_goes_to_the_department_that_the_fact_came_from(engine):
    request = disputed("taxpayer_type", tax={"taxpayer_type": "general"})

    rights = ("view_correctionrequest", "change_correctionrequest")
    tax, market = clerk("tax", *rights), clerk("market", *rights)
    assert (request.source, request.shown, request.status) == ("tax", "一般纳税人", "open")
    assert list(CorrectionRequest.objects.visible_to(tax)) == [request]
    assert list(CorrectionRequest.objects.visible_to(market)) == []
    for stranger in (market, clerk("tax", "view_correctionrequest"), request.asked_by):
        with pytest.raises(PermissionDenied):
            decide_correction(request, accept=True, value="small_scale", by=stranger)


def test_an_accepted_dispute_changes_the_fact_and_says_so(engine):
    request = disputed()
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    decided = decide_correction(request, accept=True, value="2024-01-15", answer="已更正", by=by)

    known = known_of(request.business)[0]["registered_on"]
    assert (known.value, known.source) == ("2024-01-15", "staff")
    assert (decided.status, decided.answer, decided.decided_by) == ("accepted", "已更正", by)
    with pytest.raises(Refused, match="已经答复过"):
        decide_correction(request, accept=False, answer="不改", by=by)


def test_a_refused_dispute_needs_an_answer_and_leaves_the_fact(engine):
    request = disputed()
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    with pytest.raises(Invalid) as told:
        decide_correction(request, accept=False, by=by)
    decide_correction(request, accept=False, answer="档案里也是这一天", by=by)

    assert [fault.field for fault in told.value.faults] == ["answer"]
    assert known_of(request.business)[0]["registered_on"].source == "registry"
    # It can be asked anew once it is answered.
    assert ask_for_correction(request.business, "registered_on", "再看看", by=request.asked_by).pk


@pytest.mark.parametrize("value", [None, "2024-13-01", "昨天"])
def test_a_correction_is_read_as_strictly_as_any_value(engine, value):
    request = disputed()
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    with pytest.raises(Invalid) as told:
        decide_correction(request, accept=True, value=value, by=by)

    request.refresh_from_db()
    assert ([fault.field for fault in told.value.faults], request.status) == (["value"], "open")


def test_a_fact_is_disputed_once_at_a_time(engine):
    request = disputed()

    with pytest.raises(Refused, match="已经在核实"):
        ask_for_correction(request.business, "registered_on", "还是不对", by=request.asked_by)


@pytest.mark.parametrize(
    ("fact", "note", "raised"),
    [
        ("monthly_rent", "不对", Refused),  # one's own word
        ("district", "不对", Invalid),  # nobody has said it
        ("registered_on", "  ", Invalid),
        ("registered_on", "长" * 501, Invalid),
    ],
)
def test_what_cannot_be_disputed(engine, fact, note, raised):
    shop = opened(self={"monthly_rent": "800.00"})

    with pytest.raises(raised):
        ask_for_correction(shop, fact, note, by=owner_of(shop))
    assert CorrectionRequest.objects.count() == 0


def test_a_set_is_disputed_with_the_department_that_named_a_member(engine):
    shop = opened(
        veterans={"operator_groups": {"yes": ["veteran"]}}, self={"operator_groups": ["hard_to_employ"]}
    )

    request = ask_for_correction(shop, "operator_groups", "我没有当过兵", by=owner_of(shop))

    assert request.source == "veterans"


@pytest.mark.parametrize("fact", DERIVED)
def test_what_rules_derive_is_answered_by_the_market_regulator_and_never_overwritten(engine, fact):
    shop = opened()
    Business.objects.filter(pk=shop.pk).update(
        business_type="survival", distinctive_classes_yes=1, distinctive_classes_known=15
    )
    request = ask_for_correction(shop, fact, "不对", by=owner_of(shop))
    department_of("registry", "market")
    by = clerk("market", "view_correctionrequest", "change_correctionrequest")

    with pytest.raises(Refused, match="由规则算出来"):
        decide_correction(request, accept=True, value="growth", by=by)
    assert request.source == "registry"


# Money and numbers in clear

ACCOUNT = {"holder": NAME, "bank": "贵州银行", "number": "6222 0000 1234 5678"}


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


def test_a_number_in_clear_takes_a_right_and_a_reason_and_leaves_a_trace(engine):
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


def test_thirty_numbers_an_hour_are_enough(engine):
    operator = opened().operator
    by = clerk("market", "view_operator", "unmask")
    for _ in range(30):
        actions.reveal(operator, "identity", by=by, reason="核对身份证")

    with pytest.raises(Refused, match="1 小时最多查看 30 次"):
        actions.reveal(operator, "identity", by=by, reason="核对身份证")
    assert AccessEvent.objects.filter(action="unmask").count() == 30


# Own data


def owner_with_everything():
    shop = opened(self={"sells_online": True})
    owner = owner_of(shop)
    agent_of(shop, owner, ["answer"])
    state_facts(shop, {"monthly_rent": "800.00", "operator_groups": ["veteran"]}, by=owner)
    set_payment_account(shop, **ACCOUNT, by=owner)
    ask_for_correction(shop, "registered_on", "营业执照上不是这天", by=owner)
    return shop, owner


def test_the_export_holds_what_the_person_did_here_and_can_be_written_as_json(engine):
    _, owner = owner_with_everything()

    found = json.loads(json.dumps(own_data.export(owner)))

    assert [row["credit_code"] for row in found["bindings"]] == [CODES[0]]
    said = {name for row in found["bindings"][0]["statements"] for name in row["facts"]}
    assert said == {"sells_online", "monthly_rent", "operator_groups"}
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
    assert {best.source for best in known_of(shop)[0].values()} == {"registry"}
    assert [may(user, shop, "view") for user in (owner, person(2))] == [False, False]
    assert (PaymentAccount.objects.count(), Change.objects.count(), CorrectionRequest.objects.count()) == (
        0,
        0,
        0,
    )
    assert Operator.objects.get().identity.reveal() == PERSON
    assert bind(person(3), CODES[0], NAME, LAST_SIX).ended_at is None


def test_own_words_go_with_the_account_also_from_a_shop_that_was_unbound_before(engine):
    shop, owner = owner_with_everything()
    unbind(Binding.objects.get(), by=owner)
    said = {name for row in own_data.export(owner)["bindings"][0]["statements"] for name in row["facts"]}

    own_data.erase(owner)

    assert said == {"sells_online", "monthly_rent", "operator_groups"}
    assert actions.own_words(shop) == {}
    assert {best.source for best in known_of(shop)[0].values()} == {"registry"}
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
