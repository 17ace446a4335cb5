"""The day of a visit for somebody's calendar: who comes, and what is looked at."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils import timezone

from cases.models import Case
from cases.procedure import OPEN
from core.calendar_file import DOMAIN, Entry, morning
from notifications.calendar_feed.sources import calendar_source

from .merging import SET
from .models import VisitCase
from .telling import items_of


def entry_of(case: Case, url: str) -> Entry:
    """Told of the morning before. The ``version`` of the case is its sequence, and what is over is struck out.
    ``url``: the page of visits."""
    return Entry(
        f"{case.public_id}@{DOMAIN}",
        case.title,
        url,
        case.visit.on,
        text=items_of(case),
        sequence=case.version,
        stands=case.phase == OPEN,
        alarms=(morning(1),),
    )


@calendar_source
def visits_to_come(user, absolute) -> Iterator[Entry]:
    """Those to the shops of ``user`` whose day is set and not over."""
    rows = VisitCase.objects.visible_to(user).filter(visit__on__gte=timezone.localdate())
    for case in rows.filter(state=SET).select_related("department", "visit").order_by("pk"):
        yield entry_of(case, absolute(reverse("me-visits")))
