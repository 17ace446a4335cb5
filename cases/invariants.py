"""What must always be so of cases, whoever wrote. Each finding names the row."""

from collections.abc import Iterator

from django.db.models import Exists, F, OuterRef, Q, Subquery

from core.invariants import invariant
from policies.models import BenefitVersion

from . import audit
from .models import AuditEntry, Case, CaseFile, Correction
from .procedure import CORRECTING, DRAFT, PROCEDURES, RUNS, STANDS


@invariant("办件的阶段、结果和状态说的一样")
def columns_follow_the_state() -> Iterator[str]:
    wrong = ~Q(procedure__in=PROCEDURES)
    for key, procedure in PROCEDURES.items():
        known = Q(procedure=key)
        wrong |= known & ~Q(state__in=procedure.states)
        for state, says in procedure.states.items():
            wrong |= known & Q(state=state) & ~Q(**says.columns)
    for pk in Case.objects.filter(wrong).order_by().values_list("pk", flat=True):
        yield f"办件 {pk}"


@invariant("承诺了时限的办件有到期日；等补正的停表，有一次没答的补正，其他的没有")
def clocks_run_and_stand_still() -> Iterator[str]:
    promised = [
        pk
        for pk, content in BenefitVersion.objects.values_list("pk", "content")
        if content.get("promised_working_days") is not None
    ]
    running = Case.objects.running().filter(benefit_version__in=promised, due_on=None)
    yield from (f"办件 {pk} 没有到期日" for pk in running.values_list("pk", flat=True))
    stands, waits = Case.in_states(clock=STANDS), Case.in_states(step=CORRECTING)
    clock = Case.objects.filter(
        stands & Q(stopped_on=None) | Case.in_states(clock=RUNS) & Q(stopped_on__isnull=False)
    )
    yield from (f"办件 {pk} 的表不对" for pk in clock.values_list("pk", flat=True))
    unanswered = Correction.objects.filter(case=OuterRef("pk"), answered_at=None, closed_at=None)
    wrong = Case.objects.filter(waits & ~Exists(unanswered) | ~waits & Exists(unanswered))
    yield from (f"办件 {pk} 的补正不对" for pk in wrong.values_list("pk", flat=True))


@invariant("审计记录首尾相接，没有改过")
def the_chain_is_whole() -> Iterator[str]:
    yield from audit.verify()


@invariant("办件的状态就是最后一条审计记录说的")
def states_equal_the_last_entry() -> Iterator[str]:
    moves = AuditEntry.objects.filter(case=OuterRef("pk")).exclude(after="").order_by("-sequence")
    rows = Case.objects.filed().annotate(last=Subquery(moves.values("after")[:1]))
    for pk in rows.filter(Q(last=None) | ~Q(last=F("state"))).values_list("pk", flat=True):
        yield f"办件 {pk}"


@invariant("已提交的办件用的材料都在，而且是同一个人的")
def evidence_in_use_is_there() -> Iterator[str]:
    filed = CaseFile.objects.exclude(case__phase=DRAFT)
    lost = filed.filter(Q(evidence__deleted_at__isnull=False) | ~Q(evidence__operator=F("case__operator")))
    for pk in lost.values_list("pk", flat=True):
        yield f"办件材料 {pk}"
