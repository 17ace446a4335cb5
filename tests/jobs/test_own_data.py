"""What somebody may take along of the labour market, and what is left when they go."""

import json

import pytest

from accounts.models import User
from core import own_data
from jobs.models import Contact, ContactCase, JobMatch, Post, Worker
from tests.jobs.test_contacts import agent_of
from tests.jobs.test_moderation import clerk
from tests.jobs.world import contact, faults, post, worker

pytestmark = pytest.mark.django_db


def at_the_site(user) -> User:
    """As a request has them."""
    return User.objects.get(pk=user.pk)


def test_the_copy_holds_the_card_the_posts_and_the_contacts_and_no_number_of_the_other_side():
    case, owner, someone = contact()

    theirs, mine = (
        own_data.export_all(at_the_site(owner))["work"],
        own_data.export_all(at_the_site(someone))["work"],
    )

    assert mine["card"]["shown_name"] == "小李"
    assert [row["title"] for row in theirs["posts"]] == ["采春茶"]
    assert (
        [row["number"] for row in mine["contacts"]]
        == [case.number]
        == [row["number"] for row in theirs["contacts"]]
    )
    assert "1391155" not in json.dumps(theirs, default=str)


@pytest.mark.parametrize("who", ["agent", "staff"])
def test_the_copy_of_whoever_acts_or_reads_for_others_holds_nothing_of_them(who):
    case, _, _ = contact()
    user = agent_of(case) if who == "agent" else clerk()
    assert ContactCase.objects.visible_to(user).count() == 1

    assert own_data.export_all(at_the_site(user))["work"] == {
        "card": None,
        "posts": [],
        "contacts": [],
        "reports": [],
    }


def test_an_agent_who_goes_ends_nothing_of_the_shop():
    case, owner, _ = contact()
    Post.objects.update(by=agent_of(case))

    own_data.erase_all(at_the_site(Post.objects.get().by))

    case.refresh_from_db()
    assert (case.state, Post.objects.get().state) == ("asked", "open")
    own_data.erase_all(at_the_site(owner))
    assert Post.objects.get().state == "paused"  # nobody stands behind it any more


def test_of_whoever_goes_the_card_says_nothing():
    someone = worker(certificates=["health"], has_tools="on").user

    own_data.erase_all(at_the_site(someone))

    card = Worker.objects.get()
    assert (card.born_on.year, card.certificates_known, card.has_tools, card.experience) == (
        1900,
        0,
        None,
        None,
    )
    assert faults() == []


def test_whoever_goes_is_found_no_more_and_nobody_waits_for_them():
    case, _, someone = contact()

    for _ in range(2):
        own_data.erase_all(at_the_site(someone))

    case.refresh_from_db()
    assert (case.state, Contact.objects.get().is_open) == ("withdrawn", False)
    assert (Worker.objects.get().shown_name, Worker.objects.get().state) == ("已注销", "stopped")
    assert JobMatch.objects.count() == 0
    assert faults() == []


def test_a_shopkeeper_who_goes_takes_nobody_on_any_more():
    case, owner, someone = contact()

    own_data.erase_all(at_the_site(owner))

    case.refresh_from_db()
    assert (case.state, case.reason) == ("refused", "对方注销了账户")
    assert Post.objects.get().state == "paused"
    assert own_data.export_all(at_the_site(someone))["work"]["contacts"][0]["state"] == "没谈成"


def test_others_are_left_as_they_are():
    post()
    worker(1)
    other = worker(2)

    own_data.erase_all(at_the_site(Worker.objects.order_by("pk").first().user))

    other.refresh_from_db()
    assert (other.state, other.shown_name) == ("looking", "小李")
