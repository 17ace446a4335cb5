"""Following the calendar: what the days that pass ask for, and reminders of days that come near."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial

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
from .reevaluation import Portion, Source, count, counting_run, reevaluate, subject_of
from .telling import tell

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


def _catch_up(day):
    source = _DaysThatPassed(day)
    reevaluate(source)
    return source.runs


class _DaysThatPassed(Source):
    """Shops whose dates have crossed a threshold, of each benefit that needs no more. Few are judged at once; for many,
    for everybody, and while others are at decisions, runs begin. ``runs``: those begun, and those that count."""

    waits = False

    def __init__(self, day) -> None:
        self.day, self.runs = day, []

    def portions(self, is_held):
        day, left = self.day, SHOPS_AT_ONCE if is_held and not runs.everything_is_stopped() else 0
        known, done = _published(), []
        everything = list(_asked(known, day))
        over = _holdings_over(everything, day)
        for asked in everything:
            portion = None
            if asked.cause == Cause.CALENDAR:
                subject = subject_of(known, asked.benefit, day)
                some_over = not over.isdisjoint(in_the_way_of(asked.benefit.pk, day))
                if subject.rule is None or not (some_over or affected.turns(subject.rule)):
                    done.append(asked.benefit.pk)  # no day changes anything
                    continue
                shops = partial(_turned, subject, asked.since, left, over=some_over)
                portion = Portion(subject, shops, cause=Cause.CALENDAR, scope=PushRun.FEW, is_apart=True)
                yield portion
            if portion is not None and portion.looked_at is not None:
                left -= len(portion.looked_at)
                done.append(asked.benefit.pk)
                self.runs += [portion.run] if portion.run else []
            else:
                self._begin(asked)
        MatchCoverage.objects.filter(benefit__in=done, day__lt=day).update(day=day)

    def _begin(self, asked):
        """A run of its own does it, or tries again what failed and says why."""
        version = BenefitVersion.objects.get(pk=asked.version_id)
        run, created = runs.begin(version, asked.cause, self.day, **asked.options)
        self.runs += [run] if created else []


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


def _turned(subject, since, most, *, over) -> list[int] | None:
    """Ids of the shops that the days since can have changed; None where they are more than ``most``."""
    ids = Business.objects.filter(pushing.turned(subject, since, over=over)).values_list("pk", flat=True)
    some = list(ids.order_by()[: most + 1])
    return some if len(some) <= most else None


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
    told = tell(run, subject.benefit_id, changes, parameters=[subject.benefit_id])
    count(run, told=told)
    return [run] if told else []
