"""What a post may ask, who is written down for it, and how many a shop may have."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AccessEvent
from core.errors import Invalid, Refused
from jobs import posting, working
from jobs.models import Post, Worker
from jobs.pairs import requirements
from tests.services.askers import entrust, program

from .world import person, post, shop, wishes, work

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
