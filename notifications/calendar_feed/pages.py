"""/inbox/calendar/: the address is made and taken back. /calendar/<token>.ics: a phone's calendar reads it, signed in
or not."""

from datetime import timedelta

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.calendar_file import calendar_of, download

from ..inbox.pages import for_owners
from . import feeds
from .sources import entries_for

NAME = "政策直通车"
REFRESHED_AFTER = timedelta(hours=12)


@for_owners
@never_cache
def manage(request) -> HttpResponse:
    """An address is shown once, when it is made: only its digest is stored."""
    verb, address = request.POST.get("verb"), ""
    if verb == "close":
        feeds.close_feed(request.user)
        messages.success(request, "日历地址停用了。手机上的日历下次更新时读不到，里面的日子会不见。")
        return redirect("inbox-calendar-feed")
    if verb == "open":
        path = reverse("calendar-feed", args=[feeds.open_feed(request.user)])
        address = request.build_absolute_uri(path)
    context = {
        "feed": feeds.feed_of(request.user),
        "address": address,
        "webcal": f"webcal:{address.partition(':')[2]}" if address else "",
    }
    return render(request, "inbox/calendar.html", context)


@require_safe
def feed(request, token) -> HttpResponse:
    """The calendar of whom the address is. 404 where it was taken back."""
    user = feeds.reader_of(token)
    if user is None:
        raise Http404
    entries = entries_for(user, request.build_absolute_uri)
    content = calendar_of(entries, timezone.now(), name=NAME, refreshed_after=REFRESHED_AFTER)
    response = download(content, "calendar.ics")
    # The address is the key: it goes into no index and to no other site.
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
