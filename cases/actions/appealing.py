"""申诉: the owner contests a refusal, and people who had no part in it answer: it stands, or is looked into again."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Invalid, Refused
from core.wording import day_text
from core.workdays import add_workdays

from ..models import Appeal, Case
from ..procedure import OPEN, REFUSED
from ..rights import parts, permissions
from ..terms import terms_of
from ..transitions import locked, move, permit, require
from ..wording import kept_words, marked

# The verbs of a procedure whose refusals can be contested.
APPEAL, UPHOLD, REOPEN = "appeal", "uphold", "reopen"
LEAST, MOST = 8, 1000
APPLIED_AGAIN = "您已经重新申请了这一项，不能再申诉。要申诉，请先撤回新的那件。"
TAKEN = "这件申诉已经有人在办。请刷新页面。"
OVER = "这件申诉已经办完。请刷新页面看结果。"
NOT_TAKEN = "请先领取这件申诉，再答复。"


def _words(field, text, called) -> str:
    text = kept_words(text)
    if not LEAST <= len(text) <= MOST:
        raise Invalid.because(field, "required", f"请写{called}，{LEAST} 到 {MOST} 个字")
    return text


# The owner


@transaction.atomic
def appeal(case: Case, words: str, *, by=None, client=None, expected_version: int | None = None) -> Appeal:
    """Contest a refusal, until and with ``remedy_until``. Its own clock starts."""
    found = locked(case, expected_version)
    permit(found, APPEAL, by=by, client=client)
    words = _words("words", words, "为什么不服")
    require(found, APPEAL, by=by, client=client)
    today = timezone.localdate()
    if problem := unmet_for_appeal(found, today):
        raise Refused(problem)
    row = Appeal.objects.create(
        case=found,
        words=words,
        filed_by=by,
        due_on=add_workdays(today, terms_of(found.benefit_version).appeal_working_days),
        reviewer=found.reviewer,
        approver=found.approver,
        countersigner=found.countersigner,
    )
    try:
        with transaction.atomic():
            move(found, APPEAL, by=by, client=client, told={"appeal": row}, said={"appeal": row.pk})
    except IntegrityError:
        raise Refused(APPLIED_AGAIN) from None
    return row


def is_contested(case: Case) -> bool:
    return case.phase == OPEN and case.outcome == REFUSED


def unmet_for_appeal(case: Case, today) -> str:
    """Why a refusal cannot be contested here any more, with what is left to do; empty where it can."""
    terms = terms_of(case.benefit_version)
    court = f"{terms.litigation_months} 个月内{marked(terms, 'litigation_months')}"
    if case.remedy_until is None or today > case.remedy_until:
        until = f"申诉期到 {day_text(case.remedy_until)}为止，" if case.remedy_until else ""
        return f"{until}现在不能申诉了。从知道决定那天起 {court}，还可以向法院提起行政诉讼。"
    answered = case.appeals.filter(outcome="upheld", decided_at__gte=case.decided_at)
    if answered.exists():
        return f"这个决定已经申诉过一次。仍不服，从知道决定那天起 {court}，可以向法院提起行政诉讼。"
    return ""


@transaction.atomic
def withdraw(row: Appeal, *, by=None, client=None) -> Appeal:
    """The owner takes the appeal back; the refusal stands. Within the days of remedy they may appeal again."""
    found, row = _held(row)
    if not permissions.may_apply(by or client, found.business):
        raise PermissionDenied
    _close(row, "withdrawn", row.answer)
    move(
        found,
        UPHOLD,
        by=by,
        client=client,
        note="店主撤回申诉",
        told={"appeal": row},
        said={"appeal": row.pk},
    )
    return row


# The bureau


@transaction.atomic
def take(row: Appeal, *, by) -> Appeal:
    """Become the one who answers it. Taking twice changes nothing."""
    found, row = _held(row)
    _require_handler(row, found, by)
    if row.handler_id not in (None, by.pk):
        raise Refused(TAKEN)
    row.handler = by
    row.save(update_fields=["handler"])
    return row


@transaction.atomic
def uphold(row: Appeal, answer: str, *, by) -> Appeal:
    """维持原决定: the refusal stands, and the owner is told why and what is left to do."""
    found, row = _to_answer(row, by)
    _close(row, "upheld", _words("answer", answer, "店主看得懂的理由"))
    said = {"appeal": row.pk}
    move(found, UPHOLD, by=by, note=row.answer[:500], told={"appeal": row}, said=said)
    return row


@transaction.atomic
def overturn(row: Appeal, answer: str, *, by) -> Appeal:
    """撤销原决定: the file is looked into again from the start, by others (cases/rights/parts.py), on a new clock."""
    found, row = _to_answer(row, by)
    _close(row, "overturned", _words("answer", answer, "店主看得懂的理由"))
    parts.undo(found)
    move(
        found,
        REOPEN,
        by=by,
        note=row.answer[:500],
        told={"appeal": row},
        said={"appeal": row.pk},
        **dict.fromkeys(("reviewer", "approver", "countersigner")),
        **dict.fromkeys(("decided_at", "remedy_until", "escalated_at")),
        **dict.fromkeys(("approved_digest", "override_note", "reason"), ""),
        failed=[],
        verdicts={},
    )
    return row


def _held(row) -> tuple[Case, Appeal]:
    """The application, then the appeal, both locked; Refused where it is answered already."""
    found = locked(row.case)
    row = Appeal.objects.select_for_update(of=("self",)).get(pk=row.pk)
    if row.outcome or not is_contested(found):
        raise Refused(OVER)
    return found, row


def _require_handler(row, found, by) -> None:
    if not permissions.may_handle_appeal(by, found) or by.pk == row.filed_by_id:
        raise PermissionDenied


def _to_answer(row, by) -> tuple[Case, Appeal]:
    found, row = _held(row)
    _require_handler(row, found, by)
    if row.handler_id is None:
        raise Refused(NOT_TAKEN)
    if row.handler_id != by.pk:
        raise Refused(TAKEN)
    return found, row


def _close(row, outcome, answer) -> None:
    row.outcome, row.answer, row.decided_at = outcome, answer, timezone.now()
    row.save(update_fields=["outcome", "answer", "decided_at"])
