"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47)."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.signals import consent_withdrawn
from core import own_data

from . import merge
from .facts import SELF
from .models import (
    Binding,
    Business,
    BusinessRecord,
    Change,
    CorrectionRequest,
    Mandate,
    OperatorRecord,
    PaymentAccount,
)
from .register import Arrival, lock, take_in


def register():
    """Called once when the site starts."""
    own_data.register("shops", export, erase)
    consent_withdrawn.connect(forget_accounts)
    consent_withdrawn.connect(end_mandates)


def export(user) -> dict:
    """Everything this room holds of ``user``, dates and instants in ISO spelling. Account numbers are their own."""
    bindings = list(Binding.objects.filter(user=user).select_related("business").order_by("pk"))
    shops, people = _last_bound(user, "business"), _last_bound(user, "operator")
    mandates = Mandate.objects.select_related("business")
    return {
        "bindings": [
            {
                "shop": binding.business.name,
                "credit_code": binding.business.credit_code,
                "bound_at": binding.bound_at.isoformat(),
                "ended_at": binding.ended_at and binding.ended_at.isoformat(),
                "statements": _own_words(BusinessRecord, {binding.business_id} & shops)
                + _own_words(OperatorRecord, {binding.operator_id} & people),
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


def _own_words(model, ids):
    said = model.objects.filter(pk__in=ids).values_list("said", flat=True)
    return [statement for one in said for statement in merge.of_source(one, SELF)]


def _accounts(user):
    """Those kept on the person's agreement, whosever the shop is now, and those of whom they have shown to be."""
    bound = Binding.objects.filter(user=user, ended_at=None)
    return PaymentAccount.objects.filter(Q(owner=user) | Q(operator__in=bound.values("business__operator")))


def _last_bound(user, what):
    """Ids of the shops (``business``) or persons (``operator``) that ``user`` has bound, and nobody else since."""
    later = Binding.objects.filter(**{what: OuterRef(what)}, pk__gt=OuterRef("pk")).exclude(user=user)
    last = Binding.objects.filter(~Exists(later), user=user, **{f"{what}__isnull": False})
    return set(last.values_list(what, flat=True))


@transaction.atomic
def erase(user):
    """End what the person holds here and delete what they said. What departments say of a shop stays theirs."""
    now = timezone.now()
    # With the shops locked, nobody else binds one or is given a mandate meanwhile.
    lock(Binding.objects.filter(user=user).values_list("business", flat=True))
    shops, people = _last_bound(user, "business"), _last_bound(user, "operator")
    forget_accounts(None, user, "sensitive")
    Binding.objects.filter(user=user, ended_at=None).update(ended_at=now, ended_because="账户注销")
    Mandate.objects.filter(given_by=user, revoked_at=None).update(revoked_at=now)
    Mandate.objects.filter(agent=user, revoked_at=None).update(revoked_at=now)
    arrivals = [Arrival({SELF: {}}, operator_id=person, whole=True) for person in people]
    for shop in Business.objects.filter(pk__in=shops):
        # Who stands behind the shop by now may be somebody else, whose words of themself stay.
        theirs = [] if shop.operator_id in people else _own_words(OperatorRecord, {shop.operator_id})
        kept = {name: value for statement in theirs for name, value in statement["facts"].items()}
        arrivals.append(Arrival({SELF: kept}, business_id=shop.pk, whole=True))
    if arrivals:
        take_in(arrivals, on=timezone.localdate(), by=user)
    Change.objects.filter(Q(business__in=shops) | Q(operator__in=people), source=SELF).delete()
    asked = CorrectionRequest.objects.filter(asked_by=user)
    asked.open().delete()
    asked.update(note="", asked_by=None)


def forget_accounts(sender, user, kind, **kwargs):
    """Account numbers are kept on the ground of the agreement to sensitive data, and go with it."""
    if kind == "sensitive":
        PaymentAccount.objects.filter(pk__in=list(_accounts(user).values_list("pk", flat=True))).delete()


def end_mandates(sender, user, kind, **kwargs):
    """Who no longer agrees to the service has nobody act for them in it either."""
    if kind == "service":
        Mandate.objects.filter(given_by=user, revoked_at=None).update(revoked_at=timezone.now())
