"""What time does to cases, looked after by a sweep: nothing waits for anybody to open a page.

A step is a function of the day that says how much it did, made known by ``sweep_step``. Every step may run again at any
time, and one that fails does not keep the others; what failed is told at the end.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core.wording import day_text
from notifications import letters as inbox
from notifications.models import Letter

from . import audit, letters
from .evidence import wallet
from .models import AuditEntry, Case, Evidence
from .procedure import RUNS
from .transitions import locked

logger = logging.getLogger(__name__)
AT_ONCE = 1_000
ESCALATED, OVERDUE = "escalate", "overdue"
STEPS: dict[str, Callable[[date], int]] = {}


def sweep_step(name: str) -> Callable:
    """Make a step known by a name that people read."""

    def known(step) -> Callable:
        STEPS[name] = step
        return step

    return known


class Unfinished(Exception):
    """Some steps did not come to their end; the others did. ``names``: which."""

    def __init__(self, names: list[str]) -> None:
        super().__init__("、".join(names))
        self.names = names


def sweep(today: date | None = None) -> dict[str, int]:
    """Every step once; how much each did. Raises Unfinished after all of them where some failed."""
    today = today or timezone.localdate()
    done, failed = {}, []
    for name, step in STEPS.items():
        try:
            done[name] = step(today)
        except Exception:  # told at the end; the steps after it still run
            logger.exception("The step %s of the sweep failed.", name)
            failed.append(name)
    if failed:
        raise Unfinished(failed)
    return done


def each(rows: Iterable[Case], act: Callable) -> int:
    """``act`` on each, in its own transaction; how many it did something to. One that fails is told at the end."""
    count, failed = 0, []
    for row in rows:
        try:
            count += bool(act(row))
        except (
            Exception
        ):  # whatever it is about this case, those after it do not wait for it; told at the end
            logger.exception("Case %s was passed over by the sweep.", row.pk)
            failed.append(row.pk)
    if failed:
        raise RuntimeError(f"cases {failed[:20]} were passed over")
    return count


@sweep_step("催办")
def escalate(today: date) -> int:
    """催办 what is due today or was before, once for each clock."""
    rows = Case.objects.running().filter(due_on__lte=today, escalated_at=None).order_by("due_on", "pk")

    @transaction.atomic
    def act(row) -> bool:
        found = locked(row)
        is_due = found.due_on is not None and found.due_on <= today
        if found.escalated_at or found.stage.clock != RUNS or not is_due:
            return False
        found.escalated_at = timezone.now()
        found.save(update_fields=["escalated_at"])
        audit.record(ESCALATED, found.subject, case=found, note=f"承诺到 {day_text(found.due_on)}")
        return True

    return each(rows[:AT_ONCE], act)


@sweep_step("告知超期")
def tell_overdue(today: date) -> int:
    """Owners hear once for each clock that the promise was not kept."""
    told = AuditEntry.objects.filter(case=OuterRef("pk"), verb=OVERDUE, at__gte=OuterRef("escalated_at"))
    rows = Case.objects.running().filter(due_on__lt=today, escalated_at__isnull=False)
    rows = rows.exclude(Exists(told)).order_by("due_on", "pk")

    @transaction.atomic
    def act(row) -> bool:
        found = locked(row)
        if found.stage.clock != RUNS or found.due_on is None or found.due_on >= today:
            return False
        mine = AuditEntry.objects.filter(case=found.pk, verb=OVERDUE, at__gte=found.escalated_at)
        if mine.exists():
            return False
        letters.tell(found, OVERDUE, today=today)
        audit.record(OVERDUE, found.subject, case=found)
        return True

    return each(rows[:AT_ONCE], act)


@sweep_step("材料到期提醒")
def warn_of_expiry(today: date) -> int:
    """Owners hear once that a piece in their wallet is about to expire."""
    ending = Evidence.objects.usable().filter(
        expires_on__gte=today, expires_on__lte=today + wallet.WARNED_AHEAD
    )
    ending = ending.select_related("operator").prefetch_related("operator__businesses").order_by("pk")
    count, last = 0, 0
    while rows := list(ending.filter(pk__gt=last)[:AT_ONCE]):
        count += sum(map(_warn_once, rows, _untold(rows)))
        last = rows[-1].pk
    return count


def _untold(rows) -> list:
    """For each row whether its owner has not heard of it."""
    told = set(Letter.objects.filter(key__in=map(_expiry_key, rows)).values_list("key", flat=True))
    return [_expiry_key(row) not in told for row in rows]


def _expiry_key(row) -> str:
    return f"evidence {row.pk} expires {row.expires_on.isoformat()}"


def _warn_once(row, is_news) -> bool:
    shop = next(iter(row.operator.businesses.all()), None)
    if not is_news or shop is None:
        return False
    inbox.write(
        operator=row.operator,
        business=shop,
        key=_expiry_key(row),
        title=f"“{row.material}”快到期了",
        sentence=f"{day_text(row.expires_on)}到期，请换新的，以后申请才能用。",
        action_label="换新的",
        action_path="/me/evidence/",
    )
    return True


@sweep_step("重新查毒")
def rescan(today: date) -> int:
    return wallet.rescan()


@sweep_step("清理无主文件")
def sweep_orphans(today: date) -> int:
    return wallet.sweep_orphans().removed
