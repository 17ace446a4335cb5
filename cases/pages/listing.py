"""The cases of an owner as lists show them: those that wait for them, how many these are, and a card for each."""

from datetime import date
from itertools import groupby

from django.db.models import Case as When_
from django.db.models import Prefetch, Q, QuerySet, When, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business
from core.once import once
from core.prepared import prepared

from ..models import Case, people_of
from ..procedure import CLOSED, DRAFT
from ..wording import local_day
from .panels import PANELS, panels_of
from .view import status_of

# All that a list says of a shop, whose row is the widest there is.
NAME = Prefetch("business", Business.objects.only("name"))


def waiting_for(request) -> int:
    """How many cases wait for whoever is signed in; asked once for a request. Staff have none."""
    if not hasattr(request, "waiting_cases"):
        user = getattr(request, "user", None)
        has_cases = user is not None and user.is_authenticated and not user.is_staff
        request.waiting_cases = _count_waiting(user) if has_cases else 0
    return request.waiting_cases


def _count_waiting(user) -> int:
    return len(_waiting_cases(user)) + sum(panels.count_offers(user) for panels in PANELS.values())


@once
def _waiting_cases(user) -> frozenset:
    """Ids of the cases that wait for ``user``, an owner or agent."""
    return frozenset(pk for (pk,) in _waiting(people_of(user), user.pk))


def waits_for(user, case: Case) -> bool:
    """Whether a case waits for ``user``, as their lists say."""
    return case.pk in _waiting_cases(user)


@prepared
def _waiting(operators, user) -> QuerySet:
    waits, asks = Case.in_states(is_owners_turn=True), Q(pk__in=[])
    for panels in PANELS.values():
        waits |= panels.waits()
        asks |= panels.waits_for_asker()
    own = Q(operator__in=operators) & waits | Q(asker=user) & asks
    return Case.objects.filter(own).order_by().values_list("pk")


def group_of(case: Case, today: date, *, waits: bool) -> str:
    """Where a case stands in the list: mine, running, finished or draft. ``waits``: for whoever looks at it."""
    if case.phase == DRAFT:
        return "draft"
    if waits or case.stage.is_owners_turn:
        return "mine"
    return panels_of(case).group(case, today) or ("finished" if case.phase == CLOSED else "running")


def newest_cases(user, count: int) -> list[dict]:
    """Cards of the cases of ``user``, those that wait for them first, then the newest. Seven queries."""
    return _cards(user, Case.objects.visible_to(user), count)


def unfinished_cases(user, count: int) -> list[dict]:
    """The same of those that wait for ``user``, and of what they have begun to fill in."""
    unfinished = Q(pk__in=_waiting_cases(user)) | Q(phase=DRAFT)
    return _cards(user, Case.objects.visible_to(user).filter(unfinished), count)


def _cards(user, rows, count) -> list[dict]:
    waiting = _waiting_cases(user)
    first = [When_(When(pk__in=waiting, then=0), default=1)] if waiting else []
    rows = rows.select_related("benefit_version")
    rows = list(rows.prefetch_related(NAME, "corrections").order_by(*first, "-id")[:count])
    for procedure, cases in groupby(sorted(rows, key=_procedure), key=_procedure):
        prefetch_related_objects(list(cases), *PANELS[procedure].prefetch)
    today = timezone.localdate()
    return [card_of(row, today, waits=row.pk in waiting) for row in rows]


def _procedure(case) -> str:
    return case.procedure


def card_of(case: Case, today: date, *, waits: bool) -> dict:
    """A case in the list; its corrections, and what its panels look at, are prefetched."""
    return {
        "public_id": case.public_id,
        "number": case.number,
        "title": case.title,
        "shop": case.business.name,
        "status": status_of(case, today, waits=waits),
        "amount": panels_of(case).amount(case),
        "group": group_of(case, today, waits=waits),
        "todo": _todo(case, today),
        "begun": "提交" if panels_of(case).has_receipt else case.life.begun,
        "submitted_on": local_day(case.submitted_at),
        "saved_at": case.saved_at,
    }


def _todo(case, today) -> dict | None:
    """What the owner is to do, as a button: ``{label, url, posts}``; None where it is nothing."""
    if case.open_correction is not None:
        return {"label": "去补材料", "url": reverse("case-correct", args=[case.public_id])}
    return panels_of(case).todo(case, today)
