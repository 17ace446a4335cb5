"""/notices/: 公示, for anybody to read while it stands. What is over is named, and its rows are shown no more."""

from datetime import timedelta

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..models import PublicNotice

# How long the list still says that something was published.
REMEMBERED = timedelta(days=90)
SHOWN = 200


def _rows():
    return PublicNotice.objects.select_related("benefit", "department").defer("rows")


@require_safe
def notices(request) -> HttpResponse:
    """What stands today, and what was taken down lately."""
    today = timezone.localdate()
    standing = _rows().standing_on(today)
    over = _rows().filter(until_on__lt=today, until_on__gte=today - REMEMBERED)
    return render(request, "notices/list.html", {"standing": standing[:SHOWN], "over": over[:SHOWN]})


@require_safe
def notice(request, number) -> HttpResponse:
    today = timezone.localdate()
    found = _rows().defer(None).filter(number=number, from_on__lte=today).first()
    if found is None:
        raise Http404
    if found.taken_down_at is not None or found.until_on < today:
        return render(request, "notices/over.html", {"notice": found}, status=410)
    return render(request, "notices/notice.html", {"notice": found})


urlpatterns = [
    path("notices/", notices, name="notices"),
    path("notices/<slug:number>/", notice, name="notice"),
]
