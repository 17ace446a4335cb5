"""催办: nobody waits for ever. Who was asked is asked again, then others see it, then the service centre has it, and at
the end whoever asked is told so. The days stand in data/ladder.yaml; every step of the sweep may run again at any time.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from cases import audit, letters
from cases.procedure import CLOSED, OPEN, PROCEDURES, STANDS
from cases.sweeping import AT_ONCE, each, sweep_step
from cases.transitions import locked, move, touch

from . import legs
from .deadlines import days
from .kinds import KINDS
from .models import Leg, ServiceCase
from .telling import IS_IT_SOLVED, SENT_ON

SET_ASIDE = 3  # the rung of a step that only its department can do
NO_ANSWER, CHASED = "no_answer", "chase"
CHOSE_NOBODY = "没有再选机构"


def since(today: date, term: str) -> datetime:
    """What happened before this moment is as many days old as ``term`` says, or older, on ``today``."""
    return timezone.make_aware(datetime.combine(today - timedelta(days=days(term) - 1), time.min))


def owed(today: date, term: str) -> QuerySet:
    """Open legs whose receivers have owed something for so long. While the owner is asked nobody owes anything."""
    stands = ServiceCase.objects.filter(ServiceCase.in_states(clock=STANDS), phase=OPEN).order_by()
    return _old(today, term).exclude(request__in=stands.values("pk"))


def _old(today, term) -> QuerySet:
    return Leg.objects.open().filter(waits_since__lt=since(today, term)).order_by()


# The first two rungs: sets of rows, each in one statement


@sweep_step("催办未接的单")
def ask_again(today: date) -> int:
    """The receiver sees it marked, above the others."""
    return _raise(owed(today, "receiver_again"), 1)


@sweep_step("催办到科室和牵头单位")
def ask_everybody(today: date) -> int:
    """From now on the lead of the measure sees it as well (sight.py)."""
    return _raise(owed(today, "whole_department"), 2)


@transaction.atomic
def _raise(rows, rung) -> int:
    """How many legs have come to ``rung``. One row of the audit for all."""
    changed = rows.filter(rung__lt=rung).update(rung=rung, rung_at=timezone.now(), version=F("version") + 1)
    if changed:
        audit.record(CHASED, "legs", note=f"第 {rung} 次催办 {changed} 单", rung=rung, legs=changed)
    return changed


# The third: one by one, since whoever asked is told


@sweep_step("无人答复的转市政务服务中心")
def send_on(today: date) -> int:
    rows = owed(today, "service_centre").select_related("request__case").order_by("waits_since", "pk")
    return each(rows[:AT_ONCE], lambda leg: _give_up_on(leg, today))


@transaction.atomic
def _give_up_on(leg: Leg, today) -> bool:
    """The receiver has not answered: once somebody else is asked, and after them nobody."""
    case = locked(leg.request.case)
    row = _old(today, "service_centre").filter(pk=leg.pk).first()
    if row is None or case.stage.clock == STANDS:
        return False
    if row.is_last:
        _end_of(case, row)
    elif KINDS[case.procedure].legs == "in order":
        legs.watched(row)
        _sent_on(case)
    else:
        legs.close(row, Leg.State.NO_ANSWER)
        _ask_the_centre(case)
    return True


def _end_of(case, leg) -> None:
    others = Leg.objects.open().filter(request=case.pk).exclude(pk=leg.pk)
    if others.exists() or _has_offer(case):
        legs.close(leg, Leg.State.NO_ANSWER)
        _note(case)
    else:
        move(case, "expire")


def _has_offer(case) -> bool:
    """Of several who were asked. Elsewhere a leg that is done is a step before, or an answer that did not help."""
    return KINDS[case.procedure].legs == "several" and legs.has_offer(case)


def _ask_the_centre(case) -> None:
    """Unless somebody else still looks at it, or has offered something."""
    centre = legs.service_centre()
    if legs.open_leg(case) is not None or _has_offer(case):
        _note(case)
    elif centre is None:
        move(case, "expire")
    else:
        legs.send_on(case, centre)
        _sent_on(case)


def _sent_on(case) -> None:
    letters.tell(case, SENT_ON)
    _note(case)


def _note(case) -> None:
    touch(case)
    audit.record(NO_ANSWER, case.subject, case=case, note=f"{days('service_centre')} 天没有答复")


# What ends by itself


def _cases_with(verb: str) -> QuerySet:
    """The cases to which time may do ``verb`` now."""
    condition = Q(pk__in=[])
    for key in ServiceCase.only:
        if verb in PROCEDURES[key].verbs:
            condition |= Q(procedure=key, state__in=list(PROCEDURES[key].verbs[verb].moves))
    return ServiceCase.objects.filter(condition).order_by("pk")


def _each_moved(rows: Callable[[], QuerySet], verb: str, **fields) -> int:
    """``verb`` done to each of ``rows``, which are asked for once more while the case is held."""

    @transaction.atomic
    def act(row) -> bool:
        case = locked(row)
        if not rows().filter(pk=row.pk).exists():
            return False
        move(case, verb, **fields)
        return True

    return each(rows()[:AT_ONCE], act)


@sweep_step("答复后没有新意见的办结")
def settle(today: date) -> int:
    return _each_moved(lambda: _cases_with("settle").filter(decided_at__lt=since(today, "settle")), "settle")


@sweep_step("没有补充的办结")
def lapse(today: date) -> int:
    """The day by which it was wanted is over. That of a seat is another one (slots/seats.py)."""
    stands = ServiceCase.in_states(clock=STANDS)
    return _each_moved(lambda: _cases_with("lapse").filter(stands, request__until__lt=today), "lapse")


@sweep_step("没有再选机构的办结")
def give_up(today: date) -> int:
    """Nobody serves it; or somebody has offered something and nobody else is asked: whoever asked chooses nobody."""

    def waits_for_its_owner() -> QuerySet:
        open_legs = Leg.objects.open().filter(request=OuterRef("pk"))
        rows = (
            _cases_with("give_up").filter(~Exists(open_legs)).annotate(last=Max("request__legs__closed_at"))
        )
        offered = ServiceCase.in_states(is_owners_turn=False)
        return rows.filter(
            ~offered & Q(last__lt=since(today, "give_up"))
            | offered & Q(last__lt=since(today, "offer_unanswered"))
        )

    return _each_moved(waits_for_its_owner, "give_up", reason=CHOSE_NOBODY)


# Four weeks later


@sweep_step("回访：真的解决了吗")
def ask_whether_solved(today: date) -> int:
    """Once, where it can still be reopened."""
    again = Q(pk__in=[])
    for key in ServiceCase.only:
        if "reopen" in PROCEDURES[key].verbs:
            again |= Q(procedure=key, state__in=list(PROCEDURES[key].verbs["reopen"].moves))

    def untold() -> QuerySet:
        ended = ServiceCase.objects.filter(again, phase=CLOSED, request__checked_at=None)
        return ended.filter(request__ended_at__lt=since(today, "check")).order_by("pk")

    @transaction.atomic
    def act(row) -> bool:
        case = locked(row)
        if not untold().filter(pk=row.pk).exists():
            return False
        letters.tell(case, IS_IT_SOLVED)
        touch(case, checked_at=timezone.now())
        return True

    return each(untold()[:AT_ONCE], act)
