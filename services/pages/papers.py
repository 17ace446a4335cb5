"""/cases/…/certificate/ and calendar.ics: what an owner takes along from a class or a booking."""

from urllib.parse import quote

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from cases.models import Case
from cases.pages.owners import for_owners
from cases.papers import sheet
from cases.papers.sheet import Paper
from core.calendar_file import calendar_of, download

from ..models import ServiceCase
from ..permissions import operator
from ..slots.calendar_entries import entries_of
from ..slots.certificates import paper_of

OWN_ONLY = "结业证只给本人看，请本人登录。"


def _own(request, public_id) -> Case:
    rows = ServiceCase.objects.visible_to(request.user).filter(request__slot__isnull=False)
    rows = rows.select_related(
        "business", "operator", "request__slot", "request__offering__provider", "benefit_version"
    )
    return get_object_or_404(rows, public_id=public_id)


def _paper(request, public_id) -> tuple[Case, Paper]:
    """404 while there is none. It names the operator: it is for nobody else, by whatever mandate."""
    case = _own(request, public_id)
    if not operator(request.user, case):
        raise PermissionDenied(OWN_ONLY)
    paper = paper_of(case)
    if paper is None:
        raise Http404
    return case, paper


@for_owners
@require_safe
def certificate(request, public_id) -> HttpResponse:
    """The page to print; it is there also where no PDF can be made."""
    case, paper = _paper(request, public_id)
    pdf = reverse("case-certificate-pdf", args=[public_id]) if sheet.available() else ""
    context = {"paper": paper, "application": case, "is_staff": False, "pdf": pdf}
    response = render(request, "letters/letter.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@for_owners
@require_safe
def certificate_pdf(request, public_id) -> HttpResponse:
    _, paper = _paper(request, public_id)
    if not sheet.available():
        return redirect("case-certificate", public_id=public_id)
    return _file(sheet.pdf(paper), "application/pdf", f"{paper.title}-{paper.number}.pdf")


@for_owners
@require_safe
def calendar(request, public_id) -> HttpResponse:
    """The booking for a calendar, cancelled there too when it is over."""
    case = _own(request, public_id)
    page = request.build_absolute_uri(reverse("case", args=[public_id]))
    return download(calendar_of(entries_of(case, page), timezone.now()), "booking.ics")


def _file(content, media_type, name) -> HttpResponse:
    response = HttpResponse(content, content_type=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [
    path("cases/<uuid:public_id>/certificate/", certificate, name="case-certificate"),
    path("cases/<uuid:public_id>/certificate.pdf", certificate_pdf, name="case-certificate-pdf"),
    path("cases/<uuid:public_id>/calendar.ics", calendar, name="case-calendar"),
]
