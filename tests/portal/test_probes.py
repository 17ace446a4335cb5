"""What machines that watch the portal are told: alive, ready, and what waits or lies dead."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from accounts.models import User
from core import guards
from core.models import Edition
from notifications import sweep
from notifications.models import (
    ChannelState,
    Delivery,
    KillSwitch,
    Notification,
    Outbox,
    PushChunk,
    PushRun,
    Touched,
)
from subsidies.models import Envelope
from tests.notifications.register import open_shop, publish
from tests.subsidies import world

pytestmark = pytest.mark.django_db(databases=["default", "postgres"])
TOKEN = "a-token-of-the-monitoring-system-" + "0123456789"


@pytest.fixture(autouse=True)
def on_each_engine(engine):
    """Every test runs on SQLite and on PostgreSQL."""


@pytest.fixture(autouse=True)
def a_clock_that_stands_still(time_machine):
    time_machine.move_to(timezone.now(), tick=False)


@pytest.fixture(autouse=True)
def token(settings):
    settings.METRICS_TOKEN = TOKEN


def says(answer):
    return answer.status_code, answer.content.decode()


def gauges(client):
    """{(name, label): number} of what /metrics says."""
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert answer.status_code == 200
    return {
        (sample.name.removeprefix("zhengce_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def apart(before, after):
    """What is another number in ``after``."""
    return {key: value for key, value in after.items() if value != before.get(key)}


# Ready


def test_a_portal_that_can_be_used_is_ready_and_nothing_stays_of_the_question(client):
    before = Edition.objects.count()

    assert says(client.get("/readyz")) == (200, "ok")
    assert Edition.objects.count() == before


def test_a_database_without_the_newest_migration_is_not_ready(client):
    with connection.cursor() as cursor:
        newest = "SELECT MAX(name) FROM django_migrations WHERE app = 'subsidies'"
        cursor.execute(f"DELETE FROM django_migrations WHERE app = 'subsidies' AND name = ({newest})")

    assert says(client.get("/readyz")) == (503, "migrations")


def test_a_database_that_lets_rows_be_changed_that_are_only_added_is_not_ready(client, engine):
    guards.drop(connection.alias, ["subsidies_ledgerentry"])

    assert says(client.get("/readyz")) == (503, "guards")


def test_a_database_that_takes_no_writes_is_not_ready(client, engine):
    refuse, take = {
        "default": ("PRAGMA query_only = ON", "PRAGMA query_only = OFF"),
        "postgres": ("SET TRANSACTION READ ONLY", "SELECT 1"),  # it ends with the test's transaction
    }[engine]
    with connection.cursor() as cursor:
        cursor.execute(refuse)
        answer = client.get("/readyz")
        cursor.execute(take)

    assert says(answer) == (503, "database")


def test_without_its_redis_a_portal_is_ready_and_says_what_is_away(client, settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"

    assert says(client.get("/readyz")) == (200, "degraded: redis")


def test_with_its_redis_it_is_simply_ready(client, redis):
    assert says(client.get("/readyz")) == (200, "ok")


# Metrics


@pytest.mark.parametrize("given", [None, "Bearer ", "Bearer wrong", TOKEN, f"Bearer {TOKEN}x"])
def test_without_the_token_there_is_no_such_address(client, given):
    headers = {} if given is None else {"Authorization": given}

    assert client.get("/metrics", headers=headers).status_code == 404


def test_where_no_token_is_set_nobody_is_answered(client, settings):
    settings.METRICS_TOKEN = ""

    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_what_waits_is_counted_with_what_two_sweeps_have_passed_over_and_the_oldest_wait(client):
    shop, user = open_shop(1), User.objects.create(username="owner")
    sweep.relay()
    before = gauges(client)
    now = timezone.now()
    for minutes in (1, 3, 5):
        Touched.objects.create(shops=[shop.pk], at=now - timedelta(minutes=minutes))
    Touched.objects.create(shops=[shop.pk], at=now - timedelta(hours=1), tries=3)
    publish(criteria=world.IN_DISTRICT)
    PushRun.objects.update(created_at=now - timedelta(minutes=4))
    for place, minutes in enumerate((10, 1, -1)):
        due = now - timedelta(minutes=minutes)
        someone = User.objects.create(username=f"owner{place}")
        Delivery.objects.create(user=someone, channel="sms", due_at=due)

    assert apart(before, gauges(client)) == {
        ("outbox_waiting", "facts"): 3,
        ("outbox_unswept", "facts"): 2,
        ("outbox_oldest_seconds", "facts"): 300,
        ("outbox_waiting", "pushes"): 1,
        ("outbox_unswept", "pushes"): 1,
        ("outbox_oldest_seconds", "pushes"): 240,
        ("outbox_waiting", "deliveries"): 2,
        ("outbox_unswept", "deliveries"): 1,
        ("outbox_oldest_seconds", "deliveries"): 600,
        ("dead_letters", "facts"): 1,
    }
    sweep.relay()
    Outbox.objects.create(user=user, notification=Notification.objects.get())
    assert gauges(client)["outbox_waiting", "messages"] == 1


def test_what_is_not_tried_again_by_itself_is_counted_by_kind(client):
    publish(criteria=world.IN_DISTRICT)
    before = gauges(client)
    run, user = PushRun.objects.get(), User.objects.create(username="owner")
    PushChunk.objects.create(run=run, lo=10, tries=5, problem="磁盘已满")
    PushChunk.objects.create(run=run, lo=20, tries=4, problem="磁盘已满")
    for status in ("failed", "unknown", "unknown", "sent"):
        Delivery.objects.create(user=user, channel="sms", status=status, due_at=timezone.now())

    assert apart(before, gauges(client)) == {
        ("dead_letters", "chunks"): 1,
        ("dead_letters", "deliveries"): 1,
        ("dead_letters", "ambiguous"): 2,
    }


def test_what_stands_still_and_what_staff_are_warned_of_is_told(client):
    before = gauges(client)
    KillSwitch.objects.create(reason="短信内容有误", at=timezone.now() - timedelta(hours=2))
    ChannelState.objects.create(channel="sms", failures=10, rests_until=timezone.now() + timedelta(minutes=5))

    assert apart(before, gauges(client)) == {
        ("push_stopped",): 1,
        ("channel_resting", "sms"): 1,
        ("push_alarms",): 2,
    }


def test_a_fund_that_is_not_what_its_ledger_says_is_told(client):
    world.bureau()
    world.envelope(world.grant_of_money(criteria=world.IN_DISTRICT))
    before = gauges(client)
    Envelope.objects.update(paid_fen=1)

    assert apart(before, gauges(client)) == {("ledger_drift",): 1}
