"""The verb by which a visit begins: a bureau puts it into its plan. And the one that is done at the door."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from businesses.models import Business
from cases.transitions import begin, locked, move, require
from cases.wording import kept_words
from core.errors import Fault, Invalid, Refused
from core.wording import day_text
from policies.catalogue import catalogue
from policies.models import Benefit, BenefitVersion

from .caps import hold
from .merging import day_of, propose
from .models import LONGEST_ITEM, LONGEST_NOTE, Visit, VisitCase
from .permissions import keeps_away, may_plan
from .procedure import VISIT
from .terms import days

BENEFIT = "M19a"
MOST_ITEMS = 10
GONE = {"deregistered": "注销", "revoked": "吊销"}


@dataclass(frozen=True)
class Plan:
    """What a bureau means to look at, between which days, and what brings it about."""

    items: Iterable[str]
    from_on: date
    until_on: date
    because: str = Visit.Because.NORMAL
    note: str = ""


@transaction.atomic
def plan(shop: Business, planned: Plan, *, by=None, client=None) -> VisitCase:
    """Put a visit to ``shop`` into the plan of the bureau of ``by`` or ``client``, and propose what it could be merged
    with. Raises PermissionDenied, Invalid naming every fault, Refused where the shop is no more."""
    principal = by or client
    if not may_plan(principal) or keeps_away(principal, shop.pk):
        raise PermissionDenied
    today = timezone.localdate()
    detail = _read(planned, today)
    if shop.operating_status in GONE:
        raise Refused(f"这家店已经{GONE[shop.operating_status]}，不用再检查。请核对信用代码。")
    hold(shop.pk)
    case = begin(VISIT, by=by, client=client, detail=detail, **_columns(shop, principal, today))
    propose(shop.pk, today)
    return VisitCase.objects.select_related("visit", "department", "business").get(pk=case.pk)


def _columns(shop, principal, today) -> dict:
    rule = catalogue().benefits[BENEFIT].in_force_on(today)
    operator = shop.operator
    return {
        "business": shop,
        "operator": operator,
        "person_index": operator.identity_index or "" if operator else "",
        "benefit": Benefit.objects.get(code=BENEFIT),
        "benefit_version": BenefitVersion.objects.get(pk=rule.pk),
        "department": principal.department,
        "district": shop.district or "",
        "channel": "api" if getattr(principal, "is_program", False) else "web",
    }


def _read(planned, today) -> Visit:
    """The detail row, unsaved. Raises Invalid."""
    items = list(dict.fromkeys(filter(None, map(kept_words, planned.items))))
    note = kept_words(planned.note)
    faults = [*_of_items(items), *_of_days(planned, today), *_of_cause(planned.because, note)]
    if faults:
        raise Invalid(faults)
    return Visit(
        items=items, from_on=planned.from_on, until_on=planned.until_on, because=planned.because, note=note
    )


def _of_items(items) -> Iterable[Fault]:
    if not 1 <= len(items) <= MOST_ITEMS:
        yield Fault("items", "required", f"请写查什么，1 到 {MOST_ITEMS} 项，一行一项")
    if any(len(item) > LONGEST_ITEM for item in items):
        yield Fault("items", "too_long", f"一项最多 {LONGEST_ITEM} 个字")


def _of_days(planned, today) -> Iterable[Fault]:
    last = today + days("furthest")
    if planned.from_on < today:
        yield Fault("from_on", "in_the_past", f"最早从今天（{day_text(today)}）起")
    if planned.until_on < planned.from_on:
        yield Fault("until_on", "too_early", "最晚那天不能在最早那天以前")
    if planned.until_on > last:
        yield Fault("until_on", "too_far", f"最晚到 {day_text(last)}")


def _of_cause(because, note) -> Iterable[Fault]:
    if because not in Visit.Because.values:
        yield Fault("because", "invalid_choice", f"请从这些里选：{'、'.join(Visit.Because.labels)}")
    elif because != Visit.Because.NORMAL and not note:
        yield Fault("note", "required", "不是日常检查的，请写明为什么要去")
    if len(note) > LONGEST_NOTE:
        yield Fault("note", "too_long", f"最多 {LONGEST_NOTE} 个字")


@transaction.atomic
def arrive(case: VisitCase, *, by, expected_version: int | None = None) -> VisitCase:
    """Somebody of the bureau is at the door, on the day. Saying so twice changes nothing."""
    row = locked(case, expected_version if case.visit.arrived_at is None else None)
    require(row, "arrive", by=by)
    visit, today = row.visit, timezone.localdate()
    if visit.on != today:
        raise Refused(f"定在 {day_of(visit.on)}，今天不是这一天。请先改日期，再到店。")
    if visit.arrived_at is None:
        move(row, "arrive", by=by, arrived_at=timezone.now())
    return row
