"""Two do something to one contact or post at the same moment: one is first, and all stays whole, on both engines."""

import pytest
from django.core.exceptions import PermissionDenied

from businesses.register import Arrival, take_in
from cases.actions import general
from cases.models import Case
from core.errors import Refused
from jobs import contacting, moderation, posting
from jobs.models import Contact, ContactCase, Post
from tests.notifications.register import identity

from . import world
from .test_moderation import clerk
from .world import contact, faults, post, worker

pytestmark = [
    pytest.mark.django_db(databases=["default", "postgres"], transaction=True),
    pytest.mark.every_engine("locks"),
]
TIMES = [2, pytest.param(10, marks=pytest.mark.long)]


def refused(answers):
    return [one for one in answers if isinstance(one, Refused | PermissionDenied)]


def unexpected(answers):
    return [
        one
        for one in answers
        if isinstance(one, Exception) and not isinstance(one, Refused | PermissionDenied)
    ]


def by(case_pk, verb, user, **typed):
    return lambda: general.do(Case.objects.get(pk=case_pk), verb, typed, by=user)


def test_asked_by_both_at_once_is_one_contact(at_once):
    offered, card = post(), worker()

    answers = at_once([lambda: contacting.ask_shop(card.user, offered) for _ in range(6)])

    assert unexpected(answers) == []
    assert Contact.objects.filter(is_open=True).count() == 1
    assert len({case.pk for case in answers}) == 1
    assert faults() == []


def test_the_last_places_of_a_post_are_given_once_each(at_once, monkeypatch):
    monkeypatch.setitem(contacting.figure.__globals__["said"](), "most_open", 3)
    offered = post()
    cards = [worker(number) for number in range(1, 9)]

    answers = at_once([lambda card=card: contacting.ask_shop(card.user, offered) for card in cards])

    assert unexpected(answers) == []
    assert (len(refused(answers)), Contact.objects.filter(is_open=True).count()) == (5, 3)


@pytest.mark.parametrize("times", TIMES)
def test_accepted_and_withdrawn_at_once_is_one_of_both(at_once, times):
    for _ in range(times):
        case, owner, someone = contact(number=1)
        answers = at_once([by(case.pk, "accept", owner), by(case.pk, "withdraw", someone)])

        row = ContactCase.objects.get(pk=case.pk)
        assert unexpected(answers) == []
        assert len(refused(answers)) == 1
        assert row.state in ("talking", "withdrawn")
        assert row.contact.is_open == (row.state == "talking")
        if row.state == "talking":
            general.do(row, "refuse", {"reason": "不合适"}, by=owner)
        posting.close(row.contact.post, by=owner)
    assert faults() == []


@pytest.mark.parametrize("times", TIMES)
def test_agreed_by_both_at_once_is_agreed(at_once, times):
    for place in range(1, times + 1):
        case, owner, someone = contact(place, place)
        general.do(case, "accept", {}, by=owner)

        answers = at_once([by(case.pk, "agree", owner), by(case.pk, "agree", someone)])

        assert unexpected(answers) == []
        assert ContactCase.objects.get(pk=case.pk).state == "agreed"
    assert faults() == []


def test_a_post_that_is_removed_while_somebody_asks_leaves_nobody_waiting(at_once):
    offered, staff = post(), clerk()
    cards = [worker(number) for number in range(1, 5)]

    answers = at_once(
        [
            lambda: moderation.remove(offered, "要先交钱，不合规定", by=staff),
            *(lambda card=card: contacting.ask_shop(card.user, offered) for card in cards),
        ]
    )

    assert unexpected(answers) == []
    assert Post.objects.get().state == "removed"
    assert Contact.objects.filter(is_open=True).count() == 0
    assert faults() == []


def test_closed_and_paused_at_once_is_one_of_both(at_once):
    offered = post()
    owner = world.owner_of(offered.business)

    answers = at_once(
        [
            lambda: posting.pause(offered, by=owner, expected_version=offered.version),
            lambda: posting.close(offered, by=owner, expected_version=offered.version),
        ]
    )

    assert unexpected(answers) == []
    assert len(refused(answers)) == 1


def test_three_report_at_once_and_the_last_holds_it_back(at_once):
    offered = post()
    users = [worker(number).user for number in (1, 2, 3)]

    answers = at_once(
        [lambda user=user: moderation.report(user, offered, "要先交钱才给做") for user in users]
    )

    assert unexpected(answers) == []
    assert (offered.reports.count(), Post.objects.get().state) == (3, "held")


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("becomes", ["suspended", "passed on"])
def test_the_register_speaks_of_a_shop_while_people_ask_it(at_once, becomes, times):
    for place in range(1, times + 1):
        offered = post(place)
        shop = offered.business
        more = {"identity": identity(900 + place), "operator_name": "别人"} if becomes == "passed on" else {}
        said = {} if more else {"operating_status": "suspended"}
        heard = Arrival({"registry": said}, credit_code=shop.credit_code, **more)
        cards = [worker(number) for number in range(1, 5)]

        answers = at_once(
            [
                lambda heard=heard: take_in([heard], on=world.today()),
                *(
                    lambda card=card, offered=offered: contacting.ask_shop(card.user, offered)
                    for card in cards
                ),
            ]
        )

        assert unexpected(answers) == []
        assert Post.objects.get(pk=offered.pk).state == ("closed" if more else "paused")
    assert faults() == []
