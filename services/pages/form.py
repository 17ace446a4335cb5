"""The form of an offering: what it asks as fields, what is known instead, and what was sent."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from businesses import merge
from businesses.facts import SOURCES
from businesses.models import Business
from businesses.registry import business_registry
from cases.evidence import wallet
from cases.models import Evidence
from cases.transitions import ATTACHED
from core import uploads
from core.addresses import whole_number
from core.errors import Fault, Invalid
from eligibility.shop_facts import ShopFacts

from ..asking import LONGEST, Ask, missing_files
from ..catalogue.questions import Question, known_answers, questions_of
from ..kinds import KINDS
from ..models import Offering, Slot

MOST_FILES = 5
PREFIX = "said-"  # of the controls, so that no key meets another name of the form
WIDGETS = {"money": "number", "integer": "number", "date": "date", "bool": "radio", "choice": "radio"}
YES_NO = (("true", "是"), ("false", "不是"))


@dataclass
class Sent:
    """What somebody has filled in: ``typed`` as it came, the slot's id, and the files that are kept already."""

    typed: Mapping = field(default_factory=dict)
    slot: int | None = None
    files: list[Evidence] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def asked(self, offering: Offering, **more) -> Ask:
        """As the action takes it. Raises Invalid where a file was refused, with those that are missing besides."""
        if self.faults:
            raise Invalid(self.faults + missing_files(questions_of(offering), self.files))
        slot = Slot.objects.filter(offering=offering, pk=self.slot or 0).first()
        said = {question.key: self.typed.get(PREFIX + question.key) for question in questions_of(offering)}
        return Ask(said=said, words=self.words, slot=slot, files=tuple(self.files), **more)

    @property
    def words(self) -> str:
        return self.typed.get("words", "")


def read_sent(request, offering: Offering, business: Business) -> Sent:
    """What was sent by POST. Each file is taken in at once, so that nobody sends it twice."""
    sent = Sent(request.POST, whole_number(request.POST.get("slot", "")))
    sent.files = _kept_before(request, business)
    for name, material in _file_fields(offering).items():
        _take(request, business, name, material, sent)
    return sent


def _file_fields(offering) -> dict[str, str]:
    """``{control: material}`` of the file inputs of a form."""
    asked = {PREFIX + q.key: q.label for q in questions_of(offering) if q.type == "files"}
    return asked | ({"file": ATTACHED} if takes_photos(offering) else {})


def takes_photos(offering: Offering) -> bool:
    """Whether pictures may come with it that no question asks for."""
    return KINDS[offering.kind].legs == "one"


def _kept_before(request, business) -> list[Evidence]:
    wanted = [key for raw in request.POST.getlist("kept")[:MOST_FILES] if (key := _uuid(raw))]
    if not wanted:
        return []
    rows = Evidence.objects.visible_to(request.user).kept().filter(operator=business.operator_id)
    return list(rows.filter(public_id__in=wanted).order_by("pk"))


def _uuid(raw) -> UUID | None:
    try:
        return UUID(raw)
    except ValueError:
        return None


def _take(request, business, name, material, sent) -> None:
    key = name.removeprefix(PREFIX)
    for file in request.FILES.getlist(name):
        if len(sent.files) >= MOST_FILES:
            sent.faults.append(Fault(key, "too_many", f"一次最多交 {MOST_FILES} 个文件，多的请分开提"))
            return
        try:
            piece = wallet.keep(business.operator, material, file, by=request.user)
        except Invalid as problem:
            sent.faults += [Fault(key, fault.code, fault.detail) for fault in problem.faults]
        else:
            sent.files += [] if piece in sent.files else [piece]
    if hasattr(request, "upload_let_go") and not request.FILES.getlist(name):
        try:
            uploads.sent(request, name)
        except Invalid as problem:
            sent.faults += [Fault(key, fault.code, fault.detail) for fault in problem.faults]


# As the page shows it


def form_of(offering: Offering, business: Business, sent: Sent, faults: Iterable[Fault] = ()) -> dict:
    """``{fields, known, words, photos, accept, kept}``: what is to be filled in, with what was, and what is wrong."""
    facts, questions = ShopFacts(business), questions_of(offering)
    known = known_answers(questions, facts)
    said = {fault.field: fault.detail for fault in faults}
    return {
        "fields": [field_of(q, sent.typed, said.get(q.key, "")) for q in questions if q.key not in known],
        "known": [_known_line(q, known[q.key], facts) for q in questions if q.key in known],
        "words": _words(sent, said) if KINDS[offering.kind].legs == "one" else None,
        "photos": {"error": said.get("file", "")} if takes_photos(offering) else None,
        "has_files": bool(_file_fields(offering)),
        "accept": uploads.ACCEPT,
        "kept": [{"public_id": piece.public_id, "name": piece.original_name} for piece in sent.files],
    }


def _words(sent, said) -> dict:
    return {"value": sent.words, "error": said.get("words", ""), "longest": LONGEST}


def field_of(question: Question, typed, error="") -> dict:
    """As components/field.html takes it; ``kind`` text, long and files besides."""
    name = PREFIX + question.key
    value = typed.get(name, "")
    optional = "" if question.required else "可以不填"
    return {
        "name": name,
        "kind": WIDGETS.get(question.type, question.type),
        "label": question.label,
        "hint": "，".join(filter(None, (question.hint, optional))),
        "value": value,
        "unit": "元" if question.type == "money" else question.unit,
        "error": error,
        "options": [
            {"value": key, "label": label, "gloss": "", "checked": value == key, "more": False}
            for key, label in _options(question)
        ],
        "others": [],
        "type": "text",
        "inputmode": "text",
        "autocomplete": "off",
    }


def _options(question) -> Iterable[tuple[str, str]]:
    if question.type == "bool":
        return YES_NO
    return [(choice, choice) for choice in question.choices]


def _known_line(question, words, facts) -> dict:
    """What the register answers, and whose word it is."""
    best = facts.known(question.fact)
    return {
        "label": question.label,
        "value": words,
        "source": SOURCES[next(iter(merge.parts(best))).source],
        "fact": question.fact if question.fact in business_registry() else "",
    }


def anchored(faults: Iterable[Fault], offering: Offering) -> list[dict]:
    """For the list of errors above a form: ``[{anchor, message}]``."""
    keys = {question.key for question in questions_of(offering)}
    return [
        {
            "anchor": PREFIX + fault.field if fault.field in keys else fault.field,
            "message": fault.detail,
        }
        for fault in faults
    ]
