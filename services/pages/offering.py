"""/services/{code}/: what it is, who gives it, for whom it is, when, on which terms, and one button."""

from datetime import date

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from businesses.models import Business
from cases.rights.permissions import may_apply
from cases.wording import NO_PROMISE
from core.addresses import whole_number
from eligibility.answers import shop_to_apply_for
from eligibility.pages.guide import plain_row
from eligibility.shop_facts import ShopFacts
from eligibility.wording import answer_rows, days_label
from policies.catalogue import benefit_url, catalogue

from .. import selfchecks
from ..asking import standing_of
from ..catalogue.offerings import Fit, closed_because, fit_of, rule_of
from ..catalogue.questions import questions_of
from ..catalogue.terms import lines_of_terms
from ..kinds import KINDS
from ..models import Offering
from . import cards
from .form import Sent, form_of
from .headings import counties, heading_of
from .times import times_of

CANCEL_SEAT = "去不了，开始前 24 小时都能在“办件”里请假，名额让给排队的人。"
CANCEL = "办完以前，随时可以在“办件”里撤回。"


def offering_or_404(code: str) -> Offering:
    """One that is or was to be had: whoever comes by an old link reads that it is over."""
    rows = Offering.objects.known().select_related("provider", "mentor", "handler", "benefit")
    return get_object_or_404(rows, code=code)


@require_safe
def service(request, code) -> HttpResponse:
    """One service, for everybody; whoever is signed in for a shop fills its form in here."""
    offering, shop = offering_or_404(code), shop_to_apply_for(request)
    shown = context_of(offering, shop, timezone.localdate(), picked=request.GET.get("slot", ""))
    if shown["is_open"] and shop is not None and may_apply(request.user, shop) and not shown["leads_on"]:
        shown["form"] = form_of(offering, shop, Sent())
    shown["may_not"] = shop is not None and not may_apply(request.user, shop)
    return render(request, "services/offering.html", shown)


def context_of(offering: Offering, shop: Business | None, today: date, *, picked="") -> dict:
    """What both pages of a service say of it."""
    kind, closed = KINDS[offering.kind], closed_because(offering, today)
    times = times_of(offering, whole_number(picked)) if kind.seats else []
    fit = _fit_of(offering, shop, today)
    is_open = not closed and kind.procedure is not None and (bool(times) or not kind.seats)
    standing = standing_of(offering, shop) if shop is not None else None
    if standing is not None and kind.once:
        is_open = False
    return {
        "offering": offering,
        "kind": kind,
        "icon": heading_of(offering, offering.benefit.code).icon,
        "district": dict(counties()).get(offering.district, ""),
        "closed": closed,
        "times": times,
        "slot_error": "",
        "errors": [],
        "form": None,
        "is_open": is_open,
        "leads_on": kind.legs == "several",
        "ask_url": ask_url(offering),
        "shop": shop,
        "standing": standing and {"public_id": standing.public_id, "label": standing.stage.owner},
        "fits": fit is None or fit.fits or kind.open_to_all,
        "rows": _rows(offering, fit, today),
        "terms": lines_of_terms(offering),
        "promise": _promise(offering, kind),
        "questions": [row.label for row in questions_of(offering)],
        "checks": selfchecks.about(offering.benefit.code),
        "cancel": CANCEL_SEAT if kind.seats else CANCEL if kind.procedure else "",
        "policy": {"title": _title_of(offering, today), "url": benefit_url(cards.benefit_of(offering))},
    }


def ask_url(offering: Offering) -> str:
    """Where its form is. Of several institutions one says first which may know what (…/institutions/)."""
    if KINDS[offering.kind].legs == "several":
        return f"{reverse('service', args=[offering.code])}institutions/"
    return reverse("service-ask", args=[offering.code])


def _fit_of(offering, shop, today) -> Fit | None:
    if shop is None:
        return None
    facts = ShopFacts(shop)
    return fit_of(offering, facts.profile_of(facts.answers, catalogue().registry, today), today)


def _rows(offering, fit, today) -> list[dict]:
    """The criteria, with a verdict where the shop is known."""
    if fit is not None and fit.found is not None:
        return answer_rows(fit.found)
    rule = rule_of(offering)
    return [plain_row(node, today) for node in rule.criteria.children] if rule else []


def _promise(offering, kind) -> str:
    if kind.procedure is None or kind.seats:
        return ""
    days = offering.promise_days
    return NO_PROMISE if days is None else f"{days_label(days)}内有结果"


def _title_of(offering, today) -> str:
    version = cards.benefit_of(offering).in_force_on(today)
    return version.content["title"] if version else offering.benefit.title


urlpatterns = [path("services/<slug:code>/", service, name="service")]
