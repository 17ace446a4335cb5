"""/cases/…: what has become of one's cases, and what their owner can do about it.

A case of somebody else is 404. Who acts by mandate is told whose case it is.
"""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core import uploads
from core.addresses import whole_number
from core.errors import Invalid, Refused

from ..actions import appealing, general
from ..evidence import wallet
from ..models import Case, Correction, Evidence
from ..procedure import DRAFT
from ..rights import permissions
from ..transitions import ATTACHED, is_movable
from ..wording import local_day
from . import form_view, listing, view
from .owners import NO_MANDATE, errors_of, finder, for_owners, status_for, words_of
from .panels import PANELS, joined, panels_of
from .timeline import path_of, timeline_of

RELATED = ("benefit_version__benefit", "business__operator", "department", "operator", "account")
GROUPS = (("mine", "要您处理"), ("running", "办理中"), ("finished", "已办结"), ("draft", "没填完"))
MOST_LISTED = 200


# The list


@for_owners
@require_GET
def cases(request) -> HttpResponse:
    """我的办件: first what waits for the owner, then what runs, what is done, and drafts."""
    cards = listing.newest_cases(request.user, MOST_LISTED)
    groups = [
        {"key": key, "title": title, "cards": found}
        for key, title in GROUPS
        if (found := [card for card in cards if card["group"] == key])
    ]
    offers = [card for panels in PANELS.values() for card in panels.offers(request.user)]
    context = {"groups": groups, "offers": offers}
    return render(request, "cases/list.html", context)


# One case


def for_a_case(page) -> Callable:
    """A page about a case that was handed in and that the person signed in may see. A draft leads on to its
    own pages."""

    @wraps(page)
    def with_case(request, public_id, **more) -> HttpResponse:
        case = _own(request.user, public_id)
        panels = panels_of(case)
        if case.phase == DRAFT:
            return redirect(panels.draft_page(case))
        prefetch_related_objects([case], *panels.prefetch)
        return page(request, case, **more)

    return for_owners(with_case)


@finder
def _own() -> QuerySet:
    corrections = Prefetch("corrections", queryset=Correction.objects.prefetch_related("defects"))
    return Case.objects.select_related(*RELATED, *joined()).prefetch_related(corrections)


def require_mandate(request, case: Case) -> None:
    """PermissionDenied for whoever may look at it and not act."""
    if not permissions.owns(request.user, case):
        raise PermissionDenied(NO_MANDATE)


@for_a_case
@require_GET
def case_page(request, case) -> HttpResponse:
    """Everything about one case on one page."""
    today, corrections = timezone.localdate(), list(case.corrections.all())
    materials, files = view.files_of(case)
    decision = view.decision_of(case, today)
    may_act, panels = permissions.owns(request.user, case), panels_of(case)
    steps = panels.steps(case, today) or timeline_of(case, corrections, today)
    context = {
        "case": form_view.header_of(case, request.user) | {"number": case.number},
        "status": view.status_of(case, today, waits=listing.waits_for(request.user, case)),
        "amount": panels.amount(case),
        "steps": steps,
        "path": path_of(steps),
        "department": case.department.name,
        "submitted_on": local_day(case.submitted_at),
        "decided_on": local_day(case.decided_at),
        "thread": view.thread_of(case, files),
        "decision": decision,
        "answers": panels.answers(case) or view.answers_of(case),
        "materials": materials,
        "corrected": [
            {"row": row, "defects": view.defects_of(row, files)} for row in corrections if row.answered_at
        ],
        "history": view.history_of(case, request.user),
        "may_appeal": may_act and bool(decision and decision["may_appeal"]),
        "may_act": may_act,
        "buttons": panels.buttons(case, request.user),
        "panel": panels.template,
        "has_receipt": panels.has_receipt,
        "appeals": list(case.appeals.all()),
        "ratings": view.ratings_of(case) if may_act else {},
        "desks": view.desks_of(case),
    }
    nothing = {"instalments": (), "criteria": (), "may_withdraw": False, "must": None}
    context |= nothing | panels.parts(case, request.user, today)
    if may_act and case.open_correction is not None:
        context["must"] = {"label": "去补材料", "url": reverse("case-correct", args=[case.public_id])}
    context["first"], context["folded"] = view.parts_shown(context["instalments"])
    return render(request, "cases/case.html", context)


@for_a_case
@require_GET
def receipt(request, case) -> HttpResponse:
    """The receipt, at an address that stays: number, what comes next, by when, from whom."""
    if not panels_of(case).has_receipt:
        raise Http404
    context = {
        "case": form_view.header_of(case, request.user) | {"number": case.number},
        "confirmed": case.lane == "confirm" and case.decided_at is not None,
        "due_on": case.due_on,
        "submitted_on": local_day(case.submitted_at),
        "amount": panels_of(case).amount(case),
        "department": case.department.name,
        "phone": request.user.masked_phone,
    }
    panels = panels_of(case)
    return render(request, panels.receipt_template, context | panels.receipt(case))


@for_a_case
def appeal(request, case) -> HttpResponse:
    """Say why a refusal is wrong."""
    require_mandate(request, case)
    problem = None
    if request.method == "POST":
        words = request.POST.get("words", "")
        try:
            appealing.appeal(case, words, by=request.user, expected_version=version_seen(request))
            messages.success(request, "申诉收到了，由没有参与过的人重新看。")
            return redirect("case", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
            case.refresh_from_db()
    elif not is_movable(case, appealing.APPEAL):
        return redirect("case", public_id=case.public_id)
    context = {
        "case": form_view.header_of(case, request.user),
        "decision": view.decision_of(case, timezone.localdate()),
        "words": request.POST.get("words", ""),
        "errors": [{"anchor": "words", "message": words_of(problem)}] if problem else [],
        "error": words_of(problem),
        "most": appealing.MOST,
    }
    return render(request, "cases/appeal.html", context, status=status_for(problem))


@for_a_case
def withdraw_appeal(request, case) -> HttpResponse:
    """POST: take one's appeal back; the refusal stands."""
    require_mandate(request, case)
    row = case.appeals.filter(outcome="").first()
    if request.method == "POST" and row is not None:
        try:
            appealing.withdraw(row, by=request.user)
            messages.success(request, "申诉撤回了，原来的决定还在。")
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("case", public_id=case.public_id)


@uploads.takes_files
@for_a_case
def do(request, case, verb) -> HttpResponse:
    """A verb that needs no more than its procedure says (cases/actions/general.py). Words may come with a file."""
    words = general.offered(request.user, case, general.OWNER).get(verb)
    if words is None:
        raise Http404
    problem = None
    if request.method == "POST":
        try:
            files = sent_with_words(request, case, words)
            general.do(
                case, verb, request.POST, by=request.user, files=files, expected_version=version_seen(request)
            )
            messages.success(request, f"{words.done}。")
            return redirect("case", public_id=case.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
    said = {fault.field: fault.detail for fault in getattr(problem, "faults", ())}
    context = {
        "case": form_view.header_of(case, request.user),
        "button": words.owner,
        "accept": uploads.ACCEPT if "words" in words.needs else "",
        "boxes": general.boxes(words, request.POST, said),
        "errors": errors_of(problem, said),
    }
    return render(request, "cases/do.html", context, status=status_for(problem) if problem else 200)


def sent_with_words(request, case, verb) -> list[Evidence]:
    """The file that came with the words of a verb, kept in the wallet. Raises Invalid."""
    if "words" not in verb.needs or not (request.FILES.get("file") or hasattr(request, "upload_let_go")):
        return []
    return [wallet.keep(case.operator, ATTACHED, uploads.sent(request), by=request.user)]


def version_seen(request) -> int:
    """The version that the sent form was shown with; 0, which no case has, where it names none."""
    return whole_number(request.POST.get("version", "")) or 0


urlpatterns = [
    path("cases/", cases, name="cases"),
    path("cases/<uuid:public_id>/", case_page, name="case"),
    path("cases/<uuid:public_id>/receipt/", receipt, name="receipt"),
    path("cases/<uuid:public_id>/appeal/", appeal, name="case-appeal"),
    path("cases/<uuid:public_id>/do/<slug:verb>/", do, name="case-do"),
    path("cases/<uuid:public_id>/appeal/withdraw/", withdraw_appeal, name="case-appeal-withdraw"),
]
