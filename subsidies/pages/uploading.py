"""/apply/<id>/materials/: the papers of a draft. One file at a time, so that what breaks loses only itself."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone

from cases.assessment import judge_draft
from cases.evidence import family, wallet
from cases.materials import Need, to_upload
from cases.pages import form_view as view
from cases.pages.owners import own_evidence, status_for, words_of
from cases.pages.steps import frame_of
from core import uploads
from core.errors import Invalid, Refused

from ..actions import applying
from .applying import for_a_draft, leave_mark


@uploads.takes_files
@for_a_draft
def materials(request, application):
    """材料, each with its files. POST ``do``: upload, retake, use, drop, rotate, excuse or unexcuse a single one."""
    if request.method != "POST":
        return _materials_page(request, application)
    name = request.POST.get("material", "")
    try:
        change_file(request, application)
    except (Invalid, Refused) as problem:
        return _materials_page(request, application, name, problem)
    places = {row["name"]: place for place, row in enumerate(to_upload(application.benefit_version), 1)}
    anchor = f"material-{places[name]}"
    leave_mark(application, "materials", anchor)
    return redirect(f"{reverse('apply-materials', args=[application.public_id])}#{anchor}")


def change_file(request, application) -> None:
    """Do to a draft's files what a form of components/case_material.html asks for. Raises Invalid, Refused."""
    material, wish = request.POST.get("material", ""), request.POST.get("do", "")
    if material not in {row["name"] for row in to_upload(application.benefit_version)}:
        raise Invalid.because("material", "unknown_material", "这一项不要这种材料，请按清单上传")
    if wish in ("upload", "retake"):
        worse = own_evidence(request, application) if wish == "retake" else None
        row = wallet.keep(application.operator, material, uploads.sent(request), by=request.user)
        applying.use(application, material, row, by=request.user)
        if worse not in (None, row):
            applying.drop(application, worse, by=request.user)
    elif wish == "use":
        applying.use(application, material, own_evidence(request, application), by=request.user)
    elif wish == "drop":
        applying.drop(application, own_evidence(request, application), by=request.user)
    elif wish in ("excuse", "unexcuse"):
        reason = request.POST.get("reason", "") if wish == "excuse" else None
        applying.excuse(application, material, reason, by=request.user)
    elif wish == "rotate":
        wallet.rotate(own_evidence(request, application), 90, by=request.user)
    else:
        raise Invalid.because("do", "invalid_choice", "没有这种操作，请刷新页面再试")


def _materials_page(request, application, name="", problem=None) -> HttpResponse:
    said = words_of(problem)
    judged = judge_draft(application, timezone.localdate())
    rows = view.materials_of(application, request.user, judged, error_at=name, error=said)
    anchor = next((row["anchor"] for row in rows if row["error"]), "main")
    context = {
        **frame_of(request, application, "materials"),
        "materials": [row for row in rows if _is_listed(row)],
        "others": [row["name"] for row in rows if row["need"] == Need.OTHER and not row["files"]],
        "told": [row["name"] for row in rows if row["need"] == Need.TOLD and not row["files"]],
        "accept": uploads.ACCEPT,
        "most_megabytes": uploads.MOST_BYTES // uploads.MEGABYTE,
        "retaken": request.POST.get("evidence", "") if request.POST.get("do") == "retake" else "",
        "excuse": (request.POST.get("reason", "") if request.POST.get("do") == "excuse" else ""),
        "errors": [{"anchor": anchor, "message": f"{name}：{said}" if name else said}] if problem else [],
        "left": len(view.missing_of(rows)),
        "asked_family": family.asked_for(request, application, rows),
    }
    return render(request, "apply/materials.html", context, status=status_for(problem))


def _is_listed(row):
    """What departments know, and what is of others, stands in a line below, unless something was put to it."""
    return row["need"] not in (Need.OTHER, Need.TOLD) or row["files"]


urlpatterns = [path("apply/<uuid:public_id>/materials/", materials, name="apply-materials")]
