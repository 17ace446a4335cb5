"""Re-evaluation: stored decisions are looked at again, and whom a change concerns is told, in one transaction.

There is one way, ``reevaluate``, whatever is the reason. The reasons differ in where the shops come from, which each
says as a ``Source``: chunks of the register for a version or a day that concerns everybody (pushing.py), what was
touched for facts of a shop or of the person behind it (fact_changes.py), dates that cross a threshold for a day
(calendar_run.py).
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.db import DatabaseError, IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from businesses.models import Business
from core.background import start_after_commit
from eligibility.matches import match_store
from policies.catalogue import Catalogue, CatalogueBenefit

from .. import tasks
from ..models import PushRun
from .telling import tell

logger = logging.getLogger(__name__)
COUNTERS = ("matched", "changed", "closed", "told")
ShopsOrTooMany = QuerySet[Business] | list[int] | None


@dataclass
class Portion:
    """Shops whose decisions on one benefit are looked at again.

    ``subject``: which benefit, by which version, on which day. ``shops``: gives them as ``match_store.decide`` takes
    them, None where they are too many for one transaction. ``run``: that keeps a ledger; without one the counts are
    added to the run of the day for ``cause`` and ``scope``. ``first``: no decisions are stored yet. ``is_apart``: what
    fails is undone and noted, and the others go on.

    Afterwards: ``looked_at``, the shops, or None where they were too many or it failed; ``counts`` by COUNTERS; and the
    ``run`` that counted it, None where nothing changed.
    """

    subject: match_store.Subject
    shops: Callable[[], ShopsOrTooMany]
    run: PushRun | None = None
    cause: str = ""
    scope: str = ""
    first: bool = False
    tell_amounts: bool = True
    quiet: bool = False
    is_apart: bool = False
    looked_at: ShopsOrTooMany = None
    counts: dict[str, int] = field(default_factory=dict)


class Source:
    """Where the shops of a re-evaluation come from. ``is_alone``: nobody else looks at any shop meanwhile, as it has to
    be after a change of facts; ``waits``: for those who do."""

    is_alone = True
    waits = True

    def claim(self) -> None:
        """Hold what is worked off, if anything is, before decisions are waited for: others see that somebody is at it
        and take something else."""

    def portions(self, is_held: bool) -> Iterator[Portion]:
        """What is to be looked at, one after the other. Begun once decisions are held (``is_held``), so that what it
        reads stands until the end of the transaction; goes on after each has been judged, stored and told."""
        raise NotImplementedError


@transaction.atomic
def reevaluate(source: Source) -> None:
    """Hold decisions; then judge, store and tell what ``source`` names, in one transaction. Raises what it raises."""
    source.claim()
    is_held = match_store.lock(alone=source.is_alone, wait=source.waits)
    for portion in source.portions(is_held):
        if portion.is_apart:
            _look_at_apart(portion)
        elif source.is_alone:
            _look_at(portion)
        else:
            _look_at_beside_others(portion)


def _look_at(portion):
    shops = portion.shops()
    if shops is not None:
        _bring_up_to_date(portion, shops, overlapping=False, told_before=True)


def _look_at_apart(portion):
    try:
        with transaction.atomic():
            _look_at(portion)
    except Exception as problem:  # whatever it is about these shops, other benefits must not wait for it
        if is_the_databases(problem):
            raise
        logger.exception("Shops could not be judged.")
        portion.looked_at, portion.run = None, None


def _look_at_beside_others(portion):
    shops = portion.shops()
    if shops is None:
        return
    try:
        with transaction.atomic():
            _bring_up_to_date(portion, shops, overlapping=False, told_before=False)
    except IntegrityError:  # a shop's change of facts was faster: what is there already is passed over
        portion.first = False
        _bring_up_to_date(portion, shops, overlapping=True, told_before=True)


def _bring_up_to_date(portion, shops, *, overlapping, told_before):
    """Decide, store, tell and count. ``told_before``: what was told of this version on this day is not told again."""
    if isinstance(shops, list) and not shops:
        portion.looked_at, portion.counts = shops, dict.fromkeys(COUNTERS, 0)
        return
    outcome = match_store.decide(
        portion.subject,
        shops,
        first=portion.first,
        tell_amounts=portion.tell_amounts,
        overlapping=overlapping,
    )
    told, has_ledger = 0, portion.run is not None
    if outcome.changed and not has_ledger:
        portion.run = counting_run(portion.subject, portion.cause, scope=portion.scope)
    if outcome.changed and not portion.quiet:
        told = tell(portion.run, portion.subject.benefit_id, outcome.changes, overlapping=told_before)
    figures = (outcome.matched, outcome.changed, outcome.closed, told)
    portion.looked_at, portion.counts = shops, dict(zip(COUNTERS, figures, strict=True))
    if outcome.changed and not has_ledger:
        count(portion.run, **portion.counts)
        if told:
            start_after_commit(tasks.relay)


def is_the_databases(problem: Exception) -> bool:
    """Whether the database was busy or went away, which says nothing of the shops. psycopg2 has a plain DatabaseError
    where the server died while it answered."""
    return isinstance(problem, (OperationalError, InterfaceError)) or type(problem) is DatabaseError


def subject_of(known: Catalogue, benefit: CatalogueBenefit, day) -> match_store.Subject | None:
    """What decides on a benefit on ``day``; None for what is not pushed."""
    version = benefit.in_force_on(day)
    if version is None or not version.rule.is_pushed:
        return None
    rule = None if benefit.code in known.closed_documents else version.rule
    return match_store.Subject(benefit.pk, version.pk, rule, day)


def counting_run(subject: match_store.Subject, cause, *, scope="") -> PushRun:
    """The run of the subject's day and version that counts what comes in small portions: always done."""
    run = PushRun(version_id=subject.version_id, cause=cause, day=subject.day, scope=scope)
    run.status, run.finished_at = PushRun.Status.DONE, timezone.now()
    key = ["version", "cause", "day", "scope"]
    PushRun.objects.bulk_create(
        [run], update_conflicts=True, unique_fields=key, update_fields=["finished_at"]
    )
    return run


def count(run: PushRun, **counts) -> None:
    """Add to what a run has counted."""
    sums = {name: F(name) + number for name, number in counts.items()}
    PushRun.objects.filter(pk=run.pk).update(finished_at=timezone.now(), **sums)
