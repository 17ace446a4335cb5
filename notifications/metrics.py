"""Gauges of pushes and messages: what waits and since when, what lies dead, what is at rest."""

from datetime import timedelta

from django.conf import settings
from django.db.models import Count, F, Max, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.metrics import Gauge, metrics
from core.models import UNREADABLE, Tally

from .models import (
    CHANNELS,
    ChannelState,
    Delivery,
    KillSwitch,
    Outbox,
    PushChunk,
    PushRun,
    Touched,
    WebhookDelivery,
)
from .pushes import fact_changes, pushing
from .pushes.monitoring import alarms

# What a sweep leaves lying twice is not worked off.
SWEEPS = 2


@metrics
def outboxes():
    """How much waits in each outbox, how much of it sweeps have passed over, and how long the oldest has waited."""
    now = timezone.now()
    swept = now - SWEEPS * timedelta(seconds=settings.CELERY_BEAT_SCHEDULE["relay"]["schedule"])
    waiting, unswept, oldest = {}, {}, {}
    for box, (rows, since) in _waiting(now).items():
        figures = rows.order_by().aggregate(
            count=Count("pk"), late=Count("pk", filter=Q(**{f"{since}__lt": swept})), first=Min(since)
        )
        waiting[box], unswept[box] = figures["count"], figures["late"]
        oldest[box] = max((now - figures["first"]).total_seconds(), 0) if figures["first"] else 0
    yield Gauge("outbox_waiting", "Rows that wait to be worked off.", waiting, "outbox")
    yield Gauge("outbox_unswept", "Rows that have waited longer than two sweeps.", unswept, "outbox")
    yield Gauge("outbox_oldest_seconds", "How long the oldest row has waited.", oldest, "outbox")


def _waiting(now) -> dict:
    """{outbox: (rows, name of the moment since which each waits)}."""
    runs = PushRun.objects.unfinished().annotate(moved=Coalesce(Max("chunks__done_at"), F("created_at")))
    return {
        "facts": (Touched.objects.filter(tries__lt=fact_changes.MOST_TRIES), "at"),
        "pushes": (runs, "moved"),
        "messages": (Outbox.objects.all(), "notification__created_at"),
        "deliveries": (Delivery.objects.filter(status=Delivery.Status.PENDING, due_at__lte=now), "due_at"),
        "webhooks": (
            WebhookDelivery.objects.filter(status=WebhookDelivery.Status.PENDING, due_at__lte=now),
            "due_at",
        ),
    }


@metrics
def dead_letters():
    """What is not tried again by itself: staff go on with it in the admin."""
    status, dead = Delivery.Status, {}
    dead["facts"] = Touched.objects.filter(tries__gte=fact_changes.MOST_TRIES).count()
    dead["chunks"] = PushChunk.objects.filter(done_at=None, tries__gte=pushing.MOST_TRIES).count()
    dead["deliveries"] = Delivery.objects.filter(status=status.FAILED).count()
    dead["ambiguous"] = Delivery.objects.filter(status=status.UNKNOWN).count()
    dead["webhooks"] = WebhookDelivery.objects.filter(status=WebhookDelivery.Status.DEAD).count()
    dead["unreadable"] = Tally.objects.of(UNREADABLE)
    yield Gauge("dead_letters", "What has failed and is not tried again by itself.", dead, "kind")


@metrics
def standing_still():
    resting = set(
        ChannelState.objects.filter(rests_until__gt=timezone.now()).values_list("channel", flat=True)
    )
    channels = {channel: int(channel in resting) for channel, _ in CHANNELS}
    yield Gauge("push_stopped", "1 while the switch for all pushes is off.", {"": KillSwitch.objects.count()})
    yield Gauge("channel_resting", "1 while a channel rests after failures.", channels, "channel")
    yield Gauge("push_alarms", "Alarms on the page of pushes.", {"": len(alarms())})
