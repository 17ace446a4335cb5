"""/apply/<code>/: before an application is begun. POST begins it, or goes on with what stands."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone

from accounts.signing_in.pages import with_next
from cases.assessment import judge
from cases.materials import Need, wanted
from cases.pages import form_view as view
from cases.pages.owners import NO_MANDATE
from cases.pages.steps import steps_for
from cases.procedure import DRAFT
from cases.rights import permissions
from cases.terms import terms_of
from core.errors import Refused
from eligibility.answers import OTHER_SHOP, forget, has_lost_shop, is_for, shop_to_apply_for
from eligibility.carrying import brought, take_along
from eligibility.wording import amount_label, days_label, plain_title
from policies.catalogue import benefit_url, catalogue
from policies.models import Benefit, BenefitVersion

from ..actions import applying
from ..models import Application
from ..money import budgets

MINUTES_TO_READ, MINUTES_A_MATERIAL = 2, 1


@login_required
def start(request, code):
    """开始前. POST begins, or goes on with what stands."""
    known = catalogue().benefits.get(code)
    version = known and known.in_force_on(timezone.localdate())
    if version is None:
        raise Http404
    shop = shop_to_apply_for(request)
    if request.method == "POST" and not is_for(request, shop):
        messages.error(request, OTHER_SHOP)
        return redirect("me")
    if shop is None:
        messages.error(request, "请先绑定您的店，再来申请。")
        return redirect("me" if has_lost_shop(request) else with_next("me-bind", request.path))
    if version.rule.delivery != "apply" or not version.rule.is_money:
        messages.error(request, applying.NOT_APPLIED_FOR)
        return redirect(benefit_url(known))
    if not permissions.may_apply(request.user, shop):
        raise PermissionDenied(NO_MANDATE)
    if request.method == "POST":
        return _begin(request, shop, code)
    standing = Application.objects.standing().filter(business=shop, benefit__code=code).first()
    if standing is not None:
        return redirect(_place_of(request, standing))
    row = BenefitVersion.objects.select_related("benefit__measure").get(pk=version.pk)
    return render(request, "apply/start.html", _context(request, shop, row))


def _begin(request, shop, code) -> HttpResponse:
    benefit = get_object_or_404(Benefit.objects.select_related("measure"), code=code)
    try:
        application = applying.begin(shop, benefit, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(benefit_url(catalogue().benefits[code]))
    was_taken_along = take_along(request, shop)
    response = redirect(_place_of(request, application))
    return forget(response) if was_taken_along else response


def _place_of(request, application) -> str:
    """Where it is gone on with: where a draft was left, or at its first step that waits to be done."""
    if application.phase != DRAFT:
        return reverse("case", args=[application.public_id])
    if application.left_at:
        return view.resume_url(application)
    return view.next_url(steps_for(request, application))


def _context(request, shop, version) -> dict:
    taken_along = brought(request, shop)
    judged = judge(shop, version, taken_along, timezone.localdate())
    papers = wanted(version, judged, {})
    photos = [row for row in papers if row.need is Need.NEEDED]
    department = next(iter(version.benefit.measure.leads), None)
    promised = terms_of(version).promised_working_days
    return {
        "shop": shop,
        "benefit": version.content | {"code": version.benefit.code},
        "title": plain_title(version),
        "amount": amount_label(judged.found, version.content),
        "failing": [] if judged.fits else [row for row in view.own_rows(judged) if row["result"] == "fail"],
        "photos": photos,
        "told": [row.name for row in papers if row.need is Need.TOLD],
        "minutes": MINUTES_TO_READ + MINUTES_A_MATERIAL * len(photos),
        "department": department.name if department else "",
        "left": budgets.left_text(version.benefit, shop.district or "", timezone.localdate()),
        "promise": "时限待公布" if promised is None else f"{days_label(promised)}内有结果",
        "back_url": benefit_url(catalogue().benefits[version.benefit.code]),
        "taken_along": view.said_lines({name: said for name, said in taken_along.items() if said != []}),
    }


urlpatterns = [path("apply/<str:code>/", start, name="apply")]
