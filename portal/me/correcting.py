"""What stands wrong: asking the department, or changing one's own words."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from businesses import actions, rules
from businesses.facts import SELF, SOURCES
from businesses.merge import parts
from businesses.register import known_of
from businesses.registry import business_registry
from core.errors import Invalid, Refused
from eligibility.pages.questions import page_by_key, page_of
from eligibility.pages.shop import for_a_shop

from .forms import errors_of, status_of, text_input
from .shop import words


@for_a_shop
def correct(request, shop, fact):
    """不对？: ask the department, or change what one has said oneself. POST ``withdraw`` takes the own word back."""
    registry = business_registry()
    found, own = known_of(shop)[0].get(fact), actions.own_words(shop)
    if fact not in registry or (found is None and fact not in own):
        raise Http404
    if not actions.may(request.user, shop, "answer"):
        raise PermissionDenied
    problem = None
    if request.method == "POST":
        try:
            if "withdraw" in request.POST:
                actions.state_facts(shop, {}, by=request.user, withdraw=[fact])
                messages.success(request, f"“{registry[fact].label}”已经删掉。")
            else:
                actions.ask_for_correction(shop, fact, request.POST.get("note", ""), by=request.user)
                messages.success(request, "已转给提供这项信息的部门核实。答复会显示在店铺页面。")
            return redirect("me")
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _correct_page(request, shop, registry[fact], found, fact in own, problem)


def _correct_page(request, shop, fact, found, is_own, problem) -> HttpResponse:
    source = rules.answering_source(fact, found) if found else None
    page = page_of(fact)
    note = text_input(request, problem, "note", "哪里不对，应该是什么", "写清楚，部门好核实。最多 500 个字。")
    context = {
        "shop": shop,
        "label": fact.label,
        "value": words(fact, found.value) if found else "不清楚",
        "on": found.on if found else "",
        "source": _told_by(found) if found else SOURCES[SELF],
        "department": SOURCES[source] if source else "",
        "is_open": shop.correction_requests.filter(fact=fact.name, status="open").exists(),
        "is_own": is_own,
        "page": page.key if fact.ask != "never" and page_by_key(page.key, business_registry()) else "",
        "note": note,
        "errors": errors_of(problem, [note]),
    }
    return render(request, "me/correct.html", context, status=status_of(problem))


def _told_by(found) -> str:
    return "、".join(dict.fromkeys(SOURCES[part.source] for part in parts(found)))
