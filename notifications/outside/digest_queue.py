"""What is to be told outside becomes deliveries: one digest for a person and channel, never thirty messages.

A batch is one transaction: its messages become items of deliveries, or are counted as withheld, and leave the outbox.
The number of statements does not grow with the batch.
"""

import time
from collections import Counter, defaultdict
from datetime import datetime
from typing import NamedTuple

from django.db import OperationalError, connection, transaction
from django.db.models import Count, F, Max, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.background import start_after_commit

from .. import tasks
from ..hearing import OWN_WISH, is_over_cap
from ..models import Delivery, DeliveryItem, Notification, Outbox, Withheld
from ..pushes import runs
from . import channels
from .delivery_terms import after_quiet_hours, delivery_terms, month_start
from .recipients import Recipients

AT_ONCE = 1_000
SECONDS = 40  # of one call
ROUNDS = 5
Pair = tuple[int, str]  # user id, channel


class _Item(NamedTuple):
    notification_id: int
    critical: bool


class _History(NamedTuple):
    """Of a person on a channel: digests handed over this month, and when the last was."""

    this_month: int = 0
    last: datetime | None = None


def gather(*, seconds=SECONDS) -> int:
    """Turn what is to be told outside into deliveries; the number of outbox rows worked off.

    Harmless to call twice or by several at once.
    """
    until, done, failed = time.monotonic() + seconds, 0, 0
    while time.monotonic() < until and not runs.everything_is_stopped():
        try:
            with transaction.atomic():
                taken = _gather_some()
        except OperationalError:  # two workers waited for each other, or the file was busy
            failed += 1
            if failed == ROUNDS or connection.in_atomic_block:
                raise
            time.sleep(0.05 * failed)
            continue
        if not taken:
            return done
        done += taken
    if Outbox.objects.exists() and not runs.everything_is_stopped():
        start_after_commit(tasks.gather)
    return done


def _gather_some() -> int:
    rows = _take(critical=True, most=AT_ONCE)
    rows += _take(critical=False, most=AT_ONCE - len(rows))
    if not rows:
        return 0
    withheld = Counter()
    wanted = _wanted(rows, withheld)
    if wanted:
        _put_into_deliveries(wanted, withheld)
    count_withheld(withheld)
    Outbox.objects.filter(pk__any_of=[row.pk for row in rows]).delete()
    return len(rows)


def _take(*, critical, most) -> list:
    rows = Outbox.objects.filter(critical=critical).order_by("pk")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    return list(rows[:most])


def _wanted(rows, withheld) -> dict[Pair, list[_Item]]:
    """Who is to be told of what on which channel, without what has become part of a delivery before."""
    ids = {row.notification_id for row in rows}
    messages = {message.pk: message for message in Notification.objects.filter(pk__any_of=ids)}
    told = [(row, messages[row.notification_id]) for row in rows if row.notification_id in messages]
    usable = channels.usable()
    people = Recipients([(row.user_id, message) for row, message in told], usable)
    known = DeliveryItem.objects.filter(notification__any_of=ids).values_list(
        "notification", "user", "channel"
    )
    known, wanted = set(known), defaultdict(dict)
    for row, message in told:
        for channel in usable:
            if (message.pk, row.user_id, channel) in known:
                continue
            reason = people.against(row.user_id, message, channel)
            if not reason:
                item = _Item(message.pk, row.critical)
                wanted[row.user_id, channel].setdefault(message.pk, item)
            elif reason not in OWN_WISH:
                withheld[channel, reason] += 1
    return {pair: list(items.values()) for pair, items in wanted.items()}


def _put_into_deliveries(wanted, withheld) -> None:
    now = timezone.now()
    users = {user for user, _ in wanted}
    history, waiting = _history(users, now), _joinable(users)
    drafts = {}
    for pair, items in list(wanted.items()):
        if pair in waiting:
            continue
        this_month, last = history.get(pair, _History())
        due = _due(now, last, critical=any(item.critical for item in items))
        if is_over_cap(pair[1], this_month, due, now):
            withheld[pair[1], "cap"] += sum(not item.critical for item in items)
            items = wanted[pair] = [item for item in items if item.critical]
        if items:
            drafts[pair] = Delivery(user_id=pair[0], channel=pair[1], due_at=due)
        else:
            del wanted[pair]
    deliveries = _made(drafts, waiting, wanted)
    DeliveryItem.objects.bulk_create(
        [
            DeliveryItem(
                delivery_id=deliveries[pair],
                notification_id=item.notification_id,
                user_id=pair[0],
                channel=pair[1],
            )
            for pair, items in wanted.items()
            for item in items
        ],
        ignore_conflicts=True,  # another worker may have the same message from a second outbox row
    )
    urgent = [deliveries[pair] for pair, items in wanted.items() if any(item.critical for item in items)]
    _hurry(urgent, now)


def _history(users, now) -> dict[Pair, _History]:
    first = month_start(now)
    rows = (
        Delivery.objects.handed_over_since(min(first, now - delivery_terms().gap))
        .filter(user__any_of=users)
        .order_by()
        .values_list("user", "channel")
        .annotate(
            count=Count("pk", filter=Q(sent_at__gte=first) | Q(sent_at=None)),
            last=Max(Coalesce("sent_at", "claimed_at")),
        )
    )
    return {(user, channel): _History(count, last) for user, channel, count, last in rows}


def _due(now, last, *, critical):
    """When a new digest goes out: after others may have joined it, one a day, not at night. Urgent ones do not wait."""
    soon = now + delivery_terms().gathering
    if critical:
        return soon
    return after_quiet_hours(max(soon, last + delivery_terms().gap) if last else soon)


def _joinable(users) -> dict[Pair, int]:
    """Ids of the waiting digests of these people, held until the transaction ends so that none is sent meanwhile."""
    rows = Delivery.objects.joinable().filter(user__any_of=users).order_by("pk")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update()
    return {(user, channel): pk for user, channel, pk in rows.values_list("user", "channel", "pk")}


def _made(drafts, waiting, wanted):
    """``{pair: delivery id}`` of every pair wanted. Where another worker was faster, theirs is joined."""
    joinable = waiting
    for _ in range(ROUNDS):
        # In one order everywhere, so that two workers never wait for each other.
        missing = [drafts[pair] for pair in sorted(drafts) if pair not in joinable]
        if not missing:
            return joinable
        Delivery.objects.bulk_create(missing, ignore_conflicts=True)
        joinable = _joinable({user for user, _ in wanted})
    raise RuntimeError("Deliveries are claimed as fast as they are made.")


def _hurry(deliveries, now) -> None:
    if deliveries:
        rows = Delivery.objects.filter(pk__any_of=deliveries)
        rows.filter(critical=False).update(critical=True)
        soon = now + delivery_terms().gathering
        rows.filter(due_at__gt=soon).update(due_at=soon)


def count_withheld(withheld: Counter) -> None:
    """Add up what was not sent outside, by (channel, reason), on today's rows."""
    today = timezone.localdate()
    for (channel, reason), count in sorted(withheld.items()):
        if count:
            Withheld.objects.get_or_create(day=today, channel=channel, reason=reason)
            Withheld.objects.filter(day=today, channel=channel, reason=reason).update(
                count=F("count") + count
            )
