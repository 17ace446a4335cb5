"""Phones of two who talk: each shown to the other alone, on a button, so many a day, each look written down."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import record
from accounts.models import AccessEvent, User
from businesses.actions import owns
from businesses.models import Binding
from cases.rights.permissions import may_apply
from core.errors import Refused

from .models import ContactCase
from .permissions import SHOP, WORKER, side_of
from .settings import figure

ACTION = "job_phone_shown"
TOO_MANY = "今天已经看了 {most} 个电话，明天再看。急用请拨 12345。"
NOT_YET = "两边都愿意谈了，才能看电话。"
NONE = "对方没有留电话。请在这里回话，或拨 12345。"
TALKING = ("talking", "agreed")


def phone_of_other(user, case: ContactCase) -> str:
    """The number of the other side. Raises PermissionDenied for whoever is not one of the two, programs and agents
    included, and Refused."""
    side = side_of(user, case)
    if side == "" or not getattr(user, "is_active", False) or user.is_staff or not speaks(user, case, side):
        raise PermissionDenied
    if case.state not in TALKING:
        raise Refused(NOT_YET)
    since = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    seen = AccessEvent.objects.filter(
        user=user, action=ACTION, at__gte=since, at__lt=since + timedelta(days=1)
    )
    if not seen.filter(subject=case.subject).exists() and seen.count() >= figure("phones_a_day"):
        raise Refused(TOO_MANY.format(most=figure("phones_a_day")))
    person = _of_shop(case) if side == WORKER else case.contact.worker.user
    if person is None or not person.phone:
        raise Refused(NONE)
    record(user, ACTION, case.subject, whose=SHOP if side == WORKER else WORKER)
    return person.phone.reveal()


def _of_shop(case) -> User | None:
    """Whoever offers the work, as long as they act for the shop, else its owner."""
    person = case.contact.post.by
    if person is not None and may_apply(person, case.business):
        return person
    bound = Binding.objects.filter(business=case.business_id, ended_at=None).select_related("user").first()
    return bound and bound.user


def speaks(user, case, side) -> bool:
    """A mandate prepares; it shows nobody's number."""
    return side == WORKER or owns(user, case.business)
