"""Pushing: the shops of a run are looked at again chunk by chunk (reevaluation.py), each in one transaction.

A chunk is whole or absent, alone or with those after it where few shops of each fit. Workers may be killed at any
moment, runs begun twice and doorbells rung twice: who comes finds the chunks that are not done.
"""

import itertools
import logging
import time
from datetime import date
from functools import partial
from typing import NamedTuple

from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from businesses.models import Business
from core.background import start_after_commit
from core.db_contention import passes
from core.models import forget_editions
from eligibility.holdings import in_the_way_of
from eligibility.matches import affected, match_store
from eligibility.models import Holding, MatchCoverage
from policies.catalogue import catalogue
from policies.criteria.rules import Rule

from .. import tasks
from ..models import (
    EVERYBODY,
    WITHOUT_OPERATOR,
    KillSwitch,
    PushChunk,
    PushRun,
    Touched,
)
from . import runs
from .reevaluation import COUNTERS, Portion, Source, is_the_databases, reevaluate

logger = logging.getLogger(__name__)

SECONDS = 40  # of one call: a worker is not held longer than its time limit
MOST_TRIES = 5
WORKER_DIED = "处理这一段的进程中断了"
MOST_TOGETHER = 16  # chunks in one transaction
WORKABLE = (PushRun.Status.RUNNING, PushRun.Status.CANCELLED)


def work(run_id: int, *, seconds=SECONDS) -> bool:
    """Do chunks of a run until none is left to take or time is up; whether it has ended. Harmless to call twice."""
    if PushRun.objects.filter(pk=run_id, finished_at__isnull=False).exists():
        return True
    until, together = time.monotonic() + seconds, 1
    while time.monotonic() < until:
        try:
            taken = _next_chunks(run_id, together)
        except _Superseded:
            return _stop(run_id)
        except _TakenMeanwhile:
            continue
        except (IntegrityError, OperationalError) as problem:
            if not passes(problem):
                raise
            time.sleep(0.05)
            continue
        if not taken and stop_the_overtaken(before(PushRun.objects.get(pk=run_id))):
            continue
        if not taken or (taken[0].lo == EVERYBODY and taken[0].done_at):
            return _finish(run_id)
        together = _together_after(taken)
    runs.ring(PushRun.objects.get(pk=run_id))
    return False


class _Superseded(Exception):
    """What the run is about is no longer so."""


class _TakenMeanwhile(Exception):
    """Another worker was faster."""


def _next_chunks(run_id, together=1):
    """Take a chunk that nobody is at, and those after it up to ``together``, and do them, cut one up, or note why it
    fails; the chunks, none where none is left or the run may not go on."""
    chunks = _count_a_try(run_id, together)
    if not chunks:
        return []
    source = _Chunks(run_id, chunks)
    try:
        reevaluate(source)
    except _TakenMeanwhile:
        _uncount(chunks)
        raise
    except Exception as problem:
        if source.is_begun and not is_the_databases(problem):  # the others must not wait for these shops
            _note_failure(problem, chunks)
            return chunks
        if passes(problem):  # which says nothing of the shops
            _uncount(chunks)
        raise
    return source.held


class _Chunks(Source):
    """Shops of chunks of a run, which are done as one. What they come to is entered with the first of them, and so is
    why they fail. Other chunks may be done beside them.

    ``held``: the chunks, none where the run may not go on. ``is_begun``: whatever goes wrong now is about these shops.
    Whoever has counted a try makes use of it, also where somebody else has meanwhile found that there were too many.
    """

    is_alone = False

    def __init__(self, run_id, chunks) -> None:
        self.run_id, self.chunks = run_id, chunks
        self.held, self.is_begun = [], False

    def claim(self):
        self.chunks = _hold(self.chunks)

    def portions(self, is_held):
        run = PushRun.objects.select_related("version__benefit").get(pk=self.run_id)
        if not (_is_workable(run) or _takes_up_again(run)):
            return
        self.held = self.chunks
        subject = _subject(run)
        self.is_begun = True
        first, span = self.held[0], Span(self.held[0].lo, self.held[-1].hi)
        portion = Portion(
            subject,
            partial(_shops_of, run, span, subject),
            run=run,
            first=run.first,
            quiet=run.quiet or span.lo == WITHOUT_OPERATOR,
        )
        yield portion
        if portion.looked_at is None:
            runs.cut(first)
        else:
            self._enter(run, portion.counts)

    def _enter(self, run, counts):
        first, *others = self.held
        for name, number in counts.items():
            setattr(first, name, number)
        first.done_at = timezone.now()
        first.save(update_fields=["done_at", *counts])
        if others:
            run.chunks.filter(pk__in=[chunk.pk for chunk in others]).update(done_at=first.done_at)


@transaction.atomic
def _count_a_try(run_id, together):
    """Choose the next chunks and write down that they are tried, before anything of them is: one that kills its worker
    leaves nothing else behind."""
    chunks = _claim(PushRun.objects.get(pk=run_id), together)
    if chunks:
        died = chunks[0].tries and not chunks[0].problem
        _these(chunks).update(tries=F("tries") + 1, **({"problem": WORKER_DIED} if died else {}))
    for chunk in chunks:
        chunk.tries += 1
    return chunks


def _uncount(chunks) -> None:
    _these(chunks).filter(tries__gt=0).update(tries=F("tries") - 1)


def _these(chunks):
    return PushChunk.objects.filter(pk__in=[chunk.pk for chunk in chunks], done_at=None)


def _hold(chunks):
    """The chunks just chosen, held until the end of the transaction. Raises _TakenMeanwhile."""
    rows = _these(chunks).order_by("lo")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    held = list(rows)
    if len(held) < len(chunks):
        raise _TakenMeanwhile
    return held


def _together_after(done):
    """How many chunks to do next in one transaction, after these: it is to be about as short whatever the share of
    shops that fit, and what a chunk costs besides weighs the most where few do."""
    first = done[0]
    if not first.done_at:
        return 1
    rows = max(first.matched, first.changed, 1) / len(done)
    return max(1, min(int(runs.CHUNK / 2 / rows), 4 * len(done), MOST_TOGETHER))


def may_go_on(run: PushRun) -> bool:
    """Whether a run may work now: not paused, nothing before it on the same benefit, no kill switch."""
    return _is_workable(run) and not before(run).exists() and not runs.everything_is_stopped()


def _is_workable(run) -> bool:
    return run.finished_at is None and run.status in WORKABLE


def _takes_up_again(run) -> bool:
    """Let a run go on that was given up while all its tries were counted and not yet made; whether it was."""
    failed = PushRun.objects.filter(pk=run.pk, status=PushRun.Status.FAILED, finished_at=None)
    return bool(failed.update(status=PushRun.Status.RUNNING))


def before(run: PushRun):
    """Earlier runs on the same benefit that have not ended: decisions on a shop are written by one run at a time."""
    same = PushRun.objects.filter(version__benefit__versions=run.version_id, finished_at=None, pk__lt=run.pk)
    return same.exclude(cause=PushRun.Cause.PROFILE)


def _claim(run, together):
    """The next chunk and those that follow it without a gap, held until the end of the transaction, so that a killed
    worker's are free at once. One that has failed stands alone, and comes after those that have not.

    Empty where none is left, or the run may not go on (``may_go_on``, asked in the same query).
    """
    if not _is_workable(run):
        return []
    left = run.chunks.filter(done_at=None, tries__lt=MOST_TRIES).order_by("tries", "lo")
    left = left.exclude(Exists(before(run))).exclude(Exists(KillSwitch.objects.all()))
    if connection.vendor == "postgresql":
        left = left.select_for_update(skip_locked=True)
    free = list(left[:together])
    follows = (
        one.hi == other.lo and not one.tries and not other.tries for one, other in itertools.pairwise(free)
    )
    return free[: 1 + len(list(itertools.takewhile(bool, follows)))]


def _subject(run):
    """What the run decides, as it stands this moment. Raises _Superseded."""
    forget_editions()
    known = catalogue()
    benefit = known.benefits[run.version.benefit.code]
    today = max(run.day, timezone.localdate())
    in_force = benefit.in_force_on(today)
    if run.ends:
        if in_force is not None and in_force.rule.is_pushed:
            raise _Superseded
        return match_store.Subject(benefit.pk, run.version_id, None, run.day)
    if in_force is None or in_force.pk != run.version_id:
        raise _Superseded
    rule = in_force.rule if benefit.code not in known.closed_documents else None
    return match_store.Subject(benefit.pk, run.version_id, rule, run.day)


class Span(NamedTuple):
    """The operators from ``lo`` up to ``hi``, which is not among them, as a chunk has them."""

    lo: int
    hi: int | None


def _shops_of(run, span, subject):
    """The shops that have to be looked at: their ids where a condition tells, else all of them, as a queryset. None
    where they are too many for one transaction."""
    shops = _inside(span)
    condition = _could_have_changed(run, subject)
    if condition is None:
        return None if span.lo == EVERYBODY else shops
    ids = shops.filter(condition).values_list("pk", flat=True)
    if span.lo != EVERYBODY:
        return list(ids)
    some = list(ids[: runs.CHUNK + 1])
    return some if len(some) <= runs.CHUNK else None


def _inside(span):
    shops = Business.objects.order_by()
    if span.lo == EVERYBODY:
        return shops
    if span.lo == WITHOUT_OPERATOR:
        return shops.filter(operator=None)
    shops = shops.filter(operator__gte=span.lo)
    return shops if span.hi is None else shops.filter(operator__lt=span.hi)


def _could_have_changed(run, subject):
    """A condition of the shops whose decision may be another than the one stored; None where that may be any."""
    if run.first and run.cause == PushRun.Cause.POLICY:  # none is stored
        return None
    coverage = MatchCoverage.objects.filter(benefit=subject.benefit_id).first()
    if coverage is None or subject.rule is None:
        return None
    if run.cause == PushRun.Cause.CALENDAR:
        return turned(subject, coverage.day)
    if coverage.day == run.day and coverage.version_id and coverage.version_id != run.version_id:
        before = rule_of(coverage.version_id)
        differs = before and affected.could_differ(before, subject.rule, run.day)
        if differs:
            return Q(differs) | Q(pk__any_of=_waiting(affected.reads(before)))
    return None


def _waiting(facts) -> set:
    """Ids of the shops of which such facts have changed and that nobody has looked at since: what is stored of them was
    made of others."""
    rows = Touched.objects.values_list("shops", "facts")
    return {shop for shops, names in rows if names is None or not facts.isdisjoint(names) for shop in shops}


def turned(subject: match_store.Subject, since: date, *, over: bool | None = None) -> Q:
    """Shops that the days since can have changed: a date crosses a threshold, or what they held is over.

    ``over``: whether any holding that was in the way is over since then, where that is known already.
    """
    crossing = affected.turned_between(subject.rule, since, subject.day)
    in_the_way = in_the_way_of(subject.benefit_id, subject.day)
    holdings = holdings_over(since, subject.day).filter(benefit__in=in_the_way)
    if over is None:
        over = holdings.exists()
    if not over:
        return crossing
    here = Q(business=OuterRef("pk")) | Q(for_person=True, operator=OuterRef("operator"))
    return crossing | Q(Exists(holdings.filter(here)))


def holdings_over(since: date, day: date) -> QuerySet[Holding]:
    """Those that held on ``since`` and are over on ``day``."""
    return Holding.objects.filter(until__gte=since, until__lt=day)


def rule_of(version_id) -> Rule | None:
    """The rule of a published version; None where it has been withdrawn since."""
    versions = (version for benefit in catalogue().benefits.values() for version in benefit.versions)
    return next((version.rule for version in versions if version.pk == version_id), None)


# The end of a run


def _note_failure(problem, chunks) -> None:
    first, *others = chunks
    logger.error("Push chunk %s failed: %s", first.pk, problem)
    PushChunk.objects.filter(pk=first.pk, done_at=None).update(problem=str(problem)[:300])
    _uncount(others)


@transaction.atomic
def _stop(run_id) -> bool:
    """A newer version has come, or this one was withdrawn: no row is written for it any more.

    What it has written is not what its benefit's MatchCoverage says, so whoever comes next compares every shop.
    """
    match_store.lock(alone=True)  # chunks that were begun before it came are done and counted
    run = PushRun.objects.select_for_update(of=("self",)).select_related("version").get(pk=run_id)
    if not run.finished_at:
        _add_up(run, PushRun.Status.STOPPED)
        MatchCoverage.objects.filter(benefit=run.version.benefit_id).update(version=None)
    return True


def left_halfway() -> dict[int, int]:
    """{benefit id: version id} where the last run was overtaken: what it has written nobody has looked at since."""
    ended = PushRun.objects.filter(finished_at__isnull=False).exclude(cause=PushRun.Cause.PROFILE)
    ended = ended.exclude(scope=PushRun.REMINDERS)
    stopped = ended.filter(status=PushRun.Status.STOPPED).order_by("pk")
    last = {
        benefit: (pk, version)
        for benefit, pk, version in stopped.values_list("version__benefit", "pk", "version")
    }
    if not last:
        return {}
    newest = dict(
        ended.filter(version__benefit__in=last).order_by().values_list("version__benefit").annotate(Max("pk"))
    )
    return {benefit: version for benefit, (pk, version) in last.items() if newest[benefit] == pk}


def stop_the_overtaken(runs_before=None) -> bool:
    """End runs whose version decides no more and that stand still: they would hold up the one that does."""
    still = PushRun.objects.filter(
        finished_at=None, status__in=[PushRun.Status.PAUSED, PushRun.Status.FAILED]
    )
    overtaken = []
    for run in (still if runs_before is None else runs_before).select_related("version__benefit"):
        try:
            _subject(run)
        except _Superseded:
            overtaken.append(_stop(run.pk))
    return bool(overtaken)


@transaction.atomic
def _finish(run_id) -> bool:
    """Close a run of which every chunk is done. Whoever finds nothing left to take comes here; the last closes it."""
    run = PushRun.objects.select_for_update(of=("self",)).select_related("version").get(pk=run_id)
    if run.finished_at or run.status not in WORKABLE:
        return bool(run.finished_at)
    left = run.chunks.filter(done_at=None)
    if left.filter(tries__lt=MOST_TRIES).exists() or _somebody_is_at(left):
        return False
    if left.exists():
        PushRun.objects.filter(pk=run.pk).update(status=PushRun.Status.FAILED)
        return False
    cancelled = run.status == PushRun.Status.CANCELLED
    _add_up(run, PushRun.Status.CANCELLED if cancelled else PushRun.Status.DONE)
    stands = {"version_id": None if run.ends else run.version_id, "day": run.day}
    if not MatchCoverage.objects.filter(benefit=run.version.benefit_id).update(**stands):
        MatchCoverage.objects.create(benefit_id=run.version.benefit_id, **stands)
    start_after_commit(tasks.relay)
    return True


def _somebody_is_at(chunks) -> bool:
    """Whether a worker holds one of them: it may be the last try."""
    if connection.vendor != "postgresql":
        return False
    return len(chunks.select_for_update(skip_locked=True).values_list("pk")) < chunks.count()


def _add_up(run, status) -> None:
    sums = run.chunks.aggregate(**{name: Sum(name) for name in COUNTERS})
    PushRun.objects.filter(pk=run.pk).update(
        status=status, finished_at=timezone.now(), **{name: value or 0 for name, value in sums.items()}
    )
