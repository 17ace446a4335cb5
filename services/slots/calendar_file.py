"""A booking for somebody's calendar (RFC 5545): what, when and where, and nothing about a person."""

from datetime import UTC, datetime

from django.utils import timezone

from cases.models import Case
from core.calendar_file import escaped, folded

from ..models import Request

DOMAIN = "policy-express"


def calendar_of(case: Case, url: str) -> bytes:
    """The file: one event a session, told of a day before. The same again replaces it; the ``version`` of the case is
    its sequence, and what is over is cancelled. ``url``: the page of the case."""
    slot, offering = case.request.slot, case.request.offering
    sessions = [tuple(map(datetime.fromisoformat, session)) for session in slot.sessions] or [
        (slot.starts_at, slot.ends_at)
    ]
    stands = case.request.seat == Request.Seat.HELD
    place = slot.place or offering.place
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Policy Express//Services//ZH", "CALSCALE:GREGORIAN"]
    lines.append(f"METHOD:{'PUBLISH' if stands else 'CANCEL'}")
    for number, (begins, ends) in enumerate(sessions, 1):
        lines += _event(case, number, begins, ends, offering.title, place, url, stands)
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def _event(case, number, begins, ends, title, place, url, stands) -> list[str]:
    return [
        "BEGIN:VEVENT",
        f"UID:{case.public_id}-{number}@{DOMAIN}",
        f"SEQUENCE:{case.version}",
        f"DTSTAMP:{_instant(timezone.now())}",
        f"DTSTART:{_instant(begins)}",
        f"DTEND:{_instant(ends)}",
        f"SUMMARY:{escaped(title)}",
        *([f"LOCATION:{escaped(place)}"] if place else []),
        f"URL:{url}",
        f"STATUS:{'CONFIRMED' if stands else 'CANCELLED'}",
        "CLASS:PRIVATE",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escaped(title)}",
        "TRIGGER:-P1D",
        "END:VALARM",
        "END:VEVENT",
    ]


def _instant(moment) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"
