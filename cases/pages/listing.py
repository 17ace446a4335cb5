"""The cases of an owner as lists show them: those that wait for them, how many these are, and a card for each."""

from collections.abc import Callable
from datetime import date
from functools import lru_cache

from django.db.models import Case as When_
from django.db.models import Q, QuerySet, When, prefetch_related_objects
from django.urls import reverse
from django.utils import timezone

from businesses.models import Business
from core.once import once
from core.prepared import prepared

from ..models import Case, people_of
from ..procedure import CLOSED, CORRECTING, DRAFT
from ..wording import local_day
from .panels import PANELS, joined, panels_of
from .view import status_of

RELATED = ("benefit_version", "business", "department")
# A list says the name of a shop and nothing else, and its row is the widest there is.
UNSAID = [f"business__{field.name}" for field in Business._meta.fields if field.name not in ("id", "name")]


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
    """Cards of the cases of ``user``, an owner or agent: those that wait for them first, then the newest."""
    return _cards(user, _newest(count))


def unfinished_cases(user, count: int) -> list[dict]:
    """The same of those that wait for ``user``, and of what they have begun to fill in."""
    return _cards(user, _newest(count, finished=False))


@lru_cache
def _newest(count: int, *, finished=True) -> Callable[..., list[Case]]:
    """The first ``count`` of the cases of a person, as ``visible_to`` has them, by ids; without the finished ones if
    so wanted."""

    @prepared
    def rows(operators, user, waiting) -> QuerySet:
        own = Case.objects.of_person(operators, user)
        if not finished:
            own = own.filter(Q(pk__in=waiting) | Q(phase=DRAFT))
        first = [When_(When(pk__in=waiting, then=0), default=1)] if waiting else []
        rows = own.select_related(*RELATED, *joined()).defer(*UNSAID)
        return rows.order_by(*first, "-id")[:count]

    return rows


def _cards(user, newest) -> list[dict]:
    if not user.is_active or user.is_staff:
        return []
    waiting = _waiting_cases(user)
    rows = newest(people_of(user), user.pk, waiting)
    prefetch_related_objects([row for row in rows if row.stage.step == CORRECTING], "corrections")
    alike: dict[tuple, list[Case]] = {}
    for row in rows:
        alike.setdefault(panels_of(row).prefetch, []).append(row)
    for prefetch, cases in alike.items():
        prefetch_related_objects(cases, *prefetch)
    today = timezone.localdate()
    return [card_of(row, today, waits=row.pk in waiting) for row in rows]


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
