"""A few shops judged at once for one benefit, without a ledger, counted in one run a day. Many are left to runs with
chunks (pushing.py).

Whoever calls holds decisions alone (``match_store.lock``) until the end of the transaction.
"""

from django.db.models import F
from django.utils import timezone

from core.background import start_after_commit
from eligibility.matches import match_store
from policies.catalogue import Catalogue, CatalogueBenefit

from .. import tasks
from ..models import PushRun
from . import pushing


def subject_of(known: Catalogue, benefit: CatalogueBenefit, day) -> match_store.Subject | None:
    """What decides on a benefit on ``day``; None for what is not pushed."""
    version = benefit.in_force_on(day)
    if version is None or not version.rule.is_pushed:
        return None
    rule = None if benefit.code in known.closed_documents else version.rule
    return match_store.Subject(benefit.pk, version.pk, rule, day)


def judge(
    subject: match_store.Subject, shops, cause, *, scope="", tell_amounts=True, quiet=False
) -> PushRun | None:
    """Bring the decisions on ``shops`` (as ``decide`` takes them) up to date, and tell what changed unless ``quiet``.

    The run that counts it; None where nothing changed.
    """
    outcome = match_store.decide(subject, shops, tell_amounts=tell_amounts)
    if not outcome.changed:
        return None
    run = counting_run(subject, cause, scope=scope)
    told = 0 if quiet else pushing.tell(run, subject.benefit_id, outcome.changes, overlapping=True)
    count(run, matched=outcome.matched, changed=outcome.changed, closed=outcome.closed, told=told)
    if told:
        start_after_commit(tasks.relay)
    return run


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
