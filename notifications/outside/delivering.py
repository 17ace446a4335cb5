"""Deliveries go out: claimed in one transaction, sent with none open, marked in another.

A worker may die at any moment. What it had claimed and not marked may have been sent or not: that is written down as
unknown and never repeated by itself, only by staff (``redrive``). Rate and rest of a channel are kept in the database,
so that all workers share them.
"""

import logging
import time
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Case, F, Value, When
from django.utils import timezone

from accounts.access import record
from core.background import start_after_commit
from core.errors import Refused

from .. import tasks
from ..hearing import REASONS
from ..models import ChannelState, ContactPoint, Delivery
from ..pushes import runs
from . import channels
from .channels.base import Became, Outcome
from .delivery_terms import after_quiet_hours, delivery_terms, is_quiet
from .digest_content import Digests
from .digest_queue import count_withheld
from .preferences import BAD_ADDRESS

logger = logging.getLogger(__name__)
SECONDS = 30  # of one call; what has been begun by then may take as long again
LONGEST_WAIT = 1.0
CRITICAL_SHARE = 0.2  # of the tokens that a channel can have; the others are not for ordinary messages
NOT_ANSWERED = "发送中断，不确定是否送达"
Status = Delivery.Status


def deliver(*, seconds=SECONDS) -> int:
    """Send what is due; the number sent. Harmless to call twice or by several at once."""
    until, sent = time.monotonic() + seconds, 0
    sweep()
    while time.monotonic() < until and not runs.everything_is_stopped():
        waits, busy = [], False
        for name in channels.usable():
            claim = _claim(name)
            waits += [claim.wait] if claim.wait else []
            if claim.deliveries:
                busy = True
                sent += _send(name, claim, until)
        if not busy and not waits:
            return sent
        if not busy:
            time.sleep(min(*waits, LONGEST_WAIT))
    if _due().exists() and not runs.everything_is_stopped():
        start_after_commit(tasks.deliver)
    return sent


def sweep() -> int:
    """Claims of workers that died: nobody knows what went out. The number found."""
    old = Delivery.objects.filter(
        status=Status.SENDING, claimed_at__lt=timezone.now() - delivery_terms().claim
    )
    return old.update(status=Status.UNKNOWN, problem=NOT_ANSWERED, sent_at=F("claimed_at"))


def _due():
    rows = Delivery.objects.filter(status=Status.PENDING, due_at__lte=timezone.now())
    return rows.filter(critical=True) if is_quiet(timezone.now()) else rows


# Claiming


class Claimed(NamedTuple):
    """A delivery in this worker's hands. ``tries``: with the one that is coming."""

    pk: int
    user_id: int
    letter_id: int | None
    channel: str
    key: UUID
    critical: bool
    tries: int


@dataclass(frozen=True)
class _Claim:
    """``wait``: seconds until the rate allows more, 0 where there is nothing to wait for."""

    deliveries: list[Claimed]
    at: datetime | None = None
    wait: float = 0.0


@transaction.atomic
def _claim(name) -> _Claim:
    """Take what the channel's rate and rest allow of what is due."""
    state, now = _locked_state(name), timezone.now()
    if state.rests_until and state.rests_until > now:
        return _Claim([])
    terms = delivery_terms().channels[name]
    _refill(state, terms, now)
    # It has rested: one message shows whether it is well again.
    at_once = 1 if state.failures >= terms.rests_after else delivery_terms().claimed_at_once
    claimed = _take(_due_now(name, critical=True), min(int(state.tokens), at_once))
    left = int(state.tokens - terms.burst * CRITICAL_SHARE) - len(claimed)
    claimed += _take(_due_now(name, critical=False), min(left, at_once - len(claimed)))
    if not claimed:
        return _Claim([], wait=1 / terms.a_second if _due().filter(channel=name).exists() else 0.0)
    state.tokens -= len(claimed)
    state.save()
    mine = Delivery.objects.filter(pk__any_of=[row.pk for row in claimed])
    mine.update(status=Status.SENDING, claimed_at=now, tries=F("tries") + 1, problem="")
    return _Claim(claimed, now)


def _due_now(name, *, critical):
    """Each lane has a partial index, so that a million in the other hold nobody up."""
    return _due().filter(channel=name, critical=critical).order_by("due_at", "pk")


def _take(rows, most) -> list[Claimed]:
    if most < 1:
        return []
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    columns = [*Claimed._fields[:-1], F("tries") + 1]
    return list(map(Claimed._make, rows.values_list(*columns)[:most]))


def _locked_state(name):
    states = ChannelState.objects.select_for_update().filter(channel=name)
    if (state := states.first()) is None:
        fresh = {"tokens": delivery_terms().channels[name].burst, "refilled_at": timezone.now()}
        ChannelState.objects.get_or_create(channel=name, defaults=fresh)
        state = states.get()
    return state


def _refill(state, terms, now) -> None:
    passed = max((now - state.refilled_at).total_seconds(), 0) if state.refilled_at else 0
    state.tokens = min(terms.burst, state.tokens + passed * terms.a_second)
    state.refilled_at = now


# Sending


def _send(name, claim, until) -> int:
    """Send a claim in portions; what cannot be begun in time, or is stopped, goes back as it was."""
    sent, size = 0, delivery_terms().sent_at_once
    channel = channels.channel(name)
    for start in range(0, len(claim.deliveries), size):
        rest = claim.deliveries[start:]
        if time.monotonic() >= until or runs.everything_is_stopped() or channel is None:
            _give_back(claim, rest)
            break
        done, rests = _send_portion(channel, claim, rest[:size])
        sent += done
        if rests or _is_overtaken(name, rest[size:]):
            _give_back(claim, rest[size:])
            break
    return sent


def _is_overtaken(name, rest) -> bool:
    """Whether a critical message waits while this worker holds none but ordinary ones."""
    if not rest or any(delivery.critical for delivery in rest):
        return False
    return _due_now(name, critical=True).exists()


def _give_back(claim, deliveries) -> None:
    """Nothing was tried of these."""
    if deliveries:
        _mine(claim, deliveries).update(status=Status.PENDING, tries=F("tries") - 1)
        _return_tokens(deliveries)


def _return_tokens(deliveries) -> None:
    """Those of one channel that did not go out have taken nothing from its rate."""
    if deliveries:
        states = ChannelState.objects.filter(channel=deliveries[0].channel)
        states.update(tokens=F("tokens") + len(deliveries))


def _mine(claim, deliveries):
    """Those still claimed by this worker."""
    ids = [delivery.pk for delivery in deliveries]
    return Delivery.objects.filter(pk__any_of=ids, status=Status.SENDING, claimed_at=claim.at)


def _send_portion(channel, claim, deliveries):
    """(how many were sent, whether the channel has to rest now)."""
    digests = Digests(channel, deliveries)
    outcomes = channel.send([digests.messages[delivery.pk] for delivery in digests.ready])
    with transaction.atomic():
        _mark_dropped(claim, digests)
        by_id = {delivery.pk: delivery for delivery in deliveries}
        for pk, problem in digests.broken.items():
            _mine(claim, [by_id[pk]]).update(status=Status.FAILED, problem=problem)
        results = list(zip(digests.ready, outcomes, strict=True))
        _mark(claim, results)
        rests = _note_health(channel.name, outcomes)
    return sum(outcome.became == Became.SENT for outcome in outcomes), rests


def _mark_dropped(claim, digests) -> None:
    if digests.dropped:
        why = (
            When(pk__in=[delivery.pk for delivery, _ in group], then=Value(REASONS.get(reason, "没有要说的")))
            for reason, group in _by_reason(digests.dropped).items()
        )
        dropped = [delivery for delivery, _ in digests.dropped]
        _mine(claim, dropped).update(status=Status.DROPPED, problem=Case(*why, default=Value("")))
        _return_tokens(dropped)
    digests.forget_items()
    count_withheld(digests.withheld)


def _by_reason(dropped):
    groups = defaultdict(list)
    for delivery, reason in dropped:
        groups[reason].append((delivery, reason))
    return groups


def _mark(claim, results) -> None:
    """Write down what became of each, those alike in one statement."""
    now, groups, bad = timezone.now(), {}, []
    for delivery, outcome in results:
        values = _after(delivery, outcome, now)
        groups.setdefault(tuple(values.items()), []).append(delivery)
        if outcome.became == Became.REFUSED:
            bad.append(delivery)
    for values, deliveries in groups.items():
        _mine(claim, deliveries).update(**dict(values))
    _stop_addresses(bad, now)


def _after(delivery, outcome: Outcome, now) -> dict:
    """The columns of a delivery after an attempt."""
    problem = outcome.problem[:200]
    if outcome.became == Became.SENT:
        return {"status": Status.SENT, "sent_at": now, "problem": ""}
    if outcome.became == Became.UNKNOWN:
        return {"status": Status.UNKNOWN, "sent_at": now, "problem": problem}
    back_off = delivery_terms().back_off
    if outcome.became != Became.LATER or delivery.tries > len(back_off):
        return {"status": Status.FAILED, "problem": problem}
    due = now + back_off[delivery.tries - 1]
    return {
        "status": Status.PENDING,
        "due_at": due if delivery.critical else after_quiet_hours(due),
        "problem": problem,
    }


def _stop_addresses(deliveries, now) -> None:
    """Where nothing will ever arrive nothing more is sent; its owner sees why and can give another."""
    for delivery in deliveries:
        ContactPoint.objects.get_or_create(user_id=delivery.user_id, channel=delivery.channel)
        reach = ContactPoint.objects.filter(user=delivery.user_id, channel=delivery.channel, stopped_at=None)
        reach.update(stopped_at=now, stopped_because=BAD_ADDRESS)


def _note_health(name, outcomes) -> bool:
    """Count failures in a row; whether the channel has to rest. An address that is refused says nothing of it."""
    if not outcomes:
        return False
    state, terms, now = _locked_state(name), delivery_terms().channels[name], timezone.now()
    for outcome in outcomes:
        if outcome.became in (Became.LATER, Became.UNKNOWN):
            state.failures += 1
            state.problem = outcome.problem[:200]
        else:
            state.failures = 0
        if outcome.became == Became.SENT:
            state.sent_at = now
    rests = state.failures >= terms.rests_after
    state.rests_until = now + terms.rest if rests else None
    state.save()
    if rests:
        logger.error("Channel %s rests after %s failures: %s", name, state.failures, state.problem)
    return rests


# Staff


@transaction.atomic
def redrive(delivery: Delivery, *, by) -> Delivery:
    """Send again what failed, or what may have been sent: its key is the same, so a provider that took it drops it."""
    if not by.has_perm("notifications.control_pushrun"):
        raise PermissionDenied
    locked = Delivery.objects.visible_to(by).select_for_update().filter(pk=delivery.pk).first()
    if locked is None:
        raise PermissionDenied
    if locked.status not in (Status.UNKNOWN, Status.FAILED):
        raise Refused("只有“不确定是否送达”和“没有送达”的可以再发一次。请刷新页面再看。")
    locked.status, locked.tries, locked.sent_at = Status.PENDING, 0, None
    locked.claimed_at = locked.claimed_at or timezone.now()  # nothing joins it any more
    now = timezone.now()
    locked.due_at = now if locked.critical else after_quiet_hours(now)
    locked.problem = ""
    locked.save(update_fields=["status", "tries", "sent_at", "claimed_at", "due_at", "problem"])
    record(by, "redrive_delivery", f"delivery {locked.pk}", channel=locked.channel)
    start_after_commit(tasks.deliver)
    return locked
