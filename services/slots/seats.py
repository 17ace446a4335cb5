"""Seats of a slot: exact without a lock on the way in, and handed on in order when one becomes free.

``taken`` is raised by one conditional UPDATE. Who finds no seat waits in line; the line moves while the slot is locked,
so that nobody waits beside a free seat and nobody overtakes. Whoever changes a case that has a slot locks the slot
first (``lock``).
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from cases.models import Case
from cases.transitions import change, locked, move
from core.errors import Invalid, Refused

from ..models import Request, Slot
from . import mentor_news

Seat = Request.Seat
KEPT = timedelta(hours=24)  # an offered seat
LAST_OFFER = timedelta(hours=2)  # before the beginning: afterwards first come, first served
EXCUSED_UNTIL = timedelta(hours=24)  # before the beginning
NEAREST = 3


def hold_or_queue(slot: Slot) -> str:
    """A seat if there is one, else a place in line. Refused where the slot is over, with the nearest others."""
    if _take(slot.pk):
        return Seat.HELD
    row = Slot.objects.select_for_update().get(pk=slot.pk)
    if row.status != Slot.Status.OPEN or row.starts_at <= timezone.now():
        raise Refused(over(row), code="slot_over")
    return Seat.HELD if _take(row.pk) else Seat.QUEUED


def _take(pk) -> bool:
    rows = Slot.objects.filter(
        pk=pk, status=Slot.Status.OPEN, starts_at__gt=timezone.now(), taken__lt=F("capacity")
    )
    return bool(rows.update(taken=F("taken") + 1))


def lock(case: Case) -> None:
    """The slot of a case, before the case itself."""
    slots = Slot.objects.filter(requests=case.pk)
    list(slots.select_for_update(of=("self",)))


def free(case: Case, *, by=None, **more) -> None:
    """For ``Verb.also``: it gives up its seat or its place in line; a seat goes to the first in line."""
    held, slot = case.request.seat == Seat.HELD, case.request.slot_id
    change(case, seat=Seat.NONE, offered_until=None)
    Request.objects.filter(pk=case.pk).update(seat=Seat.NONE)
    if held and not _offer_next(slot):
        Slot.objects.filter(pk=slot).update(taken=F("taken") - 1)


def fill(slot: Slot) -> int:
    """Offer the seats that are free to those in line, the first first; to how many. The slot is locked."""
    count = 0
    while _first_in_line(slot.pk) and _may_be_offered(slot.pk) and _take(slot.pk):
        _offer_next(slot.pk)
        count += 1
    return count


@transaction.atomic
def change_slot(slot: Slot, *, capacity: int, **columns) -> int:
    """So many seats from now on; those in line are offered what is new, before anybody else: to how many. Raises
    Invalid where more are taken already. ``columns``: what else of the slot is another."""
    row = Slot.objects.select_for_update().get(pk=slot.pk)
    if capacity < row.taken:
        raise Invalid.because("capacity", "too_few", f"已经约了 {row.taken} 人，名额不能少于 {row.taken} 个")
    Slot.objects.filter(pk=row.pk).update(capacity=capacity, **columns)
    return fill(row)


def _offer_next(slot) -> bool:
    """Whether a seat that is counted as taken went to somebody in line."""
    following = _first_in_line(slot)
    if following is None or not _may_be_offered(slot):
        return False
    case = locked(following.case)
    move(case, "offer", seat=Seat.HELD, offered_until=offered_until(following.slot))
    return True


def _first_in_line(slot) -> Request | None:
    rows = Request.objects.filter(slot=slot, seat=Seat.QUEUED).select_related("case", "slot")
    return rows.order_by("case_id").first()


def _may_be_offered(slot) -> bool:
    last = timezone.now() + LAST_OFFER
    return Slot.objects.filter(pk=slot, status=Slot.Status.OPEN, starts_at__gt=last).exists()


def offered_until(slot: Slot) -> datetime:
    """A day to say yes, but no later than two hours before it begins."""
    return min(timezone.now() + KEPT, slot.starts_at - LAST_OFFER)


def require_excusable(case: Case, *, by=None, **more) -> None:
    """For ``Verb.also``, before ``free``: a day before it begins at the latest. Refused in words."""
    slot = case.request.slot
    if slot.starts_at - timezone.now() < EXCUSED_UNTIL:
        contact = case.request.offering.contact or "12345"
        raise Refused(
            f"离开始不到 24 小时，不能在这里请假了。来不了请打电话说一声：{contact}。", code="too_late"
        )


def excused(case: Case, **more) -> None:
    """For ``Verb.also``: a booked seat is given up in time."""
    require_excusable(case)
    mentor_news.not_coming(case)
    free(case, **more)


def confirmed(case: Case, **more) -> None:
    """For ``Verb.also``: an offered seat is taken, while it is kept."""
    if case.request.offered_until <= timezone.now():
        raise Refused("名额只留到刚才，已经过了。可以约别的时间。", code="offer_lapsed")
    change(case, offered_until=None)
    mentor_news.booked(case)


def taken_at_last(case: Case, **more) -> None:
    """For ``Verb.also``: somebody in line takes a seat that is not offered any more, so shortly before it begins."""
    if not _take(case.request.slot_id):
        raise Refused("空位刚刚被别人约走了。可以约别的时间。", code="no_seat")
    change(case, seat=Seat.HELD)
    mentor_news.booked(case)


def begun(case: Case, **more) -> None:
    """For ``Verb.also``: whether somebody came is known once it has begun."""
    if case.request.slot.starts_at > timezone.now():
        raise Refused("还没有开始，不能记到场情况。开始以后再记。")


def over(slot: Slot) -> str:
    """Why a slot cannot be booked, and which others can."""
    why = "这一场已经取消" if slot.status == Slot.Status.CANCELLED else "这一场已经开始或结束"
    return f"{why}。{instead_of(slot)}"


def instead_of(slot: Slot) -> str:
    """Which other times have seats, in words."""
    others = [row.when for row in nearest(slot)]
    return f"最近还能约：{'、'.join(others)}。" if others else "现在没有别的时间，可以过几天再看。"


def nearest(slot: Slot) -> list[Slot]:
    """The next times of the same offering that have a seat."""
    others = Slot.objects.ahead().filter(offering=slot.offering_id, taken__lt=F("capacity"))
    return list(others.exclude(pk=slot.pk).order_by("starts_at", "pk")[:NEAREST])
