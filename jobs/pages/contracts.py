"""/jobs/contracts/: contracts to fill in by hand, and those between two who talk: read, filled in, confirmed, filed."""

from urllib.parse import quote

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.pages.case import version_seen
from cases.pages.owners import for_owners, status_for
from cases.papers import sheet
from cases.procedure import OPEN
from core.errors import Invalid, Refused
from services.pages.form import PREFIX, field_of

from ..contracts import agreeing
from ..contracts.clauses import Form, clauses_of, forms, questions_of
from ..contracts.paper import paper_of
from ..contracts.terms import Terms, terms_of
from ..models import Agreement, ContactCase
from ..permissions import may_agree, shop, side_of

MOST_OWN = 50
CONFIRMED = "您确认了。"
FILLED = "填好了，请两边都看一遍。"
SENT = "已经送去审核，有了答复就通知您。"


@require_safe
def contracts(request) -> HttpResponse:
    """Both forms to fill in by hand, one's own, and those with whom one may be drawn up."""
    own, waiting = [], []
    if request.user.is_authenticated and not request.user.is_staff:
        own = [_line(row) for row in _agreements(request.user).order_by("-changed_at", "-pk")[:MOST_OWN]]
        waiting = list(_without_one(request.user)[:MOST_OWN])
    context = {"forms": list(forms().values()), "own": own, "waiting": waiting, "has_pdf": sheet.available()}
    return render(request, "jobs/contracts.html", context)


def _agreements(user) -> QuerySet:
    rows = Agreement.objects.visible_to(user)
    return rows.select_related(
        "contact__case", "contact__post__business__operator", "contact__worker__user", "filed"
    )


def _without_one(user) -> QuerySet:
    rows = ContactCase.objects.visible_to(user).filter(state__in=agreeing.TALKING, contact__agreement=None)
    return rows.select_related("contact__post", "contact__worker", "business").order_by("-pk")


def _line(row) -> dict:
    return {
        "url": reverse("contract", args=[row.public_id]),
        "title": row.title,
        "about": f"{row.contact.post.title} · {row.contact.post.business.name}",
        "label": _where(row),
    }


def _where(row) -> str:
    if row.filed_id is not None:
        return "送去审核了" if row.filed.phase == OPEN else "审核有了结果"
    if row.is_settled:
        return "两边都确认了"
    return "一边确认了" if row.text else "还没确认"


# By hand


@require_safe
def blank(request, form) -> HttpResponse:
    """A form to read and to print, each clause with what it means."""
    found = _form_or_404(form)
    pdf = reverse("contract-blank-pdf", args=[form]) if sheet.available() else ""
    context = {"form": found, "clauses": clauses_of(form, Terms()), "pdf": pdf}
    return render(request, "jobs/contract_blank.html", context)


@require_safe
def blank_pdf(request, form) -> HttpResponse:
    found = _form_or_404(form)
    if not sheet.available():
        return redirect("contract-blank", form=form)
    paper = paper_of(form, clauses_of(form, Terms()), "", timezone.localtime())
    return _pdf(sheet.pdf(paper), f"{found.title}-空白.pdf")


def _form_or_404(form) -> Form:
    if form not in forms():
        raise Http404
    return forms()[form]


# One's own


@for_owners
@require_POST
def begin(request, public_id) -> HttpResponse:
    """Draw one up with the other of a contact."""
    case = get_object_or_404(ContactCase.objects.visible_to(request.user), public_id=public_id)
    try:
        row = agreeing.draw_up(case, request.POST.get("form", ""), by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("contracts")
    return redirect("contract", public_id=row.public_id)


@for_owners
@require_safe
def contract(request, public_id) -> HttpResponse:
    return _page(request, _own(request, public_id))


def _own(request, public_id) -> Agreement:
    return get_object_or_404(_agreements(request.user), public_id=public_id)


def _page(request, row, problem=None) -> HttpResponse:
    """What is written, what is still to be filled in, who has confirmed, and the buttons of whoever looks."""
    case, user = row.contact.case, request.user
    is_talking = case.state in agreeing.TALKING
    missing = [] if row.text else agreeing.missing_of(row, terms_of(row.contact))
    has_confirmed = getattr(row, f"confirmed_by_{side_of(user, case)}_id", None) is not None
    may_confirm = is_talking and not has_confirmed and not missing
    context = {
        "row": row,
        "form": forms()[row.form],
        "other": next(one for key, one in forms().items() if key != row.form) if is_talking else None,
        "case": case,
        "clauses": agreeing.text_of(row),
        "missing": missing,
        "is_talking": is_talking,
        "may_confirm": may_confirm and may_agree(user, case),
        "by_mandate": may_confirm and not may_agree(user, case),
        "has_confirmed": has_confirmed,
        "may_file": row.is_settled and row.filed_id is None and shop(user, case),
        "pdf": reverse("contract-pdf", args=[row.public_id]) if sheet.available() else "",
        "errors": _anchored(problem),
    }
    return render(request, "jobs/contract.html", context, status=status_for(problem))


@for_owners
@require_http_methods(["GET", "HEAD", "POST"])
def fill(request, public_id) -> HttpResponse:
    """What the post does not say, by either side."""
    row, problem = _own(request, public_id), None
    if row.contact.case.state not in agreeing.TALKING:
        messages.info(request, agreeing.NOT_NOW)
        return redirect("contract", public_id=public_id)
    typed = {PREFIX + key: str(value) for key, value in row.answers.items()}
    if request.method == "POST":
        typed = request.POST
        said = {name.removeprefix(PREFIX): value for name, value in typed.items() if name.startswith(PREFIX)}
        try:
            agreeing.fill_in(row, said, by=request.user, expected_version=version_seen(request))
            messages.success(request, FILLED)
            return redirect("contract", public_id=public_id)
        except (Invalid, Refused) as refusal:
            problem, row = refusal, _own(request, public_id)
    said = {fault.field: fault.detail for fault in getattr(problem, "faults", ())}
    questions = questions_of(row.form, terms_of(row.contact))
    context = {
        "row": row,
        "form": forms()[row.form],
        "fields": [field_of(question, typed, said.get(question.key, "")) for question in questions],
        "errors": _anchored(problem),
    }
    return render(request, "jobs/contract_fill.html", context, status=status_for(problem))


def _anchored(problem) -> list[dict]:
    if isinstance(problem, Invalid):
        return [{"anchor": PREFIX + fault.field, "message": fault.detail} for fault in problem.faults]
    return [{"anchor": "main", "message": str(problem)}] if problem else []


@for_owners
@require_POST
def confirm(request, public_id) -> HttpResponse:
    row = _own(request, public_id)
    try:
        agreeing.confirm(row, by=request.user, expected_version=version_seen(request))
    except Refused as refusal:
        return _page(request, _own(request, public_id), refusal)
    messages.success(request, CONFIRMED)
    return redirect("contract", public_id=public_id)


@for_owners
@require_POST
def file(request, public_id) -> HttpResponse:
    """To the bureau, which looks at it for nothing."""
    row = _own(request, public_id)
    try:
        case = agreeing.file(row, by=request.user)
    except (Invalid, Refused) as refusal:
        return _page(request, row, refusal)
    messages.success(request, SENT)
    return redirect("case", public_id=case.public_id)


@for_owners
@require_safe
def contract_pdf(request, public_id) -> HttpResponse:
    row = _own(request, public_id)
    if not sheet.available():
        return redirect("contract", public_id=public_id)
    at = timezone.localtime(row.settled_at or row.changed_at)
    paper = paper_of(row.form, agreeing.text_of(row), row.number, at)
    return _pdf(sheet.pdf(paper), f"{paper.title}-{paper.number}.pdf")


def _pdf(content, name) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


urlpatterns = [
    path("jobs/contracts/", contracts, name="contracts"),
    path("jobs/contracts/with/<uuid:public_id>/", begin, name="contract-begin"),
    path("jobs/contracts/<uuid:public_id>/", contract, name="contract"),
    path("jobs/contracts/<uuid:public_id>/fill/", fill, name="contract-fill"),
    path("jobs/contracts/<uuid:public_id>/confirm/", confirm, name="contract-confirm"),
    path("jobs/contracts/<uuid:public_id>/file/", file, name="contract-file"),
    path("jobs/contracts/<uuid:public_id>/contract.pdf", contract_pdf, name="contract-pdf"),
    path("jobs/contracts/<slug:form>/", blank, name="contract-blank"),
    path("jobs/contracts/<slug:form>/blank.pdf", blank_pdf, name="contract-blank-pdf"),
]
