"""回避: a member of staff says whose cases they must not touch. By identity number, of which only the index is kept.

One declares alone; taking a declaration back takes a second person of the bureau who decides on cases."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from businesses.identifiers import identity_index, read_identity_number
from core.errors import Invalid, Refused
from core.facts import Misread

from .. import audit
from ..models import Interest
from ..wording import kept_words

LEAST_REASON = 4


def declare(identity: str, relation: str, *, by) -> Interest:
    """From now on ``by`` is given no case of this person. Raises Invalid for what is no identity number."""
    if not (by.is_active and by.is_staff and by.has_perm("cases.add_interest")):
        raise PermissionDenied
    try:
        number = read_identity_number(identity)
    except Misread as problem:
        raise Invalid.because("identity", problem.code, problem.detail) from None
    if relation not in dict(Interest.RELATIONS):
        raise Invalid.because("relation", "invalid_choice", "请选您和这个人的关系")
    try:
        with transaction.atomic():
            row = Interest.objects.create(user=by, person_index=identity_index(number), relation=relation)
            _write_down("declare_interest", row, by)
    except IntegrityError:
        raise Refused("您已经申报过这个人，不用再报。") from None
    return row


@transaction.atomic
def ask_to_end(interest: Interest, because: str, *, by) -> Interest:
    """Say that one's own declaration is no longer so, and why. It stands until somebody else agrees."""
    found = _held(interest)
    if found.user_id != by.pk:
        raise PermissionDenied
    because = kept_words(because)[:300]
    if len(because) < LEAST_REASON:
        raise Invalid.because("because", "required", f"请写明为什么不用再回避，至少 {LEAST_REASON} 个字")
    if found.ending_asked_at is not None:
        raise Refused("已经申请撤销了，等同部门的审批员同意。")
    found.ending_asked_at, found.ending_because = timezone.now(), because
    found.save(update_fields=["ending_asked_at", "ending_because"])
    _write_down("ask_to_end_interest", found, by, note=because)
    return found


def may_end(user, interest: Interest) -> bool:
    """Whether somebody else, who decides on cases of the same bureau, may agree that it is taken back."""
    return (
        user.is_active
        and user.is_staff
        and user.has_perm("cases.approve_case")
        and user.pk != interest.user_id
        and (user.is_superuser or user.department_id == interest.user.department_id)
    )


def to_end(user) -> QuerySet:
    """Declarations that wait for ``user`` to agree that they are taken back."""
    rows = Interest.objects.filter(ending_asked_at__isnull=False, ended_at=None).exclude(user=user)
    if not user.has_perm("cases.approve_case"):
        return rows.none()
    return rows if user.is_superuser else rows.filter(user__department=user.department_id or 0)


@transaction.atomic
def end(interest: Interest, *, by) -> Interest:
    """同意撤销: it holds for nothing that is filed from now on; for what was filed while it stood it goes on."""
    found = _held(interest)
    if not may_end(by, found):
        raise PermissionDenied
    if found.ending_asked_at is None:
        raise Refused("申报人还没有申请撤销。")
    found.ended_at, found.ended_by = timezone.now(), by
    found.save(update_fields=["ended_at", "ended_by"])
    _write_down("end_interest", found, by)
    return found


def _held(interest) -> Interest:
    found = Interest.objects.select_for_update(of=("self",)).select_related("user").get(pk=interest.pk)
    if found.ended_at is not None:
        raise Refused("这条申报已经撤销了。")
    return found


def _write_down(verb, row, by, note="") -> None:
    audit.record(
        verb,
        f"interest {row.pk}",
        by=by,
        department_id=row.user.department_id,
        note=note,
        relation=row.relation,
    )
