"""Each kind from its beginning to its ends, as those who take part do it."""

import pytest
from django.core.exceptions import PermissionDenied

from cases.actions import general
from cases.models import Case, Message
from core.errors import Invalid, Refused
from services.asking import Ask, ask_or_find
from services.models import Leg, Request, Slot
from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db


def do(case, verb, by, **typed):
    return general.do(Case.objects.get(pk=case.pk), verb, typed, by=by)


def states_of(case):
    row = Case.objects.get(pk=case.pk)
    return row.state, row.phase, row.outcome


def legs_of(case):
    return list(Leg.objects.filter(request=case.pk).values_list("receiver__code", "state"))


def test_a_need_is_taken_answered_and_solved():
    people = world.bureau()
    case, owner = world.asked(world.offering())

    do(case, "take", people.reviewer)
    do(case, "answer", people.reviewer, words="明天上午派人疏通")
    do(case, "solve", owner)

    assert states_of(case) == ("solved", "closed", "helped")
    assert legs_of(case) == [("tests", "done")]
    assert list(Message.objects.values_list("side", "words")) == [
        ("owner", world.NEED),
        ("office", "明天上午派人疏通"),
    ]
    assert world.faults() == []


def test_a_need_that_is_not_solved_is_reopened_and_the_second_time_the_service_centre_hears_of_it():
    people, centre = world.bureau(), world.bureau("govservice", "市政务服务中心")
    case, owner = world.asked(world.offering())

    for _ in range(2):
        do(case, "answer", people.reviewer, words="已经通知物业")
        do(case, "reopen", owner, words="物业没有来")

    assert states_of(case) == ("open", "open", "")
    assert legs_of(case)[-2:] == [("tests", "sent"), ("govservice", "sent")]
    assert Case.objects.visible_to(centre.reviewer).filter(pk=case.pk).exists()
    assert world.faults() == []


def test_a_need_for_another_bureau_is_handed_on():
    people, other = world.bureau(), world.bureau("market", "市市场监管局")
    case, _owner = world.asked(world.offering())

    do(case, "refer", people.reviewer, department="market", note="归市场监管")
    do(case, "answer", other.reviewer, words="已经处理")

    assert legs_of(case) == [("tests", "not_for_me"), ("market", "done")]
    assert states_of(case) == ("answered", "open", "")


@pytest.mark.parametrize(("giver", "to"), [("tests", "govservice"), ("govservice", "tests")])
def test_of_two_who_are_asked_one_hands_it_to_the_other_who_is_asked_once(giver, to):
    offices = {"tests": world.bureau(), "govservice": world.bureau("govservice", "市政务服务中心")}
    case, owner = world.asked(world.offering())
    for _ in range(2):
        do(case, "answer", offices["tests"].reviewer, words="已经通知物业")
        do(case, "reopen", owner, words="物业没有来")

    do(case, "refer", offices[giver].reviewer, department=to, note="归他们办")

    assert sorted(legs_of(case)[-2:]) == sorted([(giver, "not_for_me"), (to, "sent")])
    assert Case.objects.get(pk=case.pk).department.code == to
    assert world.faults() == []


def test_what_the_bureau_asks_back_stops_the_clock_until_the_owner_says_it():
    people = world.bureau()
    row = world.offering(promise_days=5, promise_basis="本站试验")
    case, owner = world.asked(row)
    due = Case.objects.get(pk=case.pk).due_on

    do(case, "take", people.reviewer)
    until = world.timezone.localdate() + world.timedelta(days=7)
    do(case, "ask", people.reviewer, words="是哪条街？", until=until.isoformat())
    stopped = Case.objects.get(pk=case.pk)
    do(case, "supply", owner, words="人民路 3 号门口")

    assert (stopped.state, stopped.stopped_on, stopped.request.until) == (
        "asking",
        world.timezone.localdate(),
        until,
    )
    assert (Case.objects.get(pk=case.pk).due_on, states_of(case)[0]) == (due, "taken")


def test_several_banks_are_asked_one_declines_one_offers_and_the_owner_takes_it():
    first, second = world.institution("bank_a", "演示银行甲"), world.institution("bank_b", "演示银行乙")
    row = world.offering("tender", "loan", handler=world.bureau().department)
    case, _owner = world.asked(row, receivers=(first.department, second.department))

    do(case, "take", first.officer)
    do(case, "decline", first.officer, reason="开店时间不够")
    still = states_of(case)
    do(case, "take", second.officer)
    do(case, "offer", second.officer, words="10 万元，一年，以审批为准")

    assert still == ("talking", "open", "")
    assert legs_of(case) == [("bank_a", "no_help"), ("bank_b", "done")]
    with pytest.raises(PermissionDenied):
        do(case, "decline", first.officer, reason="再说一次")


def test_when_every_bank_declines_the_request_waits_for_its_owner():
    bank = world.institution("bank_a", "演示银行甲")
    case, _owner = world.asked(world.offering("tender", "loan"), receivers=(bank.department,))

    do(case, "decline", bank.officer, reason="没有抵押")

    assert states_of(case) == ("unserved", "open", "")


def test_the_second_seat_waits_and_is_offered_when_the_first_is_given_up():
    row = world.offering("booking", "mentor")
    hour = world.slot(row, capacity=1)
    case, owner = world.asked(row, 1, slot=hour)
    waiting, other = world.asked(row, 2, slot=hour)

    before = states_of(case)[0], states_of(waiting)[0]
    do(case, "excuse", owner)
    offered = states_of(waiting)[0]
    do(waiting, "confirm", other)

    assert before == ("booked", "waiting")
    assert offered == "offered"
    assert states_of(waiting) == ("booked", "open", "")
    assert Slot.objects.get().taken == 1
    assert world.faults() == []


def test_booking_twice_is_one_request():
    row = world.offering("booking", "mentor")
    hour, shop = world.slot(row), open_shop(1)
    owner = owner_of(shop)

    first, is_new = ask_or_find(row, shop, Ask(slot=hour), by=owner)
    second, again = ask_or_find(row, shop, Ask(slot=hour), by=owner)

    assert (is_new, again, first.pk) == (True, False, second.pk)
    assert Request.objects.count() == 1


def test_a_time_that_is_over_is_refused_with_the_nearest_others():
    row = world.offering("booking", "mentor")
    gone = world.slot(row, days=-1)
    world.slot(row, days=2)

    with pytest.raises(Refused, match="最近还能约"):
        world.asked(row, slot=gone)


def test_a_checklist_goes_through_its_steps_and_is_granted_by_somebody_else():
    county, city = world.bureau("county", "县局"), world.bureau("market", "市市场监管局")
    steps = [
        {"key": "check", "title": "初审", "department": "county", "sets": "reviewer"},
        {"key": "grant", "title": "认定", "department": "market", "sets": "approver"},
    ]
    case, _owner = world.asked(world.offering("checklist", "list", steps=steps, handler=city.department))

    do(case, "step_done", county.reviewer, note="材料齐")
    waits = states_of(case)
    do(case, "approve", city.approver, note="同意")

    row = Case.objects.get(pk=case.pk)
    assert waits == ("deciding", "open", "")
    assert states_of(case) == ("listed", "closed", "granted")
    assert (row.reviewer, row.approver, len(row.approved_digest)) == (county.reviewer, city.approver, 64)
    assert world.faults() == []


def test_words_with_a_phone_number_are_refused_and_nothing_is_kept():
    with pytest.raises(Invalid) as refusal:
        world.asked(world.offering(), words="请打 13800138000 找我")

    assert [fault.field for fault in refusal.value.faults] == ["words"]
    assert not Case.objects.exists()
