"""到时提醒我: the day from which something can be had, or the last one, for the calendar of whoever asks. Nothing about
them is stored or stands in the file."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.calendar_file import MEDIA_TYPE, Day, calendar_of
from core.facts import Misread, read_date
from policies.catalogue import benefit_url, catalogue

from .. import wording

DAYS_BEFORE = (7, 0)


def remind_url(code, day) -> str:
    return f"{reverse('remind', args=[code])}?on={day.isoformat()}"


def remind(request, code) -> HttpResponse:
    """A file for the calendar: ``on`` is the day. Without one it leads to the guide."""
    benefit = catalogue().benefits.get(code)
    version = benefit and benefit.in_force_on(timezone.localdate())
    if version is None:
        raise Http404
    try:
        on = read_date(request.GET.get("on", ""))
    except Misread:
        return redirect(benefit_url(benefit))
    title = f"{wording.plain_title(version)}：今天起可以申请，请去看看"
    url = request.build_absolute_uri(benefit_url(benefit))
    uid = f"{code}-{on.isoformat()}@policy-express"
    day = Day(uid, on, title, version.content["summary"], url, timezone.now(), DAYS_BEFORE)
    response = HttpResponse(calendar_of(day), content_type=MEDIA_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{code}.ics"'
    return response
