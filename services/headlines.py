"""Headlines of requests that depend on more than the state: a time, a place in line, what was offered."""

from cases.wording import near_day
from core.wording import moment_text

from .models import Leg, Request


def asking(case, today) -> str:
    return f"请您在 {near_day(case.request.until, today)}前补充"


def waiting(case, today) -> str:
    request = case.request
    return f"{request.slot.when} 这场满了，您排在第 {place_in_line(request)} 位"


def place_in_line(request: Request) -> int:
    """Counted in the slot's ``line`` where a list has read it, else asked for."""
    line = getattr(request.slot, "line", None)
    if line is not None:
        return sum(other.pk < request.pk for other in line) + 1
    waiting = Request.objects.filter(slot=request.slot_id, seat=Request.Seat.QUEUED)
    return waiting.filter(pk__lt=request.pk).count() + 1


def offered(case, today) -> str:
    until = moment_text(case.request.offered_until)
    return f"{case.request.slot.when} 有空位，请在 {until} 前确认"


def booked(case, today) -> str:
    return f"已约 {case.request.slot.when}"


def step(case, today) -> str:
    leg = next((leg for leg in case.request.legs.all() if leg.state in Leg.OPEN), None)
    return f"正在办“{leg.title}”，{leg.receiver_name}" if leg else "每一步都办完了，等最后认定"


def talking(case, today) -> str:
    legs = list(case.request.legs.all())
    offers = sum(leg.state == "done" for leg in legs)
    if offers:
        return f"有 {offers} 家给出了条件，请您看看要不要"
    return f"{sum(leg.state == 'taken' for leg in legs)} 家在看，{sum(leg.state == 'sent' for leg in legs)} 家还没接单"
