"""Who else may be the same: other applications of the person, other people paid to the account or at the address.

Each is one query over indexed columns, so that it costs the same however many applications there are.
"""

import re
import unicodedata

from django.db.models import Q, QuerySet

from businesses.models import Business, Operator, PaymentAccount, account_standing
from businesses.models.register import CLOSE_ADDRESS
from cases.procedure import REVIEW
from core.once import once

from ..models import Application

MOST = 20
_WIDE = str.maketrans({code: code + 0xFEE0 for code in range(0x21, 0x7F)})


def of_same_person(application: Application) -> QuerySet[Application]:
    """Other filed applications of the same identity number, for any shop and benefit, the newest first."""
    people = Operator.objects.filter(
        Q(pk=application.operator_id) | Q(identity_index=application.person_index)
    )
    rows = Application.objects.filed().filter(operator__in=people).exclude(pk=application.pk)
    return rows.select_related("benefit", "business").order_by("-id")


@once
def payee(application: Application) -> PaymentAccount | None:
    """The account that it would be paid to: while it is reviewed the one that stands, which the owner may have changed
    since filing; afterwards the one that was recommended."""
    reviewed = application.stage.turn == REVIEW
    return (reviewed and account_standing(application.operator_id)) or application.account


def on_same_account(account: PaymentAccount | None) -> QuerySet[PaymentAccount]:
    """Accounts with the same number that are, or were, those of other people."""
    if account is None:
        return PaymentAccount.objects.none()
    rows = PaymentAccount.objects.filter(number_index=account.number_index)
    return rows.exclude(operator=account.operator_id).select_related("operator").order_by("-id")


def at_same_address(application: Application) -> QuerySet[Application]:
    """Applications of other people for the same benefit at the same address, that stand; the first ones, so that in a
    mall nobody's change with every newcomer."""
    known = spellings(application.business.address)
    if not known:
        return Application.objects.none()
    shops = Business.objects.alias(close=CLOSE_ADDRESS).filter(close__in=known)
    shops = shops.exclude(operator=application.operator_id)
    rows = Application.objects.filter(business__in=shops, benefit=application.benefit_id, standing=True)
    return rows.filed().select_related("benefit", "business", "operator").order_by("id")[:MOST]


def spellings(address: str) -> list[str]:
    """How one address is usually typed, spaces left out: as it is, and with letters and digits all narrow or wide."""
    close = re.sub(r"\s+", "", address)
    narrow = unicodedata.normalize("NFKC", close)
    return sorted({close, narrow, narrow.translate(_WIDE)} - {""})
