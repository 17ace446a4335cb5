"""Following what changes by itself: facts of shops, and the calendar."""

import logging
import time
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import BigIntegerField, Case, Exists, F, OuterRef, Q, When
from django.utils import timezone

from businesses.models import Business
from core.background import start_after_commit
from core.models import forget_editions
from eligibility import deciding
from eligibility.catalogue import Catalogue, PublishedVersion, catalogue
from eligibility.models import Match, Standing
from policies.models import BenefitVersion

from . import pushing, runs, tasks
from .models import Change, Notification, PushRun, Touched

logger = logging.getLogger(__name__)

SHOPS_AT_ONCE = 5_000
ROWS_AT_ONCE = 200
# With so many shops waiting, and a quarter of the register, everybody is judged in runs of their own instead.
A_LOAD = 20_000
MOST_TRIES = 3
SECONDS = 40  # of one call
DAYS_BEFORE_CLOSING = timedelta(days=14)
DAYS_BEFORE_SOON = timedelta(days=7)
Cause = PushRun.Cause


# Facts


def touch(shops, *, facts=None, benefits=()):
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
    deciding.lock(alone=True)
    if connection.vendor == "postgresql":
        waiting = waiting.select_for_update(skip_locked=True)
    rows = list(waiting.order_by("pk"))
    shops = sum(len(row.shops) for row in rows)
    if shops < max(A_LOAD, Business.objects.count() / 4):
        return 0
    forget_editions()
    known, today = catalogue(), timezone.localdate()
    for benefit in known.benefits.values():
        found = _subject(known, benefit, today)
        if found and _concerns(rows, benefit, found.rule):
            version = BenefitVersion.objects.get(pk=found.version_id)
            runs.begin(version, Cause.POLICY, today, scope=f"register {rows[-1].pk}")
    Touched.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return shops


def _next_touched():
    """Work off a portion; how many shops were in it. What fails is tried alone later, so that the rest goes on."""
    rows = []
    try:
        with transaction.atomic():
            deciding.lock(alone=True)
            rows = _claim()
            if rows:
                _work_off(rows)
    except Exception as problem:  # whatever it is about these shops, the others must not wait for it
        if pushing.is_the_databases(problem) or not rows:
            raise
        logger.exception("Touched shops could not be judged.")
        failed = Touched.objects.filter(pk__in=[row.pk for row in rows])
        failed.update(tries=F("tries") + 1, problem=str(problem)[:300])
    return sum(len(row.shops) for row in rows)


def _work_off(rows):
    forget_editions()
    known, today = catalogue(), timezone.localdate()
    # A worker's clock may be behind that of the one who brought the decisions up to date.
    days = dict(Standing.objects.filter(day__gt=today).values_list("benefit", "day"))
    shops = Business.objects.filter(pk__in={shop for row in rows for shop in row.shops})
    for benefit in known.benefits.values():
        found = _subject(known, benefit, days.get(benefit.pk, today))
        if found and _concerns(rows, benefit, found.rule):
            _judge(found, shops)
    Touched.objects.filter(pk__in=[row.pk for row in rows]).delete()


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


def _subject(known: Catalogue, benefit, day):
    """What decides on a benefit now; None for what is not pushed."""
    version = benefit.in_force_on(day)
    if version is None or not version.rule.is_pushed:
        return None
    rule = None if benefit.code in known.closed_documents else version.rule
    return deciding.Subject(benefit.pk, version.pk, rule, day)


def _concerns(rows, benefit, rule):
    """Whether anything that changed is read by the benefit."""
    reads = deciding.reads(rule) if rule else frozenset()
    return any(
        row.facts is None or benefit.pk in row.benefits or not reads.isdisjoint(row.facts) for row in rows
    )


def _judge(subject, shops):
    """Bring one benefit's decisions on touched shops up to date and tell what changed."""
    unfinished = PushRun.objects.filter(version=subject.version_id, cause=Cause.POLICY, finished_at=None)
    outcome = deciding.decide(subject, shops, tell_amounts=unfinished.exists())
    if not outcome.changed:
        return
    now = timezone.now()
    run, _ = PushRun.objects.get_or_create(
        version_id=subject.version_id,
        cause=Cause.PROFILE,
        day=subject.day,
        scope="",
        defaults={"status": PushRun.Status.DONE, "finished_at": now},
    )
    told = (
        0
        if unfinished.filter(quiet=True).exists()
        else pushing.tell(run, subject.benefit_id, outcome.changes, overlapping=True)
    )
    counts = {"matched": outcome.matched, "changed": outcome.changed, "closed": outcome.closed, "told": told}
    PushRun.objects.filter(pk=run.pk).update(
        finished_at=now, **{name: F(name) + count for name, count in counts.items()}
    )
    if told:
        start_after_commit(tasks.relay)


# The calendar


def follow_the_day(day: date | None = None) -> list[PushRun]:
    """Begin what the days since the last time ask for; the runs begun. Missed days are caught up in one.

    On a day when a version comes into force, a window opens or closes or a figure changes everybody is judged; on any
    other only shops whose dates cross a threshold.
    """
    day = day or timezone.localdate()
    Touched.objects.filter(tries__gte=MOST_TRIES).update(tries=1)  # whatever was in their way may be gone
    forget_editions()
    known = catalogue()
    standing = {row.benefit_id: row for row in Standing.objects.all()}
    busy = set(
        PushRun.objects.filter(finished_at=None)
        .exclude(cause=Cause.PROFILE)
        .values_list("version__benefit", flat=True)
    )
    halfway, begun, unnoticed = pushing.left_halfway(), [], []
    for benefit in known.benefits.values():
        if benefit.pk not in busy:
            last = standing.get(benefit.pk)
            asked = _asked_for(benefit.in_force_on(day), last, day, halfway.get(benefit.pk))
            if asked and _passes_unnoticed(known, benefit, last, asked, day):
                unnoticed.append(last)
            elif asked:
                version_id, cause, options = asked
                with transaction.atomic():
                    version = BenefitVersion.objects.get(pk=version_id)
                    run, created = runs.begin(version, cause, day, **options)
                begun += [run] if created else []
    for since in {last.day for last in unnoticed}:
        same = [last.benefit_id for last in unnoticed if last.day == since]
        Standing.objects.filter(benefit__in=same, day=since).update(day=day)
    return begun + _remind(known, day)


def _passes_unnoticed(known, benefit, standing, asked, day):
    """Whether a day passes without any shop's date crossing a threshold: then it is only written down as done."""
    if asked[1] != Cause.CALENDAR:
        return False
    subject = _subject(known, benefit, day)
    return not (subject.rule and Business.objects.filter(pushing.turned(subject, standing)).exists())


def _asked_for(version: PublishedVersion | None, standing: Standing | None, day, halfway: int | None):
    """(version id, cause, options) of the run that a benefit needs, or None. ``halfway``: the version of a run that was
    overtaken, after which none came."""
    if version is None or not version.rule.is_pushed:
        ends = (standing.version_id if standing else None) or halfway
        return (ends, Cause.POLICY, {"ends": True, "scope": "ends"}) if ends else None
    if standing is None or standing.version_id != version.pk:
        return version.pk, Cause.POLICY, {}
    if standing.day >= day:
        return None
    if any(standing.day < big <= day for big in deciding.big_days(version.rule)):
        return version.pk, Cause.POLICY, {}
    return version.pk, Cause.CALENDAR, {}


# Reminders


def _remind(known, day):
    """Tell of days that come near, each once: a stretch that ends, and a day from which something can be had."""
    subjects = [_subject(known, benefit, day) for benefit in known.benefits.values()]
    subjects = {subject.benefit_id: subject for subject in subjects if subject and subject.rule}
    near = {
        benefit for rows in _near(day) for benefit in _due(subjects, rows).values_list("benefit").distinct()
    }
    return [run for (benefit,) in sorted(near) for run in _remind_of(subjects[benefit])]


def _near(day):
    """Conditions of decisions with a day that comes near: one that closes, one that begins. Each has its index."""
    closes_by, comes_by = day + DAYS_BEFORE_CLOSING, day + DAYS_BEFORE_SOON
    return (
        Q(state=Match.State.NOW, apply_before__gte=day, apply_before__lte=closes_by),
        Q(state=Match.State.SOON, eligible_from__gt=day, eligible_from__lte=comes_by),
    )


def _due(subjects, near):
    """Decisions on these subjects, by benefit, as ``near`` says, of which nobody has been reminded."""
    told = Notification.objects.filter(
        operator=OuterRef("operator"),
        version=OuterRef("in_force"),
        kind=Change.REMINDER,
        day=OuterRef("comes_on"),
    )
    in_force = [When(benefit=subject.benefit_id, then=subject.version_id) for subject in subjects.values()]
    return (
        Match.objects.open()
        .filter(near, benefit__in=subjects, operator__isnull=False)
        .annotate(
            comes_on=Case(When(state=Match.State.SOON, then=F("eligible_from")), default=F("apply_before")),
            in_force=Case(*in_force, output_field=BigIntegerField()),
        )
        .exclude(Exists(told))
    )


@transaction.atomic
def _remind_of(subject):
    deciding.lock(alone=True)
    now = timezone.now()
    run, created = PushRun.objects.get_or_create(
        version_id=subject.version_id,
        cause=Cause.CALENDAR,
        day=subject.day,
        scope=pushing.REMINDERS,
        defaults={"status": PushRun.Status.DONE, "finished_at": now},
    )
    closing, coming = _near(subject.day)
    due, parameters = (
        _due({subject.benefit_id: subject}, closing | coming)
        .values("business_id", "operator_id", "comes_on")
        .query.sql_with_params()
    )
    changes = f"""SELECT business_id, operator_id, {Change.REMINDER} AS kind, CAST(NULL AS bigint) AS before_fen,
        comes_on AS day FROM ({due}) d"""
    told = pushing.tell(run, subject.benefit_id, changes, parameters=parameters)
    PushRun.objects.filter(pk=run.pk).update(told=F("told") + told)
    return [run] if created else []
