"""Faults planted one by one among requests: each breaks the invariant that is about it, and no other of this room."""

import pytest
from django.db import transaction
from django.utils import timezone

from core import invariants
from services.models import Leg, Request, ServiceCase, Slot

from . import world
from .test_kinds import do

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"]),
    pytest.mark.every_engine("sets of rows"),
]
SOMEBODY = "办着的诉求有人要答、占着或等着名额、等店主，或者等同一件的答复"
TAKEN = "每个时间的已约数等于占着的名额"
FREE = "没有人在空着的名额旁边排队"
ORDER = "接单的次序从 1 起不断，逐项办的同时只有一步在办"
SEATS = "名额和预约的状态说的一样"
ENDED = "办结的服务办件没有还开着的单"


def of_this_room():
    return {
        name: check
        for name, check in invariants._invariants.items()
        if check.__module__ == "services.invariants"
    }


def not_so():
    return {name for name, check in of_this_room().items() if list(check())}


@pytest.fixture
def city(engine):
    """A request in every situation: asked, taken, answered, asked back, offered, nobody serves it, booked, waiting, a
    step under way, one that waits with another, solved, withdrawn."""
    people = world.bureau()
    banks = [world.institution(f"bank_{one}", f"演示银行{one}") for one in "ab"]
    cases = {}
    for place, name in enumerate(("asked", "taken", "answered", "asking", "solved", "withdrawn"), 1):
        cases[name], owner = world.asked(world.offering(code=name), place)
        if name in ("taken", "asking"):
            do(cases[name], "take", people.reviewer)
        if name == "asking":
            until = timezone.localdate() + world.timedelta(7)
            do(cases[name], "ask", people.reviewer, words="哪里？", until=str(until))
        if name in ("answered", "solved"):
            do(cases[name], "answer", people.reviewer, words="已经疏通")
        if name in ("solved", "withdrawn"):
            do(cases[name], "solve" if name == "solved" else "withdraw", owner)
    for place, (name, verb) in enumerate((("offered", "offer"), ("unserved", "decline")), 7):
        row = world.offering("tender", name)
        receivers = tuple(bank.department for bank in banks[: 2 - (name == "unserved")])
        cases[name], _ = world.asked(row, place, receivers=receivers)
        for bank in banks[: len(receivers)]:
            do(cases[name], "take", bank.officer)
            do(cases[name], verb, bank.officer, words="10 万元", reason="没有抵押")
    row = world.offering("booking", "mentor")
    hour = world.slot(row)
    cases["booked"], _ = world.asked(row, 9, slot=hour)
    cases["waiting"], _ = world.asked(row, 10, slot=hour)
    steps = [{"key": key, "title": key, "department": "tests"} for key in ("one", "two")]
    cases["step"], _ = world.asked(world.offering("checklist", "list", steps=steps), 11)
    cases["alike"], _ = world.asked(
        world.offering(code="alike"), 12, same_as=Request.objects.get(pk=cases["asked"].pk)
    )
    return cases


def legs_of(case):
    return Leg.objects.filter(request=case.pk)


def asked_of_nobody(cases):
    legs_of(cases["alike"]).delete()
    Request.objects.filter(pk=cases["alike"].pk).update(same_as=None)


def waits_with_one_that_ended(cases):
    Request.objects.filter(pk=cases["alike"].pk).update(same_as=cases["solved"].pk)


def leg_closed_and_the_case_not(cases):
    legs_of(cases["taken"]).update(state="done", closed_at=timezone.now())


def nobody_is_asked_and_nothing_offered(cases):
    legs_of(cases["offered"]).update(state="no_answer", closed_at=timezone.now())


def seat_counted_twice(cases):
    Slot.objects.update(capacity=3, taken=2)


def more_room_and_nobody_moved_up(cases):
    Slot.objects.update(capacity=2)


def leg_in_a_later_place(cases):
    legs_of(cases["asked"]).update(position=2)


def leg_missing_in_between(cases):
    legs_of(cases["offered"]).filter(position=2).update(position=3)


def two_steps_at_once(cases):
    legs_of(cases["step"]).update(state="sent")


def waits_and_is_said_to_be_booked(cases):
    rows = ServiceCase.objects.filter(pk=cases["waiting"].pk, procedure="booking")
    rows.update(state="booked", phase="open", outcome="", standing=True)


def seat_kept_after_it_was_given_up(cases):
    rows = ServiceCase.objects.filter(pk=cases["booked"].pk, procedure="booking")
    rows.update(state="excused", phase="closed", outcome="withdrawn", standing=False)


def leg_left_open(cases):
    legs_of(cases["withdrawn"]).update(state="sent")


FAULTS = [
    (asked_of_nobody, {SOMEBODY}),
    (waits_with_one_that_ended, {SOMEBODY}),
    (leg_closed_and_the_case_not, {SOMEBODY}),
    (nobody_is_asked_and_nothing_offered, {SOMEBODY}),
    (seat_counted_twice, {TAKEN, FREE}),
    (more_room_and_nobody_moved_up, {FREE}),
    (leg_in_a_later_place, {ORDER}),
    (leg_missing_in_between, {ORDER}),
    (two_steps_at_once, {ORDER}),
    (waits_and_is_said_to_be_booked, {SEATS}),
    (seat_kept_after_it_was_given_up, {SEATS}),
    (leg_left_open, {ENDED}),
]


def test_a_city_at_work_is_as_it_must_be_and_each_planted_fault_is_found(city):
    """One city for all of them: it takes long to build, and each fault is undone."""
    assert world.faults() == []
    found = {}
    for plant, _ in FAULTS:
        with transaction.atomic():
            plant(city)
            found[plant.__name__] = not_so()
            transaction.set_rollback(True)

    assert found == {plant.__name__: names for plant, names in FAULTS}
    assert not_so() == set()


def test_every_invariant_of_the_room_has_a_fault_that_breaks_it():
    assert set().union(*(found for _, found in FAULTS)) == set(of_this_room())
