"""Visits to try the portal with: two bureaus whose windows overlap, one visit set next week, one that was paid today.

Days are relative to today; a second run adds nothing.
"""

from datetime import date, timedelta

from django.utils import timezone

from accounts.models import User
from businesses.models import Business
from cases.actions import general
from visits.models import VisitCase
from visits.planning import Plan, arrive, plan

from .demo import SHOPS

ECOLOGY, MARKET = "eco_officer", "market_clerk"
RESULT = "油烟净化器在用，清洗记录齐全，没有问题。"


def create_visits() -> None:
    """Everything of the room. Call it after the services, whose officers plan them."""
    if are_there():
        return
    first, second = (Business.objects.get(credit_code=shop.credit_code) for shop in SHOPS[:2])
    today = timezone.localdate()
    _paid(first, today)
    _planned(first, ECOLOGY, ["油烟", "排污"], today + timedelta(days=20), today + timedelta(days=34))
    _planned(first, MARKET, ["价签", "食品保质期"], today + timedelta(days=25), today + timedelta(days=40))
    _set(second, MARKET, ["营业执照"], _wednesday_of_next_week(today))


def are_there() -> bool:
    return VisitCase.objects.exists()


def _paid(shop, today) -> None:
    """By the bureau for the environment, which has been at the door; its owner may rate it."""
    case, officer = _set(shop, ECOLOGY, ["油烟净化器"], today), _officer(ECOLOGY)
    arrive(case, by=officer)
    general.do(case, "done", {"words": RESULT}, by=officer)


def _planned(shop, officer, items, from_on, until_on) -> VisitCase:
    return plan(shop, Plan(items, from_on, until_on), by=_officer(officer))


def _set(shop, officer, items, day) -> VisitCase:
    case = _planned(shop, officer, items, day, day)
    general.do(case, "set", {"on": day.isoformat()}, by=_officer(officer))
    return VisitCase.objects.select_related("visit").get(pk=case.pk)


def _officer(username) -> User:
    return User.objects.get(username=username)


def _wednesday_of_next_week(today: date) -> date:
    return today + timedelta(days=9 - today.weekday())
