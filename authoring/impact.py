"""What publishing a draft would change: who newly fits, who no longer does, who gets another amount, and the money.

``start`` makes a run, ``work`` goes through the register chunk by chunk. A chunk compares in one statement what the
version in force and the draft say of some shops (eligibility/matches/matching.py), and in another adds its figures to
the run and moves the run's cursor, if nobody else has. So a worker may be killed at any moment, or work beside another:
the next one goes on behind the last chunk, and no chunk counts twice.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone

from accounts.access import record
from businesses.models import Business
from businesses.registry import business_registry
from core.background import start_after_commit
from core.errors import Refused
from core.money import in_fen
from core.sql import SQL, joined, name, names, sql
from eligibility.holdings import held_where
from eligibility.matches.amounts_sql import least
from eligibility.matches.matching import STATES, select
from eligibility.publishing import may_publish, may_write
from policies.catalogue import PublishedVersion, catalogue, read_version
from policies.content import check_content, check_shape
from policies.criteria import amounts
from policies.criteria.rules import Rule
from policies.criteria.when import TooManyCases
from policies.measures_file import digest
from policies.models import BenefitVersion

from .models import ImpactRun

logger = logging.getLogger(__name__)
CHUNK = 20_000
# Kept of each kind of change: enough for the page to show as many where there is no other kind.
MOST_SAMPLES = 20
# A run that has not got further for so long has lost its worker.
STALE = timedelta(minutes=2)
MOST_TRIES = 5

CHANGES = ("new", "gone", "higher", "lower")
FIGURES = (
    "fit_before", "fit_after", "soon_before", "soon_after", *CHANGES, "untold_before", "untold_after",
    "total_before", "total_after", "year_before", "year_after",
)  # fmt: skip
COMPARABLE = ("cash", "loan", "rate")

ALTERED = "草稿改过了，请重新计算。"
REPLACED = "现行的版本换了，请重新计算。"
STARTED_ANEW = "又从头算了一次，这一次不再算下去。"
ENTANGLED = "规则里和日期有关的条件太多，不能一次算完全部商户。请把条件写得简单一些，再重新计算。"
STUCK = f"连续 {MOST_TRIES} 次没有进展，已经停下。请过一会儿重新计算；还不行，请联系系统管理员看服务器日志。"


# The verbs


def may_start(user, version: BenefitVersion) -> bool:
    """Those who write this version or may publish it."""
    return may_write(user, version) or may_publish(user, version)


@transaction.atomic
def start(version: BenefitVersion, *, by) -> ImpactRun:
    """Work out what publishing a draft would change, from the beginning; a run of the same draft that is not over goes
    on instead. Raises PermissionDenied, or Refused where the draft cannot be read or would never decide."""
    if not may_start(by, version):
        raise PermissionDenied
    draft = (
        BenefitVersion.objects.select_for_update(of=("self",))
        .select_related("benefit__measure", "benefit__document")
        .get(pk=version.pk)
    )
    if draft.status not in (BenefitVersion.Status.DRAFT, BenefitVersion.Status.PROPOSED):
        raise Refused("这一版已经发布过，影响不能再算。要改规则，请以这一版另起草稿。")
    day = max(timezone.localdate(), draft.effective_from or date.min)
    comparison = _Comparison.of(draft, day)
    run = draft.impact_runs.filter(status="running", day=day).first()
    if run is None or outdated(run):
        run = _begin(draft, comparison, by)
    from .tasks import work_on_impact

    start_after_commit(work_on_impact, run.pk)
    return run


def _begin(draft, comparison, by):
    unfinished = draft.impact_runs.filter(status="running")
    unfinished.update(status="failed", problem=STARTED_ANEW, finished_at=timezone.now())
    run = ImpactRun.objects.create(
        version=draft,
        digest=_digest(draft, comparison.day),
        day=comparison.day,
        last=Business.objects.aggregate(last=Max("pk"))["last"] or 0,
        found=comparison.nothing_found(),
        started_by=by,
    )
    record(by, "impact_started", f"version {draft.pk}", run=run.pk)
    return run


def work(run_id: int, *, size: int = CHUNK, tell: Callable | None = None) -> None:
    """Go on with a run to its end, ``size`` shops at a time. Harmless to call twice, and to be killed.

    ``tell`` is called with the run after each chunk.
    """
    run = _take_up(run_id)
    if run is None:
        return
    try:
        comparison = _Comparison.of(run.version, run.day)
        while run.cursor < run.last:
            run = _one_chunk(run, comparison, size)
            if run is None:
                return
            if tell:
                tell(run)
    except TooManyCases:
        _end(run, "failed", ENTANGLED)
    except Refused as problem:
        _end(run, "failed", str(problem))
    else:
        _end(run, "done")


def sweep() -> None:
    """Go on with runs whose worker is gone."""
    stalled = ImpactRun.objects.filter(status="running", beat_at__lt=timezone.now() - STALE)
    for run_id in list(stalled.order_by("pk").values_list("pk", flat=True)):
        try:
            work(run_id)
        except Exception:  # one run that cannot go on must not keep the others waiting
            logger.exception("Impact run %s stopped; the next sweep takes it up again.", run_id)


def outdated(run: ImpactRun) -> str:
    """Why a run no longer says what its draft would change; empty where it does. Read the version anew before."""
    version = run.version
    if run.digest != _digest(version, run.day):
        return ALTERED
    return REPLACED if _number(_in_force(version, run.day)) != run.found["before"]["number"] else ""


def _digest(version, day):
    effective_from = version.effective_from and version.effective_from.isoformat()
    return digest([version.content, effective_from, day.isoformat()])


# Going on


def _take_up(run_id):
    """The run, if it is to go on; it is given up where it was taken up often without getting a chunk further."""
    with transaction.atomic():
        run = (
            ImpactRun.objects.select_for_update(of=("self",))
            .select_related("version__benefit__measure", "version__benefit__document")
            .filter(pk=run_id, status="running")
            .first()
        )
        if run is None:
            return None
        if problem := outdated(run):
            return _end(run, "failed", problem)
        tries = run.found.get("tries") or {}
        count = tries.get("count", 0) + 1 if tries.get("cursor") == run.cursor else 1
        if count > MOST_TRIES:
            return _end(run, "failed", STUCK)
        run.found["tries"] = {"cursor": run.cursor, "count": count}
        run.beat_at = timezone.now()
        run.save(update_fields=["found", "beat_at"])
        return run


def _one_chunk(run, comparison, size):
    """The run with one more chunk, or None where another worker has counted that one, or the run was stopped."""
    shops = Business.objects.filter(pk__gt=run.cursor, pk__lte=run.last)
    reached = shops.order_by("pk").values("pk")[:size].aggregate(last=Max("pk"), count=Count("pk"))
    cursor = reached["last"] or run.last  # shops may have been merged away meanwhile
    cells, samples = comparison.compare(shops.filter(pk__lte=cursor))
    found = _added(run.found, reached["count"], cells, samples)
    here = ImpactRun.objects.filter(pk=run.pk, status="running", cursor=run.cursor)
    if not here.update(cursor=cursor, found=found, beat_at=timezone.now()):
        return None
    run.cursor, run.found = cursor, found
    return run


def _added(found, count, cells, samples) -> dict:
    """``found`` with the figures of a chunk: its shops come after those of the chunks before."""
    sums = dict(found["cells"])
    for place, figures in cells.items():
        before = sums.get(place, [0] * len(FIGURES))
        sums[place] = [one + other for one, other in zip(before, figures, strict=True)]
    kept = {change: (found["samples"][change] + samples[change])[:MOST_SAMPLES] for change in CHANGES}
    return {**found, "shops": found["shops"] + count, "cells": sums, "samples": kept}


def _end(run, status, problem="") -> None:
    here = ImpactRun.objects.filter(pk=run.pk, status="running")
    here.update(status=status, problem=problem, finished_at=timezone.now())


# Comparing


def _in_force(version, day) -> PublishedVersion | None:
    """The version that decides on ``day`` without this one."""
    benefit = catalogue().benefits.get(version.benefit.code)
    return benefit and benefit.in_force_on(day)


def _number(published):
    return published and published.rule.number


def _draft_rule(version):
    content, benefit = version.content, version.benefit
    faults = check_shape(content, "benefit")
    if not faults:
        _, faults = check_content(content, registry=business_registry(), code=benefit.code)
    if faults:
        details = "；".join(fault.detail for fault in faults[:3])
        raise Refused(f"规则还读不出来，请先改好再算：{details}"[:300])
    return read_version(version, business_registry())


def _refuse_unless_it_decides(version, before, day) -> None:
    """A version that takes effect later than another one does not replace it."""
    if before is None:
        return
    order = (before.effective_from or date.min, before.rule.number)
    if order > (version.effective_from or date.min, version.number):
        since = f"从 {before.effective_from} 起生效" if before.effective_from else "一直有效"
        raise Refused(
            f"第 {before.rule.number} 版{since}，{day} 那天仍按它办，这一版发布了也不起作用。请改这一版的生效日期。"
        )


@dataclass(frozen=True)
class _Comparison:
    """The version in force on ``day`` (None where there is none) and the draft, both as rules.

    ``holders``: shops that have the benefit or have applied for it; nothing changes for them.
    """

    before: Rule | None
    after: Rule
    day: date
    is_closed: bool
    holders: Q | None

    @classmethod
    def of(cls, version, day):
        """Raises Refused."""
        after, published = _draft_rule(version), _in_force(version, day)
        _refuse_unless_it_decides(version, published, day)
        before = published and published.rule
        return cls(
            before,
            after,
            day,
            version.benefit.document.is_closed,
            held_where(version.benefit_id, day),
        )

    def nothing_found(self) -> dict:
        """What a run has found before its first chunk."""
        return {
            "before": _side(self.before),
            "after": _side(self.after),
            "shops": 0,
            "cells": {},
            "samples": {change: [] for change in CHANGES},
        }

    def compare(self, shops: QuerySet):
        """({"district type": figures}, {change: samples}) of some shops, in one statement. Raises TooManyCases."""
        if self.holders is not None:
            shops = shops.exclude(self.holders)
        parts, parameters = [], []
        for side, rule in (("before", self.before), ("after", self.after)):
            statement = None if rule is None or self.is_closed else select(rule, self.day, shops)
            if statement is not None:
                parts.append(_decided(side, statement.sql, *_worth(rule.amount, self.day)))
                parameters += statement.parameters
        if not parts:
            return {}, {change: [] for change in CHANGES}
        with connection.cursor() as cursor:
            sides = joined(" UNION ALL ", parts)
            cursor.execute(_statement(sides, compares(self.nothing_found())), parameters)
            return _read(cursor.fetchall())


def _side(rule) -> dict:
    if rule is None:
        return {"number": None, "unit": None, "measure": "none"}
    return {"number": rule.number, "unit": rule.amount.unit, "measure": _measure(rule.amount)}


def _measure(amount):
    """What an amount is an amount of: cash, loan, tax, rate, or none."""
    return "rate" if amount.unit == "percent" else amount.category or "none"


def _worth(amount, day):
    """(all that a shop gets, its part in the first year) as SQL over a decision of today; in fen, a rate in hundredths.

    Of a monthly amount whose cost is not known, the most; of taxes nothing, and of services neither.
    """
    match amount:
        case amounts.MonthlyCapped():
            monthly = sql("COALESCE(value_fen, {cap}) * 12", cap=in_fen(amount.cap.on(day)))
            return SQL("maximum_fen"), least([monthly, SQL("maximum_fen")])
        case amounts.Fixed() | amounts.ShareOf() | amounts.Ceiling() | amounts.RateCut():
            return SQL("value_fen"), SQL("value_fen")
    return _NO_NUMBER, _NO_NUMBER


_KINDS = ("state", "total", "year")
_NO_NUMBER = SQL("CAST(NULL AS BIGINT)")


def _decided(side, decisions, total, year) -> SQL:
    """A SELECT of the decisions of one side, with nothing where the other side stands."""
    columns = {f"{one}_{kind}": _NO_NUMBER for one in ("before", "after") for kind in _KINDS}
    columns |= {f"{side}_state": SQL("state"), f"{side}_total": total, f"{side}_year": year}
    return sql(
        "SELECT business_id, {columns} FROM ({decisions}) AS {side}",
        columns=[
            sql("{here} AS {column}", here=here, column=name(column)) for column, here in columns.items()
        ],
        decisions=decisions,
        side=name(side),
    )


def _statement(sides, can_compare) -> SQL:
    """Rows of (change, district, type, numbers…): without a change the figures of a place, else a sample."""
    both = [name(f"{side}_{kind}") for side in ("before", "after") for kind in _KINDS]
    fits = {
        side: sql("COALESCE({state}, {soon}) < {soon}", state=name(f"{side}_state"), soon=STATES["soon"])
        for side in ("before", "after")
    }
    change = sql(
        """CASE WHEN NOT {before} AND {after} THEN 'new'
        WHEN {before} AND NOT {after} THEN 'gone'
        WHEN {before} AND {after} AND {can_compare} AND after_total > before_total THEN 'higher'
        WHEN {before} AND {after} AND {can_compare} AND after_total < before_total THEN 'lower' ELSE '' END""",
        can_compare=can_compare,
        **fits,
    )
    shop = names("business_id", "before_state", "after_state", "before_total", "after_total")
    statement = """WITH compared AS MATERIALIZED (
        SELECT both_sides.*, shop.district, shop.business_type, {change} AS change
        FROM (SELECT business_id, {both} FROM ({sides}) AS sides GROUP BY business_id) AS both_sides
        JOIN {business} AS shop ON shop.id = both_sides.business_id)
    SELECT '' AS change, district, business_type, {figures}
    FROM compared GROUP BY district, business_type
    UNION ALL
    SELECT change, district, business_type, {sample}
    FROM (SELECT *, ROW_NUMBER() OVER (PARTITION BY change ORDER BY business_id) AS place
        FROM compared WHERE change <> '') AS ranked
    WHERE place <= {most}"""
    return sql(
        statement,
        change=change,
        both=[sql("MAX({column}) AS {column}", column=column) for column in both],
        sides=sides,
        business=Business,
        figures=_figures(fits),
        sample=[*shop, *[SQL("NULL")] * (len(FIGURES) - len(shop))],
        most=MOST_SAMPLES,
    )


def _figures(fits):
    """The columns of FIGURES."""
    counts = [
        *fits.values(),
        *(sql("{state} = {soon}", state=name(f"{side}_state"), soon=STATES["soon"]) for side in fits),
        *(SQL(f"change = '{change}'") for change in CHANGES),
        *(
            sql("{fits} AND {total} IS NULL", fits=condition, total=name(f"{side}_total"))
            for side, condition in fits.items()
        ),
    ]
    yield from (sql("COUNT(*) FILTER (WHERE {condition})", condition=condition) for condition in counts)
    for kind in ("total", "year"):
        for side, condition in fits.items():
            yield sql(
                "CAST(COALESCE(SUM({column}) FILTER (WHERE {fits}), 0) AS BIGINT)",
                column=name(f"{side}_{kind}"),
                fits=condition,
            )


def _read(rows):
    cells, samples = {}, {change: [] for change in CHANGES}
    for change, district, business_type, *numbers in rows:
        if change:
            names = ("business", "before_state", "after_state", "before_total", "after_total")
            sample = dict(zip(names, numbers, strict=False))
            samples[change].append({**sample, "district": district, "business_type": business_type})
        else:
            cells[f"{district or ''} {business_type or ''}"] = list(map(int, numbers))
    for kept in samples.values():
        kept.sort(key=lambda sample: sample["business"])
    return cells, samples


# Reading what was found


def figures(found: dict) -> dict[tuple, dict]:
    """``{(district, business type): {figure: number}}``, codes or "" where not known."""
    return {
        tuple(place.split(" ")): dict(zip(FIGURES, numbers, strict=True))
        for place, numbers in found["cells"].items()
    }


def compares(found: dict) -> bool:
    """Whether the amounts of both sides are more or less of the same; taxes and services are not compared."""
    measures = {found[side]["measure"] for side in ("before", "after") if found[side]["number"] is not None}
    return len(measures) == 1 and measures <= set(COMPARABLE)


def totals(found: dict) -> dict[str, int]:
    """The figures of the whole city."""
    rows = figures(found).values()
    return {name: sum(row[name] for row in rows) for name in FIGURES}


def samples(found: dict, most: int = MOST_SAMPLES) -> list[dict]:
    """At most ``most`` samples, each with its ``change``, of every kind as many as there are and room is left."""
    waiting = {change: list(found["samples"][change]) for change in CHANGES}
    taken = {change: [] for change in CHANGES}
    while sum(map(len, taken.values())) < most and any(waiting.values()):
        for change, rows in waiting.items():
            if rows and sum(map(len, taken.values())) < most:
                taken[change].append({**rows.pop(0), "change": change})
    return [sample for rows in taken.values() for sample in rows]
