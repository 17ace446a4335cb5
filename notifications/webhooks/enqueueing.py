"""Events become rows: once for each endpoint, however often they are looked for."""

from collections.abc import Callable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from businesses.models import Business, Mandate
from core.background import start_after_commit
from policies.models import Benefit, BenefitVersion

from .. import tasks
from ..models import Change, Notification, WebhookDelivery, WebhookEndpoint
from ..models.webhooks import CASE_MOVED, MATCH_CHANGED, POLICY_PUBLISHED

# Messages are found by when they were written, and a transaction that wrote some may have taken this long.
OVERLAP = timedelta(hours=1)
AT_ONCE = 1_000


def enqueue_published(version: BenefitVersion) -> None:
    """A version has been published: told to every endpoint that asked, in the caller's transaction."""
    data = {
        "benefit": version.benefit.code,
        "version": version.number,
        "effective_from": version.effective_from and version.effective_from.isoformat(),
        "url": reverse("measure", args=[version.benefit.measure.code]),
    }
    rows = [
        WebhookDelivery(
            endpoint=endpoint,
            event=POLICY_PUBLISHED,
            version=version.pk,
            payload=_payload(POLICY_PUBLISHED, version.published_at or timezone.now(), data),
        )
        for endpoint in _subscribed(POLICY_PUBLISHED)
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows, ignore_conflicts=True)
        start_after_commit(tasks.send_webhooks)


def enqueue_moved(data: dict, business_id: int, sees: Callable) -> None:
    """A case of a shop has moved: told to every endpoint that asked, of a program that ``sees`` it."""
    rows = [
        WebhookDelivery(
            endpoint=endpoint,
            event=CASE_MOVED,
            business_id=business_id,
            payload=_payload(CASE_MOVED, timezone.now(), data),
        )
        for endpoint in _subscribed(CASE_MOVED)
        if sees(endpoint.client)
    ]
    if rows:
        WebhookDelivery.objects.bulk_create(rows)
        start_after_commit(tasks.send_webhooks)


def _payload(event, at, data) -> dict:
    return {"type": event, "timestamp": at.isoformat(), "data": data}


def _subscribed(event) -> list:
    # Lists are searched here: the two engines do not search JSON alike.
    rows = WebhookEndpoint.objects.in_use().select_related("client")
    return [endpoint for endpoint in rows.order_by("pk") if event in endpoint.events]


def enqueue_changes() -> int:
    """What owners were told of shops that gave a program a mandate, for the program; the number of new rows."""
    return sum(map(_changes_for, _subscribed(MATCH_CHANGED)))


def _changes_for(endpoint):
    now = timezone.now()
    mandates = Mandate.objects.standing().filter(client=endpoint.client_id)
    shops = mandates.shops_within("view")
    made = _write(endpoint, _told_of(shops, endpoint.looked_at - OVERLAP)) if shops else 0
    WebhookEndpoint.objects.filter(pk=endpoint.pk).update(looked_at=now)
    return made


def _told_of(shops, since):
    """Messages since then about these shops, for who stands behind them today. The index leads with the operator."""
    people = Business.objects.filter(pk__in=shops, operator__isnull=False).values_list("operator", flat=True)
    rows = Notification.objects.filter(operator__in=list(people), business__in=shops, created_at__gte=since)
    return rows.order_by("pk").values_list("pk", "business", "benefit", "kind", "day", "created_at")


def _write(endpoint, rows) -> int:
    rows = list(rows)
    known = WebhookDelivery.objects.filter(endpoint=endpoint, notification__in=[row[0] for row in rows])
    known = set(known.values_list("notification", flat=True))
    rows = [row for row in rows if row[0] not in known]
    ids = dict(Business.objects.filter(pk__in={row[1] for row in rows}).values_list("pk", "public_id"))
    codes = dict(Benefit.objects.filter(pk__in={row[2] for row in rows}).values_list("pk", "code"))
    WebhookDelivery.objects.bulk_create(
        [
            WebhookDelivery(
                endpoint=endpoint,
                event=MATCH_CHANGED,
                notification=pk,
                business_id=shop,
                payload=_payload(
                    MATCH_CHANGED,
                    at,
                    {
                        "business": str(ids[shop]),
                        "benefit": codes[benefit],
                        "change": Change(kind).name.lower(),
                        "day": day.isoformat(),
                    },
                ),
            )
            for pk, shop, benefit, kind, day, at in rows
        ],
        ignore_conflicts=True,
        batch_size=AT_ONCE,
    )
    return len(rows)
