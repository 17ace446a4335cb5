"""How much an offering takes on: so many open at once, so many a month; nobody more while too many wait unanswered.

Counting is one conditional UPDATE, which holds the row of the offering until the request is there: what is counted
afterwards is exact.
"""

from datetime import date, timedelta

from django.db.models import Count, F, Q
from django.utils import timezone

from cases.procedure import OPEN
from cases.sweeping import sweep_step
from core.errors import Refused

from ..models import Leg, Offering, Request
from .offerings import closed_because

UNANSWERED, TOO_MANY = timedelta(days=9), 5  # legs that nobody has taken for longer
FULL_MONTH, FULL, BEHIND = "这个月的名额满了", "正在办的已经满了", "等着接办的太多"


def count_one(offering: Offering, today: date) -> None:
    """Count one more request. Refused, with until when, where it takes no more."""
    month, rows = month_of(today), Offering.objects.filter(pk=offering.pk)
    rows.exclude(month=month).update(month=month, month_count=0)
    room = Q(max_month=None) | Q(month_count__lt=F("max_month"))
    goes_on = Q(paused_until=None) | Q(paused_until__lte=today)
    is_counted = rows.filter(room, goes_on, month=month).update(month_count=F("month_count") + 1)
    now = rows.select_related("benefit").get()
    if why := closed_because(now, today):
        raise Refused(why, code="closed")
    full = is_full(now)
    if full or not is_counted:
        now.paused_until, now.paused_because = first_of_next(today), FULL if full else FULL_MONTH
        raise Refused(closed_because(now, today), code="closed")


def close_if_full(offering: Offering, today: date) -> None:
    """Whoever was the last that it takes closes it. After ``count_one``, when the request is there."""
    row = Offering.objects.get(pk=offering.pk)
    if row.max_month is not None and row.month_count >= row.max_month:
        pause(row, FULL_MONTH, today)
    elif is_full(row):
        pause(row, FULL, today)


def is_full(offering: Offering) -> bool:
    """Whether as many are open as it takes at once."""
    most = offering.max_open
    return most is not None and Request.objects.filter(offering=offering.pk, case__phase=OPEN).count() >= most


def pause(offering: Offering, because: str, today: date) -> bool:
    """Nobody asks for it until the first of next month, unless it is paused already."""
    rows = Offering.objects.filter(pk=offering.pk).filter(Q(paused_until=None) | Q(paused_until__lte=today))
    return bool(rows.update(paused_until=first_of_next(today), paused_because=because))


def month_of(day: date) -> int:
    return day.year * 100 + day.month


def first_of_next(day: date) -> date:
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


@sweep_step("服务重新开放")
def reopen(today: date) -> int:
    """What was paused until today can be asked for again."""
    return Offering.objects.filter(paused_until__lte=today).update(paused_until=None, paused_because="")


@sweep_step("暂停接不过来的服务")
def pause_overloaded(today: date) -> int:
    """Where too many wait for an answer, or more are open than it takes, nobody more asks this month."""
    late = Q(requests__legs__state=Leg.State.SENT)
    late &= Q(requests__legs__sent_at__lt=timezone.now() - UNANSWERED)
    rows = Offering.objects.filter(status=Offering.Status.PUBLISHED)
    rows = rows.filter(Q(paused_until=None) | Q(paused_until__lte=today))
    behind = rows.annotate(late=Count("requests__legs", filter=late)).filter(late__gte=TOO_MANY)
    going = Q(requests__case__phase=OPEN)
    full = rows.annotate(going=Count("requests", filter=going)).filter(going__gte=F("max_open"))
    found = [(row, BEHIND) for row in behind.order_by("pk")] + [(row, FULL) for row in full.order_by("pk")]
    return sum(pause(row, why, today) for row, why in found)
