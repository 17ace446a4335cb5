"""Two who may work together: asked, answered, talked, settled or not; and what keeps the phones apart until then."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AccessEvent, User
from businesses.actions import give_mandate
from businesses.models import Business, Mandate
from cases.actions import general
from cases.sweeping import sweep
from core.errors import Invalid, Refused
from jobs import contacting, phones, posting, working
from jobs.models import Contact, ContactCase, JobMatch, Post, Worker
from notifications.models import Letter
from tests.notifications.register import tell_of
from tests.subsidies.world import owner_of

from .world import DAY, contact, faults, person, post, shop, today, wishes, work, worker

pytestmark = pytest.mark.django_db


def do(case, verb, by, **typed):
    return general.do(case, verb, typed, by=by)


def letters_of(user):
    return list(Letter.objects.filter(user=user).order_by("pk").values_list("title", flat=True))


def letters_of_shop(case):
    return list(Letter.objects.filter(business=case.business).order_by("pk").values_list("title", flat=True))


def test_somebody_asks_a_shop_both_talk_agree_and_the_work_is_done():
    case, owner, someone = contact()
    assert (case.state, case.contact.asked_by, case.contact.is_open) == ("asked", "worker", True)
    assert letters_of_shop(case) == ["“采春茶”：有人想来干活"]

    case = do(case, "accept", owner)
    case = do(case, "agree", owner)
    assert (case.state, case.contact.shop_agreed, case.contact.worker_agreed) == ("talking", True, False)
    case = do(case, "agree", someone)
    assert case.state == "agreed"
    case = do(case, "finish", someone)

    assert (case.state, case.outcome, case.contact.is_open) == ("worked", "helped", False)
    assert letters_of(someone) == ["对方愿意谈", "店里说定了", "说定了", "这份活干完了"]
    assert faults() == []


def test_a_shop_asks_somebody_who_fits():
    offered, card = post(), worker()
    owner = owner_of(offered.business)
    JobMatch.objects.create(post=offered, worker=card, wants_fen=1, day_fen=1, for_post=True, for_worker=True)

    case = contacting.ask_worker(owner, offered, card, "来不来")

    assert (case.contact.asked_by, letters_of(card.user)) == ("shop", ["有店想请您"])
    assert do(case, "accept", card.user).state == "talking"


def test_a_shop_asks_nobody_who_does_not_fit_its_post():
    offered, card = post(), worker()

    with pytest.raises(Refused, match="对不上"):
        contacting.ask_worker(owner_of(offered.business), offered, card)


def test_asked_twice_is_asked_once():
    case, _, someone = contact()

    assert contacting.ask_shop(someone, case.contact.post) == case
    assert Contact.objects.count() == 1


def test_after_a_refusal_the_two_may_find_together_anew():
    case, owner, someone = contact()
    do(case, "refuse", owner, reason="要会开车的")

    again = contacting.ask_shop(someone, case.contact.post)

    assert again != case
    assert letters_of(someone) == ["没有谈成"]
    assert "要会开车的" in Letter.objects.get(user=someone).sentence


ALLOWED = {
    "asked": {"shop": {"accept", "refuse", "fill"}, "worker": {"withdraw"}},
    "talking": {"shop": {"agree", "refuse", "fill"}, "worker": {"agree", "refuse"}},
    "agreed": {"shop": {"finish", "refuse"}, "worker": {"finish", "refuse"}},
}


@pytest.mark.parametrize("state", list(ALLOWED))
def test_each_side_does_what_is_its_to_do_and_strangers_nothing(state):
    case, owner, someone = contact()
    if state != "asked":
        case = do(case, "accept", owner)
    if state == "agreed":
        do(case, "agree", owner)
        case = do(case, "agree", someone)
    stranger = worker(9).user
    other_owner = shop(7)[1]

    may = {
        name: set(general.offered(user, case, general.OWNER))
        for name, user in {
            "shop": owner,
            "worker": someone,
            "stranger": stranger,
            "other": other_owner,
        }.items()
    }

    assert may == {**ALLOWED[state], "stranger": set(), "other": set()}


def agent_of(case):
    agent, until = person(50), today() + timedelta(days=30)
    scopes, owner = ["view", "apply"], owner_of(case.business)
    give_mandate(case.business, scopes=scopes, until=until, by=owner, phone=number_of(agent))
    return agent


def test_whoever_acts_by_mandate_answers_and_does_not_agree():
    case, _, _ = contact()
    agent = agent_of(case)
    case = do(case, "accept", agent)

    with pytest.raises(Refused, match="店主本人"):
        do(case, "agree", agent)
    case.contact.refresh_from_db()
    assert case.contact.shop_agreed is False


def test_no_letter_wants_an_answer_that_was_given():
    case, owner, someone = contact()

    def wanted():
        rows = Letter.objects.filter(needs_action=True).order_by("pk")
        return [("shop" if row.business_id else "worker", row.title) for row in rows]

    assert wanted() == [("shop", "“采春茶”：有人想来干活")]
    case = do(case, "accept", owner)
    assert wanted() == [("worker", "对方愿意谈")]
    case = do(case, "agree", owner)
    assert wanted() == [("worker", "对方愿意谈"), ("worker", "店里说定了")]
    do(case, "agree", someone)
    assert wanted() == []


@pytest.mark.parametrize("verb", ["refuse", "fill"])
def test_when_it_is_over_no_letter_wants_anything(verb):
    case, owner, _ = contact()
    do(case, verb, owner, reason="不合适了")

    assert not Letter.objects.filter(needs_action=True).exists()


def test_whoever_has_agreed_waits_for_the_other_and_does_not_say_so_twice():
    case, owner, someone = contact()
    case = do(do(case, "accept", owner), "agree", owner)

    with pytest.raises(Refused, match="等对方也说一声"):
        do(case, "agree", owner)

    assert letters_of(someone) == ["对方愿意谈", "店里说定了"]
    assert do(case, "agree", someone).state == "agreed"


def test_a_number_in_a_reason_is_refused_and_nothing_is_told():
    case, owner, someone = contact()

    with pytest.raises(Invalid, match="手机号"):
        do(case, "refuse", owner, reason="打我电话 139 1234 5678")

    case.refresh_from_db()
    assert (case.state, letters_of(someone)) == ("asked", [])


def test_nobody_is_asked_by_their_own_shop():
    offered = post()
    owner = owner_of(offered.business)
    card = working.look_for_work(owner, wishes())
    JobMatch.objects.create(post=offered, worker=card, wants_fen=1, day_fen=1, for_post=True, for_worker=True)

    with pytest.raises(Refused, match="自己的人"):
        contacting.ask_worker(owner, offered, card)
    assert Contact.objects.count() == 0


# Phones


def number_of(user):
    return User.objects.get(pk=user.pk).phone.reveal()


def test_phones_are_shown_to_the_two_who_talk_and_each_look_is_written_down():
    case, owner, someone = contact()
    for user in (owner, someone):
        with pytest.raises(Refused, match="两边都愿意谈"):
            phones.phone_of_other(user, case)

    case = do(case, "accept", owner)

    assert phones.phone_of_other(owner, case) == number_of(someone)
    assert phones.phone_of_other(someone, case) == number_of(owner)
    rows = AccessEvent.objects.filter(action=phones.ACTION).order_by("pk")
    assert [(row.user_id, row.subject, row.detail) for row in rows] == [
        (owner.pk, case.subject, {"whose": "worker"}),
        (someone.pk, case.subject, {"whose": "shop"}),
    ]


@pytest.mark.parametrize("by", ["agent", "agent no more", "program"])
def test_the_phone_of_the_shop_is_of_whoever_acts_for_it_and_offers_the_work_else_of_its_owner(by):
    case, owner, someone = contact()
    case, agent = do(case, "accept", owner), agent_of(case)
    Post.objects.update(by=None if by == "program" else agent)
    if by == "agent no more":
        Mandate.objects.update(until=today() - DAY)

    shown = phones.phone_of_other(someone, ContactCase.objects.get(pk=case.pk))

    assert shown == number_of(agent if by == "agent" else owner)


@pytest.mark.parametrize("verb", ["refuse", "fill"])
def test_when_it_is_over_phones_are_shown_no_longer(verb):
    case, owner, someone = contact()
    do(case, "accept", owner)
    case = do(case, verb, owner, reason="不合适了")

    for user in (owner, someone):
        with pytest.raises(Refused):
            phones.phone_of_other(user, case)


def test_nobody_else_sees_a_phone():
    case, owner, _ = contact()
    case = do(case, "accept", owner)

    for user in (agent_of(case), worker(9).user, shop(7)[1]):
        with pytest.raises(PermissionDenied):
            phones.phone_of_other(user, case)
    assert AccessEvent.objects.filter(action=phones.ACTION).count() == 0


@pytest.mark.parametrize(("seen", "is_shown"), [(18, True), (19, True), (20, False), (21, False)])
def test_twenty_numbers_a_day_are_shown(seen, is_shown):
    case, owner, _ = contact()
    case = do(case, "accept", owner)
    for place in range(seen):
        AccessEvent.objects.create(user=owner, action=phones.ACTION, subject=f"contact {place + 1000}")

    if is_shown:
        assert phones.phone_of_other(owner, case)
    else:
        with pytest.raises(Refused, match="20 个电话"):
            phones.phone_of_other(owner, case)


def test_a_number_that_was_seen_today_is_shown_again():
    case, owner, someone = contact()
    case = do(case, "accept", owner)
    phones.phone_of_other(owner, case)
    for place in range(30):
        AccessEvent.objects.create(user=owner, action=phones.ACTION, subject=f"contact {place + 1000}")

    assert phones.phone_of_other(owner, case) == number_of(someone)


# What keeps somebody from asking


def test_nobody_asks_their_own_shop():
    offered = post()
    owner = owner_of(offered.business)
    working.look_for_work(owner, wishes(shown_name="老板"))

    with pytest.raises(Refused, match="自己店里"):
        contacting.ask_shop(owner, offered)


def test_without_a_card_nobody_asks():
    with pytest.raises(Refused, match="先写好"):
        contacting.ask_shop(person(3), post())


@pytest.mark.parametrize("state", [state for state in Post.State.values if state != "open"])
def test_a_post_that_takes_nobody_on_is_not_asked(state):
    offered, card = post(), worker()
    Post.objects.filter(pk=offered.pk).update(state=state, because="停着")

    with pytest.raises(Refused, match="不招人"):
        contacting.ask_shop(card.user, offered)


@pytest.mark.parametrize(
    ("days_after_birthday", "is_asked"),
    [(-1, False), (0, True), (1, True)],
)
def test_heavy_work_is_for_those_who_are_18_when_it_begins(days_after_birthday, is_asked):
    offered = post(trade="loader", night="")
    birthday = offered.from_on - days_after_birthday * DAY
    card = worker(born_on=birthday.replace(year=birthday.year - 18).isoformat(), trades=["loader"])

    if is_asked:
        assert contacting.ask_shop(card.user, offered).state == "asked"
    else:
        with pytest.raises(Refused, match="18 周岁"):
            contacting.ask_shop(card.user, offered)


def test_a_number_in_the_words_is_refused_and_nothing_is_asked():
    offered, card = post(), worker()

    with pytest.raises(Invalid, match="手机号"):
        contacting.ask_shop(card.user, offered, "打我电话13912345678")
    assert Contact.objects.count() == 0


# What time does


@pytest.mark.parametrize(("days", "state"), [(7, "asked"), (8, "no_answer")])
def test_a_question_waits_seven_days_for_an_answer(days, state):
    case, _, someone = contact()

    sweep(today() + days * DAY)

    case.refresh_from_db()
    assert (case.state, Contact.objects.get().is_open) == (state, state == "asked")
    assert letters_of(someone) == (["没有等到回话"] if state == "no_answer" else [])


@pytest.mark.parametrize(("days", "state"), [(30, "talking"), (31, "no_answer")])
def test_two_who_talk_have_thirty_days_to_agree(days, state):
    case, owner, _ = contact()
    do(case, "accept", owner)
    Post.objects.update(until_on=today() + 60 * DAY)

    sweep(today() + days * DAY)

    case.refresh_from_db()
    assert case.state == state


@pytest.mark.parametrize(("days", "state"), [(14, "agreed"), (15, "worked")])
def test_two_weeks_after_the_last_day_work_counts_as_done(days, state):
    case, owner, someone = contact()
    for user, verb in ((owner, "accept"), (owner, "agree"), (someone, "agree")):
        case = do(case, verb, user)

    sweep(case.contact.post.until_on + days * DAY)

    case.refresh_from_db()
    assert case.state == state


@pytest.mark.parametrize(("days", "state"), [(0, "open"), (1, "closed")])
def test_a_post_ends_after_its_last_day(days, state):
    offered = post()

    sweep(offered.until_on + days * DAY)

    offered.refresh_from_db()
    assert offered.state == state


@pytest.mark.parametrize(("waiting", "state"), [(4, "open"), (5, "paused")])
def test_a_shop_that_lets_five_people_wait_takes_no_more_until_it_answers(waiting, state, monkeypatch):
    monkeypatch.setitem(contacting.figure.__globals__["said"](), "contact_days", 60)
    offered = post()
    cases = [contacting.ask_shop(worker(number).user, offered) for number in range(1, waiting + 1)]

    sweep(today() + 9 * DAY)
    offered.refresh_from_db()
    assert offered.state == state
    if state == "open":
        return
    owner = owner_of(offered.business)
    assert "5 个人" in offered.because
    type(cases[0]).objects.update(submitted_at=cases[0].submitted_at - 9 * DAY)
    with pytest.raises(Refused, match="还没有回"):
        posting.resume(offered, by=owner)

    do(cases[0], "refuse", owner, reason="招到人了")

    assert posting.resume(offered, by=owner).state == "open"


def test_posts_of_a_shop_that_is_suspended_wait_until_it_is_open_again():
    offered = post()
    tell_of(offered.business, "registry", operating_status="suspended")
    offered.refresh_from_db()
    assert (offered.state, offered.because) == ("paused", posting.SUSPENDED)
    with pytest.raises(Refused, match="不是正常经营"):
        posting.publish(Business.objects.get(pk=offered.business_id), work(), by=owner_of(offered.business))

    tell_of(offered.business, "registry", operating_status="operating")

    offered.refresh_from_db()
    assert offered.state == "open"


@pytest.mark.parametrize(("days", "state"), [(90, "looking"), (91, "stopped")])
def test_whoever_does_not_say_for_ninety_days_that_they_look_is_not_shown(days, state):
    card = worker()

    sweep(today() + days * DAY)

    assert Worker.objects.get(pk=card.pk).state == state
