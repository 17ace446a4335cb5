"""Bureaus that plan visits, and shops that are visited."""

from datetime import timedelta
from types import SimpleNamespace

from django.contrib.auth.models import Group
from django.utils import timezone

from accounts.models import Department, User
from cases.actions import general
from cases.models import Case
from core.invariants import broken
from policies.models import Benefit
from tests.notifications.register import open_shop, publish
from tests.subsidies.world import owner_of
from visits import merging
from visits.models import VisitCase
from visits.planning import Plan, plan

ITEMS = ("油烟", "排污")


def bureau(code="ecology", name="市生态环境局", role="服务专员") -> SimpleNamespace:
    """A bureau with two who plan its visits."""
    if not Benefit.objects.filter(code="M19a").exists():
        publish("M19a", amount={"none": {}}, kind="supervision", delivery="information")
    department, _ = Department.objects.get_or_create(code=code, defaults={"name": name})
    people = [_staff(f"{code}_{place}", department, role) for place in ("one", "two")]
    return SimpleNamespace(department=department, officer=people[0], other=people[1])


def _staff(username, department, role) -> User:
    user, created = User.objects.get_or_create(
        username=username, defaults={"is_staff": True, "department": department}
    )
    if created:
        user.groups.set(Group.objects.filter(name=role))
    return user


def bureaus() -> list[SimpleNamespace]:
    """Four that visit the same shops."""
    return [
        bureau(),
        bureau("market", "市市场监管局"),
        bureau("fire", "市消防救援支队"),
        bureau("health", "市卫生健康局"),
    ]


def shop(place=1):
    """A shop and its owner."""
    found = open_shop(place)
    return found, owner_of(found)


def day(ahead=0):
    return timezone.localdate() + timedelta(days=ahead)


def planned(business, one, first=1, last=None, *, items=ITEMS, **more) -> VisitCase:
    """A visit in the plan of a bureau, from ``first`` days ahead until ``last``."""
    window = Plan(items, day(first), day(first if last is None else last), **more)
    return plan(business, window, by=one.officer)


def do(case, verb, by, **typed) -> VisitCase:
    general.do(Case.objects.get(pk=case.pk), verb, typed, by=by)
    return fresh(case)


def visit_set(business, one, ahead=1, **more) -> VisitCase:
    """A visit whose day is set."""
    case = planned(business, one, ahead, **more)
    return do(case, "set", one.officer, on=day(ahead).isoformat())


def proposed(business) -> int:
    """What a doorbell does after each commit."""
    return merging.propose(business.pk, timezone.localdate())


def fresh(case) -> VisitCase:
    return VisitCase.objects.select_related("visit", "department", "business").get(pk=case.pk)


def states() -> list[str]:
    return list(VisitCase.objects.order_by("pk").values_list("state", flat=True))


def days() -> list:
    """The day of each visit, in days ahead."""
    rows = VisitCase.objects.order_by("pk").values_list("visit__on", flat=True)
    return [row and (row - day()).days for row in rows]


def faults() -> list[str]:
    """Everything that is not as it must always be."""
    return [fault for _, found in broken() for fault in found]
