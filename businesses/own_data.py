"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47)."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.signals import consent_withdrawn
from core import own_data

from . import merge
from .facts import SELF
from .models import (
    Binding,
    BusinessRecord,
    Change,
    CorrectionRequest,
    Mandate,
    OperatorRecord,
    PaymentAccount,
)
from .register import Arrival, take_in


def register():
    """Called once when the site starts."""
    own_data.register("shops", export, erase)
    consent_withdrawn.connect(forget_accounts)


def export(user) -> dict:
    """Everything this room holds of ``user``, dates and instants in ISO spelling. Account numbers are their own."""
    bindings = list(Binding.objects.filter(user=user).select_related("business__operator").order_by("pk"))
    mandates = Mandate.objects.select_related("business")
    return {
        "bindings": [
            {
                "shop": binding.business.name,
                "credit_code": binding.business.credit_code,
                "bound_at": binding.bound_at.isoformat(),
                "ended_at": binding.ended_at and binding.ended_at.isoformat(),
                "statements": _statements(binding.business) if binding.ended_at is None else [],
            }
            for binding in bindings
        ],
        "mandates_given": [_mandate(row) for row in mandates.filter(given_by=user)],
        "mandates_held": [_mandate(row) for row in mandates.filter(agent=user)],
        "correction_requests": [
            {
                "shop": row.business.name,
                "fact": row.fact,
                "shown": row.shown,
                "note": row.note,
                "status": row.status,
                "answer": row.answer,
                "asked_at": row.asked_at.isoformat(),
            }
            for row in CorrectionRequest.objects.filter(asked_by=user).select_related("business")
        ],
        "payment_accounts": [
            {
                "holder": account.holder,
                "bank": account.bank,
                "number": account.number.reveal(),
                "added_at": account.added_at.isoformat(),
                "ended_at": account.ended_at and account.ended_at.isoformat(),
            }
            for account in _accounts(user)
        ],
    }


def _mandate(mandate):
    return {
        "shop": mandate.business.name,
        "relation": mandate.relation,
        "scopes": mandate.scopes,
        "given_at": mandate.given_at.isoformat(),
        "until": mandate.until.isoformat(),
        "revoked_at": mandate.revoked_at and mandate.revoked_at.isoformat(),
    }


def _statements(business):
    said = []
    for model, key in ((BusinessRecord, business.pk), (OperatorRecord, business.operator_id)):
        said += model.objects.filter(pk=key).values_list("said", flat=True).first() or []
    return merge.of_source(said, SELF)


def _accounts(user):
    """Those of whom the person has shown to be; an agent's entries belong to the owner they acted for."""
    own = Binding.objects.filter(user=user)
    standing = PaymentAccount.objects.filter(
        operator__in=own.filter(ended_at=None).values("business__operator")
    )
    return standing | PaymentAccount.objects.filter(
        added_by=user, operator__in=own.values("business__operator")
    )


@transaction.atomic
def erase(user):
    """End what the person holds here and delete what they said. What departments say of a shop stays theirs."""
    now = timezone.now()
    bindings = Binding.objects.filter(user=user, ended_at=None)
    shops = dict(bindings.order_by("business").values_list("business", "business__operator"))
    forget_accounts(None, user, "sensitive")
    bindings.update(ended_at=now, ended_because="账户注销")
    Mandate.objects.filter(given_by=user, revoked_at=None).update(revoked_at=now)
    Mandate.objects.filter(agent=user, revoked_at=None).update(revoked_at=now)
    arrivals = [Arrival({SELF: {}}, business_id=shop, whole=True) for shop in shops]
    if arrivals:
        take_in(arrivals, on=timezone.localdate(), by=user)
    own = Q(business__in=list(shops)) | Q(operator__in=[pk for pk in shops.values() if pk])
    Change.objects.filter(own, source=SELF).delete()
    asked = CorrectionRequest.objects.filter(asked_by=user)
    asked.open().delete()
    asked.update(note="", asked_by=None)


def forget_accounts(sender, user, kind, **kwargs):
    """Account numbers are kept on the ground of the agreement to sensitive data, and go with it."""
    if kind == "sensitive":
        PaymentAccount.objects.filter(pk__in=list(_accounts(user).values_list("pk", flat=True))).delete()
