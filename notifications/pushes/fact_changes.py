"""Following the facts of shops: who was touched is judged anew, by the benefits that read what changed."""

import logging
import time

from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from businesses.models import Business
from core.background import start_after_commit
from core.models import forget_editions
from eligibility.matches import affected, match_store
from eligibility.models import MatchCoverage
from policies.catalogue import catalogue
from policies.models import BenefitVersion

from .. import tasks
from ..models import PushRun, Touched
from . import pushing, runs
from .reevaluation import Portion, Source, is_the_databases, reevaluate, subject_of

logger = logging.getLogger(__name__)

SHOPS_AT_ONCE = 5_000
ROWS_AT_ONCE = 200
# With so many shops waiting, and a quarter of the register, everybody is judged in runs of their own instead.
A_LOAD = 20_000
MOST_TRIES = 3
SECONDS = 40  # of one call
Cause = PushRun.Cause


def touch(shops, *, facts=None, benefits=()) -> None:
    """Write down, in the caller's transaction, that decisions on these shops have to be looked at again.

    ``facts``: names of those that changed, None for all; ``benefits``: ids looked at whatever they read.
    """
    shops = list(shops)
    for start in range(0, len(shops), SHOPS_AT_ONCE):
        part = shops[start : start + SHOPS_AT_ONCE]
        Touched.objects.create(
            shops=part, facts=None if facts is None else sorted(facts), benefits=list(benefits)
        )
    if shops:
        start_after_commit(tasks.follow_facts)


def try_failed_again() -> None:
    """Let touched shops that could not be judged have another try."""
    Touched.objects.filter(tries__gte=MOST_TRIES).update(tries=1)


def follow_facts(*, seconds=SECONDS) -> int:
    """Work off what was touched; the number of shops. Harmless to call twice or by several at once."""
    until, done = time.monotonic() + seconds, _judge_everybody()
    while not runs.everything_is_stopped():
        if time.monotonic() >= until:
            start_after_commit(tasks.follow_facts)
            break
        if not (shops := _next_touched()):
            break
        done += shops
    return done


@transaction.atomic
def _judge_everybody():
    """After a load, begin a run over all shops for every benefit it concerns, which is several times faster than
    portion after portion; how many shops were waiting, 0 where they are too few for that."""
    waiting = Touched.objects.filter(tries=0)
    if waiting.count() * SHOPS_AT_ONCE < A_LOAD or runs.everything_is_stopped():
        return 0
    match_store.lock(alone=True)
    if connection.vendor == "postgresql":
        waiting = waiting.select_for_update(skip_locked=True)
    rows = list(waiting.order_by("pk"))
    shops = sum(len(row.shops) for row in rows)
    if shops < max(A_LOAD, Business.objects.count() / 4):
        return 0
    forget_editions()
    known, today, coverages = catalogue(), timezone.localdate(), _standings()
    for benefit in known.benefits.values():
        subject = subject_of(known, benefit, today)
        if subject and _concerns(rows, subject, coverages.get(benefit.pk)):
            version = BenefitVersion.objects.get(pk=subject.version_id)
            runs.begin(version, Cause.POLICY, today, scope=f"register {rows[-1].pk}")
    Touched.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return shops


def _next_touched():
    """Work off a portion; how many shops were in it. What fails is tried alone later, so that the rest goes on."""
    source = _TouchedShops()
    try:
        reevaluate(source)
    except Exception as problem:  # whatever it is about these shops, the others must not wait for it
        if is_the_databases(problem) or not source.rows:
            raise
        logger.exception("Touched shops could not be judged.")
        failed = Touched.objects.filter(pk__in=[row.pk for row in source.rows])
        failed.update(tries=F("tries") + 1, problem=str(problem)[:300])
    return sum(len(row.shops) for row in source.rows)


class _TouchedShops(Source):
    """The shops of the oldest rows, for every benefit that reads what changed. ``rows``: those that are worked off."""

    def __init__(self) -> None:
        self.rows = []

    def portions(self, is_held):
        self.rows = _claim()
        if not self.rows:
            return
        forget_editions()
        known, today = catalogue(), timezone.localdate()
        coverages = _standings()
        shops = Business.objects.filter(pk__in={shop for row in self.rows for shop in row.shops})
        for benefit in known.benefits.values():
            coverage = coverages.get(benefit.pk)
            # A worker's clock may be behind that of the one who brought the decisions up to date.
            subject = subject_of(known, benefit, max(today, coverage.day) if coverage else today)
            if subject and _concerns(self.rows, subject, coverage):
                yield Portion(subject, lambda: shops, cause=Cause.PROFILE, **_manner(subject))
        Touched.objects.filter(pk__in=[row.pk for row in self.rows]).delete()


def _manner(subject):
    """How what changed is told: as a push of its version that goes on tells."""
    pushes = PushRun.objects.filter(version=subject.version_id, cause=Cause.POLICY, finished_at=None)
    quiet = list(pushes.values_list("quiet", flat=True))
    return {"tell_amounts": bool(quiet), "quiet": any(quiet)}


def _claim():
    """The oldest rows, as many as make one portion; those that have failed before one by one, and last."""
    rows = Touched.objects.filter(tries__lt=MOST_TRIES).order_by("tries", "pk")
    if connection.vendor == "postgresql":
        rows = rows.select_for_update(skip_locked=True)
    claimed, shops = [], 0
    for row in rows[:ROWS_AT_ONCE]:
        if claimed and (row.tries or shops + len(row.shops) > SHOPS_AT_ONCE):
            break
        claimed.append(row)
        shops += len(row.shops)
    return claimed


def _standings() -> dict:
    return {row.benefit_id: row for row in MatchCoverage.objects.all()}


def _concerns(rows, subject, coverage) -> bool:
    """Whether anything that changed is read by the benefit: by the version that decides, or by the one by which its
    decisions still stand."""
    reads = affected.reads(subject.rule) if subject.rule else frozenset()
    if coverage and coverage.version_id != subject.version_id:
        before = coverage.version_id and pushing.rule_of(coverage.version_id)
        if not before:
            return True
        reads |= affected.reads(before)
    return any(
        row.facts is None or subject.benefit_id in row.benefits or not reads.isdisjoint(row.facts)
        for row in rows
    )
