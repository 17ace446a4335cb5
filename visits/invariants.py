"""What must always be so of visits, whoever wrote. Each finding names the row."""

from collections.abc import Iterator

from django.db.models import Count, F, Q
from django.db.models.functions import TruncDay, TruncMonth, TruncWeek

from core.invariants import invariant

from .caps import COUNTED, caps
from .merging import MERGED, PLANNED, PROPOSED
from .models import Visit, VisitCase

SPANS = {"day": TruncDay, "week": TruncWeek, "month": TruncMonth}


@invariant("检查次数不超过上限，超过的写了原因")
def visits_are_within_caps() -> Iterator[str]:
    routine = VisitCase.objects.filter(state__in=COUNTED, visit__because=Visit.Because.NORMAL).order_by()
    for cap in caps():
        found = routine.values("business", since=SPANS[cap.span]("visit__on")).annotate(count=Count("pk"))
        for shop, since in found.filter(count__gt=cap.most).values_list("business", "since"):
            yield f"商户 {shop} 从 {since:%Y-%m-%d} 起{cap.words}的检查太多"


@invariant("合并的检查跟着同一家店、同一天、没有取消的检查")
def merged_visits_follow_one_that_is_paid() -> Iterator[str]:
    host = "visit__merged_into"
    right = Q(**{f"{host}__case__state__in": COUNTED, f"{host}__case__business": F("business")}) & Q(
        **{f"{host}__on": F("visit__on")}
    )
    merged = VisitCase.objects.filter(state=MERGED)
    others = VisitCase.objects.exclude(state=MERGED).filter(visit__merged_into__isnull=False)
    for rows in (merged.exclude(pk__in=merged.filter(right).values("pk")), others):
        yield from (f"检查 {pk} 合并得不对" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("定了日子、建议了日子和查完的检查有日期，还没定的没有")
def days_follow_the_state() -> Iterator[str]:
    dated = VisitCase.objects.filter(state__in=(PROPOSED, MERGED, *COUNTED), visit__on=None)
    undated = VisitCase.objects.filter(state=PLANNED, visit__on__isnull=False)
    for rows in (dated, undated):
        yield from (f"检查 {pk} 的日期不对" for pk in rows.order_by().values_list("pk", flat=True))
