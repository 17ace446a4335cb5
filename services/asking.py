"""The verb by which everything of this room begins: asking for an offering."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import ApiClient, Department
from businesses.assisting import channel_of
from businesses.models import Business, Sharing
from businesses.rules import refuse_numbers
from cases.models import Case, Evidence
from cases.rights import permissions
from cases.transitions import begin
from cases.wording import kept_words
from core.errors import Fault, Invalid, Refused
from eligibility.shop_facts import ShopFacts
from policies.catalogue import catalogue
from policies.models import BenefitVersion

from . import legs
from .catalogue import caps
from .catalogue.offerings import closed_because, fit_of
from .catalogue.questions import Question, known_answers, questions_of, read_all
from .kinds import KINDS, Kind
from .models import Offering, Request, ServiceCase, Slot
from .signals import asked as asked_for
from .slots import mentor_news, seats

SHORTEST, LONGEST = 4, 2_000
MOST_ASKED = 5
NO_OPERATOR = "这家店还没有登记经营者，暂时不能在这里办。请到窗口，或拨 12345。"


@dataclass(frozen=True)
class Ask:
    """What somebody fills in. ``said``: by the key of the question; ``receivers``: those asked, of several;
    ``sharings``: what each may see, by its id; ``topic``: what it is about; ``handler``: who answers, if not whom the
    offering names; ``same_as``: the request whose answer will do for this one; ``follows``: the case whose approval
    brings it about."""

    said: Mapping = field(default_factory=dict)
    words: str = ""
    slot: Slot | None = None
    receivers: tuple[Department, ...] = ()
    sharings: Mapping[int, Sharing] = field(default_factory=dict)
    files: tuple[Evidence, ...] = ()
    topic: str = ""
    handler: Department | None = None
    same_as: Request | None = None
    follows: Case | None = None


def ask(
    offering: Offering, business: Business, asked: Ask, *, by=None, client: ApiClient | None = None
) -> Case:
    """Ask for ``offering`` on behalf of ``business``: a case of its kind, or the one that stands where it is asked for
    again. Raises PermissionDenied, Invalid, and Refused with ``unmet`` where the shop is not one it is for."""
    return ask_or_find(offering, business, asked, by=by, client=client)[0]


def ask_or_find(offering, business, asked: Ask, *, by=None, client=None) -> tuple[Case, bool]:
    """As ``ask``; and whether it is new. By nobody is by the system itself, which no door is (finance/following.py)."""
    kind, principal = KINDS[offering.kind], by or client
    if principal is not None and not permissions.may_apply(principal, business):
        raise PermissionDenied
    if kind.procedure is None:
        raise Refused("这一项看了就行，不用办。")
    if business.operator is None or not business.operator.identity_index:
        raise Refused(NO_OPERATOR)
    standing = _standing(kind, offering, business, asked.slot)
    if standing is not None:
        return standing, False
    try:
        with transaction.atomic():
            return _begun(kind, offering, business, asked, by, client), True
    except IntegrityError:
        again = _standing(kind, offering, business, asked.slot)
        if again is None:
            raise
        return again, False


def asker_key(business: Business) -> str:
    """Whoever asks, whichever of their shops it is for."""
    return f"operator {business.operator_id}"


def _standing(kind, offering, business, slot) -> Case | None:
    """What was asked for already and is not over: of this time, or at all where it is had once at a time."""
    rows = ServiceCase.objects.filter(request__offering=offering, request__asker_key=asker_key(business))
    if kind.seats:
        return rows.filter(request__slot=slot).exclude(request__seat="").first() if slot else None
    return rows.filter(standing=True).first() if kind.once else None


def standing_of(offering: Offering, business: Business) -> Case | None:
    """What its operator has asked for of this offering and is not over, the newest first; of any time."""
    if not business.operator_id:
        return None
    rows = ServiceCase.objects.filter(request__offering=offering, request__asker_key=asker_key(business))
    return rows.filter(standing=True).order_by("-pk").first()


def _begun(kind: Kind, offering, business, asked: Ask, by, client) -> Case:
    today = timezone.localdate()
    if why := closed_because(offering, today):
        raise Refused(why, code="closed")
    said, words = read_asked(kind, offering, business, asked)
    if not kind.open_to_all:
        require_fit(offering, business)
    caps.count_one(offering, today)
    seat = seats.hold_or_queue(asked.slot) if kind.seats else Request.Seat.NONE
    row = Request(
        offering=offering,
        slot=asked.slot,
        said=said,
        words=words,
        topic=asked.topic,
        asker_key=asker_key(business),
        seat=seat,
        same_as=asked.same_as,
        follows=asked.follows,
    )
    case = _case_of(kind, row, business, asked, by, client)
    _send_out(kind, case, offering, asked)
    if seat == Request.Seat.HELD:
        mentor_news.booked(case)
    caps.close_if_full(offering, today)
    asked_for.send(Case, case=case)
    return case


STARTS = {Request.Seat.HELD: "booked", Request.Seat.QUEUED: "waiting", Request.Seat.NONE: ""}


def _case_of(kind, row: Request, business, asked, by, client) -> Case:
    offering = row.offering
    version = catalogue().benefits[offering.benefit.code].in_force_on(timezone.localdate())
    return begin(
        kind.procedure,
        by=by,
        client=client,
        state=STARTS[row.seat],
        detail=row,
        words=row.words,
        files=asked.files,
        business=business,
        operator=business.operator,
        person_index=business.operator.identity_index,
        benefit=offering.benefit,
        benefit_version=BenefitVersion.objects.get(pk=version.pk),
        department=asked.handler or offering.handler,
        district=business.district or "",
        once="",
        channel="api" if client else channel_of(by, business) if by else "auto",
        submitter=by,
    )


def _send_out(kind, case, offering, asked) -> None:
    """Who has to answer it."""
    if kind.legs == "one" and asked.same_as is None:
        legs.send(case, [case.department])
    elif kind.legs == "several":
        legs.send(case, asked.receivers, sharings=dict(asked.sharings))
    elif kind.legs == "in order":
        codes = {step["department"] for step in offering.steps}
        legs.lay_out(
            case, offering.steps, {row.code: row for row in Department.objects.filter(code__in=codes)}
        )


def read_asked(kind: Kind, offering: Offering, business: Business, asked: Ask) -> tuple[dict, str]:
    """``(said, words)``: what was filled in, checked whole. Raises Invalid naming every fault."""
    faults, said = [], {}
    questions = questions_of(offering)
    if asked.follows is not None or asked.same_as is not None:  # nobody was asked them
        questions = [replace(question, required=False) for question in questions]
    try:
        said = read_all(questions, asked.said, known_answers(questions, ShopFacts(business)))
    except Invalid as problem:
        faults += problem.faults
    faults += missing_files(questions, asked.files)
    words = kept_words(asked.words)
    faults += faults_of_words(words, is_wanted=kind.legs == "one")
    if kind.legs == "several" and not 1 <= len(asked.receivers) <= MOST_ASKED:
        faults.append(Fault("receivers", "required", f"请选 1 到 {MOST_ASKED} 家机构"))
    if kind.seats and asked.slot is None:
        faults.append(Fault("slot", "required", "请选一个时间"))
    if kind.seats and asked.slot is not None and asked.slot.offering_id != offering.pk:
        faults.append(Fault("slot", "invalid_choice", "这个时间不是这项服务的，请重新选"))
    if faults:
        raise Invalid(faults)
    return said, words


def missing_files(questions: Iterable[Question], files: Iterable[Evidence]) -> list[Fault]:
    """The questions that want a file to which none came."""
    there = {piece.material for piece in files}
    return [
        Fault(question.key, "required", f"请交“{question.label}”的照片或文件")
        for question in questions
        if question.type == "files" and question.required and question.label not in there
    ]


def faults_of_words(words: str, *, is_wanted=True) -> list[Fault]:
    """What is wrong with a need as it was typed."""
    if is_wanted and len(words) < SHORTEST:
        return [Fault("words", "required", f"请写要办什么、卡在哪里，至少 {SHORTEST} 个字")]
    if len(words) > LONGEST:
        return [Fault("words", "too_long", f"最多写 {LONGEST} 个字，您写了 {len(words)} 个")]
    try:
        refuse_numbers("words", words)
    except Invalid as problem:
        return problem.faults
    return []


def require_fit(offering: Offering, business: Business) -> None:
    """Refused, with what is lacking, where the shop is not one that it is for."""
    day, facts = timezone.localdate(), ShopFacts(business)
    fit = fit_of(offering, facts.profile_of(facts.answers, catalogue().registry, day), day)
    if fit.fits:
        return
    lacking = [Fault("criteria", row["id"], row["sentence"]) for row in fit.failing]
    words = "；".join(fault.detail for fault in lacking)
    raise Refused(f"您的店现在不符合：{words}。", code="not_eligible", unmet=lacking)
