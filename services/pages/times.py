"""The times of an offering, as rows to choose from."""

from datetime import datetime

from django.utils import timezone

from core.wording import moment_text

from ..models import Offering, Slot
from . import cards

MOST = 30
WEEKDAYS = "一二三四五六日"


def times_of(offering: Offering, picked: int | None = None) -> list[dict]:
    """``[{pk, label, span, place, places, is_free, checked}]`` of those ahead, the next first; two queries."""
    slots = list(Slot.objects.ahead().filter(offering=offering).order_by("starts_at", "pk")[:MOST])
    lines = cards.lines_of(row.pk for row in slots if row.left <= 0)
    return [
        {
            "pk": row.pk,
            "label": day_of(row.starts_at),
            "span": span_of(row),
            "place": row.place or offering.place,
            "places": f"剩 {row.left} 个" if row.left > 0 else cards.places_of(row, lines),
            "is_free": row.left > 0,
            "minimum": row.minimum,
            "checked": row.pk == picked or len(slots) == 1,
        }
        for row in slots
    ]


def day_of(moment: datetime) -> str:
    """12 月 5 日，周六下午。"""
    local = timezone.localtime(moment)
    part = "上午" if local.hour < 12 else "下午" if local.hour < 18 else "晚上"
    return f"{local.month} 月 {local.day} 日，周{WEEKDAYS[local.weekday()]}{part}"


def span_of(slot: Slot) -> str:
    """From when to when; of a class of several evenings each of them."""
    if len(slot.sessions) > 1:
        days = [moment_text(datetime.fromisoformat(begins)) for begins, _ in slot.sessions]
        return f"共 {len(days)} 次：{'、'.join(days)}"
    return f"{slot.clock} 到 {timezone.localtime(slot.ends_at):%H:%M}"
