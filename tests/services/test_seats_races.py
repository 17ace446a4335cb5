"""Many at once at few seats: each seat once, the rest in line, and nobody beside a free seat."""

import threading
from datetime import timedelta

import pytest
from django.utils import timezone

from cases.actions import general
from cases.models import Case
from core.errors import Refused
from services.asking import Ask, ask
from services.models import Offering, Request, Slot
from services.slots import seats, timetable
from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from . import world

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"], transaction=True),
    pytest.mark.every_engine("locks"),
]


def shops(count):
    found = [open_shop(place) for place in range(1, count + 1)]
    return [(shop, owner_of(shop)) for shop in found]


def booking(slot, shop, owner):
    return lambda: ask(slot.offering, shop, Ask(slot=slot), by=owner)


def doing(case, verb, by, **typed):
    return lambda: general.do(Case.objects.get(pk=case.pk), verb, typed, by=by)


def states():
    return list(Case.objects.order_by("pk").values_list("state", flat=True))


def kinds(answers):
    """The class of each answer; what is neither a case nor a refusal is shown whole."""
    return sorted(type(row).__name__ if isinstance(row, Case | Refused) else repr(row) for row in answers)


@pytest.mark.parametrize(("people", "free"), [(20, 4), pytest.param(100, 10, marks=pytest.mark.long)])
def test_many_at_few_seats(at_once, people, free):
    slot = world.slot(world.offering("booking", "room"), capacity=free)

    answers = at_once([booking(slot, shop, owner) for shop, owner in shops(people)])

    assert kinds(answers) == people * ["ServiceCase"]
    assert sorted(states()) == free * ["booked"] + (people - free) * ["waiting"]
    assert Slot.objects.get().taken == free
    queue = [case.pk for case in answers if case.state == "waiting"]
    places = [seats._first_in_line(slot.pk).pk]
    assert places == [min(queue)]
    assert world.faults() == []


def test_those_in_line_are_offered_seats_in_the_order_of_their_ids(at_once):
    slot, people = world.slot(world.offering("booking", "room"), capacity=3), shops(12)
    at_once([booking(slot, shop, owner) for shop, owner in people])
    waiting = list(Case.objects.filter(state="waiting").order_by("pk").values_list("pk", flat=True))

    seats.change_slot(slot, capacity=7)

    assert (
        list(Case.objects.filter(state="offered").order_by("pk").values_list("pk", flat=True)) == waiting[:4]
    )
    assert world.faults() == []


def test_one_shop_twice_at_once_has_one_seat(at_once):
    slot, ((shop, owner),) = world.slot(world.offering("booking", "room"), capacity=5), shops(1)

    answers = at_once(4 * [booking(slot, shop, owner)])

    assert len({case.pk for case in answers}) == 1
    assert (states(), Slot.objects.get().taken) == (["booked"], 1)


def test_confirmed_and_lapsed_at_once(at_once):
    """Both look at the same clock: which of them is in time is what they find under the lock."""
    slot = world.slot(world.offering("booking", "room"))
    (_, first), (case, second) = [world.asked(slot.offering, place, slot=slot) for place in (1, 2)]
    general.do(Case.objects.order_by("pk").first(), "excuse", {}, by=first)
    soon = timezone.now() + timedelta(seconds=0.4)
    Request.objects.filter(pk=case.pk).update(offered_until=soon)

    def lapse():
        while timezone.now() < soon:
            threading.Event().wait(0.01)
        timetable.lapse_offers(timezone.localdate())
        return case

    def confirm():
        while timezone.now() < soon - timedelta(seconds=0.02):
            threading.Event().wait(0.005)
        return doing(case, "confirm", second)()

    at_once([confirm, lapse, confirm, lapse])

    end, taken = Case.objects.get(pk=case.pk).state, Slot.objects.get().taken
    assert (end, taken) in [("booked", 1), ("lapsed", 0)]
    assert world.faults() == []


def test_excused_while_somebody_queues(at_once):
    """Nobody is left beside a free seat, whichever of the two is first."""
    slot = world.slot(world.offering("booking", "room"), capacity=2)
    cases = [world.asked(slot.offering, place, slot=slot) for place in (1, 2)]
    more = [open_shop(place) for place in range(3, 11)]
    works = [booking(slot, shop, owner_of(shop)) for shop in more]

    answers = at_once([doing(case, "excuse", owner) for case, owner in cases] + works)

    assert kinds(answers) == 10 * ["ServiceCase"]
    assert Slot.objects.get().taken == 2
    assert sorted(states()).count("waiting") == 6
    assert world.faults() == []


def test_two_slots_and_two_people_in_both_orders(at_once):
    """Each gives up one and asks for the other, again and again, and nobody waits for one who waits."""
    row = world.offering("booking", "room")
    first, second = world.slot(row), world.slot(row, days=4)
    (one, his), (other, hers) = shops(2)

    def rounds(shop, owner, order):
        def run():
            for slot in 5 * order:
                case = ask(row, shop, Ask(slot=slot), by=owner)
                verb = "excuse" if case.state == "booked" else "leave"
                try:
                    general.do(Case.objects.get(pk=case.pk), verb, {}, by=owner)
                except Refused:  # offered meanwhile
                    general.do(Case.objects.get(pk=case.pk), "leave", {}, by=owner)
            return case

        return run

    answers = at_once([rounds(one, his, [first, second]), rounds(other, hers, [second, first])])

    assert kinds(answers) == 2 * ["ServiceCase"]
    assert list(Slot.objects.values_list("taken", flat=True)) == [0, 0]
    assert world.faults() == []


def test_cancelled_while_others_book_and_leave(at_once):
    slot = world.slot(world.offering("booking", "room"), capacity=3)
    cases = [world.asked(slot.offering, place, slot=slot) for place in range(1, 6)]
    more = [open_shop(place) for place in range(6, 10)]

    at_once(
        [lambda: timetable.cancel(slot, "老师病了")]
        + [doing(case, "leave" if case.state == "waiting" else "excuse", owner) for case, owner in cases]
        + [booking(slot, shop, owner_of(shop)) for shop in more]
    )

    assert set(states()) <= {"revoked", "excused", "left"}
    assert list(Slot.objects.values_list("taken", "status")) == [(0, "cancelled")]
    assert world.faults() == []


def test_two_at_the_cap(at_once):
    """One is taken on; the other is told until when nobody is."""
    row = world.offering(max_open=1)
    people = shops(2)

    answers = at_once(
        [lambda shop=shop, by=by: ask(row, shop, Ask(words=world.NEED), by=by) for shop, by in people]
    )

    assert kinds(answers) == ["Refused", "ServiceCase"]
    (refusal,) = [answer for answer in answers if isinstance(answer, Refused)]
    until = Offering.objects.get().paused_until
    assert str(refusal) == f"先停一停，正在办的已经满了。{until.year} 年 {until.month} 月 1 日再开。"
    assert Case.objects.count() == 1
