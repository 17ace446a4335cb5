"""What time does to requests that nobody answers: the day before it decides, the day, and the day after."""

from contextlib import nullcontext
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from cases.models import AuditEntry, Case
from cases.sweeping import STEPS, sweep
from core.data_files import read_yaml
from needs import remembering
from notifications.models import Letter
from services import deadlines, ladder, legs
from services.kinds import KINDS
from services.models import Leg, Request
from services.permissions import REOPENED_WITHIN
from tests.notifications.register import days_ahead, noon

from . import world
from .test_kinds import do, legs_of, states_of

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"]),
    pytest.mark.every_engine("sets of rows"),
]
TODAY = timezone.localdate
AROUND = (-1, 0, 1)


@pytest.fixture
def people(engine):
    return world.bureau()


@pytest.fixture
def centre(engine):
    return world.bureau("govservice", "市政务服务中心")


def swept_on(day, *steps):
    """What each of the steps did at noon of ``day``, all of the room's where none is named."""
    with noon(day):
        return [step(day) for step in steps] if steps else sweep(day)


def rung():
    return Leg.objects.order_by("-position").values_list("rung", flat=True).first()


def later(term, offset=0):
    """The day on which ``term`` decides for what happens today, and those around."""
    return days_ahead(deadlines.days(term) + offset)


def test_every_number_says_on_what_it_rests():
    said = read_yaml(deadlines.PATH)

    assert {name: row["value"] for name, row in said.items()} == {
        **{"receiver_again": 9, "whole_department": 21, "service_centre": 45},
        **{"settle": 28, "give_up": 14, "offer_unanswered": 28, "check": 28, "link": 14, "taken_in_time": 9},
    }
    assert {deadlines.basis_of(name) for name in said} == {"本站设定，待核实"}


def test_sentences_say_the_days_of_the_file():
    states = KINDS["enquiry"].procedure.states

    assert f"{deadlines.days('settle')} 天" in states["settled"].sentence
    assert REOPENED_WITHIN.days == 60 > deadlines.days("settle") + deadlines.days("check")


# Nobody takes it


@pytest.mark.parametrize("offset", AROUND)
@pytest.mark.parametrize(("term", "step", "expected"), [
    ("receiver_again", ladder.ask_again, 1), ("whole_department", ladder.ask_everybody, 2),
])  # fmt: skip
def test_a_leg_is_chased_on_its_day(people, term, step, expected, offset):
    world.asked(world.offering())

    swept_on(later(term, offset), step)

    assert rung() == (expected if offset >= 0 else 0)


@pytest.mark.parametrize("offset", AROUND)
def test_taken_and_nothing_done_is_chased_from_the_day_it_was_taken(people, offset):
    case, _ = world.asked(world.offering())
    with noon(days_ahead(5)):
        do(case, "take", people.reviewer)

    swept_on(days_ahead(5 + 9 + offset), ladder.ask_again)

    assert rung() == (1 if offset >= 0 else 0)


def test_while_the_owner_is_asked_nobody_is_chased_and_from_then_on_it_counts_anew(people):
    case, owner = world.asked(world.offering())
    do(case, "take", people.reviewer)
    do(case, "ask", people.reviewer, words="哪条街？", until=str(days_ahead(60)))
    swept_on(days_ahead(50), ladder.ask_again, ladder.ask_everybody, ladder.send_on)
    asked = rung()
    with noon(days_ahead(50)):
        do(case, "supply", owner, words="人民路")

    found = []
    for day in (58, 59):
        swept_on(days_ahead(day), ladder.ask_again)
        found.append(rung())

    assert (asked, found) == (0, [0, 1])


def test_what_ended_or_waits_for_its_turn_is_not_chased(people):
    answered, _ = world.asked(world.offering())
    do(answered, "answer", people.reviewer, words="已经疏通")
    steps = [{"key": key, "title": key, "department": "tests"} for key in ("one", "two")]
    world.asked(world.offering("checklist", "list", steps=steps), 2)

    swept_on(later("receiver_again"), ladder.ask_again)

    assert list(Leg.objects.filter(rung=1).values_list("step", flat=True)) == ["one"]


def test_chasing_twice_changes_nothing_and_all_of_it_is_one_row_of_the_audit(people):
    for place in (1, 2):
        world.asked(world.offering(code=f"ask{place}"), place)

    first = swept_on(later("receiver_again"), ladder.ask_again)
    again = swept_on(later("receiver_again"), ladder.ask_again)

    assert (first, again) == ([2], [0])
    rows = AuditEntry.objects.filter(verb=ladder.CHASED)
    assert [(row.subject, row.note, row.detail) for row in rows] == [
        ("legs", "第 1 次催办 2 单", {"rung": 1, "legs": 2})
    ]


@pytest.mark.parametrize("offset", AROUND)
def test_the_lead_of_the_measure_sees_it_from_then_on(people, offset):
    lead, other = people, world.bureau("other", "别的局")
    bank = world.bureau("handler", "经办局")
    case, _ = world.asked(world.offering(handler=bank.department))

    swept_on(later("whole_department", offset), ladder.ask_everybody)

    seen = [Case.objects.visible_to(one.reviewer).filter(pk=case.pk).exists() for one in (lead, bank, other)]
    assert seen == [offset >= 0, True, False]


@pytest.mark.parametrize("offset", AROUND)
def test_after_45_days_it_goes_to_the_service_centre_once_and_the_owner_is_told(people, centre, offset):
    case, _ = world.asked(world.offering())

    swept_on(later("service_centre", offset), ladder.send_on)

    sent_on = [("tests", "no_answer"), ("govservice", "sent")]
    assert legs_of(case) == (sent_on if offset >= 0 else [("tests", "sent")])
    assert Letter.objects.filter(title__contains="转给了服务中心").count() == int(offset >= 0)
    assert states_of(case) == ("open", "open", "")
    assert world.faults() == []


@pytest.mark.parametrize("offset", AROUND)
def test_45_days_later_it_expires_and_the_owner_hears_what_else_there_is(people, centre, offset):
    case, _ = world.asked(world.offering())
    swept_on(days_ahead(45), ladder.send_on)

    swept_on(days_ahead(90 + offset), ladder.send_on)

    assert states_of(case) == (("expired", "closed", "expired") if offset >= 0 else ("open", "open", ""))
    assert Letter.objects.filter(sentence__contains="12345", title__contains="没有人接办").count() == int(
        offset >= 0
    )
    assert world.faults() == []


def test_the_service_centre_answers_what_was_sent_on_to_it(people, centre):
    case, _ = world.asked(world.offering())
    swept_on(days_ahead(45), ladder.send_on)

    do(case, "answer", centre.reviewer, words="已经催办，明天来人")

    assert (states_of(case)[0], legs_of(case)[-1]) == ("answered", ("govservice", "done"))


def test_of_several_only_the_one_that_is_silent_ends_while_another_looks_at_it(people, centre):
    banks = [world.institution(f"bank_{one}", f"演示银行{one}") for one in "ab"]
    row = world.offering("tender", "loan")
    case, _ = world.asked(row, receivers=tuple(bank.department for bank in banks))
    with noon(days_ahead(20)):
        do(case, "take", banks[1].officer)

    swept_on(days_ahead(45), ladder.send_on)
    first = legs_of(case)
    swept_on(days_ahead(65), ladder.send_on)

    assert first == [("bank_a", "no_answer"), ("bank_b", "taken")]
    assert legs_of(case) == [("bank_a", "no_answer"), ("bank_b", "no_answer"), ("govservice", "sent")]
    assert world.faults() == []


def test_a_step_that_only_its_department_can_do_is_watched_and_then_expires(people, centre):
    steps = [{"key": key, "title": key, "department": "tests"} for key in ("one", "two")]
    case, _ = world.asked(world.offering("checklist", "list", steps=steps))

    swept_on(days_ahead(45), ladder.send_on)
    watched = Leg.objects.get(state="sent")
    swept_on(days_ahead(89), ladder.send_on)
    before = states_of(case)
    swept_on(days_ahead(90), ladder.send_on)

    assert (watched.rung, watched.is_last) == (ladder.SET_ASIDE, True)
    assert (before[0], states_of(case)) == ("open", ("expired", "closed", "expired"))
    assert world.faults() == []


def test_what_was_answered_and_reopened_goes_the_whole_way_again(people, centre):
    case, owner = world.asked(world.offering())
    do(case, "answer", people.reviewer, words="已经疏通")
    do(case, "reopen", owner, words="还是堵着")

    swept_on(days_ahead(45), ladder.send_on)
    sent_on = legs_of(case)
    swept_on(days_ahead(90), ladder.send_on)

    assert sent_on == [("tests", "done"), ("tests", "no_answer"), ("govservice", "sent")]
    assert states_of(case) == ("expired", "closed", "expired")


def test_a_later_step_that_nobody_does_expires_as_well(people, centre):
    steps = [{"key": key, "title": key, "department": "tests"} for key in ("one", "two")]
    case, _ = world.asked(world.offering("checklist", "list", steps=steps))
    do(case, "step_done", people.reviewer, note="材料齐")

    for day in (45, 90):
        swept_on(days_ahead(day), ladder.send_on)

    assert states_of(case) == ("expired", "closed", "expired")
    assert world.faults() == []


def test_an_act_of_the_last_minute_is_not_undone(people, centre):
    """The sweep has read the leg before; it looks again while the case is held."""
    case, _ = world.asked(world.offering())
    day = later("service_centre")
    (leg,) = ladder.owed(day, "service_centre").select_related("request__case")
    with noon(day):
        do(case, "answer", people.reviewer, words="已经疏通")
        assert ladder._give_up_on(leg, day) is False

    assert legs_of(case) == [("tests", "done")]


# What ends by itself


@pytest.mark.parametrize("offset", AROUND)
def test_an_answer_without_another_word_is_settled(people, offset):
    case, _ = world.asked(world.offering())
    do(case, "answer", people.reviewer, words="已经疏通")

    swept_on(later("settle", offset), ladder.settle)

    assert states_of(case) == (("settled", "closed", "answered") if offset >= 0 else ("answered", "open", ""))


@pytest.mark.parametrize("offset", AROUND)
def test_what_was_not_supplied_lapses_after_the_last_day(people, offset):
    case, _ = world.asked(world.offering())
    do(case, "take", people.reviewer)
    do(case, "ask", people.reviewer, words="哪条街？", until=str(days_ahead(7)))

    swept_on(days_ahead(7 + offset), ladder.lapse)

    assert states_of(case)[0] == ("lost" if offset == 1 else "asking")
    assert world.faults() == []


@pytest.mark.parametrize("offset", AROUND)
def test_what_nobody_serves_is_given_up(people, offset):
    bank = world.institution("bank_a", "演示银行甲")
    case, _ = world.asked(world.offering("tender", "loan"), receivers=(bank.department,))
    do(case, "decline", bank.officer, reason="没有抵押")

    swept_on(later("give_up", offset), ladder.give_up)

    assert states_of(case) == (("given_up", "closed", "no_help") if offset >= 0 else ("unserved", "open", ""))


@pytest.mark.parametrize("offset", AROUND)
def test_an_offer_that_nobody_takes_is_given_up(people, offset):
    bank = world.institution("bank_a", "演示银行甲")
    case, _ = world.asked(world.offering("tender", "loan"), receivers=(bank.department,))
    do(case, "take", bank.officer)
    do(case, "offer", bank.officer, words="10 万元，以审批为准")

    swept_on(later("offer_unanswered", offset), ladder.give_up)

    assert states_of(case)[0] == ("given_up" if offset >= 0 else "talking")


# Four weeks later


@pytest.mark.parametrize("offset", AROUND)
@pytest.mark.parametrize("solved", [True, False])
def test_four_weeks_after_the_end_the_owner_is_asked_once_whether_it_is_solved(people, solved, offset):
    case, owner = world.asked(world.offering())
    do(case, "answer", people.reviewer, words="已经疏通")
    if solved:
        do(case, "solve", owner)
    swept_on(later("settle"), ladder.settle)
    ended = 0 if solved else deadlines.days("settle")

    days = ended + deadlines.days("check") + offset
    swept_on(days_ahead(days), ladder.ask_whether_solved, ladder.ask_whether_solved)

    asked = Letter.objects.filter(title__contains="真的解决了吗")
    assert asked.count() == int(offset >= 0)
    assert (Request.objects.get().checked_at is not None) == (offset >= 0)
    assert all(row.action_path.startswith("/a/") for row in asked)


def test_what_was_never_answered_is_not_asked_after(people, centre):
    case, owner = world.asked(world.offering())
    do(case, "withdraw", owner)

    swept_on(days_ahead(28), ladder.ask_whether_solved)

    assert not Letter.objects.filter(title__contains="真的解决了吗").exists()
    assert states_of(case)[2] == "withdrawn"


@pytest.mark.parametrize(("days", "reopened"), [(59, True), (60, True), (61, False)])
def test_it_is_reopened_until_the_60th_day(people, days, reopened):
    case, owner = world.asked(world.offering())
    do(case, "answer", people.reviewer, words="已经疏通")
    moment = Case.objects.get(pk=case.pk).decided_at + timedelta(days=days)
    then = time_machine.travel(moment - timedelta(seconds=1 if days == 60 else 0), tick=False)
    with then, nullcontext() if reopened else pytest.raises(PermissionDenied):
        do(case, "reopen", owner, words="还是堵着")

    assert states_of(case)[0] == ("open" if reopened else "answered")


def test_reopened_it_is_asked_after_once_more(people):
    case, owner = world.asked(world.offering())
    for _ in range(2):
        do(case, "answer", people.reviewer, words="已经疏通")
        do(case, "solve", owner)
        swept_on(days_ahead(28), ladder.ask_whether_solved)
        with noon(days_ahead(29)):
            do(case, "reopen", owner, words="还是堵着")

    assert Letter.objects.filter(title__contains="真的解决了吗").count() == 2


def test_the_words_of_what_is_closed_are_swept_away_where_nobody_heard_of_it(people):
    case, owner = world.asked(world.offering())
    do(case, "withdraw", owner)  # inside a transaction nobody hears of it

    assert swept_on(TODAY(), remembering.forget_words)[0] > 0
    assert swept_on(TODAY(), remembering.forget_words) == [0]


def test_all_of_it_is_part_of_the_sweep(people, centre):
    steps = {name for name, step in STEPS.items() if step.__module__ == ladder.__name__}
    assert len(steps) == 7
    case, _ = world.asked(world.offering())

    done = swept_on(later("service_centre"))

    assert {name: done[name] for name in steps if done[name]} == {
        "催办未接的单": 1, "催办到科室和牵头单位": 1, "无人答复的转市政务服务中心": 1
    }  # fmt: skip
    assert legs_of(case)[-1] == ("govservice", "sent")


def test_one_case_that_fails_keeps_no_other(people, centre, monkeypatch):
    cases = [world.asked(world.offering(code=f"ask{place}"), place)[0] for place in (1, 2)]
    usual = legs.send_on

    def failing(case, receiver):
        if case.pk == cases[0].pk:
            raise ValueError("planted")
        return usual(case, receiver)

    monkeypatch.setattr(legs, "send_on", failing)

    with pytest.raises(RuntimeError, match="passed over"):
        swept_on(later("service_centre"), ladder.send_on)

    assert [legs_of(case)[-1] for case in cases] == [("tests", "sent"), ("govservice", "sent")]
