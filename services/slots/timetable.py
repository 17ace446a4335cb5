"""What time does to slots and seats, and how a slot is cancelled. The steps run with the sweep of all cases."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from businesses.rules import refuse_numbers
from cases import audit, letters
from cases.models import Case
from cases.sweeping import AT_ONCE, each, sweep_step
from cases.transitions import is_movable, locked, move, touch
from cases.wording import kept_words
from core.errors import Invalid, Refused

from ..models import Request, ServiceCase, Slot
from ..permissions import gives
from . import mentor_news

Seat, Status = Request.Seat, Slot.Status
REMINDED = timedelta(hours=24)  # before it begins
UNRECORDED = timedelta(days=45)  # after its end without a roll call
CANCEL, DECIDE = "cancel_slot", "hold_slot"  # in the audit
TOO_FEW = "报名的人不够开班"


# A slot that does not take place


@transaction.atomic
def cancel(slot: Slot, reason: str, *, by=None) -> int:
    """It does not take place: whoever has a seat or waits is told, with other times; to how many. ``by``: who gives
    it, nobody for the system. Raises PermissionDenied, Invalid, and Refused where it has begun or is cancelled."""
    if by is not None and not gives(by, slot.offering):
        raise PermissionDenied
    reason = _read(reason)
    if by is not None and not by.is_staff:
        refuse_numbers("reason", reason)
    row = Slot.objects.select_for_update(of=("self",)).select_related("offering").get(pk=slot.pk)
    if row.status != Status.OPEN or row.starts_at <= timezone.now():
        raise Refused("这一场已经取消、开始或结束，不能再取消。请刷新页面看最新情况。")
    return _cancel(row, reason, by)


def _read(reason) -> str:
    """One line. Raises Invalid."""
    words, longest = " ".join(kept_words(reason).split()), Slot._meta.get_field("because").max_length
    if not words:
        raise Invalid.because("reason", "required", "请写取消的原因，约了的人都会看到")
    if len(words) > longest:
        raise Invalid.because("reason", "too_long", f"原因最多 {longest} 个字，您写了 {len(words)} 个")
    return words


def _cancel(slot, reason, by) -> int:
    """Of a locked slot. Once it is cancelled, no seat that comes free is handed on."""
    Slot.objects.filter(pk=slot.pk).update(status=Status.CANCELLED, because=reason)
    rows = [locked(row) for row in seated(slot)]
    for case in rows:
        verb = "cancel_class" if "cancel_class" in case.life.verbs else "revoke"
        move(case, verb, reason=reason, note=reason)
    if by is None or by.pk != slot.offering.mentor_id:
        mentor_news.cancelled(slot, reason)
    audit.record(CANCEL, f"slot {slot.pk}", by=by, note=reason)
    return len(rows)


def seated(slot: Slot) -> QuerySet:
    """The cases that have a seat of it or wait for one, in order."""
    return ServiceCase.objects.filter(request__slot=slot.pk).exclude(request__seat=Seat.NONE).order_by("pk")


# What time does


def of_seats(*seats, **conditions) -> QuerySet:
    """Open cases of these seats whose request is so: ``of_seats("held", offered_until__lte=now)``."""
    conditions = {f"request__{name}": value for name, value in conditions.items()}
    rows = ServiceCase.objects.open().filter(request__seat__in=seats, **conditions)
    return rows.select_related("request__slot").order_by("pk")


@sweep_step("候补名额过时")
def lapse_offers(today) -> int:
    """Offered seats that nobody confirmed go to the next in line, which may lapse as well."""
    return _end_each(of_seats(Seat.HELD, offered_until__lte=timezone.now()), "lapse", _is_over)


def _is_over(request) -> bool:
    return request.offered_until is not None and request.offered_until <= timezone.now()


@sweep_step("没有排上的")
def end_queues(today) -> int:
    """Whoever still waits when it begins has waited in vain."""
    return _end_each(of_seats(Seat.QUEUED, slot__starts_at__lte=timezone.now()), "miss_out")


@sweep_step("没有登记到场的")
def forget(today) -> int:
    """45 days after the end nobody can say any more whether they came."""
    return _end_each(of_seats(Seat.HELD, slot__ends_at__lte=timezone.now() - UNRECORDED), "forget")


def _end_each(rows, verb, is_due=lambda request: True) -> int:
    """``is_due``: of a request once its case is locked. What has moved on meanwhile is let be."""

    @transaction.atomic
    def end(row) -> bool:
        case = locked(row)
        if not is_movable(case, verb) or not is_due(case.request):
            return False
        move(case, verb)
        return True

    return each(rows[:AT_ONCE], end)


@sweep_step("定开不开班")
def decide(today) -> int:
    """Classes whose time has come are held, or cancelled for all where too few have come together."""
    now = timezone.now()
    rows = Slot.objects.filter(status=Status.OPEN, decided_at=None, decide_at__lte=now, starts_at__gt=now)
    return each(rows.order_by("pk")[:AT_ONCE], _decide)


@transaction.atomic
def _decide(row: Slot) -> bool:
    slot = Slot.objects.select_for_update(of=("self",)).select_related("offering").get(pk=row.pk)
    if slot.decided_at is not None or slot.status != Status.OPEN:
        return False
    Slot.objects.filter(pk=slot.pk).update(decided_at=timezone.now())
    if slot.taken < slot.minimum:
        _cancel(slot, f"{TOO_FEW}（{slot.taken} 人，要 {slot.minimum} 人）", None)
    else:
        audit.record(DECIDE, f"slot {slot.pk}")
    return True


@sweep_step("提前一天提醒")
def remind(today) -> int:
    """Once, a day before: not whoever has booked since then."""
    now = timezone.now()
    rows = of_seats(Seat.HELD, offered_until=None, reminded_at=None, slot__status=Status.OPEN)
    rows = rows.filter(request__slot__starts_at__gt=now, request__slot__starts_at__lte=now + REMINDED)
    return each(rows[:AT_ONCE], _remind)


@transaction.atomic
def _remind(row: Case) -> bool:
    case, now = locked(row), timezone.now()
    request = case.request
    if request.reminded_at is not None or request.seat != Seat.HELD or request.slot.starts_at <= now:
        return False
    if case.submitted_at <= request.slot.starts_at - REMINDED:
        letters.tell(case, "remind")
    touch(case, reminded_at=now)
    return True


@sweep_step("提醒导师")
def remind_mentors(today) -> int:
    return mentor_news.remind_all()


@sweep_step("结束的场次")
def finish(today) -> int:
    """A slot that is over is done."""
    return Slot.objects.filter(status=Status.OPEN, ends_at__lte=timezone.now()).update(status=Status.DONE)
