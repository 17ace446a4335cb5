"""Grants end early when a shop closes: what is not paid yet is given back, what was paid for later months is to come
back."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.utils import timezone

from businesses import merge
from businesses.models import BusinessRecord
from businesses.registry import business_registry
from cases import audit, letters
from cases.transitions import CHANGED_SINCE, locked, touch
from core.errors import Invalid, Refused
from core.money import yuan_text
from eligibility import holdings
from eligibility.models import Holding

from .. import telling
from ..models import Application, Grant, Instalment
from ..money import budgets, grants
from ..permissions import may_pay
from ..procedure import CLOSED_FOR_GOOD
from .applying import release_holding

NOT_TRADING = (*CLOSED_FOR_GOOD, "suspended")
CLOSED = "店铺已经停业、注销或吊销"


def stop_for_closed_shops(today: date) -> int:
    """Stop the monthly grants of shops that trade no longer, as of the day of which the registry says so; how many."""
    running = Grant.objects.filter(
        status=Grant.Status.ACTIVE,
        months__isnull=False,
        application__business__operating_status__in=NOT_TRADING,
    )
    found = list(running.select_related("application"))
    days = days_of_closing({grant.application.business_id for grant in found}, today)
    return sum(stop_for_closing(grant, days.get(grant.application.business_id, today)) for grant in found)


def days_of_closing(shops, today):
    """``{shop id: day}``: the day of which its status is told, at the latest today."""
    registry, days = business_registry(), {}
    for shop, said in BusinessRecord.objects.filter(pk__in=shops).values_list("pk", "said"):
        best = merge.merge(said, registry).get("operating_status")
        if best is not None and best.on:
            days[shop] = min(date.fromisoformat(best.on), today)
    return days


@transaction.atomic
def stop_for_closing(grant: Grant, on: date) -> bool:
    """Stop one grant because its shop has closed; whether it was running. Who stands behind it may apply again."""
    application = locked(grant.application)
    found = grants.standing_grant(application)
    if found is None or found.pk != grant.pk or found.status != Grant.Status.ACTIVE:
        if found is not None and found.status == Grant.Status.STOPPED:
            grants.give_back_later(found)  # what was in a batch when it was stopped, and came back unpaid
        return False
    grants.stop(found, on=on, because=CLOSED)
    _end_holding(application)
    touch(application, concluded_on=timezone.localdate())
    letters.tell(application, "stopped", because=CLOSED)
    if over := grants.to_recover_fen(found):
        letters.tell(application, "recover", amount_fen=over, because=CLOSED)
    audit.record("stop_grant", f"grant {found.pk}", case=application, on=on.isoformat(), to_recover_fen=over)
    return True


def _end_holding(application) -> None:
    if application.paid_at is None:
        release_holding(application)
        return
    today = timezone.localdate()
    holdings.hold(application.business, application.benefit, Holding.Kind.ENJOYED, until=today)


def to_recover(applications) -> list:
    """Paid instalments of which something has to come back, as the grant was stopped or the offer was a mistake:
    ``[(instalment, fen)]``."""
    taken_back = Q(grant__application__offer__withdrawn_at__isnull=False)
    rows = Instalment.objects.filter(
        Q(grant__stopped_on__isnull=False) | taken_back,
        grant__application__in=applications,
        status=Instalment.Status.PAID,
    )
    rows = rows.annotate(is_taken_back=ExpressionWrapper(taken_back, BooleanField()))
    rows = rows.select_related("grant__application__business", "grant__application__benefit_version")
    found = [(row, _to_come_back(row)) for row in rows]
    return [(row, over) for row, over in found if over]


def _to_come_back(row):
    return row.amount_fen - row.recovered_fen if row.is_taken_back else grants.over_paid_fen(row.grant, row)


@transaction.atomic
def recover(
    instalment: Instalment, amount_fen: int, *, by, expected_recovered_fen: int | None = None
) -> Instalment:
    """追回: write down that money has come back. Never more than was paid and is not back yet."""
    application = locked(Application.objects.get(grants__instalments=instalment))
    found = Instalment.objects.select_related("grant").get(pk=instalment.pk)
    if not may_pay(by, application):
        raise PermissionDenied
    if expected_recovered_fen not in (None, found.recovered_fen):
        raise Refused(CHANGED_SINCE)
    if found.status != Instalment.Status.PAID:
        raise Refused("这一期还没有到账，没有钱可以追回。")
    if amount_fen <= 0:
        raise Invalid.because("amount", "out_of_range", "金额要大于 0，请按元填写")
    left = found.amount_fen - found.recovered_fen
    if amount_fen > left:
        raise Refused(f"最多还能追回 {yuan_text(left)} 元。请按实际退回的金额填写。")
    key = f"recover instalment {found.pk} after {found.recovered_fen}"
    budgets.post(found.envelope_id, key, application=application, by=by, recovered=amount_fen)
    found.recovered_fen += amount_fen
    found.save(update_fields=["recovered_fen"])
    if not to_recover([application]):
        telling.settle_recovery(application)
    audit.record("recover", f"instalment {found.pk}", by=by, case=application, amount_fen=amount_fen)
    return found
