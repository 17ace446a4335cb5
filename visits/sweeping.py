"""What time does to visits: owners are reminded the day before, what was not paid in its window is none any more, and
what could be one is proposed."""

from datetime import date, timedelta

from django.db import transaction
from django.db.models import Count, F, Q

from cases import letters
from cases.procedure import OPEN
from cases.sweeping import AT_ONCE, each, sweep_step
from cases.transitions import locked, move, touch
from notifications.models import Letter

from . import merging
from .models import VisitCase
from .terms import days

REMIND = "remind"
WITHOUT_A_DAY = (merging.PLANNED, merging.PROPOSED)


def is_over(today: date) -> Q:
    """Its window has passed without a day, or nobody has written down for long what became of its day."""
    passed = Q(state__in=WITHOUT_A_DAY, visit__until_on__lt=today)
    return passed | Q(state=merging.SET, visit__on__lt=today - days("unrecorded"))


@sweep_step("检查过期")
def lapse(today: date) -> int:
    rows = VisitCase.objects.filter(is_over(today)).order_by("pk")

    @transaction.atomic
    def act(row) -> bool:
        found = locked(row)
        if not VisitCase.objects.filter(is_over(today), pk=found.pk).exists():
            return False
        move(found, "lapse", on=found.visit.on if found.state == merging.SET else None)
        return True

    return each(rows[:AT_ONCE], act)


@sweep_step("提前一天提醒检查")
def remind(today: date) -> int:
    """Owners hear once, the day before. Not those who have heard of that day today."""
    tomorrow = today + timedelta(days=1)
    due = Q(state=merging.SET, visit__on=tomorrow) & ~Q(visit__reminded_for=F("visit__on"))
    rows = VisitCase.objects.filter(due).order_by("pk")

    @transaction.atomic
    def act(row) -> bool:
        found = locked(row)
        if not VisitCase.objects.filter(due, pk=found.pk).exists():
            return False
        told = Letter.objects.filter(key__startswith=f"{found.subject} ", created_at__date=today).exists()
        if not told:
            letters.tell(found, REMIND)
        touch(found, reminded_for=tomorrow)
        return not told

    return each(rows[:AT_ONCE], act)


@sweep_step("建议合并检查")
def propose(today: date) -> int:
    """For every shop that several mean to visit, whatever a doorbell has lost."""
    shops = VisitCase.objects.filter(phase=OPEN).order_by().values("business")
    shops = shops.annotate(
        several=Count("pk"),
        planned=Count("pk", filter=Q(state=merging.PLANNED)),
        proposed=Count("pk", filter=Q(state=merging.PROPOSED)),
    )
    shops = shops.filter(Q(several__gt=1, planned__gt=0) | Q(proposed__gt=0))
    ids = list(shops.values_list("business", flat=True)[:AT_ONCE])
    return sum(merging.propose(pk, today) for pk in ids)
