"""Whoever has the same need waits for the same answer."""

import pytest

from cases.models import Case, Message
from core.errors import Invalid, Refused
from needs import routing, similar
from services.models import Request
from tests.notifications.register import open_shop
from tests.services import world
from tests.services.test_kinds import do, legs_of, states_of
from tests.subsidies.world import owner_of

from .asking import ANSWER, owner_at

pytestmark = pytest.mark.django_db


def test_whoever_has_the_same_need_gets_the_same_answer(general, shared):
    first, row = shared
    shop, owner = owner_at()

    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    do(first, "answer", general[1].reviewer, words=ANSWER)

    assert legs_of(mine) == []
    assert states_of(mine) == ("answered", "open", "")
    assert Message.objects.filter(case=mine.pk, side="office").get().words == ANSWER
    assert not Message.objects.filter(case=mine.pk, words=world.NEED).exists()
    assert world.faults() == []


def test_an_answer_to_several_holds_no_number(general, shared):
    first, row = shared
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)

    with pytest.raises(Invalid, match="号码"):
        do(first, "answer", general[1].reviewer, words="打 13800138000 找他")

    assert (states_of(first)[0], states_of(mine)[0]) == ("open", "open")


@pytest.mark.parametrize("ending", ["decline", "withdraw", "miss", "refer"])
def test_where_the_first_is_not_answered_the_others_are_answered_for_themselves(general, shared, ending):
    (first, row), people = shared, general[1]
    world.bureau("market", "市市场监管局")
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    asker = Case.objects.get(pk=first.pk).submitter

    if ending == "miss":
        do(first, "take", people.reviewer)
    by = asker if ending == "withdraw" else people.reviewer
    do(first, ending, by, reason="不归本市管", department="market", note="归它")

    alone = ending != "refer"  # it waits on, with whoever answers now
    assert Request.objects.get(pk=mine.pk).same_as_id == (None if alone else first.pk)
    assert legs_of(mine) == ([("govservice", "sent")] if alone else [])
    assert world.faults() == []


def test_one_that_was_asked_something_while_the_first_was_answered_is_answered_for_itself(general, shared):
    (first, row), people = shared, general[1]
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    do(mine, "take", people.reviewer)
    do(
        mine,
        "ask",
        people.reviewer,
        words="哪条街？",
        until=str(world.timezone.localdate() + world.timedelta(7)),
    )

    do(first, "answer", people.reviewer, words=ANSWER)
    do(mine, "supply", owner, words="人民路")

    assert (states_of(mine)[0], legs_of(mine)) == ("taken", [("govservice", "sent")])
    assert world.faults() == []


def test_there_is_nothing_to_wait_with_once_it_is_answered(general, shared):
    first, row = shared
    shop, owner = owner_at()
    do(first, "answer", general[1].reviewer, words=ANSWER)

    with pytest.raises(Refused, match="有了结果"):
        routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    assert similar.answers_like(world.NEED) == []


def test_another_shop_of_the_same_owner_waits_with_the_first_and_nobody_elses_does(general):
    shop, owner = owner_at()
    second = open_shop(2, person=1)
    owner_of(second, phone=f"139{shop.pk:08d}")
    stranger, by = owner_at(3)
    first = routing.send(world.NEED, "other", shop, by=owner)

    mine = routing.also_for(first.request, world.NEED, second, by=owner)

    assert Request.objects.get(pk=mine.pk).same_as_id == first.pk
    for other, user in ((shop, owner), (stranger, by)):
        with pytest.raises(Refused):
            routing.also_for(first.request, world.NEED, other, by=user)


def test_reopened_it_is_answered_for_itself(general, shared):
    (first, row), people = shared, general[1]
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    do(first, "answer", people.reviewer, words=ANSWER)

    do(mine, "reopen", owner, words="没有人来")

    assert Request.objects.get(pk=mine.pk).same_as_id is None
    assert legs_of(mine) == [("govservice", "sent")]
    assert world.faults() == []


@pytest.mark.parametrize("second", ["answer", "decline", "withdraw"])
def test_what_becomes_of_the_first_once_both_are_answered_is_nothing_to_the_other(general, shared, second):
    (first, row), people = shared, general[1]
    shop, owner = owner_at()
    mine = routing.me_too(row, "我家也堵了，没有人来", shop, by=owner)
    asker = Case.objects.get(pk=first.pk).submitter
    do(first, "answer", people.reviewer, words=ANSWER)

    do(first, "reopen", asker, words="还是堵着")
    do(first, second, asker if second == "withdraw" else people.reviewer, words=ANSWER, reason="修不了")

    assert (states_of(mine), legs_of(mine)) == (("answered", "open", ""), [])
    assert Message.objects.filter(case=mine.pk, side="office").count() == 1
    do(mine, "reopen", owner, words="我家也还堵着")
    assert (states_of(mine)[0], legs_of(mine)) == ("open", [("govservice", "sent")])
    assert world.faults() == []
