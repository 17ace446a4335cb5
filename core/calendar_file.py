"""Days and hours for somebody's calendar, as an iCalendar file (RFC 5545)."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from django.http import HttpResponse

if TYPE_CHECKING:
    import icalendar

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Policy Express//ZH"
DOMAIN = "policy-express"
DAY_BEFORE = timedelta(days=-1)


class Entry(NamedTuple):
    """One thing on a calendar.

    ``uid`` never changes for the same thing, so that adding it again replaces it. ``begins``: a day, which has no zone
    and is that day for whoever reads it, or a moment, with ``ends``. ``sequence`` grows when it is moved; what no
    longer ``stands`` is struck out. ``alarms``: when the calendar speaks up, counted from the beginning.
    """

    uid: str
    title: str
    url: str
    begins: date
    ends: datetime | None = None
    text: str = ""
    place: str = ""
    sequence: int = 0
    stands: bool = True
    alarms: tuple[timedelta, ...] = ()


def morning(days_before: int = 0) -> timedelta:
    """Nine in the morning of a whole day, or of so many days before it."""
    return timedelta(hours=9) - timedelta(days=days_before)


def calendar_of(entries: Iterable[Entry], written_at: datetime, *, name="", refreshed_after=None) -> bytes:
    """The file. ``name`` and ``refreshed_after`` (timedelta): of a calendar that somebody has subscribed to."""
    import icalendar  # eighty modules that no process need read when it starts

    entries = list(entries)
    calendar = icalendar.Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    is_over = bool(entries) and not any(entry.stands for entry in entries)
    calendar.add("method", "CANCEL" if is_over else "PUBLISH")
    if name:
        calendar.add("x-wr-calname", name)
    if refreshed_after:
        calendar.add("refresh-interval", refreshed_after, parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", icalendar.vDuration(refreshed_after).to_ical().decode())
    for entry in entries:
        calendar.add_component(_event(entry, written_at))
    return calendar.to_ical(sorted=False)


def _event(entry, written_at) -> "icalendar.Event":
    import icalendar

    event = icalendar.Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", written_at.astimezone(UTC))
    if isinstance(entry.begins, datetime):
        event.add("dtstart", entry.begins.astimezone(UTC))
        event.add("dtend", (entry.ends or entry.begins).astimezone(UTC))
    else:
        event.add("dtstart", entry.begins)
        event.add("dtend", entry.begins + timedelta(days=1))  # the first day that is no longer part of it
        event.add("transp", "TRANSPARENT")
    event.add("summary", _printable(entry.title))
    for field, text in (("description", entry.text), ("location", entry.place)):
        if text:
            event.add(field, _printable(text))
    event.add("url", entry.url)
    event.add("status", "CONFIRMED" if entry.stands else "CANCELLED")
    event.add("class", "PRIVATE")
    for trigger in entry.alarms:
        alarm = icalendar.Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", _printable(entry.title))
        alarm.add("trigger", trigger)
        event.add_component(alarm)
    return event


def _printable(text) -> str:
    """Without control characters, which no calendar may hold; lines end in one way."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(filter(str.isprintable, line)) for line in lines)


def download(content: bytes, name: str) -> HttpResponse:
    """The file as an answer that a phone's calendar opens. ``name`` is plain ASCII."""
    response = HttpResponse(content, content_type=MEDIA_TYPE)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response
