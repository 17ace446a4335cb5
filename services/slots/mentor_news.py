"""What a mentor is told: who has booked, who does not come, what is tomorrow. They have no shop: it is theirs alone."""

from datetime import timedelta

from django.utils import timezone

from cases.models import Case
from notifications import letters as inbox
from notifications.models import Letter

from ..models import Slot

PAGE = "/me/asked/"
SMS = "有人约您或有变动。请到“政策直通车”查看，或拨12345。"
TOMORROW = timedelta(hours=24)


def booked(case: Case) -> None:
    """Somebody has a seat of theirs."""
    _tell(
        case.request.slot, f"{case.subject} {case.version} comes", "有人约了您", f"{case.business.name}约了您"
    )


def not_coming(case: Case) -> None:
    """Somebody has given theirs up."""
    _tell(
        case.request.slot, f"{case.subject} {case.version} excused", "有人请假", f"{case.business.name}请了假"
    )


def cancelled(slot: Slot, reason: str) -> None:
    """Somebody else has cancelled their time."""
    _tell(slot, f"slot {slot.pk} cancelled", "您的时间取消了", f"取消的原因：{reason.rstrip('。')}")


def remind_all() -> int:
    """Once, a day before, of each time that somebody has booked; how many."""
    now = timezone.now()
    slots = Slot.objects.filter(offering__mentor__isnull=False, status=Slot.Status.OPEN, taken__gt=0)
    slots = slots.filter(starts_at__gt=now, starts_at__lte=now + TOMORROW).select_related("offering__mentor")
    keys = {_tomorrow(slot): slot for slot in slots.order_by("pk")}
    told = set(Letter.objects.filter(key__in=keys).values_list("key", flat=True))
    for key in keys.keys() - told:
        slot = keys[key]
        _tell(slot, key, "快到您的时间了", f"有 {slot.taken} 家来")
    return len(keys.keys() - told)


def _tomorrow(slot) -> str:
    return f"slot {slot.pk} tomorrow"


def _tell(slot, key, title, what) -> None:
    if slot.offering.mentor_id is None:
        return
    inbox.write(
        user=slot.offering.mentor,
        key=key,
        title=title,
        sentence=f"{slot.when}，“{slot.offering.title}”：{what}。",
        action_label="看约我的人",
        action_path=PAGE,
        sms=SMS,
    )
