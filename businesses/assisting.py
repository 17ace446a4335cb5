"""代办: a clerk fills in for somebody who cannot do it alone. They are there, or on the phone, and have shown who they
are; what is filed is told to them, and theirs to take back."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import record
from core.errors import Invalid, Refused

from . import rules
from .identifiers import read_credit_code, read_name
from .models import Assistance, Business
from .proving import prove

LASTS = timedelta(hours=2)
ADD = "businesses.add_assistance"
NO_SUCH_SHOP = "没有查到这家店，请核对营业执照上的代码。"


def begin(*, credit_code: str, operator_name: str, last_six: str, channel: str, by) -> Assistance:
    """Help the operator of a shop for two hours. Raises PermissionDenied, Invalid, and Refused where they are not who
    they say they are."""
    if not by.has_perm(ADD):
        raise PermissionDenied
    given = rules.read_all(
        credit_code=(read_credit_code, credit_code),
        operator_name=(read_name, operator_name),
        last_six=(rules.read_last_six, last_six),
    )
    if channel not in dict(Assistance.CHANNELS):
        raise Invalid.because("channel", "invalid_choice", "请选店主在窗口，还是在电话上")
    business = Business.objects.select_related("operator").filter(credit_code=given["credit_code"]).first()
    if business is None:
        raise Refused(NO_SUCH_SHOP)
    prove(by, business, given["last_six"], name=given["operator_name"], refused="assist_refused")
    return _begun(business, channel, by)


@transaction.atomic
def _begun(business, channel, by) -> Assistance:
    now = timezone.now()
    Assistance.objects.standing().filter(clerk=by).update(ended_at=now)  # one person at a time
    row = Assistance.objects.create(
        business=business, operator=business.operator, clerk=by, channel=channel, until=now + LASTS
    )
    record(by, "assist", f"business {business.pk}", channel=channel)
    return row


def end(row: Assistance, *, by) -> None:
    """The person has gone, or hung up. Ending twice changes nothing."""
    if row.clerk_id != by.pk:
        raise PermissionDenied
    Assistance.objects.standing().filter(pk=row.pk).update(ended_at=timezone.now())


def standing(clerk, business: Business) -> Assistance | None:
    """What lets ``clerk`` apply for a shop now; None where nothing does, or somebody else stands behind it since."""
    if not getattr(clerk, "is_staff", False):
        return None
    rows = Assistance.objects.standing().filter(
        clerk=clerk, business=business, operator=business.operator_id, clerk__is_active=True
    )
    return rows.first()


def channel_of(principal, business: Business) -> str:
    """How something that ``principal`` files for a shop comes to us."""
    row = standing(principal, business)
    return row.channel if row else "web"
