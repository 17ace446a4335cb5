"""A day for somebody's calendar, as an iCalendar file (RFC 5545)."""

from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

MEDIA_TYPE = "text/calendar; charset=utf-8"
LONGEST_LINE = 75  # octets


class Day(NamedTuple):
    """One whole day. ``uid`` never changes for the same thing, so that adding it again replaces it; ``days_before``:
    when the calendar speaks up."""

    uid: str
    on: date
    title: str
    text: str
    url: str
    written_at: datetime
    days_before: tuple[int, ...] = ()


def calendar_of(day: Day) -> bytes:
    """The file. A whole day has no time zone: it is that day on the calendar of whoever reads it."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Policy Express//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{escaped(day.uid)}",
        f"DTSTAMP:{_instant(day.written_at)}",
        f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
        f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}",
        f"SUMMARY:{escaped(day.title)}",
        f"DESCRIPTION:{escaped(day.text)}",
        f"URL:{day.url}",
        "CLASS:PRIVATE",
        "TRANSP:TRANSPARENT",
        *(line for days in day.days_before for line in _alarm(day.title, days)),
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines).encode()


def _alarm(title, days) -> list[str]:
    """At nine in the morning, so many days before."""
    after = f"-P{days - 1}DT15H" if days else "PT9H"
    return [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{escaped(title)}",
        f"TRIGGER:{after}",
        "END:VALARM",
    ]


def _instant(moment) -> str:
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text) -> str:
    """A text value: backslash, comma and semicolon escaped, line ends as \\n, no other control character."""
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")
    return "".join(character for character in text if character.isprintable())


def folded(line) -> str:
    """Cut after at most 75 octets and never inside a character; what follows begins with a space."""
    parts, part, room = [], "", LONGEST_LINE
    for character in line:
        size = len(character.encode())
        if size > room:
            parts.append(part)
            part, room = "", LONGEST_LINE - 1
        part, room = part + character, room - size
    return "\r\n ".join([*parts, part])
