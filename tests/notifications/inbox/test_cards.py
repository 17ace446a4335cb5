"""The inbox: one card for each benefit, for whom it is and nobody else."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from businesses.models import Binding
from notifications import actions, sweep
from notifications.inbox import cards
from notifications.models import Notification, OptOut

from ..readers import agent_of, cards_of, newest, owner_of
from ..register import TODAY, open_shop, publish, tell_of

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
FEW = {"fact": "employees", "op": "lte", "value": 5, "clause": "第二条"}


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


def test_of_each_benefit_the_newest_message_is_a_card_and_older_ones_are_under_it():
    shop = open_shop(1, employees=2)
    owner = owner_of(shop)
    publish(criteria={"all": [FEW]})
    sweep.relay()
    tell_of(shop, employees=9)
    sweep.relay()

    (card,) = cards.page_of(owner).cards

    assert (card.kind_label, [older["kind_label"] for older in card.older]) == ("不再符合", ["新的政策"])
    assert (card.is_unread, cards.unread_count(owner)) == (True, 1)


def test_cards_come_newest_first_by_day_and_go_on_page_by_page():
    shop = open_shop(1)
    owner = owner_of(shop)
    for code in ("T01a", "T01b", "T01c"):
        publish(code, title=f"补贴{code}")
    sweep.relay()
    Notification.objects.filter(benefit__code="T01a").update(created_at=timezone.now() - timedelta(days=2))

    first = cards.page_of(owner, size=2)
    second = cards.page_of(owner, size=2, before=first.next)

    assert [card.title for card in first.cards] == ["补贴T01c", "补贴T01b"]
    assert [card.title for card in second.cards] == ["补贴T01a"]
    assert second.next is None
    assert [day for day, _ in cards.page_of(owner).days] == [TODAY(), TODAY() - timedelta(days=2)]


def test_several_shops_are_named_and_one_is_not():
    first, second = open_shop(1), open_shop(2)
    owner = owner_of(first)
    Binding.objects.create(business=second, user=owner)
    publish()
    sweep.relay()

    both = {card.shop for card in cards.page_of(owner).cards}
    Binding.objects.filter(business=second).update(ended_at=timezone.now())

    assert both == {"演示店001", "演示店002"}
    assert [card.shop for card in cards.page_of(owner).cards] == [""]


def test_a_message_of_another_is_nobodys_card():
    open_shop(1)
    owner = owner_of(open_shop(2), 2)
    publish()
    sweep.relay()

    assert cards_of(owner) == [("试验补贴", "新的政策")]
    assert Notification.objects.count() == 2
    assert list(Notification.objects.visible_to(User.objects.create(username="clerk", is_staff=True))) == []


def test_what_is_about_a_shop_that_was_taken_out_of_the_register_is_gone():
    first, second = open_shop(1), open_shop(2, person=1, employees=2)
    owner = owner_of(first)
    publish("T01a", title="留下的")
    publish("T01b", criteria={"all": [FEW]})
    sweep.relay()
    both = len(cards_of(owner))

    second.delete()

    assert (both, cards_of(owner), cards.unread_count(owner)) == (2, [("留下的", "新的政策")], 1)


def test_who_binds_a_shop_after_another_does_not_read_what_the_other_was_told():
    shop = open_shop(1)
    owner_of(shop)
    publish()
    sweep.relay()
    Binding.objects.update(ended_at=timezone.now())
    shop.operator = open_shop(2).operator
    shop.save()

    newcomer = owner_of(shop, 2)

    assert cards_of(newcomer) == []


def test_an_agent_reads_what_is_about_the_shop_of_the_mandate_and_changes_nothing():
    shop = open_shop(1)
    owner, other = owner_of(shop), open_shop(2, person=1)
    publish("T01a")
    publish("T01b", criteria={"all": [{"fact": "district", "op": "eq", "value": "520203"}]})
    tell_of(other, district="520203")
    sweep.relay()
    agent, blind = agent_of(shop, owner, "view"), agent_of(shop, owner, "answer", number=8)
    row = newest(shop)

    (card,) = cards.page_of(agent).cards
    assert (card.id, card.is_mine, card.is_unread) == (row.pk, False, False)
    assert (cards.unread_count(agent), cards_of(agent, unread=True), cards_of(blind)) == (0, [], [])
    for verb in (
        lambda: actions.open_message(row, by=agent),
        lambda: actions.act(row, by=agent),
        lambda: actions.dismiss(row, "not_needed", by=agent),
        lambda: actions.mute(row, by=agent),
    ):
        with pytest.raises(PermissionDenied):
            verb()
    row.refresh_from_db()
    assert (row.opened_at, row.acted_at, OptOut.objects.count()) == (None, None, 0)


@pytest.mark.parametrize("count", [1, 3, 20])
def test_an_inbox_takes_as_many_queries_for_one_card_as_for_twenty(count):
    shop = open_shop(1)
    owner = owner_of(shop)
    for place in range(count):
        publish(f"T{place:02}a")
    sweep.relay()
    cards.page_of(owner)

    with CaptureQueriesContext(connection) as queries:
        found = cards.page_of(owner).cards

    # mandates, bindings; messages, letters; older ones; decisions, and the shops they are on
    assert (len(found), len(queries)) == (count, 7)


def test_the_number_of_unread_messages_is_asked_for_once_and_in_one_query(rf):
    shop = open_shop(1)
    request = rf.get("/")
    request.user = owner_of(shop)
    publish("T01a")
    publish("T01b")
    sweep.relay()

    with CaptureQueriesContext(connection) as queries:
        counts = [cards.unread_of(request), cards.unread_of(request)]

    assert (counts, len(queries)) == ([2, 2], 1)
