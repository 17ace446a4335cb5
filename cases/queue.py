"""The queue of a bureau: which case waits for whom, and that two people never work on the same one."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from core.errors import Refused

from .models import Case, Part
from .procedure import DECIDE, REVIEW
from .rights import parts, permissions
from .rights.recusal import of_cases
from .terms import terms_of
from .transitions import locked, permit_who


def queue_for(user, cases=Case.objects) -> QuerySet:
    """The cases that wait for somebody with the roles of ``user``, the earliest due first; those promised for no day
    after those that are, oldest first. Without those they must not touch. ``cases``: of one procedure only."""
    turns = []
    if user.has_perm("cases.review_case"):
        turns.append(REVIEW)
    if user.has_perm("cases.approve_case"):
        turns.append(DECIDE)
    rows = cases.visible_to(user).at_turn(*turns)
    rows = rows.exclude(of_cases(user)).exclude(Q(approver=user) | Q(countersigner=user))
    rows = rows.exclude(parts.of(user, undone_at__isnull=False))
    rows = rows.exclude(Q(parts.of(user, Part.Kind.DECIDE)) & cases.model.at_turn(REVIEW))
    rows = rows.exclude(Q(parts.of(user, Part.Kind.REVIEW)) & cases.model.at_turn(DECIDE))
    return rows.order_by(F("due_on").asc(nulls_last=True), "id")


@transaction.atomic
def take_next(user, states=None, cases=Case.objects) -> Case | None:
    """Claim the next case for a while: what one already has first. Two people never get the same one."""
    now, rows = timezone.now(), queue_for(user, cases)
    if states:
        rows = rows.filter(state__in=states)
    free = Q(claimed_by=None) | Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claimed_by=user)
    rows = rows.filter(free).select_for_update(skip_locked=True, of=("self",))
    case = rows.filter(claimed_by=user, claimed_until__gte=now).first() or rows.first()
    return case and _claim(case, user, now)


@transaction.atomic
def claim(case: Case, *, by) -> Case:
    """Take one particular case. Refused while somebody else has it. A claim is for the work that waits: nobody holds a
    file up for those whose turn it is, or one that is decided."""
    row = locked(case)
    if not row.stage.turn:
        raise Refused(f"这一件现在是“{row.label_for(by)}”，不用领办。请刷新页面。")
    if not permissions.may_take(by, row):
        raise PermissionDenied
    refuse_if_claimed(row, by)
    return _claim(row, by, timezone.now())


def _claim(case, user, now) -> Case:
    minutes = terms_of(case.benefit_version).claim_minutes
    case.claimed_by, case.claimed_until = user, now + timedelta(minutes=minutes)
    case.save(update_fields=["claimed_by", "claimed_until"])
    return case


def put_back(case: Case, *, by) -> None:
    """Give a claimed case back to the queue."""
    Case.objects.filter(pk=case.pk, claimed_by=by).update(claimed_by=None, claimed_until=None)


def refuse_if_claimed(case: Case, by) -> None:
    other = case.claimed_by_id not in (None, by.pk)
    if other and case.claimed_until and case.claimed_until > timezone.now():
        until = timezone.localtime(case.claimed_until)
        raise Refused(f"{case.claimed_by.shown_name} 正在办这一件，到 {until:%H:%M}。请先办别的。")


def for_review(case, by, expected_version=None) -> Case:
    """The case, locked. PermissionDenied for whoever may not review it, Refused while somebody else does."""
    row = locked(case, expected_version)
    permit_who(row, permissions.may_review, by)
    refuse_if_claimed(row, by)
    return row
