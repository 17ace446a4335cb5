"""What a post may ask, who is written down for it, and how many a shop may have."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AccessEvent
from cases.actions import general
from cases.models import Case
from core.errors import Invalid, Refused
from jobs import contacting, posting, working
from jobs.models import JobMatch, Post, Worker
from jobs.pairs import requirements
from jobs.settings import figure
from notifications.models import Letter
from tests.services.askers import entrust, program

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

    count = posting.pause_the_silent(today())

    offered.refresh_from_db()
    assert (offered.state, count) == (state, int(state == "paused"))
    assert len(letters(offered)) == count


def test_its_shop_is_told_once_answers_and_opens_it_again():
    offered = post()
    cases = asked(offered, 5, 3)
    owner = offered.by
    posting.pause_the_silent(today())
    assert posting.pause_the_silent(today()) == 0
    paused = Post.objects.get()

    with pytest.raises(Refused, match="有 5 个人问了还没有回"):
        posting.resume(paused, by=owner)
    general.do(Case.objects.get(pk=cases[0].pk), "accept", {}, by=owner)
    posting.resume(paused, by=owner)

    sentence = "有 5 个人问了还没有回。回了他们，就可以接着招。"
    assert letters(offered) == [("招工“采春茶”先停了", sentence)]
    assert (Post.objects.get().state, posting.pause_the_silent(today())) == ("open", 0)
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

    assert posting.pause_the_silent(today()) == 0
    assert Post.objects.get().state == "open"
