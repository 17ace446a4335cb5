"""转账被退回: money that the bank sent back waits until an account stands that can take it."""

from django.db.models import Exists, OuterRef, QuerySet

from cases.procedure import GRANTED

from ..models import Application, Instalment, Payment

Status = Payment.Status


def waiting() -> QuerySet[Payment]:
    """What came back, has not been sent again, and went to an account that still stands."""
    again = Payment.objects.filter(
        instalment=OuterRef("instalment"), status__in=[Status.BATCHED, Status.SENT, Status.PAID]
    )
    rows = Payment.objects.filter(status=Status.RETURNED, instalment__status=Instalment.Status.DUE)
    return rows.filter(~Exists(again), account__ended_at=None)


def waits() -> Exists:
    """A condition on applications: their owner has an account to mend."""
    return Exists(waiting().filter(instalment__grant__application=OuterRef("pk")))


def returned_of(application: Application) -> Payment | None:
    """The payment that came back last, of an instalment that has not been sent again. Looks at prefetched rows."""
    if application.outcome != GRANTED:
        return None
    for grant in application.grants.all():
        for part in grant.instalments.all():
            newest = max(part.payments.all(), key=lambda payment: payment.pk, default=None)
            is_back = newest is not None and newest.status == Status.RETURNED
            if is_back and part.status == Instalment.Status.DUE:
                return newest
    return None


def is_mended(payment: Payment) -> bool:
    """Whether another account has been registered since."""
    return payment.account.ended_at is not None
