"""/me/visits/…: who means to visit one's shops, when, and what came of it; the calendar, the rating, a complaint."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from cases.letters import rating_path
from cases.models import Message, Rating
from cases.pages.owners import NO_MANDATE, for_owners
from cases.pages.view import status_of
from cases.rights import permissions
from cases.wording import near_day
from core.calendar_file import calendar_of, download
from needs.pages import asking

from ..calendar_entries import entry_of
from ..merging import MERGED, PROPOSED
from ..models import Visit, VisitCase
from ..telling import items_of
from ..wording import window_of

GROUPS = (("set", "定了日子的"), ("open", "还没定日子的"), ("over", "查过的和取消的"))
MOST = 100
# A complaint is answered by the service centre, never by the bureau it is about.
TOPIC = "other"
RESULTS = Message.objects.filter(side=Message.Side.OFFICE).order_by("-pk")
JOINED = Visit.objects.filter(case__state=MERGED).select_related("case__department").order_by("pk")
RELATED = ("business", "department", "visit", "benefit_version")


def _own(request):
    rows = VisitCase.objects.visible_to(request.user).select_related(*RELATED).order_by("-pk")
    return rows.prefetch_related(Prefetch("visit__joined", queryset=JOINED))


@for_owners
@require_safe
def visits(request) -> HttpResponse:
    """All visits to one's shops: those with a day first, the nearest above. What is merged stands with its visit."""
    rows = (
        _own(request)
        .exclude(state=MERGED)
        .prefetch_related(
            Prefetch("messages", queryset=RESULTS),
            Prefetch("ratings", queryset=Rating.objects.order_by("pk")),
        )
    )
    rows, today = list(rows[:MOST]), timezone.localdate()
    cards = sorted((_card(row, today) for row in rows), key=_place)
    groups = [
        {"key": key, "title": title, "cards": found}
        for key, title in GROUPS
        if (found := [card for card in cards if card["group"] == key])
    ]
    several = len({row.business_id for row in rows}) > 1
    return render(request, "visits/list.html", {"groups": groups, "several": several})


def _place(card) -> date:
    """Of those with a day the nearest first; the others stay as they come, the newest first."""
    return card["on"] if card["group"] == "set" else date.min


def _card(row: VisitCase, today: date) -> dict:
    """What the list says of a visit and of those merged into it."""
    visit, together = row.visit, [row.visit, *row.visit.joined.all()]
    results, rating = row.messages.all(), next(iter(row.ratings.all()), None)
    return {
        "public_id": row.public_id,
        "shop": row.business.name,
        "offices": "、".join(dict.fromkeys(one.case.department.name for one in together)),
        "items": list(dict.fromkeys(item for one in together for item in one.items)),
        "because": "" if visit.is_routine else visit.get_because_display(),
        "status": status_of(row, today),
        "group": "set" if row.state == "set" else "over" if row.outcome else "open",
        "on": visit.on,
        "when": near_day(visit.on, today) if visit.on and row.state != PROPOSED else window_of(visit, today),
        "arrived_at": visit.arrived_at,
        "result": results[0].words if results else "",
        "rate_url": rating_path(rating) if rating and rating.level is None else "",
        "rated": rating.get_level_display() if rating and rating.level is not None else "",
        "may_keep": row.state == "set",
    }


@for_owners
@require_safe
def calendar(request, public_id) -> HttpResponse:
    """The day of a visit for one's calendar, cancelled there too when it is."""
    dated = _own(request).filter(visit__on__isnull=False).exclude(state=PROPOSED)
    case = get_object_or_404(dated, public_id=public_id)
    entry = entry_of(case, request.build_absolute_uri(reverse("me-visits")))
    return download(calendar_of([entry], timezone.now()), "visit.ics")


@for_owners
@require_POST
def complain(request, public_id) -> HttpResponse:
    """The form of a need, with the visit in it. What is written besides and sent is the owner's."""
    case = get_object_or_404(_own(request), public_id=public_id)
    if not permissions.owns(request.user, case):
        raise PermissionDenied(NO_MANDATE)
    visit, today = case.visit, timezone.localdate()
    when = near_day(visit.on, today) if visit.on else window_of(visit, today)
    words = f"反映{case.department.name}的检查（{when}，查{items_of(case)}）："
    asking.keep(request, {"words": words, "topic": TOPIC, "chosen": True})
    request.session["shop"] = str(case.business.public_id)
    return redirect("need")


urlpatterns = [
    path("me/visits/", visits, name="me-visits"),
    path("me/visits/<uuid:public_id>/calendar.ics", calendar, name="me-visit-calendar"),
    path("me/visits/<uuid:public_id>/complain/", complain, name="me-visit-complain"),
]
