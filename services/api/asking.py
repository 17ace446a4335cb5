"""Asking for a service over the API: what was sent as the verbs take it, and everything that is wrong with it."""

from dataclasses import replace

from accounts.models import Department
from businesses.models import Business
from cases.models import Case
from core.errors import Fault, Invalid, Refused
from eligibility.shop_facts import ShopFacts

from ..asking import Ask, ask_or_find, read_asked
from ..catalogue.questions import known_answers, questions_of
from ..finance import tenders
from ..finance.institutions import chosen, institutions_of
from ..kinds import KINDS, Kind
from ..models import Slot
from .bodies import RequestIn, read_answers

FILES_NEEDED = "这项服务要交文件，接口不收。请店主在网页上办。"


def ask(sent: RequestIn, business: Business, **hand) -> tuple[Case, bool]:
    """The request, and whether it is new. ``hand``: ``by`` or ``client``, who may apply for the shop. Raises Invalid
    naming every fault, Refused."""
    offering, kind = sent.offering, KINDS[sent.offering.kind]
    questions = questions_of(offering)
    if any(question.type == "files" and question.required for question in questions):
        raise Refused(FILES_NEEDED, code="files_needed")
    known = known_answers(questions, ShopFacts(business))
    said, faults = read_answers(questions, sent.answers or {}, known)
    faults += _strangers(sent, kind)
    asked = Ask(said=said, words=sent.words or "", slot=_slot(offering, sent.slot))
    receivers = {row.code: row for row in Department.objects.filter(code__in=sent.receivers or ())}
    wanted = [receivers[code].pk if code in receivers else 0 for code in sent.receivers or ()]
    try:
        if faults:
            raise Invalid(faults)
        if kind.legs == "several":
            return tenders.ask_institutions(offering, business, asked, wanted, {}, **hand)
        return ask_or_find(offering, business, asked, **hand)
    except Invalid as problem:
        keys = {question.key for question in questions}
        found = [*problem.faults, *_others(kind, offering, business, asked, wanted)]
        raise Invalid(_named(found, keys)) from None


def _slot(offering, pk) -> Slot | None:
    return Slot.objects.filter(offering=offering, pk=pk).first() if pk else None


def _strangers(sent, kind) -> list[Fault]:
    """What this kind has no use for, or no such row."""
    faults = []
    if sent.slot is not None and not kind.seats:
        faults.append(Fault("slot", "unknown_field", "这项服务不约时间，请去掉"))
    if sent.receivers is not None and kind.legs != "several":
        faults.append(Fault("receivers", "unknown_field", "这项服务不用选机构，请去掉"))
    if kind.seats and sent.slot is not None and _slot(sent.offering, sent.slot) is None:
        faults.append(Fault("slot", "invalid_choice", "没有这个时间，见这项服务的 slots"))
    return faults


def _others(kind: Kind, offering, business, asked: Ask, wanted) -> list[Fault]:
    """Whatever else is wrong, so that all of it is told at once."""
    faults, several = [], kind.legs == "several"
    try:
        if several:
            chosen(institutions_of(offering, business), wanted)
    except Invalid as problem:
        faults += problem.faults
    try:
        read_asked(
            kind, offering, business, replace(asked, receivers=(offering.provider,)) if several else asked
        )
    except Invalid as problem:
        faults += problem.faults
    return faults


def _named(faults, keys) -> list[Fault]:
    """Each field once, answers by their place in the body."""
    found: dict[str, Fault] = {}
    for fault in faults:
        field = f"answers.{fault.field}" if fault.field in keys else fault.field
        found.setdefault(field, Fault(field, fault.code, fault.detail))
    return list(found.values())
