"""What becomes of a contract between two who talk: drawn up, filled in, confirmed by each, sent to be looked at."""

from collections.abc import Mapping
from dataclasses import asdict
from io import BytesIO

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import record
from accounts.principals import is_program
from cases.evidence import wallet
from cases.models import Case
from cases.papers import sheet
from cases.procedure import OPEN
from cases.rights.permissions import may_apply
from cases.transitions import CHANGED_SINCE, locked
from core.errors import Refused
from services.asking import Ask, ask
from services.models import Offering

from ..models import Agreement, Contact, ContactCase
from ..permissions import SHOP, WORKER, may_agree, side_of
from . import telling
from .clauses import Clause, clauses_of, forms, questions_of, read_answers
from .paper import paper_of
from .terms import Terms, terms_of

FILING = "contract-filing"  # code of the service that looks at contracts
MATERIAL = "合同"
TALKING = ("talking", "agreed")
BY_THEMSELVES = "确认合同要店主本人来点，替他办事的人不能点。"
NOT_NOW = "两边愿意谈了，才能写合同。谈完了的也不能再改。"
NO_SUCH_FORM = "请选劳动合同或者零工协议。"
TOO_YOUNG = "他开工时不满 18 周岁，不能做重活和夜班，这份合同写不了。"
NOT_FILLED = "还没填完：{labels}。填好了再确认。"
CLOSED_SHOP = "这家店现在不是正常经营，不能签合同。"
UNDER_REVIEW = "这份合同已经送去审核。要改，先在“办件”里撤回那一件。"
NOT_SETTLED = "两边都确认了，才能送去审核。"
NO_SERVICE = "现在没有单位在这里审核合同。请拨 12333。"
NO_PDF = "这里现在生成不了 PDF。请打印签好，拍照到“合同审核备案”里交。"
ASKED = "请帮我们看一看这份{title}，再备案。"


def draw_up(case: ContactCase, form: str, *, by) -> Agreement:
    """Begin a contract of this form, or the one that is there; another form is another contract. By either side, also
    by whoever acts for the shop. Raises PermissionDenied, Refused."""
    if form not in forms():
        raise Refused(NO_SUCH_FORM)
    with transaction.atomic():
        held = _held(case, by)
        _require_talking(held)
        _require_of_age(terms_of(held.contact))
        row = Agreement.objects.select_related("contact__post").filter(contact=held.contact).first()
        if row is None:
            return Agreement.objects.create(contact=held.contact, form=form)
        if row.form != form:
            kept = {name: row.answers[name] for name in ("worker_name",) if name in row.answers}
            _change(held, row, by, form=form, answers=kept)
        return row


def fill_in(agreement: Agreement, typed: Mapping, *, by, expected_version: int | None = None) -> Agreement:
    """What the post does not say. A change takes back what either has confirmed. Raises Invalid naming every fault."""
    with transaction.atomic():
        case, row = _both(agreement, by, expected_version)
        _require_talking(case)
        terms = terms_of(row.contact)
        answers = read_answers(row.form, terms, typed)
        if answers != row.answers or (row.text and row.text != _frozen(row.form, terms, answers)):
            _change(case, row, by, answers=answers)
        return row


def _change(case, row, by, **values) -> None:
    """Something else is in it: nobody has confirmed that."""
    if row.filed_id is not None and row.filed.phase == OPEN:
        raise Refused(UNDER_REVIEW)
    taken_back = {side for side in (SHOP, WORKER) if _confirmed(row, side)}
    telling.settle(row, SHOP, WORKER)
    for name, value in values.items():
        setattr(row, name, value)
    row.text, row.filed = [], None
    row.confirmed_by_shop = row.confirmed_by_shop_at = None
    row.confirmed_by_worker = row.confirmed_by_worker_at = None
    row.version += 1
    row.save()
    record(by, "agreement_changed", row.subject)
    telling.changed(case, row, taken_back - {side_of(by, case)})


def confirm(agreement: Agreement, *, by, expected_version: int | None = None) -> Agreement:
    """One side says yes to what is written, each for themself: nobody by mandate. What the first confirms is kept word
    for word, and the other confirms the same. Raises PermissionDenied, Refused."""
    with transaction.atomic():
        case, row = _both(agreement, by, expected_version)
        if not may_agree(by, case):
            raise Refused(BY_THEMSELVES)
        side = side_of(by, case)
        if _confirmed(row, side):
            return row
        _require_talking(case)
        if case.business.operating_status not in (None, "operating"):
            raise Refused(CLOSED_SHOP)
        if not row.text:
            row.text = _whole_text(row)
        setattr(row, f"confirmed_by_{side}", by)
        setattr(row, f"confirmed_by_{side}_at", timezone.now())
        row.save()
        record(by, "agreement_confirmed", row.subject)
        telling.settle(row, side)
        telling.confirmed(case, row, side)
        return row


def _confirmed(row, side) -> bool:
    return getattr(row, f"confirmed_by_{side}_id") is not None


def _whole_text(row) -> list[dict]:
    terms = terms_of(row.contact)
    _require_of_age(terms)
    missing = missing_of(row, terms)
    if missing:
        raise Refused(NOT_FILLED.format(labels="、".join(missing)))
    return _frozen(row.form, terms, row.answers)


def _frozen(form, terms, answers) -> list[dict]:
    return [{**asdict(clause), "lines": list(clause.lines)} for clause in clauses_of(form, terms, answers)]


def missing_of(agreement: Agreement, terms: Terms) -> list[str]:
    """Labels of what has to be answered and is not, of the work as the post has it now."""
    return [
        question.label
        for question in questions_of(agreement.form, terms)
        if question.required and question.key not in agreement.answers
    ]


def text_of(agreement: Agreement) -> list[Clause]:
    """What stands in it: as it was confirmed, else as the post and the answers have it now."""
    if agreement.text:
        return [Clause(**{**row, "lines": tuple(row["lines"])}) for row in agreement.text]
    return clauses_of(agreement.form, terms_of(agreement.contact), agreement.answers)


def file(agreement: Agreement, *, by) -> Case:
    """Send what both have confirmed to the bureau, to be looked at for nothing: the request, or the one that stands.
    Raises PermissionDenied, Refused."""
    with transaction.atomic():
        case, row = _both(agreement, by, None)
        if is_program(by) or not may_apply(by, case.business):
            raise PermissionDenied
        if not row.is_settled:
            raise Refused(NOT_SETTLED)
        if row.filed_id is not None and row.filed.standing:
            return row.filed
        offering = _filing()
        title = forms()[row.form].title
        piece = wallet.keep(case.operator, MATERIAL, _pdf(row), by=by)
        asked = Ask(
            said={"form": title}, words=ASKED.format(title=title), topic=offering.topic, files=(piece,)
        )
        row.filed = ask(offering, case.business, asked, by=by)
        row.save()
        return row.filed


def _filing() -> Offering:
    """The service that looks at contracts, where there is one and something to give it."""
    offering = Offering.objects.shown().filter(code=FILING).first()
    if offering is None:
        raise Refused(NO_SERVICE)
    if not sheet.available():
        raise Refused(NO_PDF)
    return offering


def _pdf(row) -> BytesIO:
    paper = paper_of(row.form, text_of(row), row.number, timezone.localtime(row.settled_at))
    found = BytesIO(sheet.pdf(paper))
    found.name = f"{paper.title}-{paper.number}.pdf"
    return found


# Who, and when


def _held(case, by) -> Case:
    """The case of the two, held until the end of the transaction: it also guards its contract."""
    row = locked(case)
    if is_program(by) or side_of(by, row) == "":
        raise PermissionDenied
    return row


def _both(agreement, by, expected_version) -> tuple[Case, Agreement]:
    case = _held(agreement.contact.case, by)
    row = Agreement.objects.select_related("filed").get(pk=agreement.pk)
    row.contact = Contact.objects.select_related("post__business__operator", "worker__user").get(pk=case.pk)
    if expected_version is not None and row.version != expected_version:
        raise Refused(CHANGED_SINCE.replace("这一件", "这份合同"))
    return case, row


def _require_talking(case) -> None:
    if case.state not in TALKING:
        raise Refused(NOT_NOW)


def _require_of_age(terms) -> None:
    if terms.is_minor and (terms.is_hard or terms.night):
        raise Refused(TOO_YOUNG)
