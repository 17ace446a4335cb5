"""What always holds of pushes: nothing lost, nothing double, every count the sum of its parts."""

from django.db.models import Count, Exists, OuterRef, Q, Sum

from accounts.models import User
from businesses.models import Business, Operator
from core.invariants import invariant
from eligibility.invariants import orphans
from eligibility.models import Match
from policies.models import Benefit, BenefitVersion

from .models import (
    EVERYBODY,
    WITHOUT_OPERATOR,
    Delivery,
    DeliveryItem,
    Letter,
    Notification,
    OptOut,
    PushChunk,
    PushRun,
)
from .pushes.reevaluation import COUNTERS


@invariant("每位经营者对每个版本的每次变化只有一条消息")
def one_notification_for_each_change():
    key = ("operator", "version", "kind", "day")
    twice = Notification.objects.order_by().values(*key).annotate(count=Count("pk")).filter(count__gt=1)
    for row in twice:
        yield f"经营者 {row['operator']}，版本 {row['version']}：{row['count']} 条"


@invariant("消息所指的经营者、商户、事项、版本和批次都在")
def no_notification_is_an_orphan():
    leads_to = {
        "operator": Operator,
        "business": Business,
        "benefit": Benefit,
        "version": BenefitVersion,
        "run": PushRun,
    }
    for name, model in leads_to.items():
        for pk in orphans(Notification.objects.all(), name, model):
            yield f"消息 {pk} 的 {name}"


@invariant("符合的店主都有消息，不想收的除外")
def nobody_was_forgotten():
    """Where a benefit was never pushed quietly, whoever has an open decision has been told of the benefit."""
    quiet = PushRun.objects.filter(quiet=True).values("version__benefit")
    moving = PushRun.objects.filter(finished_at=None).values("version__benefit")
    told = Notification.objects.filter(operator=OuterRef("operator"), benefit=OuterRef("benefit"))
    silent = OptOut.objects.filter(operator=OuterRef("operator"))
    open_matches = Match.objects.open().filter(operator__isnull=False)
    forgotten = open_matches.exclude(benefit__in=quiet).exclude(benefit__in=moving)
    for pk, operator in (
        forgotten.exclude(Exists(told)).exclude(Exists(silent)).values_list("benefit", "operator")
    ):
        yield f"经营者 {operator}，事项 {pk}"


@invariant("推送批次的各项数目等于各段之和，写入的消息都在")
def counts_add_up():
    sums = {f"sum_{name}": Sum(f"chunks__{name}") for name in COUNTERS}
    with_chunks = PushRun.objects.exclude(finished_at=None).filter(chunks__isnull=False).annotate(**sums)
    for run in with_chunks:
        if any(getattr(run, name) != getattr(run, f"sum_{name}") for name in COUNTERS):
            yield f"批次 {run.pk} 的数目"
    written = dict(
        Notification.objects.order_by()
        .values_list("run")
        .annotate(count=Count("pk"))
        .values_list("run", "count")
    )
    ended = PushRun.objects.exclude(finished_at=None).values_list("pk", "told", "removed")
    for pk, told, removed in ended:
        if written.get(pk, 0) + removed != told:
            yield f"批次 {pk} 写入 {told} 条，实有 {written.get(pk, 0)} 条，随店删去 {removed} 条"


@invariant("做完的批次没有漏掉的段，各段首尾相接")
def ledgers_are_whole():
    done = PushRun.objects.filter(status=PushRun.Status.DONE).exclude(cause=PushRun.Cause.PROFILE)
    for pk in done.filter(chunks__done_at=None, chunks__isnull=False).values_list("pk", flat=True).distinct():
        yield f"批次 {pk} 有没做完的段"
    ends: dict[int, list] = {}
    ledgers = done.exclude(scope__in=PushRun.WITHOUT_LEDGER)
    chunks = PushChunk.objects.filter(run__in=ledgers).order_by("run", "lo")
    for run_id, lo, hi in chunks.values_list("run", "lo", "hi"):
        ends.setdefault(run_id, []).append((lo, hi))
    for run_id in ledgers.values_list("pk", flat=True):
        ranges = ends.get(run_id, [])
        if ranges == [(EVERYBODY, None)]:
            continue
        joined = [hi for _, hi in ranges[1:-1]] == [lo for lo, _ in ranges[2:]]
        whole = ranges[:1] == [(WITHOUT_OPERATOR, None)] and len(ranges) > 1 and ranges[1][0] == 0
        if not (whole and joined and ranges[-1][1] is None):
            yield f"批次 {run_id} 的段不相接"


@invariant("对外发送的每一项都有消息和发送记录，同一人同一渠道")
def deliveries_hold_together():
    yield from (
        f"发送项 {pk} 没有消息" for pk in orphans(DeliveryItem.objects.all(), "notification", Notification)
    )
    whole = Delivery.objects.filter(
        pk=OuterRef("delivery_id"), user=OuterRef("user"), channel=OuterRef("channel")
    )
    for pk in DeliveryItem.objects.exclude(Exists(whole)).values_list("pk", flat=True):
        yield f"发送项 {pk} 和发送记录对不上"
    sent = Delivery.objects.filter(
        Q(status=Delivery.Status.SENT, sent_at=None) | Q(tries=0, sent_at__isnull=False)
    )
    for pk in sent.values_list("pk", flat=True):
        yield f"发送 {pk} 的状态和时间对不上"


@invariant("办件进度的经营者和商户都在，在一个渠道上只告诉一个人一次")
def letters_are_told_once():
    for name, model in {"operator": Operator, "business": Business, "user": User}.items():
        for pk in orphans(Letter.objects.filter(**{f"{name}__isnull": False}), name, model):
            yield f"办件进度 {pk} 的 {name}"
    told = Delivery.objects.filter(letter__isnull=False)
    for pk in orphans(told, "letter", Letter):
        yield f"发送 {pk} 没有办件进度"
    for pk in told.filter(pk__in=DeliveryItem.objects.values("delivery")).values_list("pk", flat=True):
        yield f"发送 {pk} 又是办件进度，又是政策消息"
    twice = told.order_by().values("letter", "user", "channel").annotate(count=Count("pk"))
    for row in twice.filter(count__gt=1):
        yield f"办件进度 {row['letter']}：{row['channel']} {row['count']} 次"
