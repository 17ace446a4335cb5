"""Offerings and bookings as lists show them."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, F, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from cases.models import Case, people_of
from cases.procedure import OPEN
from core.prepared import prepared
from eligibility.wording import answer_rows
from policies.catalogue import catalogue

from ..catalogue.offerings import Fit, closed_because
from ..kinds import KINDS
from ..models import Offering, Request, Slot
from .headings import heading_of

MOST_OWN = 5


def cards_of(pairs: Iterable[tuple[Offering, Fit]], day: date | None, today: date) -> dict[str, dict]:
    """``{code: card}`` of those that a page shows. ``day``: of which the next time is to be; three queries."""
    fits = {row.pk: fit for row, fit in pairs}
    rows = list(_with_next_slots(day).filter(pk__in=fits))
    slots = Slot.objects.in_bulk([pk for row in rows for pk in (row.next_free, row.next_full) if pk])
    lines = lines_of(row.next_full for row in rows if row.next_free is None and row.next_full)
    return {row.code: _card(row, fits[row.pk], slots, lines, today) for row in rows}


def _with_next_slots(day) -> QuerySet:
    ahead = Slot.objects.ahead().filter(offering=OuterRef("pk")).order_by("starts_at", "pk")
    if day:
        ahead = ahead.filter(starts_at__date=day)
    free = ahead.filter(taken__lt=F("capacity"))
    rows = Offering.objects.shown().select_related("provider", "mentor", "benefit")
    return rows.annotate(
        next_free=Subquery(free.values("pk")[:1]), next_full=Subquery(ahead.values("pk")[:1])
    )


def lines_of(slots: Iterable[int]) -> dict[int, int]:
    """``{slot: how many wait for a seat}``, without those for which nobody does."""
    wanted = list(slots)
    if not wanted:
        return {}
    rows = Request.objects.filter(slot__in=wanted, seat=Request.Seat.QUEUED)
    return dict(rows.values("slot").order_by("slot").annotate(line=Count("pk")).values_list("slot", "line"))


def _card(row, fit, slots, lines, today) -> dict:
    slot = slots.get(row.next_free or row.next_full)
    return {
        "url": reverse("service", args=[row.code]),
        "title": row.title,
        "summary": row.summary,
        "given_by": row.given_by,
        "icon": heading_of(row, row.benefit.code).icon,
        "day": day_block(slot),
        "date": slot.day_text if slot else "",
        "when": slot.clock if slot else "",
        "places": places_of(slot, lines) if slot else "",
        "no_times": KINDS[row.kind].seats and slot is None,
        "closed": closed_because(row, today),
        "fit": _fit_of(fit),
        "why_not": _why_not(fit),
    }


def _fit_of(fit) -> str:
    """``yes`` where criteria say that it is for the shop, ``no`` where it is not; empty where there are none."""
    if fit.fits:
        return "yes" if fit.rows else ""
    return "no"


def _why_not(fit) -> str:
    """The first reason, and how many there are besides."""
    if fit.fits:
        return ""
    reasons = [row["text"].rstrip("。") for row in answer_rows(fit.found) if row["result"] == "fail"]
    more = f"，还有 {len(reasons) - 1} 条" if len(reasons) > 1 else ""
    return reasons[0] + more if reasons else "点开看是哪一条"


def day_block(slot: Slot | None) -> dict | None:
    """``{month, day}`` of a slot, as a leaf of a calendar."""
    if slot is None:
        return None
    day = timezone.localtime(slot.starts_at)
    return {"month": f"{day.month}月", "day": day.day}


def places_of(slot: Slot, lines: dict[int, int]) -> str:
    """How many seats are left, or how long the line is."""
    if slot.left > 0:
        return f"剩 {slot.left} 个名额"
    waiting = lines.get(slot.pk, 0)
    return f"约满，可排队，前面 {waiting} 人" if waiting else "约满，可排队"


def next_for_all(count: int) -> list[dict]:
    """The next times that have a seat left, as ``booked_by`` shows them; one query."""
    rows = Slot.objects.ahead().filter(offering__in=Offering.objects.shown(), taken__lt=F("capacity"))
    return [
        {
            "url": reverse("service", args=[slot.offering.code]),
            "title": slot.offering.title,
            "day": day_block(slot),
            "date": slot.day_text,
            "when": slot.clock,
            "label": places_of(slot, {}),
        }
        for slot in rows.select_related("offering").order_by("starts_at", "pk")[:count]
    ]


def booked_by(user, today: date) -> list[dict]:
    """What ``user`` has booked or waits for, the next first: ``[{url, title, day, date, when, label}]``; one query."""
    if not user.is_authenticated or user.is_staff:
        return []
    return [
        {
            "url": reverse("case", args=[row.public_id]),
            "title": row.request.offering.title,
            "day": day_block(row.request.slot),
            "date": row.request.slot.day_text,
            "when": row.request.slot.clock,
            "label": row.stage.owner,
        }
        for row in _booked(people_of(user), user.pk)
    ]


@prepared
def _booked(operators, user) -> QuerySet:
    seated = [key for key, kind in KINDS.items() if kind.seats]
    rows = Case.objects.of_person(operators, user).filter(procedure__in=seated, phase=OPEN)
    rows = rows.select_related("request__slot", "request__offering")
    return rows.order_by("request__slot__starts_at", "pk")[:MOST_OWN]


def benefit_of(offering: Offering):
    """Its benefit in the catalogue."""
    return catalogue().by_id[offering.benefit_id]
