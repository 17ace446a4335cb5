"""What a post may ask, who is written down for it, and how many a shop may have."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AccessEvent
from cases.actions import general
from cases.models import Case
from core.errors import Invalid, Refused
from jobs import contacting, moderation, posting, stopping, working
from jobs.models import JobMatch, Post, Worker
from jobs.pages.fields import typed_post
from jobs.pairs import requirements
from jobs.settings import figure
from notifications.models import Letter
from tests.notifications.register import tell_of
from tests.services.askers import entrust, program

from .test_moderation import clerk
from .world import DAY, faults, person, post, shop, today, wishes, work, worker

pytestmark = pytest.mark.django_db
YEARS = {"fact": "experience", "op": "gte", "value": 2}


@pytest.mark.parametrize("tree", [{"all": []}, {"all": [YEARS]}, {"all": [{"any": [{"not": YEARS}]}]}])
def test_a_rule_of_facts_of_people_stands(tree):
    assert requirements.read(tree) == tree


@pytest.mark.parametrize(
    ("tree", "told"),
    [
        (None, "要求写成"),
        ("all", "要求写成"),
        ([], "要求写成"),
        ({"any": [YEARS]}, "要求写成"),
        ({"all": {}}, "要求写成"),
        ({"all": [], "any": []}, "要求写成"),
        ({"all": [{**YEARS, "advice": "打 13912345678"}]}, "不认识的键：advice"),
        ({"all": [{"any": [{"not": {**YEARS, "clause": "打我"}}]}]}, "不认识的键：clause"),
        ({"all": [{**YEARS, "check": "staff"}]}, "不认识的键：check"),
        ({"all": [{**YEARS, "held": True}]}, "不认识的键：held"),
        ({"all": [{"fact": "monthly_rent", "op": "gte", "value": "1"}]}, "没有“monthly_rent”这个事实"),
        ({"all": [{**YEARS, "value": 1e400}]}, "条件 1"),
        ({"all": [{**YEARS, "value": 2**80}]}, "数字请写整数"),
        ({"all": [3]}, "条件要写成"),
        ({"all": [{"not": 3}]}, "条件要写成"),
    ],
)
def test_any_other_rule_is_refused(tree, told):
    with pytest.raises(Invalid) as refusal:
        requirements.read(tree)

    (fault,) = refusal.value.faults
    assert (fault.field, fault.code) == ("requirements", "invalid_rule")
    assert told in fault.detail


@pytest.mark.parametrize("typed", ["9" * 5_000, "1e1", "-1", "１２", "8.0"])
def test_what_is_no_hour_is_told_in_chinese(typed):
    found, owner = shop()

    with pytest.raises(Invalid) as refusal:
        posting.publish(found, work(hours=typed), by=owner)

    assert [fault.detail for fault in refusal.value.faults] == ["请填 1 到 11 小时"]


def test_a_program_that_offers_work_by_mandate_is_written_down():
    found, owner = shop()
    client, _ = program("agent", scopes="posts:write")
    entrust(client, found, owner, "view", "apply")

    offered = posting.publish(found, work(), by=client)

    event = AccessEvent.objects.get(action="post_published")
    assert (offered.by, event.user, event.detail) == (None, None, {"client": "agent"})


def test_a_shop_has_no_more_posts_open_than_it_may_also_by_pausing(monkeypatch):
    monkeypatch.setattr(posting, "MOST_POSTS", 2)
    first = post()
    found, owner = first.business, first.by
    posting.publish(found, work(), by=owner)

    with pytest.raises(Refused, match="最多同时招 2 样"):
        posting.publish(found, work(), by=owner)
    posting.pause(first, by=owner)
    posting.publish(found, work(), by=owner)
    with pytest.raises(Refused, match="最多同时招 2 样"):
        posting.resume(first, by=owner)

    assert Post.objects.open().count() == 2


def test_a_stranger_who_opens_a_post_hears_nothing_of_it():
    offered = post()
    posting.pause(offered, by=offered.by)
    Post.objects.update(until_on="2020-01-02", from_on="2020-01-01")

    with pytest.raises(PermissionDenied):
        posting.resume(Post.objects.get(), by=person(9))


def test_a_first_card_that_is_sent_twice_at_once_is_written_once(monkeypatch):
    someone = person()
    working.look_for_work(someone, wishes())
    monkeypatch.setattr(Worker.objects, "select_for_update", Worker.objects.none)  # neither sees the other

    with pytest.raises(Refused, match="刚刚有变动"):
        working.look_for_work(someone, wishes())

    assert Worker.objects.count() == 1


# What the form cannot draw of a rule

OLD = {"fact": "born_on", "op": "at_least_ago", "value": {"years": 18}}
HEALTH = {"fact": "certificates", "op": "has_all", "value": ["health"]}
TOOLS = {"fact": "has_tools", "op": "eq", "value": True}
DRAWN = [OLD, YEARS, HEALTH, TOOLS]
# Each has something of what the form draws, and is none of it.
OTHERS = [
    {"fact": "born_on", "op": "at_most_ago", "value": {"years": 60}},
    {**OLD, "value": {"months": 200}},
    {**OLD, "value": {"years": 71}},
    {"fact": "experience", "op": "lte", "value": 5},
    {**YEARS, "value": 51},
    {"fact": "certificates", "op": "has_any", "value": ["health", "driver_c"]},
    {"fact": "has_tools", "op": "eq", "value": False},
    {"not": TOOLS},
    {"any": [YEARS, HEALTH]},
    {"all": [YEARS]},
]


def saved(offered, **more):
    """Its form as it is shown, with ``more`` typed, is saved; what it asks then."""
    shown = {**typed_post(offered), "pay": "150", "days": [], **more}
    posting.change(offered, shown, by=offered.by, by_form=True)
    offered.refresh_from_db()
    return offered.requirements["all"]


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_what_the_form_cannot_draw_of_a_rule_stays_where_it_stands(other):
    tree = [OLD, other, YEARS, HEALTH]
    offered = post(requirements={"all": tree})

    assert requirements.parted(offered.requirements)[1] == [other]
    assert saved(offered) == tree
    assert saved(offered, least_age="20") == [{**OLD, "value": {"years": 20}}, other, YEARS, HEALTH]
    nothing = {"least_age": "", "experience": "", "certificates": []}
    assert saved(offered, **nothing) == [other]
    assert saved(offered, certificates=["health"]) == [other, HEALTH]


def test_no_years_at_all_are_none_that_the_form_draws():
    nothing = {**YEARS, "value": 0}

    assert requirements.parted({"all": [nothing]}) == ({}, [nothing])


def test_what_is_typed_against_what_the_form_cannot_draw_is_refused_in_words_of_the_page():
    offered = post(requirements={"all": [{"not": TOOLS}]})

    with pytest.raises(Invalid) as refusal:
        saved(offered, needs_tools="on")

    assert [(fault.field, fault.detail) for fault in refusal.value.faults] == [
        ("requirements", "填的要求和“另外还要求”的合不到一起，请改一改")
    ]


def test_all_that_the_form_offers_is_drawn_and_comes_back_as_it_was():
    offered = post(requirements={"all": DRAWN})

    assert requirements.parted(offered.requirements)[1] == []
    assert saved(offered) == DRAWN


def test_of_two_conditions_on_one_fact_the_form_draws_the_first():
    more = {**YEARS, "value": 9}
    offered = post(requirements={"all": [YEARS, more]})

    assert typed_post(offered)["experience"] == 2
    assert saved(offered, experience="3") == [{**YEARS, "value": 3}, more]


def test_what_a_program_writes_anew_is_the_whole_rule():
    offered = post(requirements={"all": [{"any": [YEARS, TOOLS]}]})

    posting.change(offered, work(), by=offered.by)

    assert Post.objects.get().requirements == {"all": []}


# A shop that lets people wait


def asked(offered, people, days):
    """So many have asked for it, so many days ago; their cases."""
    cases = [contacting.ask_shop(worker(number).user, offered) for number in range(1, people + 1)]
    for case in cases:
        Case.objects.filter(pk=case.pk).update(submitted_at=case.submitted_at - days * DAY)
    return cases


def letters(offered):
    """What its shop was told of the post itself."""
    rows = Letter.objects.filter(business=offered.business, key__startswith=f"{offered.subject} ")
    return list(rows.order_by("pk").values_list("title", "sentence"))


def test_who_waits_is_counted_before_nobody_waits_any_more():
    assert figure("unanswered_days") < figure("contact_days")


@pytest.mark.parametrize(
    ("people", "days", "state"),
    [(5, 2, "open"), (5, 3, "paused"), (5, 4, "paused"), (4, 4, "open"), (6, 3, "paused")],
)
def test_a_post_is_paused_once_five_have_waited_three_days(people, days, state):
    offered = post()
    asked(offered, people, days)

    count = stopping.pause_the_silent(today())

    offered.refresh_from_db()
    assert (offered.state, count) == (state, int(state == "paused"))
    assert len(letters(offered)) == count


def test_its_shop_is_told_once_answers_and_opens_it_again():
    offered = post()
    cases = asked(offered, 5, 3)
    owner = offered.by
    stopping.pause_the_silent(today())
    assert stopping.pause_the_silent(today()) == 0
    paused = Post.objects.get()

    with pytest.raises(Refused, match="有 5 个人问了还没有回"):
        posting.resume(paused, by=owner)
    general.do(Case.objects.get(pk=cases[0].pk), "accept", {}, by=owner)
    posting.resume(paused, by=owner)

    sentence = "有 5 个人问了还没有回。回了他们，就可以接着招。"
    assert letters(offered) == [("招工“采春茶”先停了", sentence)]
    assert (Post.objects.get().state, stopping.pause_the_silent(today())) == ("open", 0)
    assert faults() == []


def test_whom_the_shop_asked_does_not_count_against_it():
    offered = post()
    for number in range(1, 6):
        card = worker(number)
        JobMatch.objects.create(
            post=offered, worker=card, wants_fen=1, day_fen=1, for_post=True, for_worker=True
        )
        case = contacting.ask_worker(offered.by, offered, card)
        Case.objects.filter(pk=case.pk).update(submitted_at=case.submitted_at - 5 * DAY)

    assert stopping.pause_the_silent(today()) == 0
    assert Post.objects.get().state == "open"


# The log


def log(offered):
    """What was done to it, by whom and why, the first first."""
    rows = AccessEvent.objects.filter(subject=offered.subject).order_by("pk")
    return list(rows.values_list("action", "user__username", "reason", "detail"))


def test_whatever_is_done_to_a_post_is_written_down_with_who_did_it():
    offered, staff = post(), clerk()
    owner = offered.by
    posting.change(offered, work(title="采秋茶", people="5"), by=owner)
    posting.pause(offered, by=owner)
    posting.resume(offered, by=owner)
    moderation.hold(offered, "工钱写得不清楚", by=staff)
    moderation.release(offered, by=staff)
    posting.close(offered, by=owner)
    taken_down = posting.publish(offered.business, work(), by=owner)
    moderation.remove(taken_down, "要先交钱，不合规定", by=staff)

    me = owner.username
    assert log(offered) == [
        ("post_published", me, "", {}),
        ("post_changed", me, "", {"fields": ["people", "title"]}),
        ("post_paused", me, "", {}),
        ("post_resumed", me, "", {}),
        ("post_held", "jobs_clerk", "工钱写得不清楚", {}),
        ("post_released", "jobs_clerk", "", {}),
        ("post_closed", me, "", {}),
    ]
    assert log(taken_down)[1:] == [("post_removed", "jobs_clerk", "要先交钱，不合规定", {})]


def test_what_a_program_does_to_a_post_is_written_down_by_its_name():
    offered = post()
    client, _ = program("agent", scopes="posts:write")
    entrust(client, offered.business, offered.by, "view", "apply")

    posting.change(offered, work(people="5"), by=client)
    posting.pause(offered, by=client)

    assert log(offered)[1:] == [
        ("post_changed", None, "", {"client": "agent", "fields": ["people"]}),
        ("post_paused", None, "", {"client": "agent"}),
    ]


def test_what_time_people_and_the_register_do_to_a_post_is_written_down_with_the_reason():
    offered = post()
    tell_of(offered.business, "registry", operating_status="suspended")
    tell_of(offered.business, "registry", operating_status="operating")
    asked(offered, 5, 3)
    stopping.pause_the_silent(today())
    stopping.end_posts(offered.until_on)
    stopping.end_posts(offered.until_on + DAY)
    reported = post(2)
    for number in (1, 2, 3):
        moderation.report(person(number), reported, "要先交钱才给做")

    assert log(offered)[1:] == [
        ("post_paused", None, stopping.SUSPENDED, {}),
        ("post_resumed", None, "", {}),
        ("post_paused", None, "有 5 个人问了还没有回。回了他们，就可以接着招。", {}),
        ("post_closed", None, stopping.OVER, {}),
    ]
    assert log(reported)[1:] == [("post_held", None, moderation.REPORTED, {})]


def test_what_is_refused_is_not_written_down():
    offered = post()

    with pytest.raises(Refused):
        posting.resume(offered, by=offered.by)
    with pytest.raises(Invalid):
        posting.change(offered, work(people="0"), by=offered.by)
    assert [action for action, *_ in log(offered)] == ["post_published"]
