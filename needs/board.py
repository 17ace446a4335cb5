"""The board: how institutions answer what is sent to them. Counted, never weighed: the figures are shown, and what each
of them means beside it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.core.cache import cache
from django.db.models import Count, DurationField, ExpressionWrapper, F, Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from accounts.models import Department
from services.deadlines import days
from services.models import Leg, Request

FEWEST = 5  # ended ones: fewer say nothing of anybody
LOOKED_BACK = timedelta(days=365)
MINUTES_KEPT = 10
# What of those that ended; one that the owner took back says nothing of whoever was asked.
ENDS = (
    (Leg.State.DONE, "办成或答复"),
    (Leg.State.NO_HELP, "没办成"),
    (Leg.State.NOT_FOR_ME, "转给别家"),
    (Leg.State.UNREACHABLE, "联系不上"),
    (Leg.State.NO_ANSWER, "没有回音"),
)


@dataclass
class Figures:
    """Of one institution in the last year. ``waiting``: sent and not ended; ``by_days``: how many ended after so many
    days; ``came``, ``no_shows``: of what was booked."""

    name: str
    waiting: int = 0
    in_time: int = 0
    ends: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    by_days: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    came: int = 0
    no_shows: int = 0

    @property
    def ended(self) -> int:
        return sum(self.ends.values())

    @property
    def sent(self) -> int:
        return self.ended + self.waiting

    @property
    def in_time_percent(self) -> int:
        """Of those that ended, rounded down: nobody has all that has not all."""
        return self.in_time * 100 // self.ended if self.ended else 0

    @property
    def median_days(self) -> float | None:
        return median(self.by_days)

    @property
    def outcomes(self) -> list[dict]:
        """``[{key, label, count, start, width}]`` of those there are, the last two in percent of a bar."""
        found, start = [], 0.0
        for state, label in ENDS:
            if count := self.ends.get(state):
                width = round(100 * count / self.ended, 2)
                found.append({"key": state, "label": label, "count": count, "start": start, "width": width})
                start = round(start + width, 2)
        return found


def median(by_days: dict[int, int]) -> float | None:
    """Of a count by day; the mean of the two in the middle of an even number. None of nothing."""
    total = sum(by_days.values())
    if not total:
        return None
    middle = [_at(by_days, (total - 1) // 2), _at(by_days, total // 2)]
    return sum(middle) / 2


def _at(by_days, place) -> int:
    for day in sorted(by_days):
        place -= by_days[day]
        if place < 0:
            return day
    raise ValueError(place)


def board(today: date) -> list[Figures]:
    """Those of whom FEWEST have ended or more, by name. Three queries, kept for some minutes."""
    return cache.get_or_set(f"needs.board.{today}", lambda: _board(today), MINUTES_KEPT * 60)


def _board(today) -> list[Figures]:
    since = timezone.make_aware(datetime.combine(today - LOOKED_BACK, time.min))
    names = dict(Department.objects.values_list("pk", "name"))
    found = {pk: Figures(name) for pk, name in names.items()}
    for row in _legs(since):
        _add(found[row["receiver"]], row)
    for pk, came, no_shows in _visits(since):
        found[pk].came, found[pk].no_shows = came, no_shows
    return sorted((one for one in found.values() if one.ended >= FEWEST), key=lambda one: one.name)


def _add(figures, row) -> None:
    if row["days"] is None:
        figures.waiting += row["count"]
        return
    figures.in_time += row["in_time"]
    figures.ends[row["state"]] += row["count"]
    figures.by_days[row["days"].days] += row["count"]


def _legs(since) -> Iterable[dict]:
    """By receiver, end and days between, None of what is open. In time: by the day promised, else within some days."""
    taken_at = Coalesce("taken_at", "closed_at")
    within = Q(due_on=None) & Q(took__lte=F("sent_at") + timedelta(days=days("taken_in_time")))
    answered = ~Q(state=Leg.State.NO_ANSWER)
    between = ExpressionWrapper(TruncDate("closed_at") - TruncDate("sent_at"), DurationField())
    ended = Q(state__in=[state for state, _ in ENDS], closed_at__gte=since)
    rows = Leg.objects.filter(ended | Q(state__in=Leg.OPEN, closed_at=None))
    rows = rows.filter(receiver__isnull=False, sent_at__isnull=False).annotate(took=taken_at, days=between)
    kept = Q(due_on__isnull=False, took__date__lte=F("due_on")) | within
    rows = rows.order_by().values("receiver", "state", "days")
    return rows.annotate(count=Count("pk"), in_time=Count("pk", filter=answered & kept))


def _visits(since) -> Iterable[tuple]:
    """``(department, came, did not come)`` of what was booked with each."""
    rows = Request.objects.filter(
        offering__provider__isnull=False,
        slot__ends_at__gte=since,
        case__state__in=["attended", "certified", "no_show"],
    )
    missed = Q(case__state="no_show")
    rows = rows.order_by().values("offering__provider")
    rows = rows.annotate(came=Count("pk", filter=~missed), no_shows=Count("pk", filter=missed))
    return rows.values_list("offering__provider", "came", "no_shows")
