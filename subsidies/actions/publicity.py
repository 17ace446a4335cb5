"""公示: a masked list of what was approved, for anybody to read until a day, and then taken down."""

import secrets
from datetime import date, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from accounts.models import Department
from businesses.facts import DISTRICTS
from cases import audit
from cases.terms import terms_of
from core.errors import Invalid, Refused
from policies.models import Benefit

from ..models import Application, PublicNotice
from ..wording import amount_text

MOST_DAYS, MOST_ROWS = 60, 2_000


def unpublished(department: Department, benefit: Benefit | None = None):
    """Applications granted, paid or not, whose decision has not been published yet."""
    notices = PublicNotice.objects.filter(
        applications=OuterRef("pk"), published_at__gte=OuterRef("decided_at")
    )
    rows = Application.objects.granted().filter(department=department).exclude(Exists(notices))
    rows = rows.exclude(category="loan")
    return rows.filter(benefit=benefit) if benefit is not None else rows


@transaction.atomic
def publish(department: Department, benefit: Benefit, days: int, *, by) -> PublicNotice:
    """Publish from today for ``days`` days, today included. Refused where nothing is to be published."""
    own = by.is_superuser or by.department_id == department.pk
    if not (by.is_active and by.is_staff and by.has_perm("subsidies.add_publicnotice") and own):
        raise PermissionDenied
    waiting = unpublished(department, benefit).order_by("pk").select_for_update(of=("self",))
    held = list(waiting.values_list("pk", flat=True)[:MOST_ROWS])
    # Looked at again now that they are held: a second click has waited for the first, and sees what it published.
    rows = unpublished(department, benefit).filter(pk__in=held).order_by("pk")
    rows = list(rows.select_related("operator", "business", "benefit_version"))
    if not rows:
        raise Refused("没有要公示的：批准的都公示过了。")
    least = max(1, *(terms_of(row.benefit_version).publicity_days for row in rows))
    if not least <= days <= MOST_DAYS:
        raise Invalid.because("days", "out_of_range", f"天数要在 {least} 到 {MOST_DAYS} 之间")
    today = timezone.localdate()
    notice = PublicNotice.objects.create(
        number=secrets.token_hex(10),
        department=department,
        benefit=benefit,
        from_on=today,
        until_on=today + timedelta(days=days - 1),
        rows=[_row(application) for application in rows],
        published_by=by,
    )
    notice.number = f"GS-{today.year}-{notice.pk:08d}"
    notice.save(update_fields=["number"])
    notice.applications.set(rows)
    _audit("publish_notice", notice, by=by, rows=len(rows))
    return notice


def _row(application) -> dict:
    """What anybody may read of a grant: no numbers, and of the name the first character."""
    return {
        "name": masked_name(application.operator.name),
        "shop": application.business.name,
        "district": dict(DISTRICTS).get(application.district, ""),
        "amount": amount_text(application),
    }


def masked_name(name: str) -> str:
    """张三 as 张*."""
    return name[:1] + "*" * max(len(name) - 1, 1)


def _audit(verb, notice, **detail) -> None:
    audit.record(verb, f"notice {notice.pk}", department_id=notice.department_id, **detail)


@transaction.atomic
def take_down(today: date) -> int:
    """Take down what has stood its time; how many. Nobody can read it from the day after anyway."""
    over = PublicNotice.objects.filter(until_on__lt=today, taken_down_at=None)
    found = list(over.order_by("pk").select_for_update(of=("self",)))
    PublicNotice.objects.filter(pk__in=[row.pk for row in found]).update(taken_down_at=timezone.now())
    for notice in found:
        _audit("take_down_notice", notice)
    return len(found)
