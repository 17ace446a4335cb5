"""What must always be so of requests, whoever wrote. Each finding names the row."""

from collections.abc import Iterator

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q
from django.utils import timezone

from cases.procedure import OPEN, PROCEDURES
from core.invariants import invariant

from .kinds import KINDS
from .models import Leg, Request, ServiceCase, Slot
from .slots.seats import LAST_OFFER

# What a state says of the seat, which is kept when it is over; every other state of these kinds has none.
HOLDING, QUEUEING = ("booked", "offered", "attended", "no_show", "certified"), ("waiting",)


def _kinds(**said) -> list[str]:
    return [
        key
        for key, kind in KINDS.items()
        if all(getattr(kind, name) == value for name, value in said.items())
    ]


@invariant("办着的诉求有人要答、占着或等着名额、等店主，或者等同一件的答复")
def somebody_has_to_do_something() -> Iterator[str]:
    answers = Leg.objects.open().filter(request=OuterRef("pk"))
    with_another = Q(request__same_as__case__phase=OPEN)
    waits_for_owner = ServiceCase.in_states(is_owners_turn=True) | _answered()
    rows = ServiceCase.objects.filter(phase=OPEN).exclude(Exists(answers)).exclude(with_another)
    rows = rows.filter(Q(request=None) | Q(request__seat="")).exclude(waits_for_owner)
    offers = Leg.objects.filter(request=OuterRef("pk"), state=Leg.State.DONE)
    rows = rows.exclude(Q(procedure__in=_kinds(legs="several")) & Exists(offers))
    yield from (f"服务办件 {pk} 没有人在办" for pk in rows.order_by().values_list("pk", flat=True))


def _answered() -> Q:
    """Where an answer waits for what its owner says of it: time settles it."""
    found = Q(pk__in=[])
    for key in ServiceCase.only:
        if settles := PROCEDURES[key].verbs.get("settle"):
            found |= Q(procedure=key, state__in=list(settles.moves))
    return found


@invariant("每个时间的已约数等于占着的名额")
def taken_is_what_is_held() -> Iterator[str]:
    held = Count("requests", filter=Q(requests__seat=Request.Seat.HELD))
    rows = Slot.objects.annotate(held=held).exclude(taken=F("held"))
    yield from (f"时间 {pk} 的已约数不对" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("没有人在空着的名额旁边排队")
def nobody_waits_beside_a_free_seat() -> Iterator[str]:
    queued = Request.objects.filter(slot=OuterRef("pk"), seat=Request.Seat.QUEUED)
    rows = Slot.objects.filter(Exists(queued), status=Slot.Status.OPEN, taken__lt=F("capacity"))
    # Shortly before it begins nobody is offered a seat any more: first come, first served.
    rows = rows.filter(starts_at__gt=timezone.now() + LAST_OFFER)
    yield from (f"时间 {pk} 有空位，还有人在排队" for pk in rows.order_by().values_list("pk", flat=True))


@invariant("接单的次序从 1 起不断，逐项办的同时只有一步在办")
def legs_stand_in_order() -> Iterator[str]:
    placed = Leg.objects.order_by().values("request")
    placed = placed.annotate(first=Min("position"), last=Max("position"), count=Count("pk"))
    wrong = placed.exclude(first=1, last=F("count")).values_list("request", flat=True)
    yield from (f"服务办件 {pk} 的接单次序断了" for pk in wrong)
    steps = Leg.objects.open().order_by().filter(request__case__procedure__in=_kinds(legs="in order"))
    several = steps.values("request").annotate(count=Count("pk")).filter(count__gt=1)
    yield from (f"服务办件 {pk} 同时办着几步" for pk in several.values_list("request", flat=True))


@invariant("名额和预约的状态说的一样")
def seats_follow_the_state() -> Iterator[str]:
    held, queued = Request.Seat.HELD, Request.Seat.QUEUED
    rows = Request.objects.filter(case__procedure__in=_kinds(seats=True))
    right = (
        Q(case__state__in=HOLDING, seat=held)
        | Q(case__state__in=QUEUEING, seat=queued)
        | (~Q(case__state__in=[*HOLDING, *QUEUEING]) & Q(seat=""))
    )
    wrong = rows.exclude(right) | Request.objects.exclude(seat="").exclude(
        case__procedure__in=_kinds(seats=True)
    )
    yield from (f"服务办件 {pk} 的名额不对" for pk in wrong.order_by().values_list("pk", flat=True))


@invariant("办结的服务办件没有还开着的单")
def legs_end_with_their_case() -> Iterator[str]:
    rows = Leg.objects.filter(state__in=[*Leg.OPEN, Leg.State.WAITING]).exclude(request__case__phase=OPEN)
    yield from (f"接单 {pk} 的办件已经办结" for pk in rows.order_by().values_list("pk", flat=True))
