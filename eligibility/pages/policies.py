"""The catalogue for owners: the list of measures, and the guide to each."""

import unicodedata
from collections import Counter
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from core.log import masked
from policies import search
from policies.catalogue import catalogue
from policies.criteria.rules import DELIVERIES
from policies.criteria.sentence import sentence
from policies.models import Measure

from .. import wording
from ..answers import book_of
from ..doors import door, needs_a_door
from ..evaluation import evaluate

STATED = ("source", "superior")
PAGE = 30
SUGGESTIONS = ("房租", "贷款", "交税", "招人", "培训", "补贴")


def policy_list(request) -> HttpResponse:
    """Search and filter. Everything stands in the URL, so a list can be shared. The box is sent by POST: somebody's
    number typed into it by mistake is masked before it comes into an address, which every server on the way logs."""
    if request.method == "POST":
        return redirect(_address_of(request.POST))
    known = catalogue()
    query = request.GET.get("q", "").strip()[: search.LONGEST_QUERY]
    facets = _facets(known)
    chosen = {name: request.GET.get(name, "") for name in facets}
    measures = _searched(known, query)
    shown = [measure for measure in measures if _fits(measure, chosen)]
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    results = _results(_assessed(request, known))
    context = {
        "query": query,
        "groups": [_group(name, *facet, chosen, measures, query) for name, facet in facets.items()],
        "measures": [_listed(measure, results) for measure in page],
        "total": len(shown),
        "page": page,
        "before_url": _url(chosen, query, page.number - 1) if page.has_previous() else "",
        "next_url": _url(chosen, query, page.number + 1) if page.has_next() else "",
        "clear_url": reverse("policy-list") if query or any(chosen.values()) else "",
        "suggestions": [{"word": word, "url": f"?{urlencode({'q': word})}"} for word in SUGGESTIONS],
    }
    return render(request, "policies/list.html", context)


def _address_of(sent):
    plain = unicodedata.normalize("NFKC", sent.get("q", "").strip())
    term = masked(plain) if masked(plain) != plain else sent.get("q", "").strip()
    asked = {"q": term} | {name: sent.get(name, "") for name in _facets(catalogue())}
    query = urlencode({name: text for name, text in asked.items() if text})
    return f"{reverse('policy-list')}?{query}" if query else reverse("policy-list")


def _searched(known, query) -> list:
    if not search.terms(query):
        return list(known.measures.values())
    codes = search.matching(Measure.objects.all(), query).values_list("code", flat=True)
    return [known.measures[code] for code in codes if code in known.measures]


def _facets(known) -> dict:
    """Filters by name: label, and options as (value, label)."""
    leads = {unit.code: unit.name for measure in known.measures.values() for unit in measure.lead}
    return {
        "topic": ("想解决什么", [(topic.code, topic.name) for topic in known.topics]),
        "delivery": ("怎么办", list(DELIVERIES.items())),
        "lead": ("牵头单位", sorted(leads.items())),
    }


def _fits(measure, chosen) -> bool:
    return all(not value or value in measure.facets[name] for name, value in chosen.items())


def _group(name, label, options, chosen, measures, query) -> dict:
    """A filter, with how many of ``measures`` each option leaves beside what is chosen in the others."""
    others = {**chosen, name: ""}
    counts = Counter(
        value for measure in measures if _fits(measure, others) for value in measure.facets[name]
    )
    rows = []
    for value, text in options:
        selected = chosen[name] == value
        if counts[value] or selected:
            url = _url({**chosen, name: "" if selected else value}, query)
            count = counts[value]
            rows.append({"value": value, "label": text, "count": count, "url": url, "selected": selected})
    return {"name": name, "label": label, "options": rows}


def _url(chosen, query, page=1):
    """The address of a list; of its first page without a number."""
    held = {**chosen, "q": query, "page": page if page > 1 else ""}
    address = urlencode({key: value for key, value in held.items() if value})
    return f"{reverse('policy-list')}?{address}" if address else reverse("policy-list")


def _assessed(request, known):
    """The owner's evaluation where something has been answered, else None."""
    book = book_of(request)
    if not book.answers and book.shop is None:
        return None
    today = timezone.localdate()
    return evaluate(book.profile_of(book.answers, known.registry, today), today, held=book.held(today))


def _results(evaluation):
    """Assessments by the code of their benefit; none where nothing has been answered."""
    return {assessment.rule.code: assessment for assessment in evaluation.assessments} if evaluation else {}


def _listed(measure, results) -> dict:
    return {
        "code": measure.row.code,
        "clause": measure.row.clause,
        "title": measure.row.title,
        "summary": measure.row.summary,
        "url": reverse("measure", args=[measure.row.code]),
        "lead_names": _names(measure.lead),
        "benefits": [
            _listed_benefit(version, results.get(benefit.code), timezone.localdate())
            for benefit in measure.benefits
            if (version := benefit.in_force_on(timezone.localdate()))
        ],
    }


def _listed_benefit(version, result, today) -> dict:
    told = result is not None and result.rule.is_money
    is_open = version.rule.window.is_open_on(today)
    return {
        "code": version.rule.code,
        "title": version.rule.title,
        "amount_label": wording.standing_label(version, today),
        "delivery_label": wording.delivery_label(version.rule)
        if is_open
        else wording.STATE_HEADINGS["closed"],
        "door": door(version.rule) if is_open else None,
        "state": result.state if told else None,
        "state_label": wording.STATE_HEADINGS[result.state] if told else "",
    }


def _names(departments) -> str:
    return "、".join(department.name for department in departments)


def measure(request, code) -> HttpResponse:
    """办事指南: one measure with a guide to each of its benefits, and the owner's own verdict where known."""
    known = catalogue()
    measure = known.measures.get(code)
    if measure is None:
        raise Http404
    evaluation = _assessed(request, known)
    today = timezone.localdate()
    context = {
        "measure": {
            **{
                key: getattr(measure.row, key)
                for key in ("code", "clause", "chapter", "title", "summary", "text")
            },
            "lead_names": _names(measure.lead),
            "responsible_names": _names(measure.responsible),
            "updated_on": timezone.localtime(measure.row.updated_at).date(),
        },
        "benefits": [
            _guide(known, version, evaluation)
            for benefit in measure.benefits
            if (version := benefit.in_force_on(today))
        ],
    }
    return render(request, "policies/measure.html", context)


def _guide(known, version, evaluation) -> dict:
    rule, content = version.rule, version.content
    way = door(rule)
    assessment = _results(evaluation).get(rule.code)
    day = timezone.localdate()
    rows = (
        wording.answer_rows(assessment)
        if assessment
        else [plain_row(node, day) for node in rule.criteria.children]
    )
    return {
        "code": rule.code,
        "title": rule.title,
        "summary": content["summary"],
        "who": content["who"],
        "kind_label": wording.kind_label(rule),
        "delivery": rule.delivery,
        "delivery_label": wording.delivery_label(rule),
        "version": rule.number,
        "is_money": rule.is_money,
        "amount_label": wording.amount_label(assessment, content)
        if assessment
        else wording.standing_label(version, day),
        "amount_open": content.get("amount_open") if rule.window.is_open_on(day) else "现在不能申请",
        "result": evaluation.result_of(assessment) if assessment else None,
        "state_label": wording.state_label(assessment) if assessment else "",
        "criteria": rows,
        "rule_sentence": "" if rows else "没有条件，人人都可以。",
        "working": wording.working(assessment.amount) if assessment else [],
        "last_day": wording.last_day(assessment) if assessment else "",
        "materials": [_material(row) for row in _sourced(content.get("materials"), way)],
        "steps": [_step(row) for row in _sourced(content.get("steps"), way)],
        "promise_label": _promise(content, way),
        "fee_label": content.get("fee") or "",
        "no_door": needs_a_door(rule) and way is None,
        # What a service asks for stands on its own page.
        "is_service": way is not None and not rule.is_money,
        "ask": known.measures[rule.measure].lead[0].name if known.measures[rule.measure].lead else "",
        "document": _own_document(known, rule),
        "basis": [_basis(row) for row in content["basis"]],
        "questions": content.get("questions") or [],
        "notes": content.get("notes") or [],
        "window_note": content.get("window_note") or "",
        "excluded": _excluded_titles(known, rule),
        "action": _action(rule, assessment, way),
    }


def _sourced(rows, way) -> list:
    """Steps and papers that lead somewhere: all where it is done here, else those that a document states."""
    return [row for row in rows or () if way or row.get("origin") in STATED]


def _promise(content, way):
    days = content.get("promised_working_days")
    return wording.days_label(days) if way or days is not None else ""


def _own_document(known, rule) -> dict | None:
    """What a benefit rests on, where that is not what the whole page stands on; None where it is."""
    document = known.benefits[rule.code].document
    if known.document is None or document.pk == known.document.pk:
        return None
    return {"title": document.title, "number": document.number, "status_label": document.get_status_display()}


def plain_row(node, day):
    """A criterion where nothing is known of the reader."""
    row = {
        "id": node.id,
        "result": "",
        "source": None,
        "sentence": sentence(node, day),
        "clause": node.notes.clause,
        "why": "",
        "advice": "",
        "interpretation": wording.interpretation(node),
    }
    if hasattr(node, "children"):
        row["alternatives"] = [plain_row(child, day) for child in node.children]
    return row


def _material(row) -> dict:
    return {
        "name": row["name"],
        "how": row["how"],
        "how_label": wording.MATERIALS[row["how"]],
        "note": row.get("note") or "",
        "unverified": row.get("origin") in wording.UNVERIFIED,
    }


def _step(row) -> dict:
    days = row.get("working_days")
    return {
        "name": row["name"],
        "note": row.get("note") or "",
        "days_label": "时限待公布" if days is None else wording.days_label(days),
        "unverified": row.get("origin") in wording.UNVERIFIED,
    }


def _basis(row) -> dict:
    return {
        "document": row["document"],
        "clause": row.get("clause") or "",
        "certainty_label": wording.CERTAINTIES[row["certainty"]],
    }


def _excluded_titles(known, rule) -> list:
    in_force = known.in_force_on(timezone.localdate())
    others = {code for code, version in in_force.items() if rule.code in version.excludes} | set(
        rule.excludes
    )
    return [in_force[code].rule.title for code in sorted(others) if code in in_force]


def _action(rule, assessment, way) -> dict:
    if (
        way
        and (assessment is None or assessment.state == "now")
        and not (assessment is None and rule.is_money)
    ):
        return {"label": way.label, "url": way.url}
    if rule.is_money:
        return {"label": "先查我能不能享受", "url": reverse("check")}
    return {"label": "看看别的政策", "url": reverse("policy-list")}
