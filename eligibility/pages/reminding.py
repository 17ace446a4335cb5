"""到时提醒我: the day from which something can be had, or the last one, for the calendar of whoever asks. Nothing about
them is stored or stands in the file."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.calendar_file import MEDIA_TYPE, Day, calendar_of
from core.facts import Misread, read_date
from policies.catalogue import benefit_url, catalogue

from .. import wording

DAYS_BEFORE = (7, 0)
LONGEST_AHEAD = timedelta(days=365)  # a calendar of later days is a promise that nobody keeps
FIRST, LAST = "first", "last"
SAYS = {FIRST: "今天起可以申请，请去看看", LAST: "今天是最后一天，还没办就快去办"}


def remind_url(code, day, which=FIRST) -> str:
    last = f"&{LAST}" if which == LAST else ""
    return f"{reverse('remind', args=[code])}?on={day.isoformat()}{last}"


def remind_url_of_last_day(assessment) -> str:
    """For what can be had now and ends within a year; else empty."""
    last = assessment.apply_before
    if last is None or assessment.state not in ("now", "auto") or last - assessment.day > LONGEST_AHEAD:
        return ""
    return remind_url(assessment.rule.code, last, LAST)


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
    title = f"{wording.plain_title(version)}：{SAYS[which]}"
    url = request.build_absolute_uri(benefit_url(benefit))
    uid = f"{code}-{which}-{on.isoformat()}@policy-express"
    day = Day(uid, on, title, version.content["summary"], url, timezone.now(), DAYS_BEFORE)
    response = HttpResponse(calendar_of(day), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{code}.ics"'
    return response
