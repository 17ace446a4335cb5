"""抽查: granted files drawn by a seed, so that anyone with the list draws the same, and looked into again by others."""

import secrets
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Department
from accounts.principals import sees_all
from cases import audit
from cases.rights import permissions
from cases.wording import kept_words
from core import sampling
from core.errors import Fault, Invalid, Refused
from core.exports import csv_lines
from core.sampling import Candidate

from ..models import Application, Instalment, Payment, Recheck, RecheckPick

LARGEST = 1_000


class Verification(NamedTuple):
    """``same_list``: the list of today has the fingerprint of then; ``same_draw``: what is drawn is the same."""

    same_list: bool
    same_draw: bool

    def __str__(self) -> str:
        if self.same_list and self.same_draw:
            return "名单和抽取结果都与当时一致。"
        if self.same_list:
            return "名单与当时一致，抽取结果不同，记录可能被改动过。请核查。"
        if self.same_draw:
            return "名单后来有变化，抽取结果与当时一致。"
        return "名单后来有变化（撤回、停发或重新决定），不能用今天的名单复核。请用当时导出的名单。"


def population(department: Department, decided_from: date, decided_to: date) -> list[Candidate]:
    """The list that is drawn from: files of the department granted on these days. Every file weighs the same."""
    rows = Application.objects.granted().filter(
        department=department,
        decided_at__gte=_start_of(decided_from),
        decided_at__lt=_start_of(decided_to + timedelta(days=1)),
    )
    return [
        Candidate(number, 1, pk) for pk, number in rows.order_by("pk").values_list("pk", "number").iterator()
    ]


def _start_of(day):
    return timezone.make_aware(datetime.combine(day, time.min))


def departments_for(user):
    """The departments whose files somebody may have rechecked."""
    found = Department.objects.order_by("name")
    if sees_all(user):
        return found
    return found.filter(pk=user.department_id or 0)


@transaction.atomic
def draw(
    department: Department, decided_from: date, decided_to: date, size: int, *, by, seed: str | None = None
) -> Recheck:
    """Draw and keep ``size`` files. Without a seed one is made up, and kept. Raises Invalid, Refused."""
    allowed = by.has_perm("subsidies.add_recheck")
    if not allowed or not departments_for(by).filter(pk=department.pk).exists():
        raise PermissionDenied
    seed = secrets.token_hex(16) if seed is None else seed.strip()
    _refuse_faulty(decided_from, decided_to, size, seed)
    candidates = population(department, decided_from, decided_to)
    if size > len(candidates):
        raise Refused(f"这段日子只批准了 {len(candidates)} 件，请少抽几件或放宽日期。")
    recheck = Recheck.objects.create(
        department=department,
        seed=seed,
        size=size,
        decided_from=decided_from,
        decided_to=decided_to,
        fingerprint=sampling.fingerprint(candidates),
        population=len(candidates),
        drawn_by=by,
    )
    RecheckPick.objects.bulk_create(
        RecheckPick(recheck=recheck, application_id=chosen.business, position=position)
        for position, chosen in enumerate(sampling.sample(seed, size, candidates), 1)
    )
    audit.record(
        "draw_recheck",
        f"recheck {recheck.pk}",
        by=by,
        department_id=department.pk,
        size=size,
        population=len(candidates),
        fingerprint=recheck.fingerprint,
    )
    return recheck


def _refuse_faulty(decided_from, decided_to, size, seed) -> None:
    faults = []
    if decided_to < decided_from:
        faults.append(Fault("decided_to", "out_of_range", "结束日期早于开始日期，请改正"))
    if not 1 <= size <= LARGEST:
        faults.append(Fault("size", "out_of_range", f"请抽 1 到 {LARGEST} 件"))
    if not 0 < len(seed) <= 64:
        faults.append(Fault("seed", "required", "请填种子，最多 64 个字"))
    if faults:
        raise Invalid(faults)


def verify(recheck: Recheck) -> Verification:
    """Draw again from the list of today and compare."""
    candidates = population(recheck.department, recheck.decided_from, recheck.decided_to)
    again = [chosen.business for chosen in sampling.sample(recheck.seed, recheck.size, candidates)]
    kept = list(recheck.picks.order_by("position").values_list("application", flat=True))
    return Verification(sampling.fingerprint(candidates) == recheck.fingerprint, again == kept)


def may_check(user, pick: RecheckPick) -> bool:
    """Whoever had no part in the decision, in an undone one or in the payment, and has no interest in it."""
    application = pick.application
    return (
        user.has_perm("subsidies.change_recheck")
        and permissions.may_touch(user, application)
        and not permissions.parts_of(user, application)
        and user.pk not in _payers(application)
    )


def _payers(application) -> set:
    pairs = Payment.objects.filter(instalment__grant__application=application)
    return {pk for pair in pairs.values_list("prepared_by", "paid_by") for pk in pair if pk}


@transaction.atomic
def set_result(pick: RecheckPick, result: str, note: str, *, by) -> RecheckPick:
    """What came of looking again. ``wrong`` puts the file on the list of what finance has to recover."""
    row = RecheckPick.objects.select_for_update(of=("self",)).select_related("application", "recheck")
    row, note = row.get(pk=pick.pk), kept_words(note)
    if not may_check(by, row):
        raise PermissionDenied
    if row.result:
        raise Refused("这一件已经有结果了。请刷新页面。")
    faults = []
    if result not in dict(RecheckPick.RESULTS):
        faults.append(Fault("result", "invalid_choice", "请选一项结果"))
    if len(note) > 500 or (result != "right" and len(note) < 8):
        faults.append(Fault("note", "required", "请写明查到什么，8 到 500 个字"))
    if faults:
        raise Invalid(faults)
    row.result, row.note, row.checked_by, row.checked_at = result, note, by, timezone.now()
    row.save(update_fields=["result", "note", "checked_by", "checked_at"])
    audit.record(
        "recheck", f"recheck {row.recheck_id}", by=by, case=row.application, note=note, result=result
    )
    return row


def to_recover(applications) -> list:
    """For finance: what was paid, and is not back yet, for files that should not have been granted, as
    ``stopping.to_recover`` has it: ``[(instalment, fen)]``."""
    wrong = RecheckPick.objects.filter(result="wrong", application__in=applications)
    rows = Instalment.objects.filter(
        grant__application__in=wrong.values("application"), status=Instalment.Status.PAID
    )
    rows = rows.select_related("grant__application__business", "grant__application__benefit_version")
    found = [(row, row.amount_fen - row.recovered_fen) for row in rows]
    return [(row, left) for row, left in found if left]


def as_csv(recheck: Recheck) -> Iterator[str]:
    """The files drawn, in the order drawn, with what came of them."""
    picks = recheck.picks.select_related("application__benefit", "application__business")
    rows = (
        (
            pick.position,
            pick.application.number,
            pick.application.benefit.code,
            pick.application.business.name,
            pick.get_result_display() or "未查",
            pick.note,
        )
        for pick in picks.iterator(chunk_size=1_000)
    )
    return csv_lines(("序号", "受理编号", "事项", "店铺", "结果", "说明"), rows)


def list_as_csv(recheck: Recheck) -> Iterator[str]:
    """The list as it is today: with the seed it is all that drawing again takes."""
    candidates = population(recheck.department, recheck.decided_from, recheck.decided_to)
    return csv_lines(("受理编号", "权重"), sorted((row.code, row.weight) for row in candidates))
