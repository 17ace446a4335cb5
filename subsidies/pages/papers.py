"""/cases/<id>/letter/<kind>/: letters of an application, to print and as PDF, for its owner and its bureau alone."""

from urllib.parse import quote

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from accounts.access import record
from cases.papers import sheet
from core.addresses import whole_number

from .. import papers
from ..models import Application


def _paper(request, public_id, kind):
    """The letter and its application; 404 for what is not there or not theirs."""
    rows = Application.objects.visible_to(request.user).select_related(
        "operator", "business", "department", "benefit_version", "account"
    )
    application = get_object_or_404(rows, public_id=public_id)
    number = whole_number(request.GET.get("number", ""))
    paper = papers.paper_of(application, kind, number)
    if paper is None:
        raise Http404
    if request.user.is_staff:
        record(request.user, "see_letter", f"application {application.pk}", kind=kind)
    return application, paper, f"?number={number}" if number else ""


@require_safe
@login_required
def letter(request, public_id, kind):
    """The page to print; it is there also where no PDF can be made."""
    application, paper, query = _paper(request, public_id, kind)
    context = {
        "paper": paper,
        "application": application,
        "is_staff": request.user.is_staff,
        "pdf": reverse("case-letter-pdf", args=[public_id, kind]) + query if sheet.available() else "",
    }
    response = render(request, "letters/letter.html", context)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
@login_required
def letter_pdf(request, public_id, kind):
    _, paper, query = _paper(request, public_id, kind)
    if not sheet.available():
        return redirect(reverse("case-letter", args=[public_id, kind]) + query)
    response = HttpResponse(sheet.pdf(paper), content_type="application/pdf")
    name = quote(f"{paper.title}-{paper.number}.pdf", safe="")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [
    path("cases/<uuid:public_id>/letter/<slug:kind>/", letter, name="case-letter"),
    path("cases/<uuid:public_id>/letter/<slug:kind>.pdf", letter_pdf, name="case-letter-pdf"),
]
