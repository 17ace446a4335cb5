"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47)."""

from datetime import date

import orjson
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts import access
from accounts.signals import consent_withdrawn
from core import own_data

from . import merge, rules, sharing
from .disclosure import facts_as_json
from .facts import SELF
from .models import (
    Binding,
    Business,
    BusinessRecord,
    Change,
    CorrectionRequest,
    Mandate,
    Operator,
    OperatorRecord,
    PaymentAccount,
    Sharing,
)
from .proving import prove
from .register import Arrival, lock, take_in
from .signals import accounts_forgotten


def register() -> None:
    """Called once when the site starts."""
    own_data.register("shops", export, erase, kept=kept)
    own_data.guard_with(has_shown_identity, check_identity)
    consent_withdrawn.connect(forget_accounts)
    consent_withdrawn.connect(end_mandates)
    consent_withdrawn.connect(end_sharings)


def export(user) -> dict:
    """Everything this room holds of ``user``, dates and instants in ISO spelling. Account numbers are their own."""
    bindings = list(Binding.objects.filter(user=user).select_related("business").order_by("pk"))
    shops, people = _last_bound(user, "business"), _last_bound(user, "operator")
    mandates = Mandate.objects.select_related("business")
    accounts = list(_accounts(user))
    sharings = list(_sharings(user, people).select_related("business", "receiver").order_by("pk"))
    return {
        "people": [_person(row) for row in _operators(people)],
        "shops": [_shop(user, row) for row in _shops_of(user)],
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
        "sharings": [_sharing(row) for row in sharings],
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
                "sealed_until": account.sealed_until and account.sealed_until.isoformat(),
            }
            for account in accounts
        ],
        "access_events": access.told_of(
            [f"operator {pk}" for pk in people]
            + [f"business {pk}" for pk in shops]
            + [f"paymentaccount {account.pk}" for account in accounts]
            + [f"sharing {row.pk}" for row in sharings]
        ),
    }


def _operators(people):
    return Operator.objects.filter(pk__in=people).select_related("record").order_by("pk")


def _person(operator) -> dict:
    """Who they are, and what every source said of them."""
    identity = operator.identity.reveal() if operator.identity else None
    return {
        "name": operator.name,
        "identity_number": identity,
        "born_on": identity and f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}",
        "statements": operator.record.said if hasattr(operator, "record") else [],
    }


def _shops_of(user):
    """The shops that are theirs today: what departments say of others is not theirs to take along."""
    bound = Binding.objects.filter(user=user, ended_at=None)
    return Business.objects.filter(pk__in=bound.values("business")).select_related("operator").order_by("pk")


def _shop(user, business) -> dict:
    """A shop as its owner may see it, tax figures and all."""
    return {
        "name": business.name,
        "credit_code": business.credit_code,
        "address": business.address,
        "facts": facts_as_json(user, business),
    }


def kept(user) -> list[own_data.Kept]:
    """What departments say of a shop is theirs, and stays with them."""
    if not Binding.objects.filter(user=user).exists():
        return []
    law = "《个体工商户登记管理规定》《税收征收管理法》等"
    return [own_data.Kept("各部门自己的登记信息", law, ends="由各部门依法保管，店铺注销后按档案规定销毁")]


def has_shown_identity(user) -> bool:
    """Whether the copy would tell an identity number, which is more than who has the phone need know."""
    return _newest_binding(user) is not None


def check_identity(user, last_six: str) -> None:
    """Raises Refused or Invalid unless these are the last six of whom ``user`` has shown to be."""
    given = rules.read_all(last_six=(rules.read_last_six, last_six))["last_six"]
    binding = _newest_binding(user)
    prove(user, binding.business, given, operator=binding.operator, refused="own_data_refused")


def _newest_binding(user):
    people = _last_bound(user, "operator")
    known = Binding.objects.filter(user=user, operator__in=people, operator__identity__isnull=False)
    return known.select_related("business__operator", "operator").order_by("-pk").first()


def _mandate(mandate) -> dict:
    return {
        "shop": mandate.business.name,
        "relation": mandate.relation,
        "scopes": mandate.scopes,
        "given_at": mandate.given_at.isoformat(),
        "until": mandate.until.isoformat(),
        "revoked_at": mandate.revoked_at and mandate.revoked_at.isoformat(),
    }


def _sharings(user, people):
    """Those given by the person, and of whom they have shown to be."""
    return Sharing.objects.filter(Q(given_by=user) | Q(operator__in=people))


def _sharing(row) -> dict:
    return {
        "shop": row.business.name,
        "receiver": row.receiver.name,
        "purpose": row.purpose,
        "facts": orjson.loads(row.preview.reveal()),
        "given_at": row.given_at.isoformat(),
        "until": row.until.isoformat(),
        "uses": row.uses,
        "used": row.used,
        "keep_days": row.keep_days,
        "revoked_at": row.revoked_at and row.revoked_at.isoformat(),
    }


def _own_words(model, ids) -> list:
    said = model.objects.filter(pk__in=ids).values_list("said", flat=True)
    return [statement for one in said for statement in merge.of_source(one, SELF)]


def _accounts(user):
    """Those kept on the person's agreement, whosever the shop is now, and those of whom they have shown to be."""
    bound = Binding.objects.filter(user=user, ended_at=None)
    return PaymentAccount.objects.filter(Q(owner=user) | Q(operator__in=bound.values("business__operator")))


def _last_bound(user, what) -> set:
    """Ids of the shops (``business``) or persons (``operator``) that ``user`` has bound, and nobody else since."""
    later = Binding.objects.filter(**{what: OuterRef(what)}, pk__gt=OuterRef("pk")).exclude(user=user)
    last = Binding.objects.filter(~Exists(later), user=user, **{f"{what}__isnull": False})
    return set(last.values_list(what, flat=True))


@transaction.atomic
def erase(user) -> None:
    """End what the person holds here and delete what they said. What departments say of a shop stays theirs."""
    now = timezone.now()
    # With the shops locked, nobody else binds one or is given a mandate meanwhile.
    lock(Binding.objects.filter(user=user).values_list("business", flat=True))
    shops, people = _last_bound(user, "business"), _last_bound(user, "operator")
    forget_accounts(None, user, "sensitive")
    Binding.objects.filter(user=user, ended_at=None).update(ended_at=now, ended_because="账户注销")
    Mandate.objects.filter(given_by=user, revoked_at=None).update(revoked_at=now)
    Mandate.objects.filter(agent=user, revoked_at=None).update(revoked_at=now)
    Mandate.objects.filter(Q(given_by=user) | Q(agent=user)).update(relation="")
    sharing.end_all(given_by=user)
    for row in Sharing.objects.filter(given_by=user):
        row.preview = "{}"  # that it was agreed to is shown by its digest
        row.save(update_fields=["preview"])
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


def forget_accounts(sender, user, kind, **kwargs) -> None:
    """Account numbers are kept on the ground of the agreement to sensitive data, and go with it.

    Where money went to one the law keeps its number: such a one is ended and sealed.
    """
    if kind != "sensitive":
        return
    ids = list(_accounts(user).filter(sealed_until=None).values_list("pk", flat=True))
    held: dict[int, date] = {}
    for _, answer in accounts_forgotten.send(PaymentAccount, accounts=ids):
        held |= answer
    accounts = PaymentAccount.objects.filter(pk__in=ids)
    accounts.exclude(pk__in=held).delete()
    sealed, now = list(accounts.filter(pk__in=held)), timezone.now()
    for account in sealed:
        account.ended_at, account.sealed_until = account.ended_at or now, held[account.pk]
    PaymentAccount.objects.bulk_update(sealed, ["ended_at", "sealed_until"])


def end_mandates(sender, user, kind, **kwargs) -> None:
    """Who no longer agrees to the service has nobody act for them in it either."""
    if kind == "service":
        Mandate.objects.filter(given_by=user, revoked_at=None).update(revoked_at=timezone.now())


def end_sharings(sender, user, kind, **kwargs) -> None:
    """Nor does anybody read by their leave what is known of their shop."""
    if kind in ("service", "sensitive"):
        sharing.end_all(given_by=user)
