"""The catalogue for owners: the list of measures, and what is found of it by words."""

import unicodedata
from collections import Counter
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from accounts.signing_in.limits import place
from core.log import masked
from policies.catalogue import catalogue
from policies.criteria.rules import DELIVERIES
from policies.models import MissedSearch
from policies.search import missed
from policies.search.finding import find
from policies.search.folding import LONGEST_QUERY

from .. import wording
from ..doors import door
from .standing import assessed, assessments_of, benefit_row, names_of, told

PAGE = 30
SUGGESTIONS = ("房租", "贷款", "交税", "招人", "培训", "补贴")
OTHER_WORDS = ("没钱周转", "退伍", "招人", "罚款", "营业执照")


def policy_list(request) -> HttpResponse:
    """Search and filter. Everything stands in the URL, so a list can be shared. The box is sent by POST: somebody's
    number typed into it by mistake is masked before it comes into an address, which every server on the way logs."""
    if request.method == "POST":
        address = _address_of(request.POST)
        _note_if_missed(request)
        return redirect(address)
    known = catalogue()
    chosen = {name: request.GET.get(name, "") for name in _facets(known)}
    query = request.GET.get("q", "").strip()[:LONGEST_QUERY]
    if query:
        return _found(request, known, query, chosen)
    measures = list(known.measures.values())
    shown = [measure for measure in measures if _fits(measure, chosen)]
    results = assessments_of(assessed(request, known))
    context = _paged(request, shown, chosen) | {"groups": _groups(known, chosen, measures)}
    context["measures"] = [_listed(measure, results) for measure in context["page"]]
    context["suggestions"] = [{"word": word, "url": _url({"q": word})} for word in SUGGESTIONS]
    return render(request, "policies/list.html", context)


def _address_of(sent):
    typed = sent.get("q", "").strip()
    plain = unicodedata.normalize("NFKC", typed)
    term = masked(plain) if masked(plain) != plain else typed
    return _url({"q": term} | {name: sent.get(name, "") for name in _facets(catalogue())})


def _note_if_missed(request) -> None:
    """Only what somebody has just sent: an address may be read again by anybody, and by programs."""
    typed = request.POST.get("q", "").strip()[:LONGEST_QUERY]
    found = find(catalogue(), typed, timezone.localdate())
    if typed and not found.codes and not found.elsewhere:
        missed.note(MissedSearch.Kind.SEARCH, typed, place=place(request))


# Found by words


def _found(request, known, query, chosen) -> HttpResponse:
    """Each benefit that is meant, what fits best first; filters come after it."""
    today = timezone.localdate()
    exactly = "exactly" in request.GET
    found = find(known, query, today, exactly=exactly)
    benefits = [known.benefits[code] for code in found.codes]
    shown = [benefit for benefit in benefits if _fits(benefit, chosen)]
    held = {**chosen, "q": query, "exactly": "1" if exactly else ""}
    results = assessments_of(assessed(request, known))
    context = _paged(request, shown, held) | {
        "query": query,
        "found": found,
        "elsewhere": found.elsewhere,
        "asked": urlencode({"q": query}),
        "exactly_url": _url({**held, "exactly": "1"}),
        "groups": _groups(known, held, benefits),
        "words": [{"word": word, "url": _url({"q": word})} for word in found.nearest or OTHER_WORDS],
    }
    context["benefits"] = [
        benefit_row(benefit, results.get(benefit.code), today) for benefit in context["page"]
    ]
    return render(request, "policies/found.html", context)


# Filters and pages, of measures and of benefits


def _facets(known) -> dict:
    """Filters by name: label, and options as (value, label)."""
    leads = {unit.code: unit.name for measure in known.measures.values() for unit in measure.lead}
    return {
        "topic": ("想解决什么", [(topic.code, topic.name) for topic in known.topics]),
        "delivery": ("怎么办", list(DELIVERIES.items())),
        "lead": ("牵头单位", sorted(leads.items())),
    }


def _fits(row, chosen) -> bool:
    return all(not chosen[name] or chosen[name] in row.facets[name] for name in row.facets)


def _groups(known, chosen, rows) -> list:
    return [_group(name, *facet, chosen, rows) for name, facet in _facets(known).items()]


def _group(name, label, options, chosen, rows) -> dict:
    """A filter, with how many of ``rows`` each option leaves beside what is chosen in the others."""
    others = {**chosen, name: ""}
    counts = Counter(value for row in rows if _fits(row, others) for value in row.facets[name])
    shown = []
    for value, text in options:
        selected = chosen[name] == value
        if counts[value] or selected:
            url = _url({**chosen, name: "" if selected else value})
            count = counts[value]
            shown.append({"value": value, "label": text, "count": count, "url": url, "selected": selected})
    return {"name": name, "label": label, "options": shown}


def _url(held, page=1) -> str:
    """The address of a list, of what was typed and chosen; of its first page without a number."""
    address = urlencode(
        {name: text for name, text in held.items() if text} | ({"page": page} if page > 1 else {})
    )
    return f"{reverse('policy-list')}?{address}" if address else reverse("policy-list")


def _paged(request, rows, held) -> dict:
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    filters = {name: text for name, text in held.items() if name not in ("q", "exactly")}
    return {
        "page": page,
        "total": len(rows),
        "before_url": _url(held, page.number - 1) if page.has_previous() else "",
        "next_url": _url(held, page.number + 1) if page.has_next() else "",
        "clear_url": _url({**held, **dict.fromkeys(filters, "")}) if any(filters.values()) else "",
    }


def _listed(measure, results) -> dict:
    return {
        "code": measure.row.code,
        "clause": measure.row.clause,
        "title": measure.row.title,
        "summary": measure.row.summary,
        "url": reverse("measure", args=[measure.row.code]),
        "lead_names": names_of(measure.lead),
        "benefits": [
            _listed_benefit(version, results.get(benefit.code), timezone.localdate())
            for benefit in measure.benefits
            if (version := benefit.in_force_on(timezone.localdate()))
        ],
    }


def _listed_benefit(version, result, today) -> dict:
    is_open = version.rule.window.is_open_on(today)
    return {
        "code": version.rule.code,
        "title": version.rule.title,
        "amount_label": wording.standing_label(version, today),
        "delivery_label": wording.delivery_label(version.rule)
        if is_open
        else wording.STATE_HEADINGS["closed"],
        "door": door(version.rule) if is_open else None,
        **told(result),
    }
