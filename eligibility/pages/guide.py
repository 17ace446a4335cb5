"""办事指南: one measure with a guide to each of its benefits, and the owner's own verdict where known."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from policies.catalogue import catalogue
from policies.criteria.sentence import sentence

from .. import wording
from ..doors import door, needs_a_door
from .standing import assessed, assessments_of, names_of

STATED = ("source", "superior")


def measure(request, code) -> HttpResponse:
    """办事指南: one measure with a guide to each of its benefits, and the owner's own verdict where known."""
    known = catalogue()
    measure = known.measures.get(code)
    if measure is None:
        raise Http404
    evaluation = assessed(request, known)
    today = timezone.localdate()
    context = {
        "measure": {
            **{
                key: getattr(measure.row, key)
                for key in ("code", "clause", "chapter", "title", "summary", "text")
            },
            "lead_names": names_of(measure.lead),
            "responsible_names": names_of(measure.responsible),
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
    assessment = assessments_of(evaluation).get(rule.code)
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
