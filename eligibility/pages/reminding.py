"""到时提醒我: the day from which something can be had, or the last one, for the calendar of whoever asks. Nothing about
them is stored or stands in the file."""

from datetime import date, timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.calendar_file import DOMAIN, Entry, calendar_of, download, morning
from core.facts import Misread, read_date
from policies.catalogue import benefit_url, catalogue

from .. import wording

ALARMS = (morning(7), morning())
LONGEST_AHEAD = timedelta(days=365)  # a calendar of later days is a promise that nobody keeps
FIRST, LAST = "first", "last"
SAYS = {FIRST: "今天起可以申请，请去看看", LAST: "今天是最后一天，还没办就快去办"}


def remind_url(code, day, which=FIRST) -> str:
    last = f"&{LAST}" if which == LAST else ""
    return f"{reverse('remind', args=[code])}?on={day.isoformat()}{last}"


def first_day_of(assessment) -> date | None:
    """From when on something can be had that cannot yet, within a year."""
    first = assessment.eligible_from
    return first if assessment.state == "soon" and first - assessment.day <= LONGEST_AHEAD else None


def last_day_of(assessment) -> date | None:
    """Until when something can be had that can be had now, within a year."""
    last = assessment.apply_before
    is_open = assessment.state in ("now", "auto")
    return last if is_open and last is not None and last - assessment.day <= LONGEST_AHEAD else None


def remind_url_of_last_day(assessment) -> str:
    """For what can be had now and ends within a year; else empty."""
    last = last_day_of(assessment)
    return remind_url(assessment.rule.code, last, LAST) if last else ""


def day_entry(benefit, version, which, on, uid, absolute) -> Entry:
    """The day ``on`` for a calendar, told of a week before and on the day. ``absolute`` makes an address of a path."""
    title = f"{wording.plain_title(version)}：{SAYS[which]}"
    url = absolute(benefit_url(benefit))
    return Entry(uid, title, url, on, text=version.content["summary"], alarms=ALARMS)


def remind(request, code) -> HttpResponse:
    """A file for the calendar: ``on`` is the day from which, with ``last`` the last on which something can be had.
    Without a day it leads to the guide."""
    benefit = catalogue().benefits.get(code)
    version = benefit and benefit.in_force_on(timezone.localdate())
    if version is None:
        raise Http404
    try:
        on = read_date(request.GET.get("on", ""))
    except Misread:
        return redirect(benefit_url(benefit))
    which = LAST if LAST in request.GET else FIRST
    uid = f"{code}-{which}-{on.isoformat()}@{DOMAIN}"
    entry = day_entry(benefit, version, which, on, uid, request.build_absolute_uri)
    return download(calendar_of([entry], timezone.now()), f"{code}.ics")
