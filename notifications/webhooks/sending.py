"""Events go out to programs: claimed, posted, marked; tried again by the schedule in the row, dead after the last try.

Here a repeat does no harm: the id is the same, and Standard Webhooks asks receivers to drop what they know. So a claim
of a worker that died is simply tried again.
"""

import random
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

import orjson
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.access import record
from accounts.clients import may_manage
from businesses.models import Mandate
from core.background import start_after_commit
from core.errors import Refused

from .. import tasks
from ..models import WebhookDelivery, WebhookEndpoint
from ..outside.delivery_terms import delivery_terms
from ..pushes import runs
from . import posting, signing
from .endpoints import switch_off

SECONDS = 20  # of one call
SECONDS_OF_ENDPOINT = (
    20  # after which no further event goes to it in this round: a slow one is no reason to be killed
)
SIDE_BY_SIDE = 8
ENDPOINTS_AT_ONCE = 50
JITTER = 0.1  # of a pause, so that endpoints that failed together do not come back together
GONE = 410
BUSY = (429, 503)
SAYS_GONE = "对方回答 410，不再接收"
UNANSWERED = "整个重试期内都没有收下"
Status = WebhookDelivery.Status


@dataclass(frozen=True)
class _Post:
    """One event as threads need it: they touch no database."""

    delivery: WebhookDelivery
    url: str
    secrets: list[str]


def send_due(*, seconds=SECONDS) -> int:
    """Post what is due; the number taken. Harmless to call twice or by several at once."""
    until, taken = time.monotonic() + seconds, 0
    _sweep()
    while time.monotonic() < until and not runs.everything_is_stopped():
        claimed, at = _claim()
        if not claimed:
            return taken
        allowed = _drop_without_mandate(claimed, at)
        with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
            results = list(pool.map(_post_all, _by_endpoint(allowed)))
        taken += _mark([result for portion in results for result in portion], at)
    if _due().exists():
        start_after_commit(tasks.send_webhooks)
    return taken


def _due():
    rows = WebhookDelivery.objects.filter(status=Status.PENDING, due_at__lte=timezone.now())
    return rows.filter(endpoint__in=WebhookEndpoint.objects.in_use())


def _sweep() -> None:
    """Claims of workers that died are free again."""
    old = timezone.now() - delivery_terms().webhooks.claim
    WebhookDelivery.objects.filter(status=Status.SENDING, claimed_at__lt=old).update(status=Status.PENDING)


@transaction.atomic
def _claim():
    """Some of what is due, of each endpoint no more than may be under way to it, by all workers together."""
    now, most = timezone.now(), delivery_terms().webhooks.at_once_per_endpoint
    waiting = _due().order_by().values_list("endpoint", flat=True).distinct()[:ENDPOINTS_AT_ONCE]
    endpoints = WebhookEndpoint.objects.filter(pk__in=list(waiting)).order_by("pk")
    if connection.vendor == "postgresql":
        endpoints = endpoints.select_for_update(skip_locked=True)
    free = dict.fromkeys((endpoint.pk for endpoint in endpoints), most)
    under_way = WebhookDelivery.objects.filter(status=Status.SENDING, endpoint__in=free)
    for endpoint in under_way.values_list("endpoint", flat=True):
        free[endpoint] -= 1
    due = []
    rows = _due().filter(endpoint__in=free).order_by("due_at", "pk")[: ENDPOINTS_AT_ONCE * most * 2]
    for row in rows:
        if free[row.endpoint_id] > 0:
            free[row.endpoint_id] -= 1
            due.append(row)
    WebhookDelivery.objects.filter(pk__in=[row.pk for row in due]).update(
        status=Status.SENDING, claimed_at=now, tries=F("tries") + 1
    )
    for row in due:
        row.tries += 1
    return due, now


def _mine(deliveries, at):
    ids = [delivery.pk for delivery in deliveries]
    return WebhookDelivery.objects.filter(pk__in=ids, status=Status.SENDING, claimed_at=at)


def _drop_without_mandate(claimed, at):
    """A mandate may have been taken back since: then the program hears nothing of the shop any more."""
    about = {row.business_id for row in claimed if row.business_id}
    allowed = defaultdict(set)
    mandates = Mandate.objects.standing().filter(business__in=about, client__isnull=False)
    for client, shop, scopes in mandates.values_list("client", "business", "scopes"):
        if "view" in scopes:
            allowed[client].add(shop)
    clients = dict(
        WebhookEndpoint.objects.filter(pk__in={row.endpoint_id for row in claimed}).values_list(
            "pk", "client"
        )
    )
    kept, dropped = [], []
    for row in claimed:
        stands = row.business_id is None or row.business_id in allowed[clients[row.endpoint_id]]
        (kept if stands else dropped).append(row)
    _mine(dropped, at).update(status=Status.DROPPED, problem="授权已经结束")
    return kept


def _by_endpoint(deliveries) -> list:
    """What goes to one endpoint goes one after the other."""
    endpoints = WebhookEndpoint.objects.in_bulk({row.endpoint_id for row in deliveries})
    by_endpoint = defaultdict(list)
    for row in deliveries:
        endpoint = endpoints[row.endpoint_id]
        secrets = [sealed.reveal() for sealed in (endpoint.secret, endpoint.old_secret) if sealed]
        by_endpoint[endpoint.pk].append(_Post(row, endpoint.url, secrets))
    return list(by_endpoint.values())


def _post_all(posts):
    """[(delivery, Answer)]; None for those not tried because the endpoint has just failed, or is slow."""
    results, until, goes_on = [], time.monotonic() + SECONDS_OF_ENDPOINT, True
    for post in posts:
        answer = _post(post) if goes_on else None
        goes_on = goes_on and answer.is_taken and time.monotonic() < until
        results.append((post.delivery, answer))
    return results


def _post(post):
    body = body_of(post.delivery)
    headers = signing.headers(post.secrets, str(post.delivery.event_id), int(time.time()), body)
    return posting.post(post.url, body, headers)


def body_of(delivery: WebhookDelivery) -> bytes:
    return orjson.dumps(delivery.payload)


# Marking


@transaction.atomic
def _mark(results, at) -> int:
    now = timezone.now()
    not_tried = [delivery for delivery, answer in results if answer is None]
    _mine(not_tried, at).update(status=Status.PENDING, tries=F("tries") - 1, due_at=now + _pause(1))
    tried = [(delivery, answer) for delivery, answer in results if answer is not None]
    taken = [delivery for delivery, answer in tried if answer.is_taken]
    for status in {answer.status for delivery, answer in tried if answer.is_taken}:
        same = [delivery for delivery, answer in tried if answer.status == status]
        _mine(same, at).update(status=Status.SENT, sent_at=now, answer=status, problem="")
    WebhookEndpoint.objects.filter(pk__in={delivery.endpoint_id for delivery in taken}).update(
        answered_at=now
    )
    for delivery, answer in tried:
        if not answer.is_taken:
            _mark_failed(delivery, answer, at, now)
    return len(taken)


def _mark_failed(delivery, answer, at, now) -> None:
    """At most one for each endpoint and round."""
    problem = answer.problem or f"对方回答 {answer.status}"
    values = {"answer": answer.status, "problem": problem[:200]}
    if answer.status == GONE or delivery.tries > len(delivery_terms().webhooks.schedule):
        _mine([delivery], at).update(status=Status.DEAD, **values)
        _give_up_on(delivery, answer)
        return
    due = now + _pause(delivery.tries)
    if answer.status in BUSY and answer.retry_after is not None:
        due = max(due, now + timedelta(seconds=answer.retry_after))
    _mine([delivery], at).update(status=Status.PENDING, due_at=due, **values)


def _pause(tries):
    pause = delivery_terms().webhooks.schedule[tries - 1]
    return pause * (1 + random.uniform(0, JITTER))  # no secret depends on it


def _give_up_on(delivery, answer) -> None:
    """An endpoint that says it is gone, or took nothing for a whole schedule, is switched off."""
    if answer.status == GONE:
        switch_off(delivery.endpoint_id, SAYS_GONE)
        return
    nothing_since = Q(answered_at=None) | Q(answered_at__lt=delivery.created_at)
    if WebhookEndpoint.objects.filter(nothing_since, pk=delivery.endpoint_id).exists():
        switch_off(delivery.endpoint_id, UNANSWERED)


@transaction.atomic
def redrive(delivery: WebhookDelivery, *, by) -> WebhookDelivery:
    """Try a dead one again, by the whole schedule."""
    if not may_manage(by):
        raise PermissionDenied
    locked = WebhookDelivery.objects.select_for_update().get(pk=delivery.pk)
    if locked.status != Status.DEAD:
        raise Refused("只有“没有送达”的可以再发一次。请刷新页面再看。")
    locked.status, locked.tries, locked.due_at, locked.problem = Status.PENDING, 0, timezone.now(), ""
    locked.save(update_fields=["status", "tries", "due_at", "problem"])
    record(by, "redrive_webhook", f"webhook delivery {locked.pk}")
    start_after_commit(tasks.send_webhooks)
    return locked
