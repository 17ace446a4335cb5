"""What the bank says came of a batch: each row in a transaction of its own, so that one that is wrong holds up no
other; what is settled already is left as it is."""

import logging
from datetime import date, timedelta
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from businesses.facts import SELF
from businesses.register import Arrival, known_of, take_in
from cases import audit, letters
from cases.assessment import received_facts, rule_of
from cases.transitions import locked, move, touch
from core.background import start_after_commit
from core.errors import Refused
from eligibility import holdings
from eligibility.models import Holding

from ..models import Application, BankAnswer, Instalment, Payment, PaymentBatch
from ..money import bank_file, budgets, grants
from ..permissions import is_to_be_paid
from ..procedure import Verb
from ..tasks import work_on_bank_answer
from .paying import Status, require_to_pay

logger = logging.getLogger(__name__)
AGAIN = "以前已经登记过，没有改动。"
AT_ONCE = 20  # rows of a portion: about half a second
HELD_FOR = timedelta(minutes=2)


class Outcome(NamedTuple):
    """What became of one row of the bank's file."""

    line: int
    reference: str
    words: str
    is_wrong: bool = False


def settle(batch: PaymentBatch, content: bytes, *, by) -> BankAnswer:
    """对账: take in the bank's answer. Importing it twice changes nothing. Raises Invalid where it is no such file.

    What is done in a moment is done on return; of a longer file the page shows how far it is.
    """
    require_to_pay(by, batch.department_id)
    found = PaymentBatch.objects.get(pk=batch.pk)
    if found.status not in (Status.EXPORTED, Status.SETTLED):
        raise Refused(f"这一批现在是“{found.get_status_display()}”，还不能导入结果。")
    rows = bank_file.read(content)
    answer = BankAnswer.objects.create(batch=found, rows=rows, count=len(rows), by=by)
    if len(rows) <= AT_ONCE:
        work(answer.pk)
    else:
        start_after_commit(work_on_bank_answer, answer.pk)
    answer.refresh_from_db()
    return answer


def work(answer_id: int) -> None:
    """Go on with a file where it was left, a portion at a time. Losing the place means looking at a portion twice."""
    while answer := _held(answer_id):
        rows = [bank_file.Answer(*row) for row in answer.rows[answer.done : answer.done + AT_ONCE]]
        references = [row.reference for row in rows]
        payments = answer.batch.payments.filter(reference__in=references)
        known = {row.reference: row for row in payments.select_related("instalment__grant__application")}
        outcomes = [_settle_row(row, known.get(row.reference), answer.by) for row in rows]
        if not _write(answer, outcomes):
            return  # somebody else went on with it meanwhile


def go_on() -> int:
    """Files that were left half done, by whoever: how many."""
    left = BankAnswer.objects.filter(finished_at=None, held_until__lte=timezone.now()).order_by("pk")
    keys = list(left.values_list("pk", flat=True))
    for key in keys:
        try:
            work(key)
        except Exception:  # whatever it is about this file, those after it do not wait for it
            logger.exception("The bank's answer %s could not be gone on with.", key)
    return len(keys)


def _held(answer_id):
    """The file, ours for a while; None where it is finished or somebody else's."""
    now = timezone.now()
    free = BankAnswer.objects.filter(pk=answer_id, finished_at=None, held_until__lte=now)
    if not free.update(held_until=now + HELD_FOR):
        return None
    return BankAnswer.objects.select_related("batch", "by").get(pk=answer_id)


@transaction.atomic
def _write(answer, outcomes) -> bool:
    """What came of a portion, and of the whole after the last. False where another has been there before."""
    done, now = answer.done + len(outcomes), timezone.now()
    said = {"outcomes": [*answer.outcomes, *outcomes], "done": done, "held_until": now}
    if done == answer.count:
        said["finished_at"] = now
    if not BankAnswer.objects.filter(pk=answer.pk, done=answer.done, finished_at=None).update(**said):
        return False
    if done == answer.count:
        _close_if_done(answer.batch, answer.by, said["outcomes"])
    return True


def _settle_row(answer, payment, by):
    problem = answer.problem
    if payment is None:
        problem = "这一批里没有这个流水号"
    elif not problem and answer.amount_fen not in (None, payment.amount_fen):
        problem = "金额和批次里的不一致"
    if problem:
        return Outcome(answer.line, answer.reference, f"{problem}。", True)
    try:
        words = (_paid if answer.is_paid else _returned)(payment, answer, by)
    except IntegrityError as error:
        if "bank_reference" not in str(error):
            raise
        return Outcome(answer.line, answer.reference, "这个银行流水号别的一笔用过了。", True)
    except Refused as refusal:
        return Outcome(answer.line, answer.reference, str(refusal), True)
    return Outcome(answer.line, answer.reference, words)


def _close_if_done(batch, by, outcomes) -> None:
    found = PaymentBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    done = not found.payments.filter(status=Payment.Status.SENT).exists()
    if done and found.status == Status.EXPORTED:
        found.status, found.settled_at = Status.SETTLED, timezone.now()
        found.save(update_fields=["status", "settled_at"])
    audit.record(
        "settle_batch",
        f"batch {found.pk}",
        by=by,
        department_id=found.department_id,
        rows=len(outcomes),
        wrong=sum(Outcome(*row).is_wrong for row in outcomes),
    )


def _again(payment, answer, status) -> bool:
    """Whether the answer says what is known already. Refused where it says something else: that is for people."""
    if payment.status == Payment.Status.SENT:
        return False
    same = payment.status == status and payment.bank_reference in ("", answer.bank_reference)
    if not same:
        raise Refused(f"已经登记为“{payment.get_status_display()}”，和文件里的不一样。请和银行核对。")
    return True


def _locked(payment):
    """The application and the payment, nobody else changing them."""
    application = locked(payment.instalment.grant.application)
    return application, Payment.objects.select_related("instalment__grant").get(pk=payment.pk)


@transaction.atomic
def _paid(payment, answer, by):
    application, found = _locked(payment)
    if _again(found, answer, Payment.Status.PAID):
        return AGAIN
    instalment, grant = found.instalment, found.instalment.grant
    amount = found.amount_fen
    budgets.post(
        instalment.envelope_id,
        f"pay instalment {instalment.pk}",
        application=application,
        by=by,
        granted=-amount,
        paid=amount,
    )
    _write_down(found, Payment.Status.PAID, answer)
    instalment.status, instalment.paid_at = Instalment.Status.PAID, found.settled_at
    instalment.save(update_fields=["status", "paid_at"])
    grants.finish_if_done(grant)
    _received(application, instalment, by)
    if application.concluded_on is None:
        kind, until = Holding.Kind.ENJOYED, _held_until(application, grant)
        holdings.hold(application.business, application.benefit, kind, until=until)
    if is_to_be_paid(application):
        said = {"instalment": instalment.pk, "amount_fen": amount}
        told = {"instalment": instalment}
        move(application, Verb.PAY, by=by, told=told, said=said, paid_at=found.settled_at)
    else:
        letters.tell(application, Verb.PAY, instalment=instalment)
        audit.record(
            "pay_instalment",
            f"instalment {instalment.pk}",
            by=by,
            case=application,
            amount_fen=amount,
        )
    return "已登记到账。"


def _write_down(payment, status, answer) -> None:
    payment.status, payment.settled_at = status, timezone.now()
    payment.bank_reference, payment.reason = answer.bank_reference, answer.reason
    payment.save(update_fields=["status", "settled_at", "bank_reference", "reason"])


def _held_until(application: Application, grant) -> date | None:
    """A monthly grant is had until the end of its last month, what is given every year until the end of the year; what
    is given once, for good."""
    if grant.months:
        return grants.add_months(grants.last_month(grant), 1) - timedelta(days=1)
    if application.period:
        return max(date(application.period, 12, 31), timezone.localdate())
    return None


def _received(application, instalment, by) -> None:
    """What the rule asks about having received it is now known from a department, whatever the owner has said."""
    said = {}
    for fact in received_facts(rule_of(application.benefit_version)):
        source = next((name for name in fact.sources if name != SELF), None)
        if source is None:
            continue
        if fact.type == "bool":
            said.setdefault(source, {})[fact.name] = True
        elif fact.type == "integer":
            known = known_of(application.business)[0].get(fact.name)
            before = known.value if known else 0
            said.setdefault(source, {})[fact.name] = before + (instalment.months or 1)
    if said:
        take_in([Arrival(said, business_id=application.business_id)], on=timezone.localdate(), by=by)


@transaction.atomic
def _returned(payment, answer, by):
    application, found = _locked(payment)
    if _again(found, answer, Payment.Status.RETURNED):
        return AGAIN
    _write_down(found, Payment.Status.RETURNED, answer)
    touch(application)
    letters.tell(application, "returned", payment=found)
    audit.record("return_payment", f"payment {found.pk}", by=by, case=application, note=answer.reason)
    return "已登记退回，改好账户后再编入批次。"
