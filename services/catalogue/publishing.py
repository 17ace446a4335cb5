"""What becomes of an offering: written by one, published by a second person of a bureau, paused, opened, closed."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.models import Department
from cases import audit
from core.errors import Invalid, NotYours, Refused
from core.wording import day_text

from ..models import Offering
from .faults import faults_of

Status = Offering.Status
OWN_DRAFT = "起草的人不能自己发布，请另一位同事看过再发布。"
LONGEST_REASON = Offering._meta.get_field("paused_because").max_length


def may_write(user, offering: Offering) -> bool:
    """Whoever offers what the own department gives or answers for."""
    own = user.is_superuser or user.department_id in (offering.provider_id, offering.handler_id)
    return user.has_perm("services.change_offering") and own


def may_publish(user, offering: Offering) -> bool:
    """Whoever publishes for a bureau: the one that answers for it, or one that leads its measure."""
    if not user.has_perm("services.publish_offering"):
        return False
    if user.is_superuser:
        return True
    bureau = user.department
    if bureau is None or bureau.kind != Department.Kind.BUREAU:
        return False
    return bureau.pk == offering.handler_id or offering.benefit.measure.lead.filter(pk=bureau.pk).exists()


# Verbs


@transaction.atomic
def publish_offering(offering: Offering, *, by) -> Offering:
    """From now on it can be asked for. Raises PermissionDenied, NotYours for whoever wrote it, and Invalid where it is
    not whole."""
    row = _locked(offering)
    if not may_publish(by, row):
        raise PermissionDenied
    if row.status != Status.DRAFT:
        raise Refused("只有草稿能发布。请刷新页面看最新情况。")
    if by.pk == row.prepared_by_id:
        raise NotYours(OWN_DRAFT)
    if faults := faults_of(row):
        raise Invalid(faults)
    return _written(row, "publish_offering", by, status=Status.PUBLISHED, published_by=by)


@transaction.atomic
def take_back(offering: Offering, *, by) -> Offering:
    """A published one becomes a draft again, to be changed; nobody asks for it meanwhile."""
    row = _writable(offering, by)
    if row.status == Status.DRAFT:
        raise Refused("这项服务现在就是草稿，可以直接改。")
    return _written(row, "take_back_offering", by, status=Status.DRAFT, published_by=None, prepared_by=by)


@transaction.atomic
def close(offering: Offering, *, by) -> Offering:
    """Nobody asks for it any more. What was asked for goes on."""
    row = _writable(offering, by)
    if row.status != Status.PUBLISHED:
        raise Refused("这项服务没有在办，不用停办。")
    return _written(row, "close_offering", by, status=Status.CLOSED)


@transaction.atomic
def pause(offering: Offering, until: date, reason: str, *, by) -> Offering:
    """Nobody asks for it before ``until``. Raises Invalid."""
    row = _writable(offering, by)
    if until <= timezone.localdate():
        raise Invalid.because("until", "past", "请写今天以后的日期")
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LONGEST_REASON:
        raise Invalid.because("reason", "required", f"请写为什么暂停，最多 {LONGEST_REASON} 个字")
    return _written(
        row,
        "pause_offering",
        by,
        note=f"到 {day_text(until)}：{reason}",
        paused_until=until,
        paused_because=reason,
    )


@transaction.atomic
def reopen(offering: Offering, *, by) -> Offering:
    """It can be asked for again before the day that was said."""
    row = _writable(offering, by)
    if row.paused_until is None:
        raise Refused("这项服务没有暂停。")
    return _written(row, "reopen_offering", by, paused_until=None, paused_because="")


def _locked(offering) -> Offering:
    rows = Offering.objects.select_for_update(of=("self",)).select_related("benefit__measure")
    return rows.get(pk=offering.pk)


def _writable(offering, by) -> Offering:
    row = _locked(offering)
    if not may_write(by, row) and not may_publish(by, row):
        raise PermissionDenied
    return row


def _written(row, verb, by, note="", **values) -> Offering:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    audit.record(verb, f"offering {row.pk}", by=by, department_id=row.handler_id, note=note)
    return row
