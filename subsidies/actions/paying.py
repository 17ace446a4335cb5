"""Paying: a batch is prepared by one, approved by another, given to the bank as a file that never changes, and settled
by what the bank says. None of them had a part in the decision (permissions.may_pay, here for many rows at once)."""

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q
from django.utils import timezone

from accounts.access import record
from accounts.models import Department
from businesses.identifiers import fold_name
from businesses.models import PaymentAccount
from cases import audit
from cases.assessment import judge_each
from cases.procedure import GRANTED
from cases.rights import parts
from cases.rights.recusal import of_cases
from cases.terms import terms_of
from cases.transitions import CHANGED_SINCE, locked, take_turns, touch
from core.errors import NotYours, Refused
from core.wording import day_text
from policies.models import Benefit

from ..checks import exclusive, risks
from ..models import Application, Instalment, Payment, PaymentBatch, PublicNotice
from ..money import bank_file, grants
from ..permissions import is_to_be_paid
from ..procedure import CLOSED_FOR_GOOD
from .approving import CHANGED_AFTERWARDS, evidence_bound, still_as_approved
from .reviewing import back_to_review
from .stopping import days_of_closing, stop_for_closing

MOST_PAYMENTS = 1_000
NOT_BESIDE = "这个人已经领了另一项，两项只能领一个。"
STANDING = (Payment.Status.BATCHED, Payment.Status.SENT, Payment.Status.PAID)
Status = PaymentBatch.Status


class LeftOut(NamedTuple):
    """An instalment that is not in the batch, and why, in words for finance."""

    instalment: Instalment
    because: str


class Prepared(NamedTuple):
    """``batch`` is None where nothing could go into one."""

    batch: PaymentBatch | None
    left_out: list[LeftOut]


def require_to_pay(user, department_id) -> None:
    """Somebody of the bureau who may pay."""
    may_pay = user.is_active and user.is_staff and user.has_perm("subsidies.pay_application")
    if not may_pay or not (user.is_superuser or user.department_id == department_id):
        raise PermissionDenied


# What may be paid


def due(department: Department, benefit: Benefit | None = None):
    """Instalments of a bureau that may be paid and are in no batch, the longest waiting first."""
    standing = Payment.objects.filter(instalment=OuterRef("pk"), status__in=STANDING)
    rows = Instalment.objects.filter(
        status=Instalment.Status.DUE,
        grant__application__department=department,
        grant__application__outcome=GRANTED,
    ).exclude(Exists(standing))
    if benefit is not None:
        rows = rows.filter(grant__application__benefit=benefit)
    return rows.order_by("grant__application__decided_at", "pk")


def had_a_part(user, path="grant__application__", instalment="") -> Q:
    """Instalments of cases in which ``user`` had any part, or from which they keep away. ``path`` leads from the rows
    to the application, ``instalment`` to the instalment."""
    names = ("submitter", "reviewer", "approver", "countersigner")
    condition = of_cases(user, path) | Q(parts.of(user, path=path.removesuffix("__")))
    for name in (*(path + name for name in names), f"{instalment}claimed_by", f"{instalment}checked_by"):
        condition |= Q(**{name: user})
    return condition


_OF_CASES = ("operator", "business", "account", "benefit", "benefit_version__benefit")
_WITH = ("envelope", *(f"grant__application__{name}" for name in _OF_CASES))


def _accounts(applications) -> dict:
    """The standing account of each operator, by its id."""
    operators = {application.operator_id for application in applications}
    return {row.operator_id: row for row in PaymentAccount.objects.standing().filter(operator__in=operators)}


def _published(applications, today) -> set:
    """Ids of the applications whose last decision was published, and whose 公示 is over."""
    notices = PublicNotice.objects.filter(
        applications=OuterRef("pk"), published_at__gte=OuterRef("decided_at"), until_on__lt=today
    )
    ids = [application.pk for application in applications]
    return set(Application.objects.filter(Exists(notices), pk__in=ids).values_list("pk", flat=True))


class _Sorted(NamedTuple):
    """Instalments by what becomes of them: ``good`` with the account; the cases to be mended in their own right."""

    good: list[tuple[Instalment, PaymentAccount]]
    left_out: list[LeftOut]
    changed: list[LeftOut]
    closed: list[LeftOut]


def _sort(instalments, today) -> _Sorted:
    """Look at each row, in a few queries for all."""
    applications = [row.grant.application for row in instalments]
    accounts, published = _accounts(applications), _published(applications, today)
    evidence = evidence_bound(applications)
    turned = _turned(applications, today)
    found = _Sorted([], [], [], [])
    for row in instalments:
        application = row.grant.application
        account = accounts.get(application.operator_id)
        if application.business.operating_status in CLOSED_FOR_GOOD and row.grant.stopped_on is None:
            found.closed.append(LeftOut(row, "店铺已注销或吊销，补贴已停发。"))
        elif grants.outlives(row.grant, row):
            found.closed.append(LeftOut(row, "补贴已停发，停发以后的月份不拨。其余的请再编一批。"))
        elif account is None:
            found.left_out.append(LeftOut(row, "收款账户已停用，还没有新的。请店主先登记。"))
        elif not still_as_approved(application, evidence):
            _changed(found, row, CHANGED_AFTERWARDS)
        elif because := turned.get(application.pk):
            _changed(found, row, because)
        elif problem := _problem(row, account, published):
            found.left_out.append(LeftOut(row, problem))
        else:
            found.good.append((row, account))
    return found


def _changed(found, row, because) -> None:
    """Before the first payment the case goes back to review; afterwards it cannot, and somebody has to look."""
    if is_to_be_paid(row.grant.application):
        found.changed.append(LeftOut(row, f"{because}已退回审核。"))
    else:
        found.left_out.append(LeftOut(row, f"{because}请审核员打开这一件核对后再拨。"))


def _turned(applications, today) -> dict[int, str]:
    """Why those fit no longer that did when they were decided, by the application's id: asked again before each
    payment. After the first, what a reviewer has looked at since is no news."""
    found = {row.pk: NOT_BESIDE for row, _ in exclusive.paid_beside(applications, today)}
    judged, turned = judge_each(applications), []
    for row in applications:
        if ids := risks.turned(row, judged[row.pk]):
            turned.append((row, ids))
            sentences = {one["id"]: one["sentence"] for one in judged[row.pk].criteria}
            found[row.pk] = f"批准以后，“{sentences[ids[0]]}”不再符合。"
    going_on = risks.going_on(turned)
    return {pk: because for pk, because in found.items() if pk not in going_on}


def _watched_until(application, account):
    """The day from which money goes to an account that took another's place; None where it does by now.

    Whoever has got hold of a phone is found out meanwhile: the change is told wherever the owner is reached.
    """
    if not account.is_change:
        return None
    until = account.added_at + timedelta(days=terms_of(application.benefit_version).account_watch_days)
    return timezone.localdate(until) if until > timezone.now() else None


def _problem(row, account, published) -> str:
    application = row.grant.application
    if fold_name(account.holder) != fold_name(application.operator.name):
        return "户名和经营者姓名不一致。请店主核对收款账户。"
    if until := _watched_until(application, account):
        return f"收款账户刚改过，{day_text(until)}起才能往里拨。"
    if row.envelope.cap_fen is None:
        return "这一年的资金还没有设定总额。请先在“资金”里设定。"
    if terms_of(application.benefit_version).publicity_days and application.pk not in published:
        return "公示还没有结束。"
    return ""


# Preparing


def prepare(department: Department, *, by, benefit: Benefit | None = None) -> Prepared:
    """编制: put what is due into a batch, at most 1,000 payments. Tells what was left out and why.

    Cases that changed since they were approved go back to review, and grants of shops that closed are stopped, each in
    a transaction of its own.
    """
    require_to_pay(by, department.pk)
    rows = list(due(department, benefit).exclude(had_a_part(by)).select_related(*_WITH)[:MOST_PAYMENTS])
    found = _sort(rows, timezone.localdate())
    for case in found.changed:
        _send_back(case.instalment.grant.application, case.because)
    risks.flag_turned([row.instalment.grant.application for row in found.left_out])
    _stop([case.instalment.grant for case in found.closed])
    left_out = [*found.changed, *found.closed, *found.left_out]
    if not found.good:
        return Prepared(None, left_out)
    batch, gone = _create(department, [row for row, _ in found.good], by)
    return Prepared(batch, [*left_out, *gone])


@transaction.atomic
def _send_back(application, because) -> None:
    """The reviewer looks at it again, with the account that stands today."""
    found = locked(application)
    if not is_to_be_paid(found):
        return
    standing = _accounts([found]).get(found.operator_id)
    if standing is not None and standing.pk != found.account_id:
        touch(found, account=standing)
    back_to_review(found, by=None, note=because)


def _stop(closed) -> None:
    today = timezone.localdate()
    days = days_of_closing({grant.application.business_id for grant in closed}, today)
    for grant in closed:
        stop_for_closing(grant, days.get(grant.application.business_id, today))


@transaction.atomic
def _create(department, rows, by):
    """The batch of those that are still as they were a moment ago, now that nobody else can change them."""
    applications = [row.grant.application_id for row in rows]
    take_turns(row.grant.application.operator_id for row in rows)
    held = Application.objects.filter(pk__in=applications).order_by("pk").select_for_update(of=("self",))
    list(held.values_list("pk", flat=True))
    ids = [row.pk for row in rows]
    still = due(department).exclude(had_a_part(by)).filter(pk__in=ids).select_related(*_WITH)
    good = _sort(still, timezone.localdate()).good
    kept = {row.pk for row, _ in good}
    gone = [LeftOut(row, "刚刚有变动，没有编入。") for row in rows if row.pk not in kept]
    if not good:
        return None, gone
    batch = PaymentBatch.objects.create(
        number=secrets.token_hex(10),
        department=department,
        count=len(good),
        total_fen=sum(row.amount_fen for row, _ in good),
        prepared_by=by,
    )
    batch.number = f"PF-{timezone.localdate().year}-{batch.pk:08d}"
    batch.save(update_fields=["number"])
    Payment.objects.bulk_create(
        _payment(batch, place, row, account, by) for place, (row, account) in enumerate(good, 1)
    )
    _audit("prepare_batch", batch, by)
    return batch, gone


def _payment(batch, place, row, account, by):
    application = row.grant.application
    return Payment(
        instalment=row,
        batch=batch,
        reference=f"{batch.number}-{place:04d}",
        amount_fen=row.amount_fen,
        account=account,
        submitter_id=application.submitter_id,
        reviewer_id=application.reviewer_id,
        approver_id=application.approver_id,
        prepared_by=by,
    )


def _audit(verb, batch, by, **detail) -> None:
    audit.record(
        verb,
        f"batch {batch.pk}",
        by=by,
        department_id=batch.department_id,
        count=batch.count,
        total_fen=batch.total_fen,
        **detail,
    )


# Looking over


class Looked(NamedTuple):
    """A payment as the page shows it. ``flags``: what has to be ticked before it is approved."""

    payment: Payment
    flags: list[str]


def look_over(batch: PaymentBatch) -> list[Looked]:
    """Every payment of a batch with what is unusual about it, in a few queries for all."""
    payments = list(_payments(batch))
    indexes = [payment.account.number_index for payment in payments]
    numbers = PaymentAccount.objects.standing().filter(number_index__in=indexes).order_by()
    people = numbers.values("number_index").annotate(people=Count("operator", distinct=True))
    shared = set(people.filter(people__gt=1).values_list("number_index", flat=True))
    goes_on = risks.said_to_go_on([payment.instalment.grant.application for payment in payments])
    return [Looked(payment, list(_flags(payment, shared, goes_on))) for payment in payments]


def _payments(batch):
    application = "instalment__grant__application"
    return batch.payments.select_related(
        *("account", "instalment__envelope"),
        *(f"{application}__{name}" for name in _OF_CASES),
    )


def _flags(payment, shared, goes_on):
    application = payment.instalment.grant.application
    days = terms_of(application.benefit_version).account_watch_days
    if payment.account.added_at > payment.batch.prepared_at - timedelta(days=days):
        yield f"收款账户 {days} 天内登记或改过，请电话核对。"
    if payment.account_id != application.account_id:
        yield "账户和批准时的不是同一个，请核对。"
    if payment.account.number_index in shared:
        yield "有另一个人登记了同一个账号，请核对。"
    if note := goes_on.get(application.pk):
        yield f"批准以后有一条不再符合，审核人说可以继续拨：{note}"


# Approving, cancelling


def _hold(batch) -> PaymentBatch:
    return PaymentBatch.objects.select_for_update(of=("self",)).get(pk=batch.pk)


@transaction.atomic
def approve(batch: PaymentBatch, *, by, ticked=(), expected_total_fen: int | None = None) -> PaymentBatch:
    """复核: by another person who had no part in any of its cases. ``ticked``: ids of the payments whose flags were
    looked into. Refused where something has changed since it was prepared."""
    found = _hold(batch)
    require_to_pay(by, found.department_id)
    if found.status != Status.PREPARED:
        raise Refused(f"这一批现在是“{found.get_status_display()}”，不能复核。请刷新页面。")
    if expected_total_fen not in (None, found.total_fen):
        raise Refused(CHANGED_SINCE)
    if found.prepared_by_id == by.pk:
        raise NotYours("编制批次的人不能自己复核。请换一位财务复核。")
    path = "instalment__grant__application__"
    if own := found.payments.filter(had_a_part(by, path, "instalment__")).count():
        raise NotYours(f"这一批里有 {own} 笔是您经办过或要回避的。请换一位财务复核。")
    flagged = {row.payment.pk for row in look_over(found) if row.flags}
    if left := len(flagged - set(ticked)):
        raise Refused(f"还有 {left} 笔提示没有核对。请逐笔核对并打勾。")
    _refuse_if_changed(found)
    found.status, found.approved_by, found.approved_at = Status.APPROVED, by, timezone.now()
    found.save(update_fields=["status", "approved_by", "approved_at"])
    found.payments.update(paid_by=by)
    _audit("approve_batch", found, by, ticked=sorted(flagged))
    return found


def _refuse_if_changed(batch) -> None:
    """Nothing goes out that is not as it was when the batch was prepared."""
    payments = list(_payments(batch))
    found = _sort([payment.instalment for payment in payments], timezone.localdate())
    accounts = {row.pk: account.pk for row, account in found.good}
    changed = [
        payment.reference
        for payment in payments
        if accounts.get(payment.instalment_id) != payment.account_id
        or payment.amount_fen != payment.instalment.amount_fen
    ]
    if changed:
        shown = "、".join(reference[-4:] for reference in changed[:10])
        raise Refused(f"有 {len(changed)} 笔编制以后变了：{shown}。请取消这一批，重新编制。")


@transaction.atomic
def cancel(batch: PaymentBatch, *, by) -> PaymentBatch:
    """取消: before it went to the bank; its instalments are due again."""
    found = _hold(batch)
    require_to_pay(by, found.department_id)
    if found.status not in (Status.PREPARED, Status.APPROVED):
        raise Refused(f"这一批现在是“{found.get_status_display()}”，不能取消。")
    found.status = Status.CANCELLED
    found.save(update_fields=["status"])
    found.payments.update(status=Payment.Status.CANCELLED)
    _audit("cancel_batch", found, by)
    return found


@transaction.atomic
def export(batch: PaymentBatch, *, by) -> bytes:
    """导出: the file for the bank. Written once; whoever takes it out again gets the same bytes, and that is noted."""
    found = _hold(batch)
    require_to_pay(by, found.department_id)
    if found.status not in (Status.APPROVED, Status.EXPORTED, Status.SETTLED):
        raise Refused(f"这一批现在是“{found.get_status_display()}”，不能导出。请先复核。")
    first = found.status == Status.APPROVED
    if first:
        _refuse_if_changed(found)
        text = bank_file.write(_payments(found))
        found.content, found.sha256 = text, hashlib.sha256(text.encode()).hexdigest()
        found.status, found.exported_at = Status.EXPORTED, timezone.now()
        found.save(update_fields=["content", "sha256", "status", "exported_at"])
        found.payments.update(status=Payment.Status.SENT)
    else:
        text = found.content.reveal()
    record(by, "export", f"batch {found.pk}", count=found.count)
    _audit("export_batch" if first else "export_batch_again", found, by, sha256=found.sha256)
    return text.encode()
