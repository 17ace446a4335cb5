"""Shops that have work and people who look for it."""

from datetime import timedelta

from django.utils import timezone

from accounts.models import Department, User
from core.invariants import broken
from jobs import contacting, posting, working
from tests.notifications.register import open_shop
from tests.services.world import benefit
from tests.subsidies.world import owner_of

DAY = timedelta(days=1)


def today():
    return timezone.localdate()


def market() -> None:
    """What contacts name: the bureau of work and the benefits without money."""
    Department.objects.get_or_create(code="hrss", defaults={"name": "市人社局"})
    for code in ("M10a", "M11b", "M13a"):
        benefit(code)


def work(**more) -> dict:
    """What somebody types who has work."""
    return {
        "trade": "tea_picking",
        "county": "520204",
        "title": "采春茶",
        "from_on": (today() + 3 * DAY).isoformat(),
        "until_on": (today() + 23 * DAY).isoformat(),
        "hours": "8",
        "people": "4",
        "pay": "150",
        "unit": "day",
        **more,
    }


def wishes(**more) -> dict:
    """What somebody types who looks for it: they fit ``work``."""
    return {
        "shown_name": "小李",
        "born_on": "1990-05-01",
        "trades": ["tea_picking", "packer"],
        "counties": ["520204"],
        "from_on": today().isoformat(),
        "until_on": (today() + 60 * DAY).isoformat(),
        "hours": "9",
        "wants": "120",
        "experience": "2",
        **more,
    }


def shop(place=1):
    """A shop that is open, and its owner."""
    market()
    found = open_shop(place)
    return found, owner_of(found)


def post(place=1, **more):
    """Work that the shop at ``place`` offers."""
    found, owner = shop(place)
    return posting.publish(found, work(**more), by=owner)


def person(number=1) -> User:
    """Somebody with a phone and no shop."""
    found = User.objects.begin_with_phone(f"1391155{number:04d}")
    if found.phone_verified_at is None:
        found.phone_verified_at = timezone.now()
        found.save()
    return found


def worker(number=1, **more):
    return working.look_for_work(person(number), wishes(**more))


def contact(place=1, number=1, **more):
    """Somebody has asked for work of a shop: the contact, its owner, the person."""
    offered = post(place, **more)
    card = worker(number)
    case = contacting.ask_shop(card.user, offered, "我去年采过")
    return case, owner_of(offered.business), card.user


def faults():
    """Everything that is not as it must always be."""
    return [fault for _, found in broken() for fault in found]
