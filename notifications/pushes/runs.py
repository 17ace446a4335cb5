"""Push runs as staff see them: begun because of something, paused, resumed, cut short. The work is in pushing.py."""

from datetime import date

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max, Min
from django.utils import timezone

from accounts.access import record
from businesses.models import Operator
from core.background import start_after_commit
from core.errors import Refused
from eligibility.models import Match
from eligibility.publishing import may_publish
from policies.models import BenefitVersion

from .. import tasks
from ..models import EVERYBODY, WITHOUT_OPERATOR, KillSwitch, PushChunk, PushRun

CHUNK = settings.PUSH_CHUNK  # operator ids
WORKERS = 2  # doorbells rung for one run: chunks are taken side by side
Cause, Status = PushRun.Cause, PushRun.Status


def begin(version: BenefitVersion, cause: str, day: date, *, scope="", **options) -> tuple[PushRun, bool]:
    """(the run, whether it has just begun) for this version, cause, day and scope: there is one, however often asked.

    In the caller's transaction: after its commit the work can be found by any worker. ``options``: ends, quiet,
    critical, as PushRun has them.
    """
    options["first"] = (
        not options.get("ends") and not Match.objects.filter(benefit=version.benefit_id).exists()
    )
    run, created = PushRun.objects.get_or_create(
        version=version, cause=cause, day=day, scope=scope, defaults=options
    )
    if created:
        many = cause == Cause.POLICY and (run.first or run.ends)
        _write_chunks(run, _ranges() if many else [(EVERYBODY, None)])
        ring(run)
    return run, created


def cut(chunk: PushChunk) -> None:
    """A chunk of EVERYBODY has turned out to be too much for one transaction: chunks of the usual size instead."""
    chunk.delete()
    _write_chunks(chunk.run, _ranges())


@transaction.atomic
def redrive(run: PushRun, *, one_by_one=False) -> int:
    """Try dead chunks again; how many there are now. ``one_by_one``: each cut up into its owners, so that one of whom
    nothing can be done keeps nobody else from it, and the ledger says who it is."""
    dead = list(run.chunks.select_for_update().filter(done_at=None))
    for chunk in dead if one_by_one else ():
        _cut_into_owners(chunk)
    left = run.chunks.filter(done_at=None)
    left.update(tries=0, problem="")
    PushRun.objects.filter(pk=run.pk, status=Status.FAILED).update(status=Status.RUNNING)
    return left.count()


def _cut_into_owners(chunk) -> None:
    if chunk.lo < 0:
        return
    inside = Operator.objects.filter(pk__gte=chunk.lo).order_by("pk").values_list("pk", flat=True)
    starts = list(inside if chunk.hi is None else inside.filter(pk__lt=chunk.hi))
    if len(starts) > 1:
        chunk.delete()
        starts[0] = chunk.lo
        _write_chunks(chunk.run, zip(starts, [*starts[1:], chunk.hi], strict=True))


def _write_chunks(run, ranges) -> None:
    PushChunk.objects.bulk_create(PushChunk(run=run, lo=lo, hi=hi) for lo, hi in ranges)


def _ranges() -> list:
    """Ranges of operator ids that leave nobody out; a person with two shops never straddles two of them."""
    ids = Operator.objects.aggregate(first=Min("pk"), last=Max("pk"))
    cuts = range((ids["first"] or 0) + CHUNK, (ids["last"] or 0) + 1, CHUNK)
    starts, ends = [0, *cuts], [*cuts, None]
    return [(WITHOUT_OPERATOR, None), *zip(starts, ends, strict=True)]


def ring(run: PushRun) -> None:
    for _ in range(WORKERS):
        start_after_commit(tasks.work_on_push, run.pk)


def _require(user) -> None:
    if not user.has_perm("notifications.control_pushrun"):
        raise PermissionDenied


def may_control(user, run: PushRun) -> bool:
    """Whether ``user`` may pause, resume and cancel a run: whoever may publish that benefit's versions."""
    return user.has_perm("notifications.control_pushrun") and may_publish(user, run.version)


def _locked(run, by, statuses):
    _require(by)
    locked = PushRun.objects.visible_to(by).select_for_update(of=("self",)).filter(pk=run.pk).first()
    if locked is None or not may_control(by, locked):
        raise PermissionDenied
    if locked.status not in statuses or locked.finished_at:
        raise Refused("这一批刚刚有变化，请刷新页面再办。")
    return locked


@transaction.atomic
def pause(run: PushRun, *, by) -> None:
    """Let nothing new begin; what is being written is finished."""
    _set(_locked(run, by, [Status.RUNNING]), Status.PAUSED, by, "pause_push")


@transaction.atomic
def resume(run: PushRun, *, by) -> None:
    """Go on where it stopped. Chunks that had failed are tried again."""
    locked = _locked(run, by, [Status.PAUSED, Status.FAILED])
    locked.chunks.filter(done_at=None).update(tries=0, problem="")
    _set(locked, Status.RUNNING, by, "resume_push")
    ring(locked)


@transaction.atomic
def cancel(run: PushRun, *, by) -> None:
    """Tell nobody any more. Decisions are still brought up to date, quietly: what owners see has to be right."""
    locked = _locked(run, by, [Status.RUNNING, Status.PAUSED, Status.FAILED])
    locked.quiet = True
    _set(locked, Status.CANCELLED, by, "cancel_push")
    ring(locked)


def _set(run, status, by, what) -> None:
    run.status = status
    run.save(update_fields=["status", "quiet"])
    record(by, what, f"push run {run.pk}")


@transaction.atomic
def stop_everything(reason: str, *, by) -> None:
    """The kill switch: no push goes on, inside or outside, until it is released."""
    _require(by)
    if not (reason := reason.strip()):
        raise Refused("请写明为什么要停，恢复的人要看。")
    _, created = KillSwitch.objects.get_or_create(pk=1, defaults={"reason": reason[:200], "by": by})
    if not created:
        raise Refused("总开关已经是停的。")
    record(by, "stop_pushes", "kill switch", reason=reason[:200])


@transaction.atomic
def release_everything(*, by) -> None:
    """Everything goes on where it stood."""
    _require(by)
    deleted, _ = KillSwitch.objects.filter(pk=1).delete()
    if not deleted:
        raise Refused("推送没有停，不用恢复。")
    record(by, "release_pushes", "kill switch")
    start_after_commit(tasks.relay)


def everything_is_stopped() -> bool:
    return KillSwitch.objects.exists()


def finish(run: PushRun, status: str):
    """Set the end of a run, once."""
    return PushRun.objects.filter(pk=run.pk, finished_at=None).update(
        status=status, finished_at=timezone.now()
    )
