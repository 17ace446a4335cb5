"""Money that needs no new application: what is offered to an owner, and the next instalment of rent on proof."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils.http import urlencode

from cases.evidence import wallet
from cases.models import Evidence
from cases.pages import form_view as view
from cases.pages.case import for_a_case
from cases.pages.owners import NO_MANDATE, for_owners, status_for, words_of
from cases.rights import permissions
from core import uploads
from core.errors import Invalid, Refused

from ..actions import automatic_grants, claiming
from ..models import Application, Instalment
from . import panels


@uploads.takes_files
@for_a_case
def claim(request, application, instalment):
    """凭房租凭证领. POST ``do``: upload puts a proof into the wallet, claim hands in those that are ticked."""
    if not permissions.may_apply(request.user, application.business):
        raise PermissionDenied(NO_MANDATE)
    rows = Instalment.objects.filter(grant__application=application).select_related(
        "grant__application__benefit_version"
    )
    row = get_object_or_404(rows, pk=instalment)
    if row.status != Instalment.Status.PLANNED:
        return redirect("case", public_id=application.public_id)
    if request.method != "POST":
        return _page(request, application, row)
    try:
        if request.POST.get("do") == "upload":
            material = claiming.proof_of(row)
            wallet.keep(application.operator, material, uploads.sent(request), by=request.user)
            return redirect(request.path)
        claiming.claim(row, _ticked(request, application, row), by=request.user)
    except (Invalid, Refused) as problem:
        return _page(request, application, row, problem)
    messages.success(request, "凭证收到了，核对好就安排拨付。")
    return redirect("case", public_id=application.public_id)


def _proofs(request, application, row):
    """What was uploaded for this instalment, the newest first."""
    found = Evidence.objects.visible_to(request.user).kept().filter(operator=application.operator_id)
    return found.filter(material=claiming.proof_of(row))


def _ticked(request, application, row) -> list:
    wanted = set(request.POST.getlist("evidence"))
    return [piece for piece in _proofs(request, application, row) if str(piece.public_id) in wanted]


def _page(request, application, row, problem=None) -> HttpResponse:
    context = {
        "case": view.header_of(application, request.user),
        "instalment": panels.instalment_of(row),
        "files": [view.file_of(piece) for piece in _proofs(request, application, row)],
        "material": claiming.proof_of(row),
        "accept": uploads.ACCEPT,
        "errors": [{"anchor": "proof-file", "message": words_of(problem)}] if problem else [],
        "error": words_of(problem),
    }
    return render(request, "cases/claim.html", context, status=status_for(problem))


# Offers


@for_owners
def offer(request, pk) -> HttpResponse:
    """您符合，确认收款账户: one page, one button. POST ``change`` leads to registering an account, and back."""
    row = automatic_grants.offers_of(request.user).filter(pk=pk).first()
    if row is None:
        # Confirmed already, here or on another phone: the case that came of it.
        done = get_object_or_404(Application.objects.visible_to(request.user), offer=pk)
        return redirect("case", public_id=done.public_id)
    if not permissions.may_apply(request.user, row.business):
        raise PermissionDenied(NO_MANDATE)
    problem = None
    if request.method == "POST" and "change" in request.POST:
        request.session["shop"] = str(row.business.public_id)
        return redirect(f"{reverse('me-account')}?{urlencode({'next': request.path})}")
    if request.method == "POST":
        try:
            return redirect("receipt", public_id=automatic_grants.accept(row, by=request.user).public_id)
        except Refused as refusal:
            problem = refusal
    context = {
        "offer": panels.offer_card(row),
        "whose": view.whose(row, request.user),
        "holder": row.business.operator.name,
        "account": view.account_of(row.business, request.user),
        "criteria": view.judged_rows(row.judged),
        "errors": [{"anchor": "account", "message": str(problem)}] if problem else [],
    }
    return render(request, "cases/offer.html", context, status=status_for(problem))


urlpatterns = [
    path("offers/<number:pk>/", offer, name="offer"),
    path("cases/<uuid:public_id>/instalments/<number:instalment>/", claim, name="case-claim"),
]
