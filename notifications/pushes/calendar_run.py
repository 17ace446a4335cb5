"""Following the calendar: what the days that pass ask for, and reminders of days that come near."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import connection, transaction
from django.utils import timezone

from businesses.models import Business
from core.bulk import empty_tables
from core.models import forget_editions
from core.sql import SQL, name, sql
from eligibility.holdings import in_the_way_of
from eligibility.matches import affected, match_store
from eligibility.models import Match, MatchCoverage
from policies.catalogue import CatalogueBenefit, catalogue
from policies.criteria.operators import ONE_DAY
from policies.models import BenefitVersion

from ..models import Change, Notification, PushRun
from . import fact_changes, pushing, runs
from .reevaluation import count, counting_run, judge, subject_of

logger = logging.getLogger(__name__)

SHOPS_AT_ONCE = 5_000  # so many are judged here and now; more are left to a run
DAYS_BEFORE_CLOSING = timedelta(days=14)
DAYS_BEFORE_SOON = timedelta(days=7)
Cause = PushRun.Cause


def follow_the_day(day: date | None = None) -> list[PushRun]:
    """Do or begin what the days since the last time ask for; the runs that do it. Missed days are caught up in one.

    On a day when a version comes into force, a window opens or closes or a figure changes everybody is judged; on any
    other only shops whose dates cross a threshold.
    """
    day = day or timezone.localdate()
    fact_changes.try_failed_again()  # whatever was in their way may be gone
    return [*_catch_up(day), *_remind(day)]


def _published():
    forget_editions()
    return catalogue()


# Days that pass


@dataclass(frozen=True)
class _Asked:
    """What a benefit needs: decisions brought up to date by a run of this version and cause. ``since``: the day as of
    which they stand, None where none do."""

    benefit: CatalogueBenefit
    version_id: int
    cause: str
    since: date | None
    options: dict = field(default_factory=dict)


@transaction.atomic
def _catch_up(day):
    """Few shops whose dates have crossed a threshold are judged at once; for many, for everybody, and while others are
    at decisions, runs begin."""
    may_judge = match_store.lock(alone=True, wait=False) and not runs.everything_is_stopped()
    left = SHOPS_AT_ONCE if may_judge else 0
    known, found, done = _published(), [], []
    everything = list(_asked(known, day))
    over = _holdings_over(everything, day)
    for asked in everything:
        judged = None
        if asked.cause == Cause.CALENDAR:
            judged = _judge(subject_of(known, asked.benefit, day), asked, left, over)
        if judged is not None:
            looked_at, begun = judged
            found, left = found + begun, left - looked_at
            done.append(asked)
        else:
            version = BenefitVersion.objects.get(pk=asked.version_id)
            run, created = runs.begin(version, asked.cause, day, **asked.options)
            found += [run] if created else []
    MatchCoverage.objects.filter(benefit__in=[asked.benefit.pk for asked in done], day__lt=day).update(
        day=day
    )
    return found


def _asked(known, day) -> Iterator[_Asked]:
    """What every benefit needs that no run is at work on."""
    at_work = PushRun.objects.filter(finished_at=None).exclude(cause=Cause.PROFILE)
    busy = set(at_work.values_list("version__benefit", flat=True))
    coverages = {
        row.benefit_id: row for row in MatchCoverage.objects.all()
    }  # later, so that none is older than it says
    halfway = pushing.left_halfway()
    for benefit in known.benefits.values():
        if benefit.pk not in busy:
            asked = _asked_of(benefit, coverages.get(benefit.pk), day, halfway.get(benefit.pk))
            if asked:
                yield asked


def _asked_of(benefit, coverage: MatchCoverage | None, day, halfway: int | None) -> _Asked | None:
    """``halfway``: the version of a run that was overtaken, after which none came."""
    version, since = benefit.in_force_on(day), coverage and coverage.day
    if version is None or not version.rule.is_pushed:
        ends = (coverage and coverage.version_id) or halfway
        return _Asked(benefit, ends, Cause.POLICY, since, {"ends": True, "scope": "ends"}) if ends else None
    if coverage is None or coverage.version_id != version.pk:
        return _Asked(benefit, version.pk, Cause.POLICY, since)
    if since >= day:
        return None
    big = any(since < big <= day for big in affected.big_days(version.rule))
    return _Asked(benefit, version.pk, Cause.POLICY if big else Cause.CALENDAR, since)


def _holdings_over(everything, day) -> set:
    """Ids of the benefits of which some shop's holding is over since."""
    since = min((asked.since for asked in everything if asked.since), default=day)
    return set(pushing.holdings_over(since, day).values_list("benefit", flat=True))


def _judge(subject, asked, most, over) -> tuple[int, list[PushRun]] | None:
    """Judge the shops that the days since can have changed: (how many they were, the runs that count what changed).

    None where they are more than ``most`` or that fails: then a run of its own does it, or tries again and says why.
    """
    some_over = not over.isdisjoint(in_the_way_of(subject.benefit_id, subject.day))
    if subject.rule is None or not (some_over or affected.turns(subject.rule)):
        return 0, []
    try:
        with transaction.atomic():
            shops = _turned(subject, asked.since, most, over=some_over)
            if len(shops) > most:
                return None
            run = judge(subject, shops, Cause.CALENDAR, scope=PushRun.FEW) if shops else None
    except Exception as problem:  # whatever it is about these shops, other benefits must not wait for it
        if pushing.is_the_databases(problem):
            raise
        logger.exception("Shops whose dates have crossed a threshold could not be judged.")
        return None
    return len(shops), [run] if run else []


def _turned(subject, since, most, *, over) -> list[int]:
    """Ids of the shops that the days since can have changed; where they are more than ``most``, one more than that."""
    ids = Business.objects.filter(pushing.turned(subject, since, over=over)).values_list("pk", flat=True)
    return list(ids.order_by()[: most + 1])


# Reminders

_NEAR = {"near": SQL("benefit_id bigint, business_id bigint, operator_id bigint, day date")}


@transaction.atomic
def _remind(day) -> list:
    """Tell of days that come near, each once: a stretch that ends, and a day from which something can be had."""
    if runs.everything_is_stopped():  # what is due now is due the next time, too
        return []
    if not match_store.lock(alone=True, wait=False):
        if not _due(_published(), day):
            return []
        match_store.lock(alone=True)
    return [run for subject in _due(_published(), day) for run in _remind_of(subject)]


def _due(known, day) -> list[match_store.Subject]:
    """Benefits of which somebody has to be reminded; whom and of which day stands in ``near``."""
    subjects = [subject_of(known, benefit, day) for benefit in known.benefits.values()]
    subjects = {subject.benefit_id: subject for subject in subjects if subject and subject.rule}
    if not subjects:
        return []
    with connection.cursor() as cursor:
        empty_tables(cursor, _NEAR)
        in_force = [
            sql("({benefit}, {version})", benefit=subject.benefit_id, version=subject.version_id)
            for subject in subjects.values()
        ]
        for state, column, first, last in _near(day):
            statement = sql(
                """WITH in_force (benefit_id, version_id) AS (VALUES {in_force})
                INSERT INTO near SELECT m.benefit_id, m.business_id, m.operator_id, {column}
                FROM {match} m JOIN in_force i ON i.benefit_id = m.benefit_id
                WHERE m.closed_on IS NULL AND m.state = {state} AND {column} BETWEEN %s AND %s
                    AND m.operator_id IS NOT NULL
                    AND NOT EXISTS (SELECT 1 FROM {message} n WHERE n.operator_id = m.operator_id
                        AND n.version_id = i.version_id AND n.kind = {reminder} AND n.day = {column})""",
                in_force=in_force,
                column=name(column, of="m"),
                match=Match,
                state=state,
                message=Notification,
                reminder=Change.REMINDER,
            )
            cursor.execute(statement, [first, last])
        cursor.execute("SELECT DISTINCT benefit_id FROM near ORDER BY benefit_id")
        return [subjects[benefit] for (benefit,) in cursor.fetchall()]


def _near(day):
    """Which decisions have a day that comes near, as (state, column, first, last): one that closes, one that begins.
    Each has its index."""
    return (
        (Match.State.NOW, "apply_before", day, day + DAYS_BEFORE_CLOSING),
        (Match.State.AUTO, "apply_before", day, day + DAYS_BEFORE_CLOSING),
        (Match.State.SOON, "eligible_from", day + ONE_DAY, day + DAYS_BEFORE_SOON),
    )


def _remind_of(subject):
    changes = sql(
        """SELECT business_id, operator_id, {reminder} AS kind, CAST(NULL AS bigint) AS before_fen, day
        FROM near WHERE benefit_id = %s""",
        reminder=Change.REMINDER,
    )
    run = counting_run(subject, Cause.CALENDAR, scope=PushRun.REMINDERS)
    told = pushing.tell(run, subject.benefit_id, changes, parameters=[subject.benefit_id])
    count(run, told=told)
    return [run] if told else []
