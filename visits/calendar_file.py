"""The day of a visit for somebody's calendar (RFC 5545): who comes, and what is looked at. A whole day has no zone."""

from datetime import UTC, timedelta

from django.utils import timezone

from cases.models import Case
from cases.procedure import OPEN
from core.calendar_file import escaped, folded

from .telling import items_of

DOMAIN = "policy-express"


def calendar_of(case: Case, url: str) -> bytes:
    """The file: one event, told of a day before. The same again replaces it; the ``version`` of the case is its
    sequence, and what is over is cancelled. ``url``: the page of visits."""
    visit, stands = case.visit, case.phase == OPEN
    lines = [
        *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Policy Express//Visits//ZH", "CALSCALE:GREGORIAN"),
        f"METHOD:{'PUBLISH' if stands else 'CANCEL'}",
        "BEGIN:VEVENT",
        f"UID:{case.public_id}@{DOMAIN}",
        f"SEQUENCE:{case.version}",
        f"DTSTAMP:{timezone.now().astimezone(UTC):%Y%m%dT%H%M%SZ}",
        f"DTSTART;VALUE=DATE:{visit.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{visit.on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(case.title)}",
        f"DESCRIPTION:{escaped(items_of(case))}",
        f"URL:{url}",
        f"STATUS:{'CONFIRMED' if stands else 'CANCELLED'}",
        *("CLASS:PRIVATE", "TRANSP:TRANSPARENT", "BEGIN:VALARM", "ACTION:DISPLAY"),
        *(f"DESCRIPTION:{escaped(case.title)}", "TRIGGER:-P1D", "END:VALARM", "END:VEVENT", "END:VCALENDAR"),
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()
