"""回避: a member of staff says whose cases they must not touch. By identity number, of which only the index is kept."""

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from businesses.identifiers import identity_index, read_identity_number
from core.errors import Invalid, Refused
from core.facts import Misread

from .. import audit
from ..models import Interest


def declare(identity: str, relation: str, *, by) -> Interest:
    """From now on ``by`` is given no case of this person. Raises Invalid for what is no identity number."""
    if not (by.is_active and by.is_staff and by.has_perm("subsidies.add_interest")):
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
def end(interest: Interest, *, by) -> Interest:
    """Take one's own declaration back."""
    found = Interest.objects.select_for_update().get(pk=interest.pk)
    if found.user_id != by.pk:
        raise PermissionDenied
    if found.ended_at is not None:
        raise Refused("这条申报已经撤销了。")
    found.ended_at = timezone.now()
    found.save(update_fields=["ended_at"])
    _write_down("end_interest", found, by)
    return found


def _write_down(verb, row, by):
    audit.record(verb, f"interest {row.pk}", by=by, department_id=by.department_id, relation=row.relation)
