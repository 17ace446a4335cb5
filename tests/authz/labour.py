"""Rows of the labour market in the world of tests/authz: the owner's shop has work, and the other, who looks, asks."""

from datetime import timedelta

from django.utils import timezone

from businesses.models import Binding
from jobs import contacting, posting, working
from jobs.models import JobMatch

WORK = {
    "trade": "tea_picking",
    "county": "520204",
    "title": "演示采茶",
    "hours": 8,
    "people": 4,
    "pay": "150",
    "unit": "day",
}


def days() -> dict:
    """The first and the last day of work."""
    today = timezone.localdate()
    return {
        "from_on": (today + timedelta(days=3)).isoformat(),
        "until_on": (today + timedelta(days=23)).isoformat(),
    }


def wishes() -> dict:
    """What somebody writes who looks for that work."""
    return {
        "shown_name": "演示小李",
        "born_on": "1990-05-01",
        "trades": ["tea_picking"],
        "counties": ["520204"],
        "wants": "120",
        "hours": 9,
        **days(),
    }


def market(owner, other) -> dict:
    """A post that is open and has been asked for, one that is paused, and who looks."""
    shop = Binding.objects.get(user=owner).business
    offered, paused = (
        posting.publish(shop, {**WORK, **days(), "title": title}, by=owner)
        for title in (WORK["title"], "演示停着的活")
    )
    card = working.look_for_work(other, wishes())
    JobMatch.objects.create(
        post=offered, worker=card, wants_fen=12_000, day_fen=15_000, for_post=True, for_worker=True
    )
    contact = contacting.ask_shop(other, offered, "演示：去年采过")
    return {
        "post": offered,
        "post_id": offered.public_id,
        "paused_post": posting.pause(paused, by=owner),
        "paused_post_id": paused.public_id,
        "worker": card,
        "contact": contact,
        "contact_id": contact.public_id,
    }
