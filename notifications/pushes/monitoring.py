"""What pushes have come to, as figures: progress by the ledger, funnels, deliveries, alarms. 应享未享 is in uptake.py.

Set queries alone, a fixed number of them however many shops, messages and versions there are.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection
from django.db.models import Case, Count, Exists, F, Max, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Coalesce, TruncDate
from django.urls import reverse
from django.utils import timezone

from businesses.models import Binding, Business
from core.sql import compiled, name, sql
from eligibility.models import Holding, Match
from policies.models import BenefitVersion

from ..hearing import REASONS
from ..models import (
    CHANNELS,
    EVERYBODY,
    Change,
    ChannelState,
    Delivery,
    DeliveryItem,
    KillSwitch,
    Notification,
    Outbox,
    PushRun,
    Touched,
    Withheld,
)

LOOKED_BACK = timedelta(days=30)

# Progress

RECENT = 10  # transactions by which the speed is measured: a pause long ago says nothing of it
NO_END = 2**62


@dataclass(frozen=True)
class Progress:
    """``rate``: shops a second, ``left``: seconds, about; None where that is not known. Counts are those done."""

    chunks: int
    done: int
    shops: int
    shops_done: int
    told: int
    rate: int | None = None
    left: int | None = None


def progress(run: PushRun) -> Progress:
    """How far a run has come, by its ledger. A run without chunks grows over its day."""
    chunks = list(_chunks_with_shops(run))
    finished = [chunk for chunk in chunks if chunk["done_at"]]
    shops, shops_done = (sum(chunk["shops"] for chunk in some) for some in (chunks, finished))
    rate = _rate(run, finished)
    return Progress(
        chunks=len(chunks),
        done=len(finished),
        shops=shops,
        shops_done=shops_done,
        told=sum(chunk["told"] for chunk in finished) if chunks else run.told,
        rate=max(round(rate), 1) if rate else None,
        left=round((shops - shops_done) / rate) if rate and run.finished_at is None else None,
    )


def _chunks_with_shops(run):
    """The ledger with the number of shops of each chunk."""
    inside = Business.objects.filter(
        operator__gte=OuterRef("lo"), operator__lt=Coalesce(OuterRef("hi"), Value(NO_END))
    )
    counted = inside.order_by().values(one=Value(1)).annotate(count=Count("pk")).values("count")
    rows = run.chunks.filter(lo__gte=0).annotate(shops=Coalesce(counted, Value(0)))
    yield from rows.values("done_at", "told", "shops")
    for chunk in run.chunks.filter(lo__lt=0).values("lo", "done_at", "told"):
        shops = Business.objects.all() if chunk["lo"] == EVERYBODY else Business.objects.filter(operator=None)
        yield {**chunk, "shops": shops.count()}


def _rate(run, finished):
    if not finished:
        return None
    moments = sorted({chunk["done_at"] for chunk in finished})  # of chunks done together there is one
    since = moments[-RECENT - 1] if len(moments) > RECENT else run.created_at
    seconds = (moments[-1] - since).total_seconds()
    shops = sum(chunk["shops"] for chunk in finished if chunk["done_at"] > since)
    return shops / seconds if seconds > 0 else None


def failures(run: PushRun) -> list[dict]:
    """Chunks that are not done for a reason, by reason: ``{"problem", "count", "tries"}``."""
    broken = run.chunks.filter(done_at=None).exclude(problem="")
    rows = broken.values("problem").annotate(count=Count("pk"), most=Max("tries"))
    return [
        {"problem": row["problem"], "count": row["count"], "tries": row["most"]}
        for row in rows.order_by("-count", "problem")
    ]


# Funnels

STAGES = {
    "matched": "符合",
    "told": "写入消息",
    "bound": "绑定了店，看得到",
    "opened": "打开",
    "acted": "点了去办",
    "applied": "申请",
    "granted": "批准",
    "paid": "享受（到账）",
}
_TAKEN = {
    "applied": [Holding.Kind.APPLIED, Holding.Kind.GRANTED, Holding.Kind.ENJOYED],
    "granted": [Holding.Kind.GRANTED, Holding.Kind.ENJOYED],
    "paid": [Holding.Kind.ENJOYED],
}


@dataclass(frozen=True)
class Stage:
    """One bar of a funnel; ``share``: per cent of the first, to one place, None where that is nothing."""

    label: str
    count: int
    share: float | None


def as_stages(counts: dict[str, int]) -> list[Stage]:
    """A funnel in order, as shown."""
    first = next(iter(counts.values()), 0)
    return [
        Stage(STAGES[name], count, round(100 * count / first, 1) if first else None)
        for name, count in counts.items()
    ]


def funnels(version_ids: Iterable[int]) -> dict[int, dict[str, int]]:
    """``{version id: {stage: persons}}``. Matched: a decision of this version stands for one of their shops, or did
    when they were told. Messages that something has ended are no part of it."""
    ids = list(version_ids)
    matched, rest = _matched(ids), _after_matching("version", ids)
    return {pk: {"matched": matched.get(pk, 0), **rest[pk]} for pk in ids}


def funnel_of_run(run: PushRun) -> dict[str, int]:
    """The same of one run. ``matched`` are the shops of its ledger; reminders match nobody anew."""
    rest = _after_matching("run", [run.pk])[run.pk]
    return rest if run.scope == PushRun.REMINDERS else {"matched": run.matched, **rest}


def _matched(version_ids) -> dict:
    """{version id: persons}."""
    if not version_ids:
        return {}
    standing = Match.objects.open().filter(version__in=version_ids, operator__isnull=False)
    told = _messages("version", version_ids)
    parts = [rows.order_by().values_list("version_id", "operator_id") for rows in (standing, told)]
    (first, one), (second, other) = map(compiled, parts)
    statement = sql(
        "SELECT version_id, COUNT(*) FROM ({first} UNION {second}) persons GROUP BY version_id",
        first=first,
        second=second,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*one, *other])
        return dict(cursor.fetchall())


def _messages(key, ids):
    return Notification.objects.filter(**{f"{key}__in": ids}).exclude(kind=Change.ENDED)


def _after_matching(key, ids):
    """{id: {stage: persons}} of what happened to those told, ``key`` being "version" or "run"."""
    stages = {pk: dict.fromkeys(list(STAGES)[1:], 0) for pk in ids}
    if not stages:
        return stages
    for pk, *counts in _readers(key, ids):
        stages[pk].update(zip(("told", "bound", "opened", "acted"), map(int, counts), strict=True))
    for row in _taken_up(_messages(key, ids).order_by(), key):
        stages[row.pop(key)].update(row)
    return stages


def _readers(key, ids):
    """(id, told, bound, opened, acted): grouped by person first, so that each is counted once."""
    opened, acted = (
        Max(Case(When(**{f"{when}__isnull": False}, then=Value(1)), default=Value(0)))
        for when in ("opened_at", "acted_at")
    )
    persons = _messages(key, ids).order_by().values(f"{key}_id", "operator_id")
    told, parameters = compiled(persons.annotate(opened=opened, acted=acted))
    statement = sql(
        """SELECT {key}, COUNT(*),
            SUM(CASE WHEN b.operator_id IS NULL AND p.opened = 0 THEN 0 ELSE 1 END),
            SUM(p.opened), SUM(p.acted)
        FROM ({told}) p
        LEFT JOIN (SELECT DISTINCT operator_id FROM {binding} WHERE ended_at IS NULL) b
            ON b.operator_id = p.operator_id
        GROUP BY {key}""",
        key=name(f"{key}_id", of="p"),
        told=told,
        binding=Binding,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _taken_up(rows, key):
    """Of those told, who has applied since, been granted, enjoyed. A holding keeps the day it began."""
    persons = Count("operator", distinct=True)
    rows = rows.annotate(told_on=TruncDate("created_at"))
    holding = {
        stage: Exists(
            Holding.objects.filter(
                benefit=OuterRef("benefit"),
                operator=OuterRef("operator"),
                kind__in=kinds,
                since__gte=OuterRef("told_on"),
            )
        )
        for stage, kinds in _TAKEN.items()
    }
    return (
        rows.filter(holding["applied"])
        .values(key)
        .annotate(
            applied=persons,
            granted=Count("operator", distinct=True, filter=holding["granted"]),
            paid=Count("operator", distinct=True, filter=holding["paid"]),
        )
    )


# What was sent outside


def deliveries(**which) -> list[dict]:
    """``{"channel", "status", "problem", "count"}`` of what was sent for the messages ``which`` (run=…, version=…)."""
    items = DeliveryItem.objects.filter(**{f"notification__{key}": value for key, value in which.items()})
    rows = (
        Delivery.objects.filter(pk__in=items.values("delivery"))
        .order_by("channel", "status", "problem")
        .values("channel", "status", "problem")
        .annotate(count=Count("pk"))
    )
    channels, statuses = dict(CHANNELS), dict(Delivery.Status.choices)
    return [{**row, "channel": channels[row["channel"]], "status": statuses[row["status"]]} for row in rows]


def withheld() -> list[dict]:
    """``{"channel", "reason", "count"}`` of what was not sent outside in the last 30 days, most first."""
    since = timezone.localdate() - LOOKED_BACK
    rows = Withheld.objects.filter(day__gt=since).order_by().values("channel", "reason")
    channels = dict(CHANNELS)
    return [
        {
            "channel": channels[row["channel"]],
            "reason": REASONS.get(row["reason"], row["reason"]),
            "count": row["total"],
        }
        for row in rows.annotate(total=Sum("count")).order_by("-total", "channel", "reason")
    ]


# Alarms

SLOW = timedelta(minutes=10)
LONG_STOPPED = timedelta(hours=1)


@dataclass(frozen=True)
class Alarm:
    """A sentence on what is wrong, and the address of the page where it is put right."""

    text: str
    url: str


def alarms() -> list[Alarm]:
    """Everything about pushes that somebody has to look at now; empty where all is well."""
    now = timezone.now()
    stopped = KillSwitch.objects.first()
    raised = [*_reached_nobody(now), *_failed(), *_resting(now)]
    if stopped is None:
        return [*raised, *_stalled(now), *_left_lying(now)]
    if stopped.at < now - LONG_STOPPED:
        since = timezone.localtime(stopped.at)
        text = f"推送总开关从 {since:%m-%d %H:%M} 起一直停着，原因：{stopped.reason}。"
        raised.append(Alarm(text, reverse("admin:push-switch")))
    return raised


def _runs():
    return PushRun.objects.select_related("version__benefit").order_by("-id")


def _about(run, text):
    title = f"{run.version}，{run.get_cause_display()}（{run.day}）"
    return Alarm(f"{title}：{text}", reverse("admin:notifications_pushrun_change", args=[run.pk]))


def _reached_nobody(now):
    """Runs of versions that still stand, which wrote decisions on shops of known operators and told none of them."""
    done = _runs().filter(
        cause=PushRun.Cause.POLICY,
        status=PushRun.Status.DONE,
        quiet=False,
        told=0,
        created_at__gt=now - LOOKED_BACK,
        version__status=BenefitVersion.Status.PUBLISHED,
    )
    known = Q(chunks__lo__gte=0)
    done = done.annotate(
        fit=Sum("chunks__matched", filter=known, default=0),
        written=Sum(F("chunks__changed") - F("chunks__closed"), filter=known, default=0),
    )
    for run in done.filter(fit__gt=0, written__gt=0):
        yield _about(run, f"有 {run.fit} 户符合，却没有一个人收到消息。")


def _failed():
    for run in _runs().filter(status=PushRun.Status.FAILED, finished_at=None):
        yield _about(run, "有几段没有做完。请看原因，改好后点“继续”。")


def _stalled(now):
    moved = Coalesce(Max("chunks__done_at"), F("created_at"))
    for run in _runs().filter(pk__in=PushRun.objects.unfinished()).annotate(moved=moved):
        if run.moved < now - SLOW:
            yield _about(run, f"已经 {_minutes(now - run.moved)} 分钟没有进展。请看后台任务是否在运行。")


def _resting(now):
    url = reverse("admin:notifications_delivery_changelist")
    for state in ChannelState.objects.filter(rests_until__gt=now):
        until = timezone.localtime(state.rests_until)
        why = f"，原因：{state.problem}" if state.problem else ""
        text = (
            f"{dict(CHANNELS)[state.channel]}连续 {state.failures} 次没有发出{why}。到 {until:%H:%M} 再试。"
        )
        yield Alarm(text, url)


def _left_lying(now):
    """Outboxes that nobody empties."""
    url = reverse("admin:notifications_pushrun_changelist")
    touched = Touched.objects.order_by("pk").first()
    if touched and touched.at < now - SLOW:
        waited, why = _minutes(now - touched.at), f"原因：{touched.problem}。" if touched.problem else ""
        yield Alarm(f"店铺信息变了，{waited} 分钟还没有重新核对。{why}请看后台任务是否在运行。", url)
    first = Outbox.objects.order_by("pk").values("notification")[:1]
    message = Notification.objects.filter(pk__in=first).first()
    if message and message.created_at < now - SLOW:
        waited = _minutes(now - message.created_at)
        yield Alarm(f"有消息等了 {waited} 分钟还没有排进对外发送。请看后台任务是否在运行。", url)


def _minutes(span) -> int:
    return int(span.total_seconds() // 60)


def shops_without_operator(version_ids: Iterable[int]) -> dict[int, int]:
    """{version id: shops that fit and nobody is known to stand behind}: whoever runs them cannot be told."""
    rows = Match.objects.open().filter(version__in=list(version_ids), operator=None)
    return dict(rows.values_list("version").annotate(Count("pk")))
