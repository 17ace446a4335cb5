"""/me/asked/: what waits for a mentor: who comes when, and who came. No phone, no name of a person."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from cases.actions import general
from cases.models import Case
from cases.pages.case import version_seen
from cases.pages.owners import for_owners, status_for, words_of
from core.errors import Invalid, Refused
from eligibility.answers import shops_of

from ..catalogue.questions import said_lines
from ..headlines import place_in_line
from ..models import Request, Slot
from ..slots import mentors, timetable
from .times import day_of, span_of

MENTOR_VERBS = ("attend", "no_show", "revoke")


@for_owners
@require_GET
def asked(request) -> HttpResponse:
    """First whose roll has to be called, then what is ahead. 404 for whoever is no mentor."""
    if not mentors.is_mentor(request.user):
        raise Http404
    now, by_slot = timezone.now(), {}
    for case in mentors.bookings_of(request.user):
        by_slot.setdefault(case.request.slot_id, []).append(case)
    rows = [_slot_row(slot, by_slot.get(slot.pk, []), now) for slot in mentors.asked_of(request.user)]
    begun = [row for row in rows if row["begun"] and row["cases"]]
    context = {
        "begun": begun,
        "ahead": [row for row in rows if not row["begun"]],
        "has_shop": bool(shops_of(request.user)),
    }
    return render(request, "services/asked.html", context)


def _slot_row(slot, cases, now) -> dict:
    begun = slot.starts_at <= now
    slot.line = [case.request for case in cases if case.request.seat == Request.Seat.QUEUED]
    return {
        "pk": slot.pk,
        "title": slot.offering.title,
        "day": day_of(slot.starts_at),
        "span": span_of(slot),
        "place": slot.place or slot.offering.place,
        "left": slot.left,
        "begun": begun,
        "cases": [_case_row(case, slot, begun) for case in cases],
    }


def _case_row(case, slot, begun) -> dict:
    request = case.request
    request.slot = slot
    waits = request.seat == Request.Seat.QUEUED
    return {
        "id": case.public_id,
        "version": case.version,
        "shop": case.business.name,
        "said": said_lines(slot.offering, request.said),
        "label": f"排第 {place_in_line(request)} 位" if waits else case.stage.staff,
        "may_call": begun and not waits and request.offered_until is None,
    }


@for_owners
def do(request, public_id, verb) -> HttpResponse:
    """What a mentor says of one booking. GET asks for the reason of 取消; the others are done by POST alone."""
    rows = mentors.bookings_of(request.user).select_related("department", "operator", "benefit_version")
    case = get_object_or_404(rows, public_id=public_id)
    if verb not in MENTOR_VERBS or verb not in case.life.verbs:
        raise Http404
    words, problem = case.life.verbs[verb], None
    if request.method == "POST":
        try:
            general.do(case, verb, request.POST, by=request.user, expected_version=version_seen(request))
            messages.success(request, f"{case.business.name}：{words.done}。")
            return redirect("asked")
        except (Invalid, Refused) as refusal:
            problem = refusal
    if not words.needs:
        if problem:
            messages.error(request, words_of(problem))
        return redirect("asked")
    context = {"heading": f"取消 {case.business.name} 的预约", "version": _version(case, problem)}
    return _reason_page(request, context, problem, "取消这个预约", "对方会看到，也会收到别的时间。")


def _version(case, problem) -> int:
    return Case.objects.get(pk=case.pk).version if problem else case.version


@for_owners
def cancel(request, pk) -> HttpResponse:
    """The mentor cannot come: the slot is cancelled, all are told, other times are named."""
    slot = get_object_or_404(mentors.asked_of(request.user), pk=pk)
    problem = None
    if request.method == "POST":
        try:
            count = timetable.cancel(slot, request.POST.get("reason", ""), by=request.user)
            messages.success(request, f"取消了，已告诉 {count} 位。")
            return redirect("asked")
        except (Invalid, Refused) as refusal:
            problem = refusal
    context = {"heading": f"{day_of(slot.starts_at)} {span_of(slot)}，我来不了", "version": ""}
    return _reason_page(request, context, problem, "取消这个时间", "约了的人都会收到消息和别的时间。")


def _reason_page(request, context, problem, button, hint) -> HttpResponse:
    error = words_of(problem)
    context |= {
        "reason": request.POST.get("reason", ""),
        "longest": Slot._meta.get_field("because").max_length,
        "button": button,
        "hint": hint,
        "error": error if isinstance(problem, Invalid) else "",
        "errors": [{"anchor": "reason" if isinstance(problem, Invalid) else "main", "message": error}]
        if problem
        else [],
    }
    return render(request, "services/asked_reason.html", context, status=status_for(problem))


urlpatterns = [
    path("me/asked/", asked, name="asked"),
    path("me/asked/<uuid:public_id>/<slug:verb>/", do, name="asked-do"),
    path("me/asked/slots/<number:pk>/cancel/", cancel, name="asked-cancel"),
]
