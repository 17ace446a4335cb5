"""/cases/…/correct/: 补正, everything that is wrong on one page, each with its field or files in place."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from core import uploads
from core.errors import Invalid, Refused

from ..actions import correcting
from ..assessment import asked_facts, judge_filed
from ..evidence import wallet
from ..models import CaseFile, Evidence
from ..transitions import is_movable
from . import form_view, view
from .case import for_a_case, require_mandate, version_seen
from .owners import own_evidence, status_for, words_of


@uploads.takes_files
@for_a_case
def correct(request, case) -> HttpResponse:
    """补正: everything that is wrong, each with its field or files in place. POST ``do``: fact, upload, use or send."""
    require_mandate(request, case)
    correction = case.open_correction
    if correction is None:
        return redirect("case", public_id=case.public_id)
    if request.method != "POST":
        return _correct_page(request, case, correction)
    wish, name = request.POST.get("do", ""), request.POST.get("name", "")
    if wish == "send":
        return _send(request, case, correction)
    errors, refusal = {}, None
    try:
        errors = _mend(request, case, wish, name)
    except (Invalid, Refused) as problem:
        errors, refusal = {name: words_of(problem)}, problem
    if errors:
        status = status_for(refusal) if refusal else 400
        return _correct_page(request, case, correction, errors, status=status)
    row = next((row for row in correction.defects.all() if row.name == name), None)
    anchor = f"#defect-{row.pk}" if row else ""
    return redirect(f"{request.path}{anchor}")


def _mend(request, case, wish, name) -> dict:
    """Mend one defect as the form says; errors by name where a field could not be read."""
    if wish == "fact":
        return _mend_fact(request, case, name)
    if wish not in ("upload", "use"):
        raise Invalid.because("do", "invalid_choice", "没有这种操作，请刷新页面再试")
    if ("material", name) not in {(row.kind, row.name) for row in case.open_correction.defects.all()}:
        raise Invalid.because("material", "not_asked", correcting.NOT_ASKED)
    if wish == "upload":
        piece = wallet.keep(case.operator, name, uploads.sent(request), by=request.user)
    else:
        piece = own_evidence(request, case)
    correcting.mend_material(case, name, [*_added(case, name), piece], by=request.user)
    return {}


def _added(case, material) -> list[Evidence]:
    """What was put to a material since the correction was asked for: several pages are several files."""
    uses = CaseFile.objects.filter(case=case, material=material, removed_at=None)
    since = case.open_correction.asked_at
    return [use.evidence for use in uses.filter(added_at__gte=since).select_related("evidence")]


def _mend_fact(request, case, name) -> dict:
    judged = judge_filed(case)
    asked = [fact for fact in asked_facts(judged) if fact.name == name]
    given, errors, blank = form_view.read_fields(asked, request.POST)
    if blank:
        errors[name] = f"{form_view.label_of(name)}：请填写"
    if not errors:
        correcting.mend_fact(case, name, given.get(name), by=request.user)
    return errors


def _send(request, case, correction) -> HttpResponse:
    left = [row for row in correction.defects.all() if row.resolved_at is None]
    if left:
        labels = {row.name: f"{form_view.label_of(row.name)}：还没有补" for row in left}
        return _correct_page(request, case, correction, labels, status=409)
    try:
        correcting.correct(case, by=request.user, expected_version=version_seen(request))
    except Refused as refusal:
        case.refresh_from_db()
        if not is_movable(case, correcting.CORRECT):
            return redirect("case", public_id=case.public_id)
        return _correct_page(request, case, correction, {"": str(refusal)}, status=409)
    messages.success(request, "补齐了，已经重新提交。审核接着办，时限接着算。")
    return redirect("case", public_id=case.public_id)


def _correct_page(request, case, correction, errors=None, status=200) -> HttpResponse:
    errors = errors or {}
    _, files = view.files_of(case)
    defects = view.defects_of(correction, files)
    wanted = {row["name"] for row in defects}
    judged = judge_filed(case)
    asked = [fact for fact in asked_facts(judged) if fact.name in wanted]
    posted = request.POST if errors and request.POST.get("do") == "fact" else None
    said = form_view.said_by(case, judged)
    fields = {field["name"]: field for field in form_view.fields_of(asked, judged, said, errors, posted)}
    materials = {row["name"]: row for row in form_view.materials_of(case, request.user, judged)}
    anchors = {row["name"]: row["anchor"] for row in defects}
    for row in defects:
        row["field"], row["material"] = fields.get(row["name"]), materials.get(row["name"])
        row["error"] = errors.get(row["name"], "")
    context = {
        "case": form_view.header_of(case, request.user),
        "due_on": correction.due_on,
        "defects": defects,
        "done": sum(row["is_done"] for row in defects),
        "accept": uploads.ACCEPT,
        "errors": [
            {"anchor": anchors.get(name, "main"), "message": message} for name, message in errors.items()
        ],
    }
    return render(request, "cases/correct.html", context, status=status)


urlpatterns = [path("cases/<uuid:public_id>/correct/", correct, name="case-correct")]
