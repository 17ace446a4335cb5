"""How often is too often (data/inspection_caps.yaml): visits of all bureaus to one shop in a day, a week, a month.

Counted under the lock of the shop, so that of two bureaus that take the last place only one has it.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from django.db.models import Count, Q

from businesses.models import Business
from cases.models import Case
from core.data_files import read_yaml
from core.errors import Refused

from .models import VisitCase

PATH = Path(__file__).with_name("data") / "inspection_caps.yaml"
# What is paid, or will be. What was merged is paid with another.
COUNTED = ("set", "done")
INSTEAD = "请换一天。因投诉、事故或交办非去不可的，请另列一个计划，写明原因。"


@dataclass(frozen=True)
class Cap:
    """At most ``most`` in a ``span``: day, week or month. ``words``: what that span is called."""

    span: str
    most: int
    words: str


@cache
def caps() -> tuple[Cap, ...]:
    rows = read_yaml(PATH)
    return tuple(Cap(span, row["most"], row["words"]) for span, row in rows.items())


def days_of(span: str, day: date) -> tuple[date, date]:
    """The first and the last day of the span in which ``day`` is."""
    if span == "day":
        return day, day
    if span == "week":
        monday = day - timedelta(days=day.weekday())
        return monday, monday + timedelta(days=6)
    return day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1])


def lock_shop(case: Case) -> None:
    """Until the end of the transaction nobody else sets, moves or merges a visit to this shop."""
    hold(case.business_id)


def hold(shop_id: int) -> None:
    """The lock of a shop. Nobody waits for it who only names the shop in a row of theirs."""
    Business.objects.select_for_update(of=("self",), no_key=True).get(pk=shop_id)


def refuse_beyond(case: Case, day: date) -> None:
    """Refused where a routine visit on ``day`` would be one too many for the shop, whose lock is held. All that is paid
    counts, whatever brings it about."""
    if not case.visit.is_routine:
        return
    others = VisitCase.objects.filter(business=case.business_id, state__in=COUNTED).exclude(pk=case.pk)
    spans = {cap.span: days_of(cap.span, day) for cap in caps()}
    counts = {span: Count("pk", filter=Q(visit__on__range=ends)) for span, ends in spans.items()}
    found = others.order_by().aggregate(**counts)
    for cap in caps():
        if found[cap.span] >= cap.most:
            raise Refused(
                f"{_near(day)}不行：{cap.words}已有 {found[cap.span]} 次检查，最多 {cap.most} 次。{INSTEAD}"
            )


def _near(day) -> str:
    return f"{day.month} 月 {day.day} 日"
