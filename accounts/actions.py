"""What people do with their account: agree, take an agreement back, leave."""

from allauth.usersessions.models import UserSession
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from core import own_data
from core.errors import Refused

from .access import record
from .models import Consent, User
from .signals import consent_given, consent_withdrawn
from .signing_in import devices

# The wording of templates/privacy.html. A new wording has to be agreed to anew.
NOTICE = "2026-11-27"


def has_agreed(user, kind) -> bool:
    """Whether ``user`` agrees to this use (a kind of Consent.KINDS) in today's wording."""
    return Consent.objects.standing(user, kind).filter(notice=NOTICE).exists()


@transaction.atomic
def agree(user, kind) -> Consent:
    """Write down that ``user`` agrees to today's notice. Agreeing again changes nothing; an older wording ends."""
    if kind not in dict(Consent.KINDS):
        raise ValueError(kind)
    User.objects.select_for_update().get(pk=user.pk)  # two clicks, one row
    standing = Consent.objects.standing(user, kind).first()
    if standing and standing.notice == NOTICE:
        return standing
    Consent.objects.standing(user, kind).update(withdrawn_at=timezone.now())
    consent = Consent.objects.create(user=user, kind=kind, notice=NOTICE)
    consent_given.send(sender=Consent, user=user, kind=kind)
    return consent


@transaction.atomic
def withdraw(user, kind) -> list[own_data.Kept]:
    """Take an agreement back (§15). What was done until now stays lawful; what leaned on it is erased.

    Returns what a law keeps all the same.
    """
    if not Consent.objects.standing(user, kind).update(withdrawn_at=timezone.now()):
        raise Refused("您没有同意过这一项，或者已经撤回")
    record(user, "consent_withdrawn", f"user {user.pk}", kind=kind)
    if kind == "service":  # nothing may go on without it; whoever signs in again agrees again
        end_sessions(user)
    consent_withdrawn.send(sender=Consent, user=user, kind=kind)
    return own_data.kept_of(user) if kind == "sensitive" else []


def end_sessions(user) -> None:
    """Sign ``user`` out everywhere."""
    devices.end(UserSession.objects.filter(user=user))


def close_account(user, *, by) -> list[own_data.Kept]:
    """Close an owner's account for good: everything personal goes, what the law keeps stays without a name.

    An owner closes their own; the administrator may close one that asked for it. Staff are switched off by their
    bureau, because what they decided has to stay theirs. Closing twice changes nothing. Returns what a law keeps.
    """
    if by.pk != user.pk and not by.is_superuser:
        raise PermissionDenied
    with transaction.atomic():
        user = User.objects.select_for_update().get(pk=user.pk)
        if user.is_staff or user.is_superuser:
            raise Refused("工作人员的账户由单位停用，不能自己注销")
        if user.closed_at:
            return own_data.kept_of(user)
        own_data.erase_all(user)
        record(by, "account_closed", f"user {user.pk}")
        user.username = f"closed-{user.pk}"
        user.first_name = user.last_name = user.email = ""
        user.phone = user.phone_index = user.phone_verified_at = None
        user.is_active = False
        user.closed_at = timezone.now()
        user.set_unusable_password()
        user.save()
        return own_data.kept_of(user)


def has_taken_back(users, kind="service") -> set[int]:
    """Ids of those among ``users`` (ids) that agreed once and do not any more: nothing is sent to them."""
    rows = Consent.objects.filter(user__any_of=users, kind=kind).values_list("user", "withdrawn_at")
    standing = {user for user, withdrawn_at in rows if withdrawn_at is None}
    return {user for user, _ in rows} - standing
