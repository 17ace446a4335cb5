"""A booking for somebody's calendar: what, when and where, and nothing about a person."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.procedure import OPEN
from core.calendar_file import DAY_BEFORE, DOMAIN, Entry
from notifications.calendar_feed.sources import calendar_source

from ..models import Request, ServiceCase


def entries_of(case: Case, url: str) -> list[Entry]:
    """One entry a session, told of a day before. The ``version`` of the case is its sequence, and what is over is
    struck out. ``url``: the page of the case."""
    slot, offering = case.request.slot, case.request.offering
    sessions = [tuple(map(datetime.fromisoformat, session)) for session in slot.sessions] or [
        (slot.starts_at, slot.ends_at)
    ]
    return [
        Entry(
            f"{case.public_id}-{number}@{DOMAIN}",
            offering.title,
            url,
            begins,
            ends,
            place=slot.place or offering.place,
            sequence=case.version,
            stands=case.request.seat == Request.Seat.HELD,
            alarms=(DAY_BEFORE,),
        )
        for number, (begins, ends) in enumerate(sessions, 1)
    ]


@calendar_source
def bookings(user, absolute) -> Iterator[Entry]:
    """The seats that ``user`` or their shops hold, until they are over."""
    rows = ServiceCase.objects.visible_to(user).filter(phase=OPEN, request__seat=Request.Seat.HELD)
    rows = rows.filter(request__slot__ends_at__gt=timezone.now())
    for case in rows.select_related("request__slot", "request__offering").order_by("pk"):
        yield from entries_of(case, absolute(reverse("case", args=[case.public_id])))
