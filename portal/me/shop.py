"""The shop's page; choosing among several; checking policies with what is known."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from businesses import actions, merge, rules
from businesses.business_types import reason_text
from businesses.credit import guidance, see_repairs
from businesses.facts import DERIVED, EMPLOYMENT, INSURANCE, REGISTRY, SELF, SOURCES, TAX, VETERANS
from businesses.industries import industry_text
from businesses.models import CorrectionRequest
from businesses.register import known_of
from businesses.registry import business_registry
from cases.pages.listing import newest_cases
from core.wording import value_text
from eligibility.answers import chosen_shop, has_lost_shop, shops_of
from eligibility.pages.questions import page_by_key
from eligibility.pages.shop import for_a_shop
from notifications.inbox.cards import newest
from notifications.inbox.pages import asks_for_push
from services.slots.mentors import is_mentor

from .account import account_of
from .binding import bind_page
from .mandates import mandate_as_row, mandates_of

STALE_AFTER = timedelta(days=30)
DEPARTMENTS = (REGISTRY, TAX, INSURANCE, VETERANS, EMPLOYMENT)
GROUPS = ("登记", "经营者身份", "税", "社会保险", "补贴", "您填写的")
UNFOLDED = ("登记", "您填写的")
TROUBLED = ("suspended", "deregistered", "revoked")
MESSAGES_SHOWN = CASES_SHOWN = 3


@login_required
def me(request):
    shops = shops_of(request.user)
    shop = chosen_shop(request)
    if shop is None:
        return _without_shop(request, shops)
    owns = actions.owns(request.user, shop)
    found, asked = known_of(shop)
    requests = list(CorrectionRequest.objects.visible_to(request.user).filter(business=shop)[:20])
    opened = {row.fact for row in requests if row.status == "open"}
    context = {
        "shop": _header(shop, owns),
        "shops": [_other(row, shop, request.user) for row in shops] if len(shops) > 1 else [],
        "stale": _stale(found),
        "groups": _groups(found, asked, opened),
        "requests": [_request(row, request.user) for row in requests],
        "credit": _credit(shop),
        "repairs": see_repairs(shop, by=request.user),
        "account": account_of(shop, request.user, owns),
        "mandates": [mandate_as_row(row, request.user) for row in mandates_of(request.user, shop)],
        "messages_shown": newest(request.user, MESSAGES_SHOWN),
        "cases": newest_cases(request.user, CASES_SHOWN),
        "asks_for_push": asks_for_push(request.user),
        "is_mentor": is_mentor(request.user),
        "owns": owns,
        "may_answer": actions.may(request.user, shop, "answer"),
        "may_apply": actions.may(request.user, shop, "apply"),
    }
    return render(request, "me/shop.html", context)


def _without_shop(request, shops):
    """Nobody's page yet: say what has ended, and let them choose among the shops that are left, or bind one."""
    lost = has_lost_shop(request)
    request.session.pop("checking_shop", None)
    if not shops:
        request.session.pop("shop", None)
        if is_mentor(request.user) and not lost:
            return redirect("asked")
        return bind_page(request, lost=lost)
    rows = [_other(row, None, request.user) for row in shops]
    return render(request, "me/choose.html", {"shops": rows})


def _header(shop, owns) -> dict:
    status = shop.operating_status
    classes = business_registry()["distinctive_classes"]
    return {
        "public_id": shop.public_id,
        "name": shop.name,
        "credit_code": shop.credit_code or "",
        "status": shop.get_operating_status_display() if status else "",
        "troubled": status in TROUBLED,
        "registered_on": shop.registered_on,
        "industry": industry_text(shop.industry) if shop.industry else "",
        "address": shop.address,
        "by_mandate": not owns,
        "type": _type(shop),
        "distinctive": "、".join(
            classes.label_of(member) for member in classes.members(shop.distinctive_classes_yes or 0)
        ),
    }


def _type(shop) -> dict | None:
    """分型 with the reason in words, or None before it was worked out."""
    verdict = getattr(shop, "type_verdict", None)
    if verdict is None:
        return None
    return {"label": str(verdict), "reason": reason_text(verdict), "on": verdict.on}


def _credit(shop):
    """Guidance only: a risk class is a tool of supervision and no label."""
    rating = getattr(shop, "credit_rating", None)
    if rating is None:
        return None
    return guidance(rating)


def _other(row, shop, user) -> dict:
    return {
        "public_id": row.public_id,
        "name": row.name,
        "credit_code": row.credit_code or "",
        "by_mandate": not actions.owns(user, row),
        "current": row == shop,
    }


def _stale(found) -> list:
    """Departments whose newest word on this shop is older than a month: ``[{source, on}]``."""
    newest = {}
    for best in found.values():
        for source, on in _spoken(best):
            if source in DEPARTMENTS and on:
                newest[source] = max(newest.get(source, ""), on)
    limit = (timezone.localdate() - STALE_AFTER).isoformat()
    return [
        {"source": SOURCES[source], "on": newest[source]}
        for source in DEPARTMENTS
        if newest.get(source, limit) < limit
    ]


def _spoken(best) -> set:
    if best.members:
        return {(source, on) for _, source, on in best.members.values()}
    return {(best.source, best.on)}


def _groups(found, asked, opened) -> list:
    """What is known, in groups of rows ``{label, value, source, on, is_own, is_open, url}``; some groups unfolded."""
    rows = {title: [] for title in GROUPS}
    for name, fact in business_registry().items():
        if name in DERIVED:
            continue
        unsaid = [("不清楚", SELF, "")] if name in asked else []
        shown = _shown(fact, found[name]) if name in found else unsaid
        for value, source, on in shown:
            row = {
                "label": fact.label,
                "value": value,
                "source": SOURCES[source],
                "on": on,
                "is_own": source == SELF,
                "is_open": name in opened and source != SELF,
                "url": reverse("me-correct", args=[name]),
            }
            rows[_group(fact, source)].append(row)
    return [
        {
            "title": title,
            "rows": rows[title],
            "is_open": title in UNFOLDED or any(row["is_open"] for row in rows[title]),
        }
        for title in GROUPS
        if rows[title]
    ]


def _shown(fact, best) -> list:
    """``(value in words, source, day)``; of a set one for each source that names members."""
    return [(words(fact, part.value), part.source, part.on) for part in merge.parts(best)]


def words(fact, value):
    """A fact's value in Chinese."""
    return industry_text(value) if fact.type == "code" else value_text(fact, merge.inside(fact, value))


def _group(fact, source) -> str:
    """Where a fact is shown: by who says it, then by the department it is at home in."""
    home = fact.sources[0]
    if source == SELF:
        return "您填写的"
    if home == TAX:
        return "税"
    if home == INSURANCE:
        return "社会保险"
    if home == EMPLOYMENT and fact.name.endswith("_received"):
        return "补贴"
    return "经营者身份" if fact.scope == "operator" or home in (EMPLOYMENT, VETERANS) else "登记"


def _request(row, user) -> dict:
    fact = business_registry().get(row.fact)
    may_read = rules.may_read_words(user, row)
    return {
        "label": fact.label if fact else row.fact,
        "note": row.note if may_read else "",
        "is_mine": row.asked_by_id == user.pk,
        "status": row.get_status_display(),
        "is_open": row.status == "open",
        "department": row.get_source_display(),
        "asked_at": row.asked_at,
        "answer": row.answer if may_read else "",
        "decided_at": row.decided_at,
    }


@login_required
def switch(request) -> HttpResponse:
    """POST: act for another of one's shops from now on. Who comes back here from signing in chooses again."""
    if request.method != "POST":
        return redirect("me")
    wanted = request.POST.get("shop", "")
    if wanted not in {str(shop.public_id) for shop in shops_of(request.user)}:
        raise Http404
    request.session["shop"] = wanted
    return redirect("me")


@for_a_shop
def check(request, shop) -> HttpResponse:
    """POST: 用这些信息查政策: what is known is enough for a first answer. ``page``: a question page to begin at."""
    if request.method != "POST":
        return redirect("me")
    request.session["shop"] = str(shop.public_id)
    request.session["checking_shop"] = True
    page = page_by_key(request.POST.get("page", ""), business_registry())
    if page is not None:
        return redirect("question", key=page.key)
    return redirect("results")
