"""People who give their time: what waits for one of them, and whom a shop has met before."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db.models import Max, QuerySet
from django.utils import timezone

from businesses.models import Business
from core.prepared import prepared

from ..models import Offering, Request, ServiceCase, Slot

ROLL_CALL = timedelta(days=45)  # afterwards nothing is written down any more (timetable.py)


def is_mentor(user) -> bool:
    """Whether somebody who is no staff gives an offering."""
    return getattr(user, "is_active", False) and not user.is_staff and bool(_first_given_by(user.pk))


@prepared
def _first_given_by(user) -> QuerySet:
    return Offering.objects.filter(mentor=user).order_by().values_list("pk")[:1]


def asked_of(user) -> QuerySet:
    """The slots of a mentor that are ahead or whose roll has to be called still, the earliest first."""
    since = timezone.now() - ROLL_CALL
    rows = Slot.objects.filter(offering__mentor=user, ends_at__gt=since).exclude(status=Slot.Status.CANCELLED)
    return rows.select_related("offering").order_by("starts_at", "pk")


def bookings_of(user) -> QuerySet:
    """The cases of a mentor's slots in which somebody has a seat or waits for one."""
    rows = ServiceCase.objects.open().filter(request__offering__mentor=user)
    rows = rows.exclude(request__seat=Request.Seat.NONE)
    return rows.select_related("business", "request__slot", "request__offering").order_by(
        "request__slot__starts_at", "pk"
    )


def count_asked(user) -> int:
    """How many bookings wait for a mentor's roll call: begun, and nobody has said who came."""
    return (
        bookings_of(user)
        .filter(request__seat=Request.Seat.HELD, request__slot__starts_at__lte=timezone.now())
        .count()
    )


def met_before(business: Business) -> dict[int, datetime]:
    """``{mentor's id: when last}``: the mentors to whom whoever stands behind a shop came."""
    rows = ServiceCase.objects.filter(operator=business.operator_id, outcome="helped")
    rows = rows.filter(request__offering__mentor__isnull=False)
    last = rows.values("request__offering__mentor").annotate(last=Max("request__slot__starts_at")).order_by()
    return {row["request__offering__mentor"]: row["last"] for row in last}


def met_first(offerings: Iterable[Offering], business: Business) -> list[Offering]:
    """Those of the mentor met last first; the others stay in their order."""
    met, rows = met_before(business), list(offerings)
    known = [row for row in rows if row.mentor_id in met]
    known.sort(key=lambda row: met[row.mentor_id], reverse=True)
    return known + [row for row in rows if row.mentor_id not in met]
