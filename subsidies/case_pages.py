"""/cases/…: what has become of one's applications, and what their owner can do about it.

A case of somebody else is 404. Who acts by mandate is told whose case it is.
"""

from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from cases import permissions
from cases.actions import appealing, correcting, general
from cases.assessment import asked_facts, judge_filed
from cases.evidence import wallet
from cases.models import CaseFile, Correction, Evidence
from cases.pages import form_view as view
from cases.procedure import DRAFT
from cases.transitions import is_movable
from cases.wording import local_day
from core import uploads
from core.addresses import whole_number
from core.errors import Invalid, Refused

from . import case_list, case_view
from .actions import applying, offering
from .apply_pages import NO_MANDATE, for_owners, own_evidence, status_of, words_of
from .headlines import has_account_to_mend
from .models import Application
from .procedure import Verb
from .wording import amount_text

RELATED = ("benefit_version__benefit", "business__operator", "department", "operator", "account")
GROUPS = (("mine", "要您处理"), ("running", "办理中"), ("finished", "已办结"), ("draft", "没填完"))
MOST_LISTED = 200


# The list


@for_owners
@require_GET
def cases(request):
    """我的办件: first what waits for the owner, then what runs, what is done, and drafts."""
    cards = case_list.newest_cases(request.user, MOST_LISTED)
    groups = [
        {"key": key, "title": title, "cards": found}
        for key, title in GROUPS
        if (found := [card for card in cards if card["group"] == key])
    ]
    offers = offering.offers_of(request.user).select_related("offer_list__department")
    context = {"groups": groups, "offers": [case_list.offer_card(row) for row in offers]}
    return render(request, "cases/list.html", context)


# One case


def for_a_case(page):
    """A page about an application that was handed in and that the person signed in may see. A draft leads on to its
    own pages."""

    @wraps(page)
    def with_case(request, public_id, **more):
        corrections = Correction.objects.prefetch_related("defects")
        rows = Application.objects.visible_to(request.user).select_related(*RELATED)
        rows = rows.prefetch_related(Prefetch("corrections", queryset=corrections), case_view.MONEY)
        application = get_object_or_404(rows, public_id=public_id)
        if application.phase == DRAFT:
            return redirect("apply-tasks", public_id=public_id)
        return page(request, application, **more)

    return for_owners(with_case)


def _require(request, application):
    if not permissions.may_apply(request.user, application.business):
        raise PermissionDenied(NO_MANDATE)


@for_a_case
@require_GET
def case(request, application):
    """Everything about one case on one page."""
    today, corrections = timezone.localdate(), list(application.corrections.all())
    materials, files = case_view.files_of(application)
    decision = case_view.decision_of(application, today)
    may_act = permissions.may_apply(request.user, application.business)
    context = {
        "case": view.header_of(application, request.user) | {"number": application.number},
        "status": case_view.status_of(application, today),
        "amount": case_view.amount_shown(application),
        "correcting": may_act and application.open_correction is not None,
        "steps": case_view.timeline_of(application, corrections, today),
        "decision": decision,
        "instalments": case_view.money_of(application),
        "criteria": view.judged_rows(application.judged),
        "answers": case_view.answers_of(application),
        "materials": materials,
        "corrected": [
            {"row": row, "defects": case_view.defects_of(row, files)}
            for row in corrections
            if row.answered_at
        ],
        "history": case_view.history_of(application, request.user),
        "may_withdraw": may_act and applying.may_withdraw(application),
        "to_mend": may_act and has_account_to_mend(application),
        "may_appeal": may_act and bool(decision and decision["may_appeal"]),
        "may_act": may_act,
        "verbs": general.offered(request.user, application, general.OWNER),
        "appeals": list(application.appeals.all()),
    }
    return render(request, "cases/case.html", context)


@for_a_case
@require_GET
def receipt(request, application):
    """The receipt, at an address that stays: number, what comes next, by when, from whom."""
    context = {
        "case": view.header_of(application, request.user) | {"number": application.number},
        "department": application.department.name,
        "confirmed": application.lane == "confirm" and application.decided_at is not None,
        "due_on": application.due_on,
        "submitted_on": local_day(application.submitted_at),
        "amount": amount_text(application),
        "phone": request.user.masked_phone,
    }
    return render(request, "cases/receipt.html", context)


@for_a_case
def withdraw(request, application):
    """Take an application back, after a page that says what follows."""
    _require(request, application)
    if request.method == "POST":
        try:
            applying.withdraw(application, by=request.user, expected_version=_seen(request))
            messages.success(request, "已撤回。以后还可以再申请。")
        except Refused as refusal:
            messages.error(request, str(refusal))
        return redirect("case", public_id=application.public_id)
    if not applying.may_withdraw(application):
        messages.error(request, "这一件现在不能撤回。")
        return redirect("case", public_id=application.public_id)
    return render(request, "cases/withdraw.html", {"case": view.header_of(application, request.user)})


@for_a_case
@require_POST
def account(request, application):
    """Lead to registering another account, for this shop, and back: the money came back from the bank."""
    _require(request, application)
    request.session["shop"] = str(application.business.public_id)
    back = {"next": reverse("case", args=[application.public_id])}
    return redirect(f"{reverse('me-account')}?{urlencode(back)}")


@for_a_case
def appeal(request, application):
    """Say why a refusal is wrong."""
    _require(request, application)
    problem = None
    if request.method == "POST":
        words = request.POST.get("words", "")
        try:
            appealing.appeal(application, words, by=request.user, expected_version=_seen(request))
            messages.success(request, "申诉收到了，由没有参与过的人重新看。")
            return redirect("case", public_id=application.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
            application.refresh_from_db()
    elif not is_movable(application, Verb.APPEAL):
        return redirect("case", public_id=application.public_id)
    context = {
        "case": view.header_of(application, request.user),
        "decision": case_view.decision_of(application, timezone.localdate()),
        "words": request.POST.get("words", ""),
        "errors": [{"anchor": "words", "message": words_of(problem)}] if problem else [],
        "error": words_of(problem),
        "most": appealing.MOST,
    }
    return render(request, "cases/appeal.html", context, status=status_of(problem))


@for_a_case
def withdraw_appeal(request, application):
    """POST: take one's appeal back; the refusal stands."""
    _require(request, application)
    row = application.appeals.filter(outcome="").first()
    if request.method == "POST" and row is not None:
        try:
            appealing.withdraw(row, by=request.user)
            messages.success(request, "申诉撤回了，原来的决定还在。")
        except Refused as refusal:
            messages.error(request, str(refusal))
    return redirect("case", public_id=application.public_id)


@for_a_case
def do(request, application, verb):
    """A verb that needs no more than its procedure says (cases/actions/general.py)."""
    words = general.offered(request.user, application, general.OWNER).get(verb)
    if words is None:
        raise Http404
    problem = None
    if request.method == "POST":
        try:
            general.do(application, verb, request.POST, by=request.user, expected_version=_seen(request))
            messages.success(request, f"{words.done}。")
            return redirect("case", public_id=application.public_id)
        except (Invalid, Refused) as refusal:
            problem = refusal
    said = {fault.field: fault.detail for fault in getattr(problem, "faults", ())}
    boxes = [
        {"name": name, "label": general.label_of(name), "longest": general.longest(name)}
        | {"value": request.POST.get(name, ""), "error": said.get(name, "")}
        for name in words.needs
    ]
    context = {
        "case": view.header_of(application, request.user),
        "button": words.owner,
        "boxes": boxes,
        "errors": [{"anchor": name, "message": message} for name, message in said.items()]
        or ([{"anchor": "main", "message": words_of(problem)}] if problem else []),
    }
    return render(request, "cases/do.html", context, status=status_of(problem) if problem else 200)


def _seen(request):
    return whole_number(request.POST.get("version", "")) or 0


# Corrections


@uploads.takes_files
@for_a_case
def correct(request, application):
    """补正: everything that is wrong, each with its field or files in place. POST ``do``: fact, upload, use or send."""
    _require(request, application)
    correction = application.open_correction
    if correction is None:
        return redirect("case", public_id=application.public_id)
    if request.method != "POST":
        return _correct_page(request, application, correction)
    wish, name = request.POST.get("do", ""), request.POST.get("name", "")
    if wish == "send":
        return _send(request, application, correction)
    errors, refusal = {}, None
    try:
        errors = _mend(request, application, wish, name)
    except (Invalid, Refused) as problem:
        errors, refusal = {name: words_of(problem)}, problem
    if errors:
        status = status_of(refusal) if refusal else 400
        return _correct_page(request, application, correction, errors, status=status)
    row = next((row for row in correction.defects.all() if row.name == name), None)
    anchor = f"#defect-{row.pk}" if row else ""
    return redirect(f"{request.path}{anchor}")


def _mend(request, application, wish, name):
    """Mend one defect as the form says; errors by name where a field could not be read."""
    if wish == "fact":
        return _mend_fact(request, application, name)
    if wish not in ("upload", "use"):
        raise Invalid.because("do", "invalid_choice", "没有这种操作，请刷新页面再试")
    if ("material", name) not in {(row.kind, row.name) for row in application.open_correction.defects.all()}:
        raise Invalid.because("material", "not_asked", correcting.NOT_ASKED)
    if wish == "upload":
        piece = wallet.keep(application.operator, name, uploads.sent(request), by=request.user)
    else:
        piece = own_evidence(request, application)
    correcting.mend_material(application, name, [*_added(application, name), piece], by=request.user)
    return {}


def _added(application, material) -> list[Evidence]:
    """What was put to a material since the correction was asked for: several pages are several files."""
    uses = CaseFile.objects.filter(case=application, material=material, removed_at=None)
    since = application.open_correction.asked_at
    return [use.evidence for use in uses.filter(added_at__gte=since).select_related("evidence")]


def _mend_fact(request, application, name):
    judged = judge_filed(application)
    asked = [fact for fact in asked_facts(judged) if fact.name == name]
    given, errors, blank = view.read_fields(asked, request.POST)
    if blank:
        errors[name] = f"{view.label_of(name)}：请填写"
    if not errors:
        correcting.mend_fact(application, name, given.get(name), by=request.user)
    return errors


def _send(request, application, correction):
    left = [row for row in correction.defects.all() if row.resolved_at is None]
    if left:
        labels = {row.name: f"{view.label_of(row.name)}：还没有补" for row in left}
        return _correct_page(request, application, correction, labels, status=409)
    try:
        correcting.correct(application, by=request.user, expected_version=_seen(request))
    except Refused as refusal:
        application.refresh_from_db()
        if not is_movable(application, Verb.CORRECT):
            return redirect("case", public_id=application.public_id)
        return _correct_page(request, application, correction, {"": str(refusal)}, status=409)
    messages.success(request, "补齐了，已经重新提交。审核接着办，时限接着算。")
    return redirect("case", public_id=application.public_id)


def _correct_page(request, application, correction, errors=None, status=200):
    errors = errors or {}
    _, files = case_view.files_of(application)
    defects = case_view.defects_of(correction, files)
    wanted = {row["name"] for row in defects}
    judged = judge_filed(application)
    asked = [fact for fact in asked_facts(judged) if fact.name in wanted]
    posted = request.POST if errors and request.POST.get("do") == "fact" else None
    said = view.said_by(application, judged)
    fields = {field["name"]: field for field in view.fields_of(asked, judged, said, errors, posted)}
    materials = {row["name"]: row for row in view.materials_of(application, request.user, judged)}
    anchors = {row["name"]: row["anchor"] for row in defects}
    for row in defects:
        row["field"], row["material"] = fields.get(row["name"]), materials.get(row["name"])
        row["error"] = errors.get(row["name"], "")
    context = {
        "case": view.header_of(application, request.user),
        "due_on": correction.due_on,
        "defects": defects,
        "done": sum(row["is_done"] for row in defects),
        "accept": uploads.ACCEPT,
        "errors": [
            {"anchor": anchors.get(name, "main"), "message": message} for name, message in errors.items()
        ],
    }
    return render(request, "cases/correct.html", context, status=status)


urlpatterns = [
    path("cases/", cases, name="cases"),
    path("cases/<uuid:public_id>/", case, name="case"),
    path("cases/<uuid:public_id>/receipt/", receipt, name="receipt"),
    path("cases/<uuid:public_id>/correct/", correct, name="case-correct"),
    path("cases/<uuid:public_id>/account/", account, name="case-account"),
    path("cases/<uuid:public_id>/withdraw/", withdraw, name="case-withdraw"),
    path("cases/<uuid:public_id>/appeal/", appeal, name="case-appeal"),
    path("cases/<uuid:public_id>/do/<slug:verb>/", do, name="case-do"),
    path("cases/<uuid:public_id>/appeal/withdraw/", withdraw_appeal, name="case-appeal-withdraw"),
]
