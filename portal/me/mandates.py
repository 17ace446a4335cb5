"""Who else may act for the shop."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from accounts.models import ApiClient
from businesses import actions, rules
from businesses.models import Mandate
from core.errors import Invalid, Refused
from core.facts import Misread, read_date
from core.prepared import prepared
from core.wording import day_text
from eligibility.pages.shop import for_a_shop

from .forms import errors_of, status_of, text_input


def mandates_of(user, shop):
    """Those an owner has given for the shop; those an agent holds for it."""
    return _standing(user.pk, shop.pk, timezone.localdate())


@prepared
def _standing(user, shop, today) -> QuerySet:
    rows = Mandate.objects.of_person(user).standing(today).filter(business=shop)
    return rows.select_related("agent", "client")


def mandate_as_row(row, user) -> dict:
    return {
        "pk": row.pk,
        "holder": row.client.name if row.client else row.agent.masked_phone,
        "relation": row.relation,
        "scopes": "、".join(row.scope_labels),
        "until": row.until,
        "is_mine": row.agent_id == user.pk,
    }


@for_a_shop
def mandates(request, shop):
    """Who else may act for the shop. POST gives one."""
    problem, owns = None, actions.owns(request.user, shop)
    if request.method == "POST":
        try:
            actions.give_mandate(shop, by=request.user, **_asked_mandate(request))
            messages.success(request, "授权好了。对方用这个手机号登录就能看到您的店。")
            return redirect("me-mandates")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _mandates_page(request, shop, owns, problem)


def _asked_mandate(request) -> dict:
    try:
        until = read_date(request.POST.get("until", ""))
    except Misread as misread:
        raise Invalid.because("until", misread.code, misread.detail) from None
    wanted = request.POST.get("client", "")
    client = next((row for row in _clients() if str(row.pk) == wanted), None)
    if wanted and client is None:
        raise Invalid.because("client", "disabled_client", actions.PROGRAM_SWITCHED_OFF)
    return {
        "phone": request.POST.get("phone", ""),
        "client": client,
        "relation": request.POST.get("relation", ""),
        "scopes": ["view", *request.POST.getlist("scopes")],
        "until": until,
    }


def _clients():
    """Programs in use that see a shop by mandate only: those that provide no data themselves."""
    return ApiClient.objects.filter(source="", disabled_at=None).order_by("name")


def _client_choices(request) -> list:
    chosen = request.POST.get("client", "")
    keys = {str(row.pk): row.name for row in _clients()}
    return [{"value": key, "label": name, "checked": key == chosen} for key, name in keys.items()]


def _mandates_page(request, shop, owns, problem) -> HttpResponse:
    latest = rules.last_day_of_a_mandate(timezone.localdate())
    chosen = request.POST.getlist("scopes") if problem else ["answer"]
    fields = [
        text_input(
            request, problem, "phone", "对方的手机号", "他用这个手机号登录。", autocomplete="off", mode="tel"
        ),
        text_input(request, problem, "relation", "他是您的什么人", "例如：女儿、代账会计。可以不填。"),
        text_input(
            request,
            problem,
            "until",
            "有效到哪天",
            f"最长 1 年，最晚 {day_text(latest)}。",
            value=latest.isoformat(),
            kind="date",
        ),
    ]
    context = {
        "shop": shop,
        "owns": owns,
        "mandates": [mandate_as_row(row, request.user) for row in mandates_of(request.user, shop)],
        "fields": fields,
        "scopes": [
            {"value": value, "label": label, "checked": value in chosen}
            for value, label in Mandate.SCOPES
            if value != "view"
        ],
        "clients": _client_choices(request) if owns else [],
        "to_a_person": not request.POST.get("client"),
        "errors": errors_of(problem, fields),
    }
    return render(request, "me/mandates.html", context, status=status_of(problem))


@login_required
def revoke(request, pk) -> HttpResponse:
    """POST: end a mandate one has given, or holds."""
    if request.method != "POST":
        return redirect("me-mandates")
    mandate = get_object_or_404(Mandate.objects.visible_to(request.user), pk=pk)
    try:
        actions.revoke_mandate(mandate, by=request.user)
        messages.success(request, "授权已经撤销，马上生效。")
    except Refused as refusal:
        messages.error(request, str(refusal))
    return redirect("me-mandates" if mandate.given_by_id == request.user.pk else "me")
