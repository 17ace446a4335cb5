"""What becomes of somebody who looks for work: written down, prolonged, stopped."""

from collections.abc import Mapping
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from cases.transitions import CHANGED_SINCE
from core.errors import Refused

from .models import Availability, JobMatch, Worker
from .pairs import matching
from .reading import read_worker
from .settings import figure

LOOKING, STOPPED = Worker.State.LOOKING, Worker.State.STOPPED


def look_for_work(user, raw: Mapping, *, expected_version: int | None = None) -> Worker:
    """What somebody does, where and when, new or anew; they are looking from now on. Raises Invalid, Refused."""
    if user.is_staff or not user.phone:
        raise PermissionDenied
    values, changed = read_worker(raw), CHANGED_SINCE.replace("这一件", "您的找活信息")
    try:
        return _written(user, values, expected_version, changed)
    except IntegrityError:  # their first, sent twice at once
        raise Refused(changed) from None


@transaction.atomic
def _written(user, values, expected_version, changed) -> Worker:
    row = Worker.objects.select_for_update().filter(user=user).first() or Worker(user=user, version=0)
    if expected_version is not None and row.version != expected_version:
        raise Refused(changed)
    for key, value in values.items():
        setattr(row, key, value)
    _looks(row)
    row.version += 1
    row.said_at = timezone.now()
    row.save()
    Availability.objects.filter(worker=row).delete()
    Availability.objects.bulk_create(
        Availability(worker=row, trade=trade, county=county, day_fen=row.wants_fen)
        for trade in row.trades
        for county in row.counties
    )
    match_after(row)
    return row


def prolong(worker: Worker) -> None:
    """Still looking: for as long as at first."""
    _looks(worker)
    Worker.objects.filter(pk=worker.pk).update(
        state=worker.state, looking_until=worker.looking_until, version=F("version") + 1
    )
    match_after(worker)


def _looks(row) -> None:
    row.state = LOOKING
    row.looking_until = timezone.localdate() + timedelta(days=figure("looking_days"))


def stop(worker: Worker) -> None:
    """No longer looking: nobody new sees them."""
    Worker.objects.filter(pk=worker.pk).update(state=STOPPED, version=F("version") + 1)
    JobMatch.objects.filter(worker=worker).delete()


def stop_the_forgotten(today: date) -> int:
    """Those who have not said for long that they still look."""
    rows = list(Worker.objects.looking().filter(looking_until__lt=today).values_list("pk", flat=True))
    Worker.objects.filter(pk__in=rows).update(state=STOPPED, version=F("version") + 1)
    JobMatch.objects.filter(worker__in=rows).delete()
    return len(rows)


def match_after(worker: Worker) -> None:
    transaction.on_commit(lambda: matching.match_worker(worker), robust=True)
