"""Seats of a slot: held, waited for, offered in order, kept for a while, given up in time."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.actions import general
from cases.models import Case
from core.errors import Invalid, Refused
from notifications.models import Letter
from services.models import Request, Slot
from services.slots import seats, timetable

from . import world

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
SECOND = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def at_ten(time_machine):
    time_machine.move_to(NOW, tick=False)


def hour(capacity=1, **more):
    return world.slot(world.offering("booking", "mentor"), capacity=capacity, **more)


def states(*cases):
    return [Case.objects.get(pk=case.pk).state for case in cases]


def do(case, verb, by, **typed):
    return general.do(Case.objects.get(pk=case.pk), verb, typed, by=by)


def taken(slot):
    return Slot.objects.get(pk=slot.pk).taken


def full_with_line(slot, waiting=2):
    """``[(case, owner)]``: one has the only seat, the others wait."""
    return [world.asked(slot.offering, place, slot=slot) for place in range(1, waiting + 2)]


def test_the_place_in_line_is_said():
    line = full_with_line(hour())

    said = [case.stage.sentence(Case.objects.get(pk=case.pk), timezone.localdate()) for case, _ in line[1:]]

    assert said == ["11 月 28 日 10:00 这场满了，您排在第 1 位", "11 月 28 日 10:00 这场满了，您排在第 2 位"]


def test_who_leaves_the_line_lets_the_next_move_up():
    (_, _), (first, owner), (second, _) = full_with_line(hour())

    do(first, "leave", owner)

    assert states(first, second) == ["left", "waiting"]
    assert seats._first_in_line(second.request.slot_id).pk == second.pk
    assert world.faults() == []


def test_who_leaves_an_offered_seat_hands_it_to_the_next():
    (booked, owner), (first, other), (second, _) = full_with_line(slot := hour())

    do(booked, "excuse", owner)
    do(first, "leave", other)

    assert states(booked, first, second) == ["excused", "left", "offered"]
    assert taken(slot) == 1
    assert world.faults() == []


def test_a_seat_that_nobody_waits_for_is_free_again():
    case, owner = world.asked((slot := hour()).offering, slot=slot)

    do(case, "excuse", owner)

    assert (taken(slot), Request.objects.get().seat) == (0, "")
    again, _ = world.asked(slot.offering, slot=slot)
    assert (states(again), taken(slot)) == (["booked"], 1)


@pytest.mark.parametrize(
    ("left", "is_excused"),
    [
        (timedelta(hours=24) + SECOND, True),
        (timedelta(hours=24), True),
        (timedelta(hours=24) - SECOND, False),
    ],
    ids=["before", "at", "after"],
)
def test_one_is_excused_until_a_day_before(time_machine, left, is_excused):
    case, owner = world.asked((slot := hour()).offering, slot=slot)
    time_machine.move_to(slot.starts_at - left, tick=False)

    if is_excused:
        do(case, "excuse", owner)
    else:
        with pytest.raises(Refused, match="离开始不到 24 小时"):
            do(case, "excuse", owner)

    assert states(case) == ["excused" if is_excused else "booked"]


@pytest.mark.parametrize(
    ("left", "kept"),
    [
        (timedelta(hours=26) + SECOND, timedelta(hours=24)),
        (timedelta(hours=26), timedelta(hours=24)),
        (timedelta(hours=26) - SECOND, timedelta(hours=24) - SECOND),
        (timedelta(hours=2) + SECOND, SECOND),
        (timedelta(hours=2), None),
        (timedelta(hours=2) - SECOND, None),
    ],
    ids=["26 h and more", "26 h", "less than 26 h", "2 h and more", "2 h", "less than 2 h"],
)
def test_an_offered_seat_is_kept_a_day_but_not_into_the_last_two_hours(time_machine, left, kept):
    people, slot = world.bureau(), hour()
    (booked, _), (waiting, _) = full_with_line(slot, waiting=1)
    time_machine.move_to(slot.starts_at - left, tick=False)

    do(booked, "revoke", people.reviewer, reason="来不了")

    row = Request.objects.get(pk=waiting.pk)
    assert row.offered_until == (kept and timezone.now() + kept)
    assert (states(waiting), taken(slot)) == (["offered"], 1) if kept else (["waiting"], 0)


@pytest.mark.parametrize(
    ("late", "ends"),
    [(-SECOND, ["offered", "waiting"]), (0 * SECOND, ["lapsed", "offered"]), (SECOND, ["lapsed", "offered"])],
    ids=["before", "at", "after"],
)
def test_an_offer_that_nobody_confirms_goes_to_the_next(time_machine, late, ends):
    (booked, owner), (first, other), (second, _) = full_with_line(slot := hour())
    do(booked, "excuse", owner)
    until = Request.objects.get(pk=first.pk).offered_until
    time_machine.move_to(until + late, tick=False)

    timetable.lapse_offers(timezone.localdate())

    assert states(first, second) == ends
    assert taken(slot) == 1
    assert world.faults() == []
    if ends[0] == "lapsed":
        with pytest.raises(Refused):
            do(first, "confirm", other)


@pytest.mark.parametrize(
    ("late", "end"),
    [(-SECOND, "booked"), (0 * SECOND, "offered"), (SECOND, "offered")],
    ids=["before", "at", "after"],
)
def test_an_offer_is_confirmed_while_it_is_kept(time_machine, late, end):
    (booked, owner), (first, other) = full_with_line(hour(), waiting=1)
    do(booked, "excuse", owner)
    time_machine.move_to(Request.objects.get(pk=first.pk).offered_until + late, tick=False)

    try:
        do(first, "confirm", other)
    except Refused as refusal:
        assert refusal.code == "offer_lapsed"

    assert states(first) == [end]


def test_in_the_last_two_hours_the_free_seat_is_for_whoever_comes_first(time_machine):
    people, slot = world.bureau(), hour()
    (booked, _), (first, owner), (second, other) = full_with_line(slot)
    time_machine.move_to(slot.starts_at - timedelta(hours=1), tick=False)
    before = list(general.offered(owner, Case.objects.get(pk=first.pk), general.OWNER))
    do(booked, "revoke", people.reviewer, reason="来不了")

    do(second, "take", other)

    assert before == ["leave"]
    assert states(first, second) == ["waiting", "booked"]
    assert taken(slot) == 1
    with pytest.raises(PermissionDenied):
        do(first, "take", owner)


def test_more_seats_go_to_those_in_line_first():
    (_, _), (first, _), (second, _) = full_with_line(slot := hour())

    assert seats.change_slot(slot, capacity=2) == 1
    assert states(first, second) == ["offered", "waiting"]
    assert seats.change_slot(slot, capacity=5) == 1
    assert (states(first, second), taken(slot)) == (["offered", "offered"], 3)
    assert world.faults() == []


def test_fewer_seats_than_are_taken_are_refused():
    slot = hour(capacity=3)
    for place in (1, 2):
        world.asked(slot.offering, place, slot=slot)

    with pytest.raises(Invalid) as refusal:
        seats.change_slot(slot, capacity=1)
    seats.change_slot(slot, capacity=2)

    assert [(fault.field, fault.detail) for fault in refusal.value.faults] == [
        ("capacity", "已经约了 2 人，名额不能少于 2 个")
    ]
    assert Slot.objects.get().capacity == 2


@pytest.mark.parametrize("why", ["cancelled", "past"])
def test_a_time_that_cannot_be_booked_names_the_three_nearest_with_a_seat(time_machine, why):
    slot = hour()
    full = world.slot(slot.offering, days=4)
    world.asked(slot.offering, 9, slot=full)
    for days in (8, 5, 7, 6):
        world.slot(slot.offering, days=days)
    if why == "cancelled":
        timetable.cancel(slot, "老师病了")
    else:
        time_machine.move_to(slot.starts_at, tick=False)

    with pytest.raises(Refused) as refusal:
        world.asked(slot.offering, slot=slot)

    assert refusal.value.code == "slot_over"
    assert "最近还能约：11 月 30 日 10:00、12 月 1 日 10:00、12 月 2 日 10:00。" in str(refusal.value)


def test_an_offer_is_told_and_wants_nothing_once_it_is_confirmed():
    (booked, owner), (first, other) = full_with_line(hour(), waiting=1)
    do(booked, "excuse", owner)
    letter = Letter.objects.get(key=f"case {first.pk} offer")
    told = letter.needs_action, letter.urgent, letter.sentence

    do(first, "confirm", other)

    letter.refresh_from_db()
    assert told == (True, False, "11 月 28 日 10:00 这场空出一个名额，给您留到 11 月 26 日 10:00。")
    assert letter.needs_action is False
