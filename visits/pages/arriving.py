"""/me/code/: the code at a shop's door. /s/<token>/: where it leads. Whoever comes for a bureau sees the bureau's own
visit to the shop and says that they are there; anybody else is asked to sign in, and learns nothing of the shop."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import record
from cases.pages.owners import for_owners, status_for, words_of
from cases.wording import near_day
from core.addresses import whole_number
from core.errors import Refused
from core.pictures import code_of
from eligibility.pages.shop import for_a_shop

from ..code import path_of, shop_of
from ..merging import MERGED, SET
from ..models import VisitCase
from ..permissions import keeps_away, may_plan
from ..planning import arrive

FORGED = "这个二维码不对，或者不是本站的。请店主在“我的店”里重新打开店铺码。"
NO_VISIT = "贵单位在这家店没有定了日子的检查。请核对是不是这家店的二维码，或者先在“检查计划”里定日期。"
AWAY = "您和这家店有利害关系，要回避。请换一位同事来。"


@for_owners
@require_safe
def code(request) -> HttpResponse:
    return _code(request)


@for_a_shop
def _code(request, shop) -> HttpResponse:
    picture = code_of(request.build_absolute_uri(path_of(shop)))
    response = render(request, "visits/code.html", {"shop": shop, "picture": picture})
    response.headers["Cache-Control"] = "private, no-store"
    return response


@never_cache
def at_the_door(request, token) -> HttpResponse:
    """GET shows the visits of one's bureau; POST says that somebody of it is there."""
    response = _at_the_door(request, token)
    # The address is that of one shop: it goes into no index and to no other site.
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _at_the_door(request, token) -> HttpResponse:
    shop = shop_of(token)
    if shop is None:
        return _said(request, FORGED, 404)
    if not request.user.is_authenticated or not may_plan(request.user):
        if request.method == "POST":
            raise PermissionDenied
        sign_in = f"{reverse('staff-login')}?{urlencode({'next': request.path})}"
        return render(request, "visits/sign_in.html", {"sign_in": sign_in})
    if keeps_away(request.user, shop.pk):
        return _said(request, AWAY, 403)
    rows = VisitCase.objects.filter(
        business=shop, department=request.user.department_id, state__in=(SET, MERGED)
    )
    rows = rows.filter(visit__on__gte=timezone.localdate()).order_by("visit__on", "pk")
    rows = list(rows.select_related("visit", "department", "business"))
    if not rows:
        return _said(request, NO_VISIT, 404)
    return _arrived(request, token, rows) if request.method == "POST" else _page(request, token, rows)


def _said(request, words, status) -> HttpResponse:
    return render(request, "visits/no_visit.html", {"words": words}, status=status)


def _arrived(request, token, rows) -> HttpResponse:
    case = next((row for row in rows if str(row.public_id) == request.POST.get("visit")), None)
    if case is None:
        return _said(request, NO_VISIT, 404)
    try:
        version = whole_number(request.POST.get("version", "")) or 0
        arrive(case, by=request.user, expected_version=version)
    except Refused as problem:
        return _page(request, token, rows, problem)
    messages.success(request, "到店登记好了。查完请在“检查计划”里写结果。")
    return redirect("at-the-door", token=token)


def _page(request, token, rows, problem=None) -> HttpResponse:
    today = timezone.localdate()
    for row in rows:
        record(request.user, "see_case", row.subject)
    context = {
        "token": token,
        "shop": rows[0].business.name,
        "cards": [_card(row, today) for row in rows],
        "errors": [{"anchor": "main", "message": words_of(problem)}] if problem else [],
    }
    return render(request, "visits/door.html", context, status=status_for(problem))


def _card(row, today) -> dict:
    visit = row.visit
    return {
        "public_id": row.public_id,
        "version": row.version,
        "items": visit.items,
        "when": "今天" if visit.on == today else near_day(visit.on, today),
        "is_today": visit.on == today,
        "arrived_at": visit.arrived_at,
        "admin_url": reverse("admin:visits_visitcase_change", args=[row.pk]),
    }


urlpatterns = [
    path("me/code/", code, name="me-code"),
    path("s/<str:token>/", at_the_door, name="at-the-door"),
]
