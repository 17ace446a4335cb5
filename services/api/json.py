"""Requests, legs, offerings as the API shows them. Nobody of the staff is named, and no other who was asked to one of
them."""

from django.utils import timezone

from accounts.principals import is_program
from businesses import sharing
from businesses.models import Sharing
from cases.actions import general
from cases.models import Case, Message
from cases.pages.view import status_of
from core.money import yuan_of_json
from policies.api_answers import NamedCode

from ..catalogue.offerings import closed_because
from ..catalogue.questions import questions_of, typed_answers
from ..finance import tenders
from ..kinds import KINDS
from ..models import Leg, Offering, Slot
from ..permissions import may_answer
from .answers import (
    MessageLine,
    OfferingOut,
    OfferingRow,
    RequestOut,
    RequestRow,
    SlotOut,
)
from .leg_answers import LegOut, SharingOut

# What verbs with a door of their own take here.
TAKES = {tenders.PASS_ON: ("receivers",), tenders.ACCEPT: ("leg",)}


def instant(moment):
    return moment and timezone.localtime(moment)


# Offerings


def offering_row(offering: Offering) -> OfferingRow:
    return OfferingRow.of_values(**_offering(offering))


def _offering(row) -> dict:
    plain = ("code", "kind", "title", "summary", "given_by", "opens_on", "closes_on")
    return {
        **{name: getattr(row, name) for name in plain},
        "benefit": row.benefit.code,
        "provider": row.provider.code if row.provider_id else None,
        "handler": NamedCode.of(row.handler),
        "district": row.district or None,
        "closed": closed_because(row, timezone.localdate()) or None,
    }


def offering_as_json(row: Offering) -> OfferingOut:
    plain = ("words", "place", "contact", "criteria", "promise_days", "promise_basis", "shares")
    return OfferingOut.of_values(
        **_offering(row),
        **{name: getattr(row, name) for name in plain},
        questions=[_question(question) for question in questions_of(row)],
        steps=[{name: step[name] for name in ("key", "title", "department")} for step in row.steps],
        terms=_terms(row.terms),
    )


def _question(question) -> dict:
    plain = ("key", "type", "label", "required", "hint", "unit")
    return {
        **{name: getattr(question, name) for name in plain},
        "choices": list(question.choices) or None,
        "fact": question.fact or None,
    }


def _terms(terms) -> dict:
    """Sums in yuan, as everywhere in the API."""
    said = dict(terms)
    return {"limit": yuan_of_json(said.pop("limit_fen"))} | said if "limit_fen" in said else said


def slot_as_json(slot: Slot) -> SlotOut:
    """``slot.queue``: how many wait."""
    plain = ("capacity", "left", "queue", "sessions")
    return SlotOut.of_values(**_slot(slot), **{name: getattr(slot, name) for name in plain})


def _slot(slot) -> dict:
    return {
        "id": slot.pk,
        "starts_at": instant(slot.starts_at),
        "ends_at": instant(slot.ends_at),
        "place": slot.place,
    }


# Requests


def request_row(case: Case, principal) -> RequestRow:
    return RequestRow.of_values(**_request(case, principal))


def _request(case, principal) -> dict:
    plain = ("number", "state", "phase", "version", "due_on", "title")
    return {
        **{name: getattr(case, name) for name in plain},
        "id": str(case.public_id),
        "kind": case.procedure,
        "offering": case.request.offering.code,
        "business": str(case.business.public_id) if case.business_id else None,
        "label": case.label_for(principal),
        "outcome": case.outcome or None,
        "submitted_at": instant(case.submitted_at),
        "decided_at": instant(case.decided_at),
    }


def request_as_json(case: Case, principal) -> RequestOut:
    """The whole of one, with what ``principal`` can do now."""
    request = case.request
    return RequestOut.of_values(
        **_request(case, principal),
        sentence=status_of(case, timezone.localdate())["sentence"],
        words=request.words,
        answers=request.said,
        slot=request.slot and _slot(request.slot),
        seat=request.seat or None,
        offered_until=instant(request.offered_until),
        until=request.until,
        reason=case.reason,
        legs=[_leg_of(leg) for leg in request.legs.all()],
        certificate=request.certificate or None,
        messages=case.messages.count(),
        verbs=[
            {"verb": key, "name": verb.owner, "needs": list(verb.needs) + list(TAKES.get(key, ()))}
            for key, verb in verbs_for(case, principal).items()
        ],
    )


def verbs_for(case: Case, principal) -> dict:
    """``{key: verb}`` of the owner's verbs that ``principal`` may do now over the API."""
    found = general.offered(principal, case, general.OWNER)
    for key in TAKES:
        verb = case.life.verbs.get(key)
        if verb is None or case.state not in verb.moves or not verb.who(principal, case):
            continue
        if key != tenders.ACCEPT or (not is_program(principal) and _has_offer(case)):
            found[key] = verb
    return found


def _has_offer(case) -> bool:
    return any(leg.state == Leg.State.DONE for leg in case.request.legs.all())


def _leg_of(leg) -> dict:
    plain = ("state", "reason", "terms", "due_on")
    return {
        **{name: getattr(leg, name) for name in plain},
        "id": leg.pk,
        "receiver": leg.receiver_name,
        "title": leg.title or None,
        "accepted": leg.is_accepted,
    }


def message_as_json(line: Message) -> MessageLine:
    return MessageLine.of_values(
        id=line.pk,
        side=line.side,
        office=line.office or None,
        words=line.words,
        files=line.files,
        at=instant(line.at),
    )


# Legs


def leg_as_json(leg: Leg, principal) -> LegOut:
    """As whoever was asked sees it: the words, what was typed, and their own answer; nothing of others."""
    case, request = leg.request.case, leg.request
    plain = ("state", "version", "reason", "terms", "due_on")
    return LegOut.of_values(
        **{name: getattr(leg, name) for name in plain},
        **{name: instant(getattr(leg, name)) for name in ("sent_at", "taken_at", "closed_at")},
        id=leg.pk,
        number=case.number,
        kind=case.procedure,
        offering=request.offering.code,
        title=leg.title or request.offering.title,
        words=request.words,
        answers=typed_answers(request.offering, request.said),
        accepted=leg.is_accepted,
        sharing=_shared(leg.sharing),
        verbs=leg_verbs(leg, principal),
    )


def _shared(given: Sharing | None) -> dict | None:
    if given is None or sharing.ended_because(given):
        return None
    return {"facts": given.facts, "until": given.until, "left": given.uses - given.used}


def leg_verbs(leg: Leg, principal) -> list[str]:
    """What the API calls the verbs that lead on from here."""
    case = leg.request.case
    if leg.state not in Leg.OPEN or not may_answer(principal):
        return []
    return [
        word
        for word, key in KINDS[case.procedure].leg_verbs.items()
        if case.state in case.life.verbs[key].moves
        and not (key == tenders.TAKE and leg.state == Leg.State.TAKEN)
    ]


# Sharings


def sharing_as_json(row: Sharing) -> SharingOut:
    plain = ("purpose", "facts", "until", "uses", "used", "keep_days")
    return SharingOut.of_values(
        **{name: getattr(row, name) for name in plain},
        id=row.pk,
        receiver=NamedCode.of(row.receiver),
        business=str(row.business.public_id),
        given_at=instant(row.given_at),
        revoked_at=instant(row.revoked_at),
        ended=sharing.ended_because(row) or None,
    )
