"""综合查一次: visits of several bureaus to one shop are proposed for the same day, and paid as one where they accept.

A rule, no model of risk: the windows that share a day. Each bureau accepts for its own visit: the first that does sets
the day, and who accepts after it is merged into that visit. Whoever declines goes alone, and is not asked again.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone

from cases.models import Case
from cases.transitions import change, locked, move, touch
from core.errors import Refused

from .caps import hold, refuse_beyond
from .models import VisitCase

PLANNED, PROPOSED, SET, MERGED = "planned", "proposed", "set", "merged"
# What moves a visit without changing which days others share with it.
QUIET = ("propose", "part", "arrive", "done")


@dataclass(frozen=True)
class Window:
    """When a visit may be. ``key``: whose it is; ``proposed``: the day that has been proposed before; ``is_fixed``:
    its day is set, so that others come to it and it moves for nobody."""

    key: int
    from_on: date
    until_on: date
    proposed: date | None = None
    is_fixed: bool = False


def days_shared(windows: Iterable[Window], first: date) -> dict[int, date]:
    """``{key: day}``: for each that shares a day with others, from ``first`` on, the day that most of them share; of
    several such days one that has been proposed before, else the earliest."""
    left, found = [row for row in windows if row.until_on >= first], {}
    while left:
        day = _best(left, first)
        sharing = [row for row in left if row.from_on <= day <= row.until_on]
        if len(sharing) < 2:
            break
        found |= {row.key: day for row in sharing if not row.is_fixed}
        left = [row for row in left if row not in sharing]
    return found


def _best(windows, first) -> date:
    """Where most overlap some window begins."""
    before = {row.proposed for row in windows}
    days = {max(row.from_on, first) for row in windows}
    days |= {day for day in before if day is not None and day >= first}

    def worth(day) -> tuple:
        return sum(row.from_on <= day <= row.until_on for row in windows), day in before, -day.toordinal()

    return max(days, key=worth)


# Proposals


@transaction.atomic
def propose(shop_id: int, today: date) -> int:
    """Put before the bureaus what could be one visit, and take back what could not be any more; how many moved. Called
    again it changes nothing."""
    hold(shop_id)
    rows = VisitCase.objects.filter(business=shop_id, state__in=(PLANNED, PROPOSED, SET), visit__alone=False)
    rows = list(rows.select_related("visit").order_by("pk"))
    found = days_shared([_window(row) for row in rows], today + timedelta(days=1))
    return sum(_proposed(row, found.get(row.pk)) for row in rows if row.state != SET)


def _window(row) -> Window:
    visit, is_set = row.visit, row.state == SET
    if is_set:
        return Window(row.pk, visit.on, visit.on, is_fixed=True)
    return Window(row.pk, visit.from_on, visit.until_on, visit.on)


def _proposed(row, day) -> bool:
    if day is None and row.state == PROPOSED:
        move(locked(row), "part", on=None)
        return True
    if day is not None and day != row.visit.on:
        move(locked(row), "propose", on=day)
        return True
    return False


def follow(sender, case: Case, verb: str, **more) -> None:
    """Of the signal ``moved``: whatever a bureau does to a visit may leave others with a day in common, or without."""
    if case.procedure == "visit" and verb not in QUIET:
        propose(case.business_id, timezone.localdate())


# Verbs: what they change besides


def host_of(case: Case) -> VisitCase | None:
    """The visit that another has set on the day that is proposed to this one."""
    rows = VisitCase.objects.filter(business=case.business_id, state=SET, visit__on=case.visit.on)
    return rows.filter(visit__alone=False).exclude(pk=case.pk).select_related("visit").order_by("pk").first()


def where_to(case: Case, principal) -> str:
    """Where accepting leads: into the visit that is set, else it sets the day itself."""
    return MERGED if host_of(case) else SET


def accepted(case: Case, **how) -> None:
    if case.state == MERGED:
        change(case, merged_into=host_of(case).visit, decided_at=timezone.now())
    else:
        refuse_beyond(case, case.visit.on)


def declined(case: Case, **how) -> None:
    change(case, on=None, alone=True)


def fixed(case: Case, **how) -> None:
    """Refused on a day that is outside its window, or one too many."""
    visit = case.visit
    if not visit.from_on <= visit.on <= visit.until_on:
        raise Refused(
            f"请选 {day_of(visit.from_on)}到 {day_of(visit.until_on)}之间的一天。要改期限，请另列计划。"
        )
    refuse_beyond(case, visit.on)


def moved_with(case: Case, **how) -> None:
    """Those that are merged into it come along, where the day is one of theirs too."""
    fixed(case)
    day = case.visit.on
    for row in joined(case):
        if not row.visit.from_on <= day <= row.visit.until_on:
            raise Refused(
                f"有单位的检查合在这一次里，它只能在 {day_of(row.visit.from_on)}到"
                f" {day_of(row.visit.until_on)}之间。请换一天，或者先取消这一次。"
            )
        touch(locked(row), on=day)


def ended(case: Case, **how) -> None:
    """Refused before the day that was set."""
    if case.visit.on > timezone.localdate():
        raise Refused(f"定在 {day_of(case.visit.on)}，还没到。提前去了，请先改日期。")
    change(case, decided_at=timezone.now())


def released(case: Case, **how) -> None:
    """It is not paid: what was merged into it is planned again."""
    for row in joined(case):
        move(locked(row), "part", on=None, merged_into=None, decided_at=None)
    change(case, decided_at=timezone.now())


def joined(case: Case) -> list[VisitCase]:
    """The visits that are merged into this one."""
    rows = VisitCase.objects.filter(visit__merged_into=case.pk, state=MERGED)
    return list(rows.select_related("visit", "department").order_by("pk"))


def day_of(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"
