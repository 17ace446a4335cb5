"""/services/{code}/ask/: fill in what a service asks, and send it. What was typed or sent stays when it is refused."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import timezone

from cases.pages.owners import NO_MANDATE, errors_of, for_applicants, status_for
from cases.pages.view import status_of
from cases.rights.permissions import may_apply
from core import uploads
from core.errors import Invalid, Refused
from eligibility.pages.shop import for_an_applicant

from ..asking import ask_or_find
from .form import Sent, anchored, form_of, read_sent
from .offering import context_of, offering_or_404
from .once import begun_once
from .times import times_of

ALREADY = "这一件您已经提过了，不用再提一遍。"


@uploads.takes_files
@for_applicants
@for_an_applicant
def ask(request, shop, code) -> HttpResponse:
    """GET shows the form, POST sends it. Of several institutions, and where nothing is asked, the page leads on."""
    offering = offering_or_404(code)
    shown = context_of(offering, shop, timezone.localdate(), picked=request.GET.get("slot", ""))
    if shown["leads_on"]:
        return redirect(shown["ask_url"])
    if not may_apply(request.user, shop):
        raise PermissionDenied(NO_MANDATE)
    if request.method == "POST":
        return _send(request, shop, offering, shown)
    if not shown["is_open"]:
        return redirect("service", code=code)
    return render(request, "services/ask.html", shown | {"form": form_of(offering, shop, Sent())})


def _send(request, shop, offering, shown) -> HttpResponse:
    sent, problem = Sent(request.POST), None
    try:
        sent = read_sent(request, offering, shop)
        asked = sent.asked(offering)
        case, is_new = begun_once(request, lambda: ask_or_find(offering, shop, asked, by=request.user))
        messages.success(request, _receipt(case) if is_new else ALREADY)
        return redirect_to(case, request.user)
    except (Invalid, Refused) as refusal:
        problem = refusal
    faults = list(getattr(problem, "faults", ()))
    errors = anchored(faults, offering) or errors_of(problem)
    times = times_of(offering, sent.slot) if shown["kind"].seats else []
    context = shown | {
        "form": form_of(offering, shop, sent, faults),
        "times": times,
        "slot_error": next((fault.detail for fault in faults if fault.field == "slot"), ""),
        "errors": errors,
    }
    return render(request, "services/ask.html", context, status=status_for(problem))


def redirect_to(case, user) -> HttpResponse:
    """Where whoever asked goes on: to the case, or, for a clerk, to the person in front of them."""
    if user.is_staff:
        return redirect("admin:businesses_assistance_changelist")
    return redirect("case", public_id=case.public_id)


def _receipt(case) -> str:
    sentence = status_of(case, timezone.localdate())["sentence"]
    return f"已收到，编号 {case.number}。{sentence}。"


urlpatterns = [path("services/<slug:code>/ask/", ask, name="service-ask")]
