"""What time does to slots and seats; slots made from data; a slot that does not take place."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.actions import general
from cases.models import AuditEntry, Case
from cases.sweeping import STEPS
from core.errors import Invalid, Refused
from notifications.models import Letter
from services.catalogue import caps
from services.models import Leg, Offering, Slot
from services.slots import timetable
from services.slots.series import make_slots
from tests.notifications.register import open_shop
from tests.subsidies.world import owner_of

from . import world

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-25T10:00:00+08:00")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
BEFORE_AT_AFTER = pytest.mark.parametrize(
    ("late", "is_due"), [(-SECOND, False), (0 * SECOND, True), (SECOND, True)], ids=["before", "at", "after"]
)


@pytest.fixture(autouse=True)
def at_ten(time_machine):
    time_machine.move_to(NOW, tick=False)


def hour(kind="booking", days=10, capacity=1, **more):
    return world.slot(world.offering(kind, "mentor"), days=days, capacity=capacity, **more)


def booked(slot, people=1, first=1):
    return [world.asked(slot.offering, place, slot=slot)[0] for place in range(first, first + people)]


def states(cases):
    return [Case.objects.get(pk=case.pk).state for case in cases]


def outcomes(cases):
    return [Case.objects.get(pk=case.pk).outcome for case in cases]


def told(case, ending):
    return Letter.objects.filter(operator=case.operator_id, title__endswith=ending)


def run(step):
    return step(timezone.localdate())


# What time does


@BEFORE_AT_AFTER
def test_whoever_waits_when_it_begins_has_waited_in_vain(time_machine, late, is_due):
    _, waiting = cases = booked(slot := hour(), 2)
    time_machine.move_to(slot.starts_at + late, tick=False)

    run(timetable.end_queues)

    assert states(cases) == ["booked", "lapsed" if is_due else "waiting"]
    assert told(waiting, "没有排上").exists() == is_due
    assert world.faults() == []


@BEFORE_AT_AFTER
def test_a_class_of_too_few_is_cancelled_for_all_when_it_is_decided(time_machine, late, is_due):
    decide_at = NOW + 5 * DAY
    slot = hour("enrolment", capacity=12, minimum=3, decide_at=decide_at)
    world.slot(slot.offering, days=20, capacity=12)
    cases = booked(slot, 2)
    time_machine.move_to(decide_at + late, tick=False)

    run(timetable.decide)

    row = Slot.objects.get(pk=slot.pk)
    assert states(cases) == 2 * ["cancelled" if is_due else "booked"]
    assert (row.status, row.taken) == (("cancelled", 0) if is_due else ("open", 2))
    assert world.faults() == []
    if is_due:
        assert row.because == "报名的人不够开班（2 人，要 3 人）"
        assert outcomes(cases) == 2 * ["no_help"]
        letter = told(cases[0], "取消了").get()
        assert letter.sentence.endswith("最近还能约：12 月 15 日 10:00。")
        assert (letter.action_label, letter.action_path) == ("约别的时间", "/services/mentor/")
        assert letter.urgent is False


def test_a_class_of_enough_is_held_even_if_somebody_leaves_it_afterwards(time_machine):
    slot = hour("enrolment", capacity=12, minimum=2, decide_at=NOW + DAY)
    case, other = booked(slot, 2)
    time_machine.move_to(NOW + DAY, tick=False)
    run(timetable.decide)
    do_excuse(case)

    again = run(timetable.decide)

    assert (again, states([case, other])) == (0, ["excused", "booked"])
    assert Slot.objects.get().decided_at == timezone.now()


def do_excuse(case):
    shop = case.business
    general.do(Case.objects.get(pk=case.pk), "excuse", {}, by=owner_of(shop))


def test_a_class_of_an_order_opens_when_three_shops_have_asked(time_machine):
    """M13b: 三家要就开班."""
    slot = hour("enrolment", capacity=30, minimum=3, decide_at=NOW + DAY)
    cases = booked(slot, 3)
    time_machine.move_to(NOW + DAY, tick=False)

    run(timetable.decide)

    assert states(cases) == 3 * ["booked"]
    assert AuditEntry.objects.filter(verb=timetable.DECIDE).count() == 1


@BEFORE_AT_AFTER
def test_a_day_before_one_is_reminded_once(time_machine, late, is_due):
    (case,) = booked(slot := hour(place="三楼"))
    time_machine.move_to(slot.starts_at - DAY + late, tick=False)

    first = run(timetable.remind)
    second = run(timetable.remind)

    assert (first, second) == (int(is_due), 0)
    assert [letter.sentence for letter in told(case, "快到了")] == [
        "12 月 5 日 10:00，三楼。请准时来。"
    ] * is_due
    assert world.faults() == []


def test_who_books_within_the_last_day_is_not_reminded(time_machine):
    slot = hour()
    time_machine.move_to(slot.starts_at - DAY + SECOND, tick=False)
    (case,) = booked(slot)

    run(timetable.remind)

    assert not told(case, "快到了").exists()


def test_nobody_is_reminded_of_what_does_not_take_place(time_machine):
    (case,) = booked(slot := hour())
    timetable.cancel(slot, "老师病了")
    time_machine.move_to(slot.starts_at - DAY, tick=False)

    assert run(timetable.remind) == 0
    assert not told(case, "快到了").exists()


@BEFORE_AT_AFTER
def test_a_slot_is_done_at_its_end(time_machine, late, is_due):
    slot = hour()
    time_machine.move_to(slot.ends_at + late, tick=False)

    run(timetable.finish)

    assert Slot.objects.get().status == ("done" if is_due else "open")


@BEFORE_AT_AFTER
def test_whose_roll_was_never_called_is_let_go_after_45_days(time_machine, late, is_due):
    cases = booked(slot := hour())
    time_machine.move_to(slot.ends_at + 45 * DAY + late, tick=False)

    run(timetable.forget)

    assert states(cases) == ["unrecorded" if is_due else "booked"]
    assert outcomes(cases) == ["expired" if is_due else ""]
    assert world.faults() == []


def test_whoever_came_is_left_alone_by_time(time_machine):
    people, slot = world.bureau(), hour()
    (case,) = booked(slot)
    time_machine.move_to(slot.starts_at, tick=False)
    general.do(Case.objects.get(pk=case.pk), "attend", {}, by=people.reviewer)
    time_machine.move_to(slot.ends_at + 60 * DAY, tick=False)

    for name in ("候补名额过时", "没有排上的", "没有登记到场的", "定开不开班", "提前一天提醒", "结束的场次"):
        run(STEPS[name])

    assert states([case]) == ["attended"]


# Cancelled by somebody


def test_a_slot_that_is_cancelled_is_told_to_all_and_nobody_moves_up():
    people, slot = world.bureau(), hour(capacity=2)
    world.slot(slot.offering, days=12)
    cases = booked(slot, 4)

    count = timetable.cancel(slot, "老师病了", by=people.reviewer)

    row = Slot.objects.get(pk=slot.pk)
    assert (count, states(cases), outcomes(cases)) == (4, 4 * ["revoked"], 4 * ["no_help"])
    assert (row.status, row.because, row.taken) == ("cancelled", "老师病了", 0)
    assert Letter.objects.filter(title__endswith="取消了").count() == 4
    assert told(cases[3], "取消了").get().sentence == (
        "12 月 5 日 10:00 这场取消：老师病了。最近还能约：12 月 7 日 10:00。"
    )
    entry = AuditEntry.objects.get(verb=timetable.CANCEL)
    assert (entry.actor, entry.subject, entry.note) == (people.reviewer.pk, f"slot {slot.pk}", "老师病了")
    assert world.faults() == []


@pytest.mark.parametrize(("left", "urgent"), [(12 * 3600, False), (12 * 3600 - 1, True)])
def test_what_is_cancelled_shortly_before_does_not_wait_for_the_morning(time_machine, left, urgent):
    (case,) = booked(slot := hour())
    time_machine.move_to(slot.starts_at - timedelta(seconds=left), tick=False)

    timetable.cancel(slot, "停电")

    assert told(case, "取消了").get().urgent is urgent


@pytest.mark.parametrize("reason", ["", "  ", "长" * 201])
def test_a_slot_is_not_cancelled_without_a_reason_that_can_be_read(reason):
    slot = hour()

    with pytest.raises(Invalid) as refusal:
        timetable.cancel(slot, reason)

    assert [fault.field for fault in refusal.value.faults] == ["reason"]
    assert Slot.objects.get().status == "open"


def test_only_who_gives_it_cancels_it():
    other = world.bureau("market", "市市场监管局")
    slot = hour()

    for stranger in (other.reviewer, owner_of(open_shop(1))):
        with pytest.raises(PermissionDenied):
            timetable.cancel(slot, "不想开了", by=stranger)

    assert Slot.objects.get().status == "open"


def test_what_has_begun_is_not_cancelled(time_machine):
    slot = hour()
    time_machine.move_to(slot.starts_at, tick=False)

    with pytest.raises(Refused, match="不能再取消"):
        timetable.cancel(slot, "老师病了")


# Slots from data

TUESDAYS = {"on": ["tue", "thu"], "from": "09:00", "until": "11:00", "minutes": 30, "capacity": 1, "weeks": 4}


def test_slots_are_made_by_the_clock_of_the_city_and_once():
    row = world.offering("booking", "window")

    first, second = make_slots(row, **TUESDAYS), make_slots(row, **TUESDAYS)

    slots = list(Slot.objects.all())
    local = [timezone.localtime(slot.starts_at) for slot in slots]
    assert (first, second, len(slots)) == (32, 0, 32)
    assert f"{local[0]:%Y-%m-%d %H:%M %z}" == "2026-11-26 09:00 +0800"
    assert {f"{moment:%H:%M}" for moment in local} == {"09:00", "09:30", "10:00", "10:30"}
    assert {moment.weekday() for moment in local} == {1, 3}
    assert {slot.ends_at - slot.starts_at for slot in slots} == {timedelta(minutes=30)}


def test_what_was_cancelled_is_not_made_again():
    row = world.offering("booking", "window")
    make_slots(row, **TUESDAYS)
    timetable.cancel(Slot.objects.first(), "放假")

    assert make_slots(row, **TUESDAYS) == 0


def test_a_class_of_two_evenings_a_week_is_one_slot():
    row = world.offering("enrolment", "live")

    made = make_slots(
        row,
        **{"on": ["tue", "thu"], "from": "19:00", "until": "21:00", "capacity": 12, "as_one": True},
        minimum=5,
        decide_days=1,
    )

    slot = Slot.objects.get()
    assert made == 1
    assert [session[0] for session in slot.sessions] == [
        "2026-11-26T19:00:00+08:00",
        "2026-12-01T19:00:00+08:00",
    ]
    assert (slot.minimum, slot.decide_at) == (5, slot.starts_at - DAY)
    assert f"{timezone.localtime(slot.ends_at):%m-%d %H:%M}" == "12-01 21:00"


def test_more_than_two_hundred_are_refused_and_none_is_made():
    row = world.offering("booking", "window")
    weeks = TUESDAYS | {"weeks": 26}

    with pytest.raises(Invalid) as refusal:
        make_slots(row, **weeks)

    assert [(fault.field, fault.detail) for fault in refusal.value.faults] == [
        ("weeks", "weeks：一共 208 场，一次最多 200 场")
    ]
    assert not Slot.objects.exists()
    assert make_slots(row, **weeks | {"weeks": 25}) == 200


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"on": []}, "on"),
        ({"on": ["tuesday"]}, "on"),
        ({"from": "9:00"}, "from"),
        ({"until": "24:00"}, "until"),
        ({"until": "09:00"}, "until"),
        ({"minutes": 0}, "minutes"),
        ({"minutes": 121}, "minutes"),
        ({"minutes": "30"}, "minutes"),
        ({"capacity": 0}, "capacity"),
        ({"capacity": True}, "capacity"),
        ({"weeks": 53}, "weeks"),
        ({"minimum": 2}, "minimum"),
        ({"decide_days": 0}, "decide_days"),
        ({"at": "noon"}, "at"),
    ],
)
def test_the_line_that_is_wrong_is_named(wrong, line):
    row = world.offering("booking", "window")

    with pytest.raises(Invalid) as refusal:
        make_slots(row, **TUESDAYS | wrong)

    assert [fault.field for fault in refusal.value.faults] == [line]
    assert not Slot.objects.exists()


# What an offering takes on


def test_the_last_of_the_month_closes_it_until_the_first(time_machine):
    row = world.offering(max_month=1)
    world.asked(row, 1)

    with pytest.raises(Refused, match="这个月的名额满了。2026 年 12 月 1 日再开"):
        world.asked(row, 2)
    time_machine.move_to("2026-12-01T00:00:00+08:00", tick=False)
    run(caps.reopen)
    world.asked(row, 2)

    row = Offering.objects.get()
    assert (row.month, row.month_count) == (202612, 1)


@pytest.mark.parametrize(
    ("on", "day"), [("2026-11-30T23:59:59", "2026-12-01"), ("2026-12-01T00:00:00", None)]
)
def test_what_was_paused_opens_again_on_the_first(time_machine, on, day):
    row = world.offering(max_open=1)
    world.asked(row, 1)
    time_machine.move_to(f"{on}+08:00", tick=False)

    run(caps.reopen)

    until = Offering.objects.get().paused_until
    assert (until and until.isoformat()) == day


def test_the_first_of_december_is_followed_by_the_first_of_january():
    assert caps.first_of_next(datetime(2026, 12, 31).date()).isoformat() == "2027-01-01"


@pytest.mark.parametrize(
    ("legs", "age", "is_paused"),
    [(5, 9 * DAY, False), (5, 9 * DAY + SECOND, True), (4, 10 * DAY, False), (6, 10 * DAY, True)],
)
def test_five_that_nobody_has_taken_for_nine_days_pause_it(time_machine, legs, age, is_paused):
    row = world.offering()
    for place in range(1, legs + 1):
        world.asked(row, place)
    Leg.objects.update(sent_at=NOW - age)

    run(caps.pause_overloaded)

    found = Offering.objects.get()
    assert found.paused_because == ("等着接办的太多" if is_paused else "")
    assert (found.paused_until is not None) == is_paused


def test_a_longer_pause_by_hand_stays(time_machine):
    row = world.offering(max_open=1, paused_until=NOW.date() + 90 * DAY, paused_because="装修")

    assert caps.pause(row, caps.FULL, NOW.date()) is False
    assert Offering.objects.get().paused_because == "装修"
