"""Faults planted one by one: each breaks the invariant that is about it, and no other, on both engines."""

from contextlib import contextmanager
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import CheckConstraint, F
from django.utils import timezone

from cases import audit
from cases.actions import appealing, correcting
from cases.models import Appeal, AuditEntry, AuditHead, Case, CaseFile, Correction, Evidence, Part
from core import guards, invariants
from eligibility.models import Holding
from subsidies.models import Application, Envelope, Grant, Instalment, Payment, PaymentBatch
from tests.notifications.register import open_shop
from tests.state import money

from . import world

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("money")]
COLUMNS = "资金的每一栏等于流水之和"
OVERDRAWN = "没有一项资金超支，也没有负数"
GRANTS = "批准的办件恰有一笔有效的补贴，各期相加等于总额"
INSTALMENTS = "各期待付、预留和追回的，等于资金里记着的"
ONCE = "每一期最多付一次，付出的相加等于资金里的已拨付"
PEOPLE = "提交、审核、审批、会签、编制、拨付、办理申诉的是不同的人"
PARTS = "审核时出过力的不审批，办过的不拨付"
CLOCK = "承诺了时限的办件有到期日；等补正的停表，有一次没答的补正，其他的没有"
HOLDINGS = "办件办到哪一步，已办事项里就记到哪一步"
CHAIN = "审计记录首尾相接，没有改过"
STATES = "办件的状态就是最后一条审计记录说的"
FOLLOWING = "办件的阶段、结果和状态说的一样"
EVIDENCE = "已提交的办件用的材料都在，而且是同一个人的"


def of_this_room():
    return {
        name: check
        for name, check in invariants._invariants.items()
        if check.__module__ in ("cases.invariants", "subsidies.invariants")
    }


def not_so():
    return {name for name, check in of_this_room().items() if list(check())}


def bureau_at_work():
    """A case in every situation: paid, granted, with a correction open, just handed in, appealed."""
    people, benefit = world.bureau(), world.grant_of_money(criteria=world.IN_DISTRICT)
    world.envelope(benefit)
    shops = [open_shop(place) for place in range(1, 6)]
    cases = [world.filed(benefit, shop, world.owner_of(shop)) for shop in shops]
    world.approved(cases[0], people)
    money.paid(people)
    world.approved(cases[1], people)
    defect = {"kind": "material", "name": world.MATERIAL["name"], "reason": "照片看不清"}
    correcting.request_correction(cases[2], [defect], by=people.reviewer)
    refused = world.refused(cases[3], people)
    appealing.appeal(refused, "合同已经续签，请再看一次。", by=world.owner_of(shops[3]))
    return people


def case(state):
    return Application.objects.get(state=state)


def change(state, /, **values):
    Application.objects.filter(state=state).update(**values)


def one(model, **values):
    """Change one row, past its ``save``."""
    row = model.objects.order_by("pk").first()
    model.objects.filter(pk=row.pk).update(**values)


# Past the constraints


def without(model, name):
    """Take a constraint of the database away."""
    constraint = next(row for row in model._meta.constraints if row.name == name)
    with connection.cursor() as cursor:
        if not isinstance(constraint, CheckConstraint):
            cursor.execute(f"DROP INDEX {name}")
        elif connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(f"ALTER TABLE {model._meta.db_table} DROP CONSTRAINT {name}")


@contextmanager
def checks_off():
    """SQLite has no way to drop a check; it can be told to ignore them."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA ignore_check_constraints = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA ignore_check_constraints = OFF")


@contextmanager
def unguarded():
    """Within: rows that are only ever added can be changed and removed."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    guards.drop(connection.alias)
    yield
    guards.create(connection.alias)


# The faults


def column_that_no_entry_explains():
    one(Envelope, reserved_fen=F("reserved_fen") + 1)


def more_given_than_there_was():
    without(Envelope, "envelope_is_not_overdrawn")
    one(Envelope, cap_fen=1)


def grant_of_more_than_its_parts():
    one(Grant, total_fen=F("total_fen") + 1)
    change("paid", amount_fen=F("amount_fen") + 1)


def granted_without_a_grant():
    one(Grant, status="void")


def granted_twice():
    without(Grant, "one_grant_an_application")
    row = Grant.objects.order_by("pk").first()
    Grant.objects.create(application=row.application, total_fen=row.total_fen)


def amount_changed_after_the_grant():
    change("approved", amount_fen=F("amount_fen") + 1)


def due_and_in_no_envelope():
    Instalment.objects.filter(status="due").update(status="cancelled")


def recovered_and_not_booked():
    Instalment.objects.filter(status="paid").update(recovered_fen=1)


def paid_twice():
    without(Payment, "instalment_is_paid_once")
    row = Payment.objects.get()
    row.pk, row.reference, row.status, row.bank_reference = None, "twice", "batched", ""
    row.save()


def paid_by_no_payment():
    Payment.objects.update(status="returned")


def paid_for_more():
    Payment.objects.update(amount_fen=F("amount_fen") + 1)


def paid_by_its_reviewer():
    without(Payment, "payment_by_different_people")
    Payment.objects.update(paid_by=F("reviewer"))


def payment_that_forgot_who_reviewed():
    Payment.objects.update(reviewer=None)


def approved_by_who_saved_verdicts():
    part = Part.objects.create(case=case("approved"), user=case("approved").approver, kind="review")
    Part.objects.filter(pk=part.pk).update(had_at=case("approved").submitted_at)


def paid_by_who_asked_for_a_correction():
    payer = Payment.objects.get(status="paid").paid_by
    part = Part.objects.create(case=case("paid"), user=payer, kind="review")
    Part.objects.filter(pk=part.pk).update(had_at=case("paid").submitted_at)


def batch_by_one_person():
    without(PaymentBatch, "batch_by_different_people")
    PaymentBatch.objects.update(approved_by=F("prepared_by"))


def submitted_and_reviewed_by_one_person():
    without(Case, "application_by_different_people")
    change("submitted", reviewer=F("submitter"))


def appeal_handled_by_who_refused():
    without(Appeal, "appeal_by_different_people")
    Appeal.objects.update(handler=F("reviewer"))


def appeal_that_forgot_who_refused():
    Appeal.objects.update(reviewer=None)


def promised_for_no_day():
    change("submitted", due_on=None)


def clock_that_stands_still():
    change("submitted", stopped_on=timezone.localdate())


def clock_that_runs_while_the_owner_is_waited_for():
    change("correcting", stopped_on=None)


def correction_that_nobody_waits_for():
    Correction.objects.update(closed_at=timezone.now())


def handed_in_and_not_held():
    Holding.objects.filter(business=case("submitted").business_id).delete()


def refused_and_held_all_the_same():
    Holding.objects.filter(business=case("appealed").business_id).update(kind="granted")


def audit_row_changed():
    with unguarded():
        AuditEntry.objects.filter(sequence=3).update(note="改过")


def state_changed_by_hand():
    change("submitted", state="recommended")


def closed_and_still_submitted():
    change("submitted", phase="closed", outcome="withdrawn", standing=False)


def open_and_standing_no_more():
    change("submitted", standing=False)


def evidence_deleted():
    Evidence.objects.filter(uses__case=case("submitted")).update(deleted_at=timezone.now())


def evidence_of_somebody_else():
    piece = CaseFile.objects.get(case=case("approved")).evidence
    Evidence.objects.filter(pk=piece.pk).update(operator=case("submitted").operator_id)


PLANTED = {
    column_that_no_entry_explains: COLUMNS,
    more_given_than_there_was: OVERDRAWN,
    grant_of_more_than_its_parts: GRANTS,
    granted_without_a_grant: GRANTS,
    granted_twice: GRANTS,
    amount_changed_after_the_grant: GRANTS,
    due_and_in_no_envelope: INSTALMENTS,
    recovered_and_not_booked: INSTALMENTS,
    paid_twice: ONCE,
    paid_by_no_payment: ONCE,
    paid_for_more: ONCE,
    paid_by_its_reviewer: PEOPLE,
    payment_that_forgot_who_reviewed: PEOPLE,
    batch_by_one_person: PEOPLE,
    submitted_and_reviewed_by_one_person: PEOPLE,
    approved_by_who_saved_verdicts: PARTS,
    paid_by_who_asked_for_a_correction: PARTS,
    appeal_handled_by_who_refused: PEOPLE,
    appeal_that_forgot_who_refused: PEOPLE,
    promised_for_no_day: CLOCK,
    clock_that_stands_still: CLOCK,
    clock_that_runs_while_the_owner_is_waited_for: CLOCK,
    correction_that_nobody_waits_for: CLOCK,
    handed_in_and_not_held: HOLDINGS,
    refused_and_held_all_the_same: HOLDINGS,
    audit_row_changed: CHAIN,
    state_changed_by_hand: STATES,
    closed_and_still_submitted: FOLLOWING,
    open_and_standing_no_more: FOLLOWING,
    evidence_deleted: EVIDENCE,
    evidence_of_somebody_else: EVIDENCE,
}


def test_a_planted_fault_breaks_what_is_about_it_and_nothing_else(engine):
    bureau_at_work()
    assert not_so() == set()
    wrong = {}

    with checks_off():
        for plant, name in PLANTED.items():
            with transaction.atomic():
                plant()
                found = not_so()
                transaction.set_rollback(True)
            if found != {name}:
                wrong[plant.__name__] = found

    assert wrong == {}


def test_every_invariant_of_the_room_has_a_fault_that_breaks_it():
    assert set(PLANTED.values()) == of_this_room().keys()


# manage.py audit verify


def said():
    """(the lines printed, the error it ends with)."""
    out = StringIO()
    try:
        call_command("audit", "verify", stdout=out)
    except CommandError as problem:
        return out.getvalue().splitlines(), str(problem)
    return out.getvalue().splitlines(), ""


def _five_rows():
    for place in range(1, 6):
        audit.record("test", f"row {place}", note=f"第 {place} 条")


def changed():
    AuditEntry.objects.filter(sequence=3).update(note="改过")


def changed_and_sealed_anew():
    row = AuditEntry.objects.get(sequence=3)
    row.note = "改过"
    AuditEntry.objects.filter(sequence=3).update(note=row.note, digest=audit.digest(row))


def removed_from_the_middle():
    AuditEntry.objects.filter(sequence=3).delete()


def removed_from_the_end():
    AuditEntry.objects.filter(sequence=5).delete()


def put_in_another_order():
    """The second and the third change places."""
    AuditEntry.objects.filter(sequence=2).update(sequence=9)
    AuditEntry.objects.filter(sequence=3).update(sequence=2)
    AuditEntry.objects.filter(sequence=9).update(sequence=3)


@pytest.mark.parametrize(
    ("tamper", "sentence"),
    [
        (changed, "第 3 条审计记录的内容被改过。"),
        (changed_and_sealed_anew, "第 4 条审计记录接不上前一条，中间被动过。"),
        (removed_from_the_middle, "审计记录缺第 3 条到第 3 条。"),
        (removed_from_the_end, "审计记录的末尾应是第 5 条，现在是第 4 条。"),
        (put_in_another_order, "第 2 条审计记录接不上前一条，中间被动过。"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_the_command_finds_what_was_tampered_with(tamper, sentence, engine):
    _five_rows()

    with unguarded():
        tamper()

    lines, problem = said()
    assert sentence in lines
    assert problem == f"审计记录有 {len(lines)} 处对不上。请保留现场，报告审计员。"


def test_the_command_says_where_a_whole_chain_ends(engine):
    assert said() == (["审计记录完好：共 0 条，末尾指纹 无。"], "")

    _five_rows()

    digest = AuditHead.objects.get().digest
    assert said() == ([f"审计记录完好：共 5 条，末尾指纹 {digest}。"], "")
