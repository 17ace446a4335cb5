"""What is urgent overtakes whatever waits, and what is dropped costs nothing of a channel's rate."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from notifications.models import ChannelState, Delivery, Outbox
from notifications.outside import delivering, digest_queue
from notifications.outside.delivery_terms import delivery_terms
from notifications.outside.digest_queue import gather
from tests.notifications import register
from tests.notifications.people import later, owner_of, push

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
WAITING = 2_000


def of_nothing(user, count, **more):
    """Deliveries in which nothing is left to say, due before everything else."""
    due = timezone.now() - timedelta(days=1)
    Delivery.objects.bulk_create(
        (
            Delivery(user=user, channel="sms", due_at=due, claimed_at=due, key=uuid.uuid4(), **more)
            for _ in range(count)
        ),
        batch_size=2_000,
    )


@pytest.fixture
def urgent(engine, sending_morning):
    """One urgent message, due, behind two thousand ordinary ones."""
    user = owner_of(register.open_shop(1), 1)
    register.publish("T01a")
    push()
    gather()
    Delivery.objects.update(critical=True)
    later(sending_morning, minutes=10)
    of_nothing(user, WAITING)
    return Delivery.objects.get(critical=True)


@both_engines
def test_an_urgent_message_is_the_first_to_be_claimed_behind_two_thousand(urgent):
    claim = delivering._claim("sms")

    assert claim.deliveries[0].pk == urgent.pk
    assert len(claim.deliveries) == delivery_terms().claimed_at_once


@both_engines
def test_a_fifth_of_the_rate_is_kept_for_what_is_urgent(urgent):
    ChannelState.objects.create(channel="sms", tokens=100, refilled_at=timezone.now())

    assert [row.pk for row in delivering._claim("sms").deliveries] == [urgent.pk]
    assert delivering._claim("sms").deliveries == []


@both_engines
def test_a_worker_with_ordinary_ones_gives_them_back_where_an_urgent_one_waits(urgent, messages):
    Delivery.objects.filter(pk=urgent.pk).update(due_at=timezone.now() + timedelta(minutes=1))
    claim = delivering._claim("sms")
    Delivery.objects.filter(pk=urgent.pk).update(due_at=timezone.now())

    delivering._send("sms", claim, delivering.time.monotonic() + 60)

    tried = delivery_terms().sent_at_once
    assert Delivery.objects.filter(status="dropped").count() == tried
    assert Delivery.objects.filter(status="pending", critical=False).count() == WAITING - tried
    assert ChannelState.objects.get(channel="sms").tokens == delivery_terms().channels["sms"].burst


@both_engines
def test_what_is_dropped_gives_its_token_back_in_one_statement(urgent, messages):
    claim = delivering._claim("sms")
    with CaptureQueriesContext(connection) as queries:
        delivering._send("sms", claim, delivering.time.monotonic() + 60)

    portions = -(-len(claim.deliveries) // delivery_terms().sent_at_once)
    drops = [query for query in queries if "'dropped'" in query["sql"] and query["sql"].startswith("UPDATE")]
    assert len(drops) == portions
    assert ChannelState.objects.get(channel="sms").tokens == delivery_terms().channels["sms"].burst - 1
    assert len(messages.keys) == 1


@both_engines
def test_urgent_rows_of_the_outbox_are_gathered_first(urgent, monkeypatch):
    monkeypatch.setattr(digest_queue, "AT_ONCE", 2)
    rows = [Outbox(user_id=urgent.user_id, notification_id=0, critical=place == 3) for place in range(4)]
    Outbox.objects.bulk_create(rows)

    digest_queue._gather_some()

    assert list(Outbox.objects.order_by("pk").values_list("pk", flat=True)) == [rows[1].pk, rows[2].pk]
