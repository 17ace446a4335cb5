"""Certificates of classes: a number that says which class, and which of those who came; and the paper."""

from django.utils import timezone

from cases.models import AuditEntry, Case
from cases.papers.sheet import Paper
from cases.transitions import change
from core.wording import day_text


def number(case: Case, **more) -> None:
    """For ``Verb.also``: the certificate gets its number."""
    change(case, certificate=f"ZS-{case.request.slot_id:06d}-{case.pk:08d}")


def paper_of(case: Case) -> Paper | None:
    """结业证: which class, when, by whom; None while there is none."""
    request = case.request
    if not request.certificate:
        return None
    slot, offering = request.slot, request.offering
    given_at = AuditEntry.objects.filter(case=case.pk, verb="certify").values_list("at", flat=True).last()
    return Paper(
        kind="certificate",
        title="结业证",
        number=request.certificate,
        to=case.operator.name,
        opening=f"您参加了“{offering.title}”，按要求学完。",
        signed=offering.given_by,
        at=timezone.localtime(given_at),
        blocks=[
            (
                "培训",
                [
                    f"名称：{offering.title}",
                    f"时间：{days_of(slot)}",
                    f"地点：{slot.place or offering.place or '待公布'}",
                    f"店铺：{case.business.name}",
                ],
            ),
            ("办班单位", [offering.given_by]),
        ],
    )


def days_of(slot) -> str:
    """The day, or from the first to the last of several."""
    first, last = (timezone.localtime(moment).date() for moment in (slot.starts_at, slot.ends_at))
    sessions = len(slot.sessions)
    if first == last:
        return day_text(first)
    return f"{day_text(first)}到 {day_text(last)}" + (f"，共 {sessions} 次" if sessions > 1 else "")
