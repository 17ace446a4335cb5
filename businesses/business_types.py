"""分型: which shops are 生存型, 成长型 or 发展型 (国市监注发〔2024〕10号), by figures that the market regulator sets.

- Who is typed at all: 存续 (not 歇业, 注销, 吊销) and last year's annual report filed. Where that is not known: nobody.
- 成长型: registered long enough, and has paid tax or has insured staff.
- 发展型: 成长型, registered longer, known not to be marked abnormal, and general taxpayer, enough insured staff or
  enough tax.
- 生存型: everyone else. What is not known does not promote.

``_rules`` is the one reading of this: the order of its reasons decides, one shop or all, on both engines. The column
Business.business_type is what rules read; TypeVerdict says why, TypeChange what was before.
"""

from calendar import isleap
from collections import Counter
from collections.abc import Callable
from datetime import date
from functools import lru_cache

from celery import shared_task
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Case, CharField, Count, F, Max, Q, QuerySet, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from core import bulk
from core.background import start_after_commit
from core.money import FEN
from core.prepared import prepared
from core.sql import SQL

from .facts import BUILT_IN_REGISTRY
from .models import Business, TypeChange, TypeThresholds, TypeVerdict
from .signals import facts_changed

# The facts that a type hangs on; who changes another need not be judged again.
JUDGED_BY = frozenset(
    (
        "operating_status",
        "annual_report_filed",
        "registered_on",
        "tax_paid_last_year",
        "insured_headcount",
        "taxpayer_type",
        "abnormal_listed",
    )
)
# Shops judged in one transaction: short enough that an import need not wait.
RANGE = 20_000
FEW = 10  # for each number of shops up to it a statement is kept

# What decided, in the words of the page. {…}: a figure of the thresholds.
REASONS = {
    "not_operating": "不在正常经营状态，不参加分型",
    "no_annual_report": "上年度年报没有报送，报送后重新分型",
    "gate_unknown": "经营状态或上年度年报还没有查到，暂不分型",
    "general_taxpayer": "登记满 {development_years} 年，是一般纳税人，没有被标记为经营异常状态",
    "development_insured": "登记满 {development_years} 年，参保 {development_insured} 人以上，没有被标记为经营异常状态",
    "development_tax": "登记满 {development_years} 年，上年缴税 {development_tax} 元以上，没有被标记为经营异常状态",
    "growth_tax": "登记满 {growth_years} 年，上年缴税 {growth_tax} 元以上",
    "growth_insured": "登记满 {growth_years} 年，参保 {growth_insured} 人以上",
    "too_young": "登记还不满 {growth_years} 年",
    "below": "缴税和参保人数都没有达到成长型的标准",
    "unknown": "缴税、参保人数或登记日期还没有查全，先按生存型",
}
_ANY_TAX = "登记满 {growth_years} 年，上年缴过税"  # where a single fen is enough, which nobody would say
_UNTYPED = ("not_operating", "no_annual_report", "gate_unknown")
TYPE_OF = {
    **dict.fromkeys(_UNTYPED, ""),
    **dict.fromkeys(("general_taxpayer", "development_insured", "development_tax"), "development"),
    **dict.fromkeys(("growth_tax", "growth_insured"), "growth"),
    **dict.fromkeys(("too_young", "below", "unknown"), "survival"),
}


def thresholds_in_force() -> TypeThresholds:
    """The newest row; where there is none yet, the placeholder."""
    return TypeThresholds.objects.order_by("-pk").first() or TypeThresholds.objects.create(
        basis="国市监注发〔2024〕10号只列指标，没有数值；这里的数值是暂定的"
    )


def create_thresholds(using="default", **_) -> None:
    """post_migrate: the placeholder, so that the admin has something to show."""
    if using == "default":
        thresholds_in_force()


def latest_start(years: int, today: date) -> date:
    """The latest day D with D + ``years`` ≤ ``today``; 29 February and a year is 28 February (民法典 §201–202)."""
    year = today.year - years
    if today.month == 2 and today.day >= 28 and not (isleap(today.year) and today.day == 28):
        return date(year, 2, 29 if isleap(year) else 28)
    return today.replace(year=year)


def _rules(thresholds: TypeThresholds, today: date):
    """(reason, condition) in order; the first condition that is known to hold decides, else ``unknown``."""
    set_to = thresholds
    grown = Q(registered_on__lte=latest_start(set_to.growth_years, today))
    growth_tax = grown & Q(tax_paid_last_year__gte=set_to.growth_tax)
    growth_insured = grown & Q(insured_headcount__gte=set_to.growth_insured)
    developed = (
        (growth_tax | growth_insured)
        & Q(registered_on__lte=latest_start(set_to.development_years, today))
        & Q(abnormal_listed=False)
    )
    return (
        ("not_operating", Q(operating_status__in=("suspended", "deregistered", "revoked", "not_registered"))),
        ("no_annual_report", Q(annual_report_filed=False)),
        ("gate_unknown", Q(operating_status=None) | Q(annual_report_filed=None)),
        ("general_taxpayer", developed & Q(taxpayer_type="general")),
        ("development_insured", developed & Q(insured_headcount__gte=set_to.development_insured)),
        ("development_tax", developed & Q(tax_paid_last_year__gte=set_to.development_tax)),
        ("growth_tax", growth_tax),
        ("growth_insured", growth_insured),
        ("too_young", Q(registered_on__gt=latest_start(set_to.growth_years, today))),
        (
            "below",
            Q(registered_on__isnull=False, tax_paid_last_year__isnull=False, insured_headcount__isnull=False),
        ),
    )


def judged(shops, thresholds: TypeThresholds, today: date):
    """``shops`` with ``reason_now`` and ``type_now`` (empty: untyped)."""
    reason = Case(
        *(When(condition, then=Value(reason)) for reason, condition in _rules(thresholds, today)),
        default=Value("unknown"),
        output_field=CharField(),
    )
    kind = Case(
        *(When(reason_now=reason, then=Value(kind)) for reason, kind in TYPE_OF.items()),
        output_field=CharField(),
    )
    return shops.annotate(reason_now=reason).annotate(type_now=kind)


def recompute(*, businesses=None, by=None, today: date | None = None) -> dict:
    """Judge ``businesses`` (ids), or all, by the thresholds in force; write what is another than before.

    Says how many verdicts were written and how many shops moved: ``{"judged": …, "changed": …}``. Again: nothing.
    """
    today = today or timezone.localdate()
    thresholds = thresholds_in_force()
    totals = Counter(judged=0, changed=0)
    for shops in _ranges(businesses):
        with transaction.atomic():
            totals.update(_judge(shops, thresholds, today))
    return dict(totals)


def _ranges(ids):
    """The shops in question, in querysets of a bearable size; a few that are touched by their ids."""
    if ids is not None:
        wanted = sorted(set(ids))
        if wanted and len(wanted) <= FEW:
            yield wanted
            return
        for chunk in bulk.chunks(wanted, 2_000):
            yield Business.objects.filter(pk__in=chunk)
        return
    last = Business.objects.aggregate(last=Max("pk"))["last"] or 0
    for start in range(0, last + 1, RANGE):
        yield Business.objects.filter(pk__gte=start, pk__lt=start + RANGE)


def _otherwise(shops, thresholds, today) -> QuerySet:
    """(id, type, type now, reason now) of those of ``shops`` that stand otherwise, locked."""
    stands = Q(
        type_verdict__reason=F("reason_now"),
        type_verdict__thresholds=thresholds.pk,
        type_column=F("type_now"),
    )
    return (
        judged(shops, thresholds, today)
        .annotate(type_column=Coalesce("business_type", Value("")), judged_for=F("type_verdict__reason"))
        .filter(Q(judged_for=None) | ~stands)
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", "type_column", "type_now", "reason_now")
    )


@lru_cache(maxsize=8)
def _few_otherwise(
    thresholds: TypeThresholds, figures: tuple, today: date
) -> Callable[[list[int]], list[tuple]]:
    """The same of a few ids, of which the statement takes longer to write than to run. ``figures``: all of
    ``thresholds``, which its id alone does not tell from another."""
    return prepared(lambda ids: _otherwise(Business.objects.filter(pk__in=ids), thresholds, today))


def _judge(shops, thresholds, today) -> dict:
    if isinstance(shops, list):
        figures = tuple(getattr(thresholds, field.attname) for field in thresholds._meta.concrete_fields)
        rows = _few_otherwise(thresholds, figures, today)(shops)
    else:
        rows = list(_otherwise(shops, thresholds, today))
    on, now = today.isoformat(), connection.ops.adapt_datetimefield_value(timezone.now())
    bulk.upsert(
        TypeVerdict,
        ("business_id", "type", "reason", "thresholds_id", "on"),
        ((pk, after, reason, thresholds.pk, on) for pk, _, after, reason in rows),
        key="business_id",
    )
    moved = [row for row in rows if row[1] != row[2]]
    bulk.insert(
        TypeChange,
        ("business_id", "before", "after", "reason", "on"),
        ((pk, before, after, reason, on) for pk, before, after, reason in moved),
    )
    bulk.update(
        Business,
        ("id", "business_type", "updated_at"),
        ((pk, after or None, now) for pk, _, after, _ in moved),
        key="id",
        also=SQL('"version" = "version" + 1'),
    )
    for chunk in bulk.chunks(moved, 2_000):
        changes = {pk: {"business_type": (before or None, after or None)} for pk, before, after, _ in chunk}
        facts_changed.send(Business, changes=changes, created=[], run_id=None)
    return {"judged": len(rows), "changed": len(moved)}


def moves_under(thresholds: TypeThresholds, *, today: date | None = None) -> dict[tuple[str, str], int]:
    """How many shops would go from which type to which: ``{(before, after): count}``. Writes nothing."""
    rows = (
        judged(Business.objects.order_by(), thresholds, today or timezone.localdate())
        .annotate(type_column=Coalesce("business_type", Value("")))
        .values("type_column", "type_now")
        .annotate(count=Count("pk"))
    )
    return {(row["type_column"], row["type_now"]): row["count"] for row in rows}


def set_thresholds(thresholds: TypeThresholds, *, by) -> TypeThresholds:
    """Put new figures in force, a new row, and judge everyone again once this is committed."""
    if not by.has_perm("businesses.add_typethresholds"):
        raise PermissionDenied
    thresholds.pk, thresholds.set_by = None, by
    thresholds.save()
    start_after_commit(recompute_types)
    return thresholds


def reason_text(verdict: TypeVerdict) -> str:
    """The deciding reason in Chinese, with the figures it was judged by, and whether anybody has set them."""
    thresholds, text = verdict.thresholds, REASONS[verdict.reason]
    if verdict.reason == "growth_tax" and thresholds.growth_tax <= FEN:
        text = _ANY_TAX
    unset = "（暂定标准）" if thresholds.placeholder and verdict.reason not in _UNTYPED else ""
    return text.format_map(_Figures(thresholds)) + unset


class _Figures(dict):
    def __init__(self, thresholds) -> None:
        super().__init__()
        self.thresholds = thresholds

    def __missing__(self, name):
        value = getattr(self.thresholds, name)
        return f"{value:f}".rstrip("0").rstrip(".") if name.endswith("_tax") else value


def label(kind: str) -> str:
    """成长型; 未分型 where empty."""
    return BUILT_IN_REGISTRY["business_type"].label_of(kind) if kind else "未分型"


@shared_task
def recompute_types() -> None:
    """Daily, after imports, and after a change of the thresholds: shops grow older by themselves."""
    recompute()


def judge_the_touched(sender, changes, created, run_id, **_) -> None:
    """Receiver of facts_changed. During an import nobody is judged: import_finished judges all at its end."""
    if run_id is None:
        touched = [pk for pk, facts in changes.items() if facts.keys() & JUDGED_BY]
        if touched or created:
            recompute(businesses=[*touched, *created])


def judge_all(sender, **_) -> None:
    """Receiver of import_finished."""
    start_after_commit(recompute_types)
