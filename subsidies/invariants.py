"""What always holds of applications and their money. Each is a few statements over all rows."""

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from cases.models import Appeal
from cases.models import Part as PartInCase
from cases.procedure import CLOSED, GRANTED, OPEN, REFUSED, State
from core.invariants import invariant
from eligibility.models import Holding

from .models import COLUMNS, Application, Envelope, Grant, Instalment, LedgerEntry, Payment, PaymentBatch
from .procedure import SUBSIDY

BUSY = ("batched", "sent", "paid")
Part = Instalment.Status


def _sum(rows, column, envelope="envelope"):
    """The sum of a column over ``rows`` of an envelope, as a subquery; 0 where there are none."""
    rows = rows.filter(**{envelope: OuterRef("pk")}).order_by().values(envelope)
    return Coalesce(Subquery(rows.annotate(sum=Sum(column)).values("sum")), 0)


# Money


@invariant("资金的每一栏等于流水之和")
def columns_equal_the_ledger():
    entries = LedgerEntry.objects.all()
    sums = {f"sum_{name}": _sum(entries, f"{name}_fen") for name in COLUMNS}
    wrong = Q()
    for name in COLUMNS:
        wrong |= ~Q(**{f"{name}_fen": F(f"sum_{name}")})
    for pk in Envelope.objects.annotate(**sums).filter(wrong).values_list("pk", flat=True):
        yield f"资金 {pk}"


@invariant("没有一项资金超支，也没有负数")
def nothing_is_overdrawn():
    committed = F("reserved_fen") + F("granted_fen") + F("paid_fen") - F("recovered_fen")
    overdrawn = Q(cap_fen__lt=committed) | Q(recovered_fen__gt=F("paid_fen"))
    for name in COLUMNS:
        overdrawn |= Q(**{f"{name}_fen__lt": 0})
    for pk in Envelope.objects.filter(overdrawn).values_list("pk", flat=True):
        yield f"资金 {pk}"


@invariant("批准的办件恰有一笔有效的补贴，各期相加等于总额")
def grants_add_up():
    standing = Grant.objects.exclude(status=Grant.Status.VOID)
    count = Count("grants", filter=~Q(grants__status=Grant.Status.VOID))
    counted = Application.objects.order_by().exclude(category="loan").annotate(count=count)
    off = counted.filter(Q(outcome=GRANTED) & ~Q(count=1) | ~Q(outcome=GRANTED) & Q(count__gt=0))
    yield from (f"办件 {pk}" for pk in off.values_list("pk", flat=True))
    sums = standing.annotate(sum=Coalesce(Sum("instalments__amount_fen"), 0))
    wrong = sums.exclude(sum=F("total_fen"), application__amount_fen=F("total_fen"))
    yield from (f"补贴 {pk}" for pk in wrong.order_by().values_list("pk", flat=True))


@invariant("各期待付、预留和追回的，等于资金里记着的")
def envelopes_hold_what_instalments_ask_for():
    parts = Instalment.objects.all()
    sums = {
        "sum_reserved": _sum(parts.filter(status__in=[Part.PLANNED, Part.CLAIMED]), "amount_fen"),
        "sum_granted": _sum(parts.filter(status=Part.DUE), "amount_fen"),
        "sum_recovered": _sum(parts, "recovered_fen"),
    }
    # What the ledger does not carry is the other invariant's: here the ledger is compared with the instalments.
    entries = LedgerEntry.objects.all()
    booked = {f"booked_{name}": _sum(entries, f"{name}_fen") for name in ("reserved", "granted", "recovered")}
    wrong = Q()
    for name in ("reserved", "granted", "recovered"):
        wrong |= ~Q(**{f"sum_{name}": F(f"booked_{name}")})
    for pk in Envelope.objects.annotate(**sums, **booked).filter(wrong).values_list("pk", flat=True):
        yield f"资金 {pk}"


@invariant("每一期最多付一次，付出的相加等于资金里的已拨付")
def nothing_is_paid_twice():
    busy = Count("payments", filter=Q(payments__status__in=BUSY))
    twice = Instalment.objects.order_by().annotate(busy=busy).filter(busy__gt=1)
    yield from (f"分期 {pk} 付了不止一次" for pk in twice.values_list("pk", flat=True))
    paid = Payment.objects.filter(status=Payment.Status.PAID)
    mine = paid.filter(instalment=OuterRef("pk"), amount_fen=OuterRef("amount_fen"))
    unpaid = Instalment.objects.filter(status=Part.PAID).exclude(Exists(mine))
    yield from (f"分期 {pk} 没有对应的拨付" for pk in unpaid.values_list("pk", flat=True))
    open_ones = paid.exclude(instalment__status=Part.PAID)
    yield from (f"拨付 {pk} 到账了，分期没有记" for pk in open_ones.values_list("pk", flat=True))
    entries = LedgerEntry.objects.all()
    sums = {
        "sum_paid": _sum(paid, "amount_fen", "instalment__envelope"),
        "booked_paid": _sum(entries, "paid_fen"),
    }
    wrong = Envelope.objects.annotate(**sums).exclude(sum_paid=F("booked_paid"))
    yield from (f"资金 {pk} 的已拨付" for pk in wrong.values_list("pk", flat=True))


# People


def _same(*names):
    """A condition that two of these columns name the same person; who is not known is nobody."""
    condition = Q()
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            condition |= Q(**{one: F(other)})
    return condition


def _copied_wrong(names, path):
    """A condition that a copied column differs from the application's."""
    condition = Q()
    for name in names:
        original = f"{path}__{name}"
        both = Q(**{f"{name}__isnull": True}) & Q(**{f"{original}__isnull": True})
        condition |= ~(both | Q(**{name: F(original)}))
    return condition


@invariant("提交、审核、审批、会签、编制、拨付、办理申诉的是不同的人")
def four_eyes():
    people = ("submitter", "reviewer", "approver", "countersigner")
    for pk in Application.objects.filter(_same(*people)).values_list("pk", flat=True):
        yield f"办件 {pk}"
    copies, path = ("submitter", "reviewer", "approver"), "instalment__grant__application"
    standing = Payment.objects.filter(status__in=BUSY)
    same = _same(*copies, "prepared_by", "paid_by") | Q(prepared_by=F(f"{path}__countersigner"))
    same |= Q(paid_by=F(f"{path}__countersigner")) | Q(batch__approved_by=F(f"{path}__countersigner"))
    for pk in standing.filter(same | _copied_wrong(copies, path)).values_list("pk", flat=True):
        yield f"拨付 {pk}"
    copies = ("reviewer", "approver", "countersigner")
    same = _same(*copies, "filed_by", "handler")
    stale = Q(outcome="") & _copied_wrong(copies, "case")
    for pk in Appeal.objects.filter(same | stale).values_list("pk", flat=True):
        yield f"申诉 {pk}"
    for pk in PaymentBatch.objects.filter(_same("prepared_by", "approved_by")).values_list("pk", flat=True):
        yield f"批次 {pk}"


@invariant("审核时出过力的不审批，办过的不拨付")
def every_part_keeps_apart():
    """Whoever had a part that no column of the case names. Those that one names are four_eyes'."""
    reviewed = PartInCase.objects.filter(
        case=OuterRef("pk"), kind=PartInCase.Kind.REVIEW, had_at__lte=OuterRef("decided_at")
    )
    both = Exists(reviewed.filter(user=OuterRef("approver"))) | Exists(
        reviewed.filter(user=OuterRef("countersigner"))
    )
    for pk in Application.objects.granted().filter(both).values_list("pk", flat=True):
        yield f"办件 {pk}"
    had = PartInCase.objects.filter(case=OuterRef("instalment__grant__application"))
    paid_too = Exists(had.filter(user=OuterRef("paid_by"), had_at__lte=OuterRef("batch__approved_at")))
    named = Q(paid_by=F("reviewer")) | Q(paid_by=F("approver"))
    payments = Payment.objects.filter(paid_too, status__in=BUSY).exclude(named)
    for pk in payments.values_list("pk", flat=True):
        yield f"拨付 {pk}"


# What a shop has


def _held(says: State) -> tuple[str, ...]:
    """What a shop has whose application is in a state: any of these kinds. An appeal does not change what was
    decided."""
    if says.outcome == GRANTED:
        return ("granted", "enjoyed") if says.phase == CLOSED else ("granted",)
    if says.outcome == REFUSED:
        return ("declined",)
    return ("applied",) if says.phase == OPEN else ()


@invariant("办件办到哪一步，已办事项里就记到哪一步")
def holdings_follow_applications():
    mine = Holding.objects.filter(business=OuterRef("business"), benefit=OuterRef("benefit"))
    for state, says in SUBSIDY.states.items():
        kinds = _held(says)
        if not kinds:
            continue
        rows = Application.objects.filter(state=state, concluded_on=None)
        for pk in rows.exclude(Exists(mine.filter(kind__in=kinds))).values_list("pk", flat=True):
            yield f"办件 {pk}"
