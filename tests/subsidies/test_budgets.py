"""The budget under load: what is granted at once never exceeds it, and the ledger says the same to the fen."""

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, Refused
from subsidies.actions import approving, paying
from subsidies.models import Application, Envelope, Grant, Instalment, LedgerEntry, Payment
from subsidies.money import budgets
from tests.notifications.register import open_shop
from tests.properties import examples

from . import world

ENGINES = ["default", "postgres"]
both_engines = pytest.mark.django_db(databases=ENGINES)
in_parallel = pytest.mark.django_db(databases=ENGINES, transaction=True)
pytestmark = pytest.mark.every_engine("money")
YUAN = 5_000


def approving_each(cases, people):
    return [lambda case=case: approving.approve(case, by=people.approver) for case in cases]


def agreed():
    found = list(Envelope.objects.all())
    sums = budgets.ledger_sums(found)
    return all(budgets.agrees(row, sums.get(row.pk, {})) for row in found)


@in_parallel
@pytest.mark.parametrize(("applications", "room"), [(12, 4), pytest.param(50, 10, marks=pytest.mark.long)])
def test_of_more_approvals_at_once_than_there_is_budget_for_as_many_win_as_it_holds(
    at_once, applications, room
):
    people, benefit = world.bureau(), world.grant_of_money(amount=str(YUAN))
    world.envelope(benefit, YUAN * room)
    cases = []
    for place in range(1, applications + 1):
        shop = open_shop(place)
        cases.append(world.recommended(world.filed(benefit, shop, world.owner_of(shop)), people))

    answers = at_once(approving_each(cases, people))

    granted = [answer for answer in answers if isinstance(answer, Application)]
    refused = [str(answer) for answer in answers if isinstance(answer, Refused)]
    envelope = Envelope.objects.get()
    assert (len(granted), refused) == (room, (applications - room) * [budgets.NO_MONEY])
    assert Application.objects.filter(state="approved").count() == Grant.objects.count() == room
    assert (envelope.granted_fen, envelope.left_fen) == (YUAN * room * 100, 0)
    assert LedgerEntry.objects.count() == room
    assert agreed()


@in_parallel
def test_of_two_approvers_at_once_one_wins(at_once):
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    shop = open_shop(1)
    case = world.recommended(world.filed(benefit, shop, world.owner_of(shop)), people)

    answers = at_once(
        [lambda by=by: approving.approve(case, by=by) for by in (people.approver, people.approver_2)]
    )

    assert sorted(type(answer).__name__ for answer in answers) == ["Application", "Refused"]
    assert Envelope.objects.get().granted_fen == 500_000
    assert Grant.objects.count() == 1


@in_parallel
def test_two_batches_at_once_pay_nothing_twice(at_once):
    people, benefit = world.bureau(), world.grant_of_money()
    world.envelope(benefit)
    for place in (1, 2, 3):
        shop = open_shop(place)
        world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)

    answers = at_once(
        [lambda by=by: paying.prepare(people.department, by=by) for by in (people.finance, people.finance_2)]
    )

    assert sum(found.batch.count for found in answers if found.batch) == 3
    assert Payment.objects.count() == Instalment.objects.count() == 3


# One movement


@pytest.fixture
def envelope(engine):
    world.bureau()
    return world.envelope(world.grant_of_money(), 10_000)


def post(envelope, key, **changes):
    return budgets.post(envelope.pk, key, **changes)


@both_engines
def test_the_same_key_moves_money_once(envelope):
    assert (post(envelope, "a", granted=100), post(envelope, "a", granted=100)) == (True, False)

    envelope.refresh_from_db()
    assert envelope.granted_fen == 100


@both_engines
def test_the_last_fen_can_be_granted_and_no_more(envelope):
    post(envelope, "all", granted=1_000_000)

    with pytest.raises(budgets.Exhausted):
        post(envelope, "one more", granted=1)


@both_engines
def test_more_is_not_given_back_than_is_there(envelope):
    post(envelope, "some", granted=100)

    for number, changes in enumerate([{"granted": -101}, {"recovered": 1}, {"paid": -1}, {"reserved": -1}]):
        with pytest.raises(Refused, match="对不上"):
            post(envelope, f"wrong {number}", **changes)

    assert agreed()


@both_engines
def test_the_total_is_not_set_below_what_is_promised(envelope):
    admin = world.bureau().admin
    post(envelope, "some", granted=500_000)

    with pytest.raises(Refused, match="不能少于"):
        budgets.set_cap(envelope.benefit, envelope.year, "", 499_999, by=admin)
    with pytest.raises(Invalid):
        budgets.set_cap(envelope.benefit, envelope.year, "", 0, by=admin)


MOVES = st.sampled_from(
    [
        {"reserved": 1},
        {"reserved": -1, "granted": 1},
        {"granted": 1},
        {"granted": -1},
        {"granted": -1, "paid": 1},
        {"recovered": 1},
        {"reserved": -1},
    ]
)


@both_engines
@examples(25)
@given(moves=st.lists(st.tuples(MOVES, st.integers(1, 600_000), st.integers(0, 30)), max_size=12))
def test_whatever_moves_the_columns_are_the_sums_of_the_ledger(envelope, moves):
    for changes, fen, key in moves:
        try:
            post(envelope, f"move {key}", **{name: sign * fen for name, sign in changes.items()})
        except Refused:
            continue

    envelope.refresh_from_db()
    assert agreed()
    assert 0 <= envelope.committed_fen <= envelope.cap_fen


# What is left, in words


@both_engines
def test_what_is_left_is_told_in_grants(envelope):
    today = timezone.localdate()
    post(envelope, "some", granted=1_000_000 - 500_000 * 1)

    assert budgets.left_text(envelope.benefit, "520201", today) == "大约还剩 1 份"


@both_engines
def test_of_rent_it_is_told_by_what_grants_took(engine, time_machine):
    time_machine.move_to("2026-11-25T10:00:00+08:00")
    people, benefit = world.bureau(), world.grant_of_rent()
    world.envelope(benefit, 7_600)
    today = timezone.localdate()
    before = budgets.left_text(benefit, "", today)
    shop = world.shop_with_rent()

    world.approved(world.filed(benefit, shop, world.owner_of(shop)), people)

    assert (before, budgets.left_text(benefit, "", today)) == ("", "大约还剩 9 份")


@both_engines
def test_without_a_total_nothing_is_told(engine):
    assert budgets.left_text(world.grant_of_money(), "", timezone.localdate()) == ""


@pytest.mark.django_db
def test_a_cap_for_a_benefit_that_no_bureau_leads_is_refused_with_what_to_do(django_user_model):
    benefit, admin = world.grant_of_money(), django_user_model.objects.create_superuser("admin")
    benefit.measure.lead.clear()

    with pytest.raises(Refused) as refusal:
        budgets.set_cap(benefit, 2026, "", 100, by=admin)

    assert str(refusal.value) == "这一项还没有牵头单位，不能设总额。请先在“措施”里写明牵头单位。"
