"""办事指南: the page of a benefit, and of a measure the benefits to choose from."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from core.pictures import code_of
from policies.catalogue import catalogue
from policies.criteria.sentence import sentence

from .. import wording
from ..doors import door, needs_a_door
from . import desks
from .calculators import calculator_url
from .reminding import remind_url, remind_url_of_last_day
from .standing import assessed, assessments_of, benefit_row, names_of

STATED = ("source", "superior")
SEVERAL = 3  # certificates from which they are folded together


def guide(request, code) -> HttpResponse:
    """办事指南 of one benefit, with the owner's own verdict where known; of a measure, its benefits to choose from."""
    known, today = catalogue(), timezone.localdate()
    benefit = known.benefits.get(code)
    version = benefit and benefit.in_force_on(today)
    if version:
        context = _guide(known, version, assessed(request, known))
        link = request.build_absolute_uri(request.path)
        return render(request, "policies/guide.html", context | {"link": link, "picture": code_of(link)})
    measure = known.measures.get(code)
    if measure is None:
        raise Http404
    return _measure(request, known, measure, today)


def _measure(request, known, measure, today) -> HttpResponse:
    """What there is of a measure, and its text."""
    benefits = [benefit for benefit in measure.benefits if benefit.in_force_on(today)]
    results = assessments_of(assessed(request, known))
    keys = ("code", "clause", "chapter", "title", "summary", "text")
    context = {
        "measure": {key: getattr(measure.row, key) for key in keys},
        "lead_names": names_of(measure.lead),
        "responsible_names": names_of(measure.responsible),
        "benefits": [benefit_row(benefit, results.get(benefit.code), today) for benefit in benefits],
    }
    return render(request, "policies/measure.html", context)


def _guide(known, version, evaluation) -> dict:
    rule, content, day = version.rule, version.content, timezone.localdate()
    benefit, way = known.benefits[rule.code], door(rule)
    measure, assessment = known.measures[rule.measure], assessments_of(evaluation).get(rule.code)
    rows, unclear = _conditions(rule, assessment, day)
    is_open = rule.window.is_open_on(day)
    return {
        "benefit": benefit_row(benefit, assessment, day),
        "measure": {key: getattr(measure.row, key) for key in ("code", "clause", "chapter", "title", "text")},
        "lead_names": names_of(measure.lead),
        "responsible_names": names_of(measure.responsible),
        "updated_on": timezone.localtime(version.row.published_at).date(),
        "version": rule.number,
        "who": content["who"],
        "is_money": rule.is_money,
        "is_service": way is not None and not rule.is_money,
        "amount_label": wording.amount_label(assessment, content)
        if assessment
        else wording.standing_label(version, day),
        "amount_open": content.get("amount_open") if is_open else "",
        "result": evaluation.result_of(assessment) if assessment and rule.is_money else None,
        "state_label": wording.state_label(assessment) if assessment else "",
        "closed": "" if is_open else content.get("window_note") or "现在不在办理期限内。",
        "window_note": content.get("window_note") if is_open else "",
        "criteria": rows,
        "unclear": unclear,
        "working": wording.working(assessment.amount) if assessment else [],
        "calculator_url": calculator_url(rule.code),
        "last_day": wording.last_day(assessment) if assessment else "",
        "remind_url": remind_url_of_last_day(assessment) if assessment else "",
        "papers": _papers(known, _sourced(content.get("materials"), way), assessment),
        "steps": [_step(row) for row in _sourced(content.get("steps"), way)],
        "delivery_label": wording.delivery_label(rule),
        "promise_label": _promise(content, way),
        "fee_label": content.get("fee") or "",
        "is_unstated": _is_unstated(content, way),
        "no_door": needs_a_door(rule) and way is None,
        "ask": measure.lead[0].name if measure.lead else "",
        "desks": desks.shown(benefit.desks, _district(assessment)),
        "own_document": _own_document(known, rule),
        "basis": [_basis(row) for row in content["basis"]],
        "questions": content.get("questions") or [],
        "notes": content.get("notes") or [],
        "excluded": _excluded_titles(known, rule),
        "action": _action(rule, assessment, way),
    }


def _conditions(rule, assessment, day) -> tuple[list, list]:
    """The conditions as rows, and the readings chosen where the source is unclear, which a page says once."""
    rows = (
        [wording.own_way(row, assessment) for row in wording.answer_rows(assessment)]
        if assessment
        else [plain_row(node, day) for node in rule.criteria.children]
    )
    unclear = list(dict.fromkeys(row["interpretation"] for row in rows if row["interpretation"]))
    return [{**row, "interpretation": ""} for row in rows], unclear


def _papers(known, rows, assessment) -> dict:
    """Materials: ``bring``; ``proofs``, where several groups have each their own and it is not known of which the owner
    is; what nobody has to hand in (``held``); and ``others``: certificates of what they are known not to be."""
    bring, held, others = [], [], []
    for row in rows:
        if row["how"] in ("automatic", "form"):
            held.append({"name": row["name"], "note": "网上填" if row["how"] == "form" else ""})
            continue
        labels, is_own = _whose(known.registry, row, assessment)
        if is_own is False:
            others.append({"name": row["name"], "whose": "、".join(labels)})
        else:
            whose = f"{'、'.join(labels)}才交。" if labels and is_own is None else ""
            bring.append({"name": row["name"], "note": row.get("note") or "", "whose": whose})
    proofs = [paper for paper in bring if paper["whose"]]
    if len(proofs) < SEVERAL:
        proofs = []
    bring = [paper for paper in bring if paper not in proofs]
    return {"bring": bring, "proofs": proofs, "held": held, "others": others}


def _whose(registry, row, assessment) -> tuple[list, bool | None]:
    """Labels of the groups of which a paper is the certificate, and whether this owner is of them: None unknown."""
    members = [one.partition(".") for one in row.get("proves") or () if "." in one]
    if not members:
        return [], None
    fact = registry[members[0][0]]
    labels = [fact.label_of(member) for _, _, member in members]
    own = assessment and assessment.profile.values.get(fact.name)
    if not own:
        return labels, None
    mask = fact.mask(member for _, _, member in members)
    if own.yes & mask:
        return labels, True
    return labels, False if own.known & mask == mask else None


def _is_unstated(content, way) -> bool:
    """Whether papers or times are practice, which no bureau has stated yet."""
    rows = [*(content.get("materials") or ()), *(content.get("steps") or ())]
    unverified = any(row.get("origin") in wording.UNVERIFIED for row in rows)
    return way is not None and (unverified or (content.get("promised_working_days") is None and bool(rows)))


def _sourced(rows, way) -> list:
    """Steps and papers that lead somewhere: all where it is done here, else those that a document states."""
    return [row for row in rows or () if way or row.get("origin") in STATED]


def _promise(content, way):
    days = content.get("promised_working_days")
    return wording.days_label(days) if way and days is not None else ""


def _district(assessment) -> str:
    return str(assessment.profile.values.get("district") or "") if assessment else ""


def _own_document(known, rule) -> dict | None:
    """What a benefit rests on, where that is not what the whole page stands on; None where it is."""
    document = known.benefits[rule.code].document
    if known.document is None or document.pk == known.document.pk:
        return None
    return {"title": document.title, "number": document.number, "status_label": document.get_status_display()}


def plain_row(node, day) -> dict:
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
    return wording.in_everyday_words(row, node, day)


def _step(row) -> dict:
    days, note = row.get("working_days"), row.get("note") or ""
    label = "" if days is None else wording.days_label(days)
    return {"name": row["name"], "note": note, "days_label": "" if label in note else label}


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
    if rule.is_money and assessment is not None and assessment.state == "soon":
        return {"label": "到时提醒我", "url": remind_url(rule.code, assessment.eligible_from)}
    if rule.is_money:
        return {"label": "先查查", "url": reverse("check")}
    return {"label": "看看别的政策", "url": reverse("policy-list")}
