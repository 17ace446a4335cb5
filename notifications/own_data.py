"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47)."""

from accounts.signals import consent_given, consent_withdrawn
from core import own_data
from policies.catalogue import catalogue

from .actions import end_silence, silence_everything
from .calendar_feed.feeds import close_feed, feed_of
from .inbox.cards import KINDS
from .models import Choice, ContactPoint, Letter, Notification, OptOut, Outbox


def register() -> None:
    """Called once when the site starts."""
    own_data.register("messages", export, erase)
    consent_given.connect(end_silence)
    consent_withdrawn.connect(silence_everything)


def export(user) -> dict:
    """What the person was told and did with it, what they do not want to hear of, and where they are reached."""
    codes = {benefit.pk: benefit.code for benefit in catalogue().benefits.values()}
    mine = Notification.objects.for_person(user).order_by("pk")
    silences = OptOut.objects.filter(by=user).order_by("pk")
    feed = feed_of(user)
    return {
        "calendar": feed
        and {
            "opened_at": feed.opened_at.isoformat(),
            "read_at": feed.read_at and feed.read_at.isoformat(),
        },
        "messages": [
            {
                "benefit": codes.get(row.benefit_id),
                "kind": KINDS[row.kind],
                "day": row.day.isoformat(),
                "created_at": row.created_at.isoformat(),
                "opened_at": row.opened_at and row.opened_at.isoformat(),
                "acted_at": row.acted_at and row.acted_at.isoformat(),
            }
            for row in mine
        ],
        "letters": [
            {
                "title": row.title,
                "sentence": row.sentence,
                "needs_action": row.needs_action,
                "created_at": row.created_at.isoformat(),
                "opened_at": row.opened_at and row.opened_at.isoformat(),
                "acted_at": row.acted_at and row.acted_at.isoformat(),
            }
            for rows in (Letter.objects.for_person(user), Letter.objects.to(user))
            for row in rows.order_by("pk")
        ],
        "silences": [
            {
                "benefit": codes.get(row.benefit_id),
                "kind": row.kind and KINDS[row.kind],
                "reason": row.reason,
                "note": row.note,
                "at": row.at.isoformat(),
                "ended_at": row.ended_at and row.ended_at.isoformat(),
            }
            for row in silences
        ],
        "reached_at": [
            {
                "channel": row.channel,
                "address": row.address and row.address.reveal(),
                "confirmed_at": row.confirmed_at and row.confirmed_at.isoformat(),
                "stopped_at": row.stopped_at and row.stopped_at.isoformat(),
                "stopped_because": row.stopped_because,
            }
            for row in ContactPoint.objects.filter(user=user).order_by("channel")
        ],
        "choices": [
            {"channel": row.channel, "kind": KINDS[row.kind], "wanted": row.wanted}
            for row in Choice.objects.filter(user=user).order_by("channel", "kind")
        ],
    }


def erase(user) -> None:
    """Forget addresses, choices and what was written, of their cases too: the case itself says it.

    That somebody does not want to be told stays, without a name: it is the wish of who stands behind the shop.
    """
    close_feed(user)
    ContactPoint.objects.filter(user=user).delete()
    Choice.objects.filter(user=user).delete()
    Outbox.objects.filter(user=user).delete()
    Letter.objects.for_person(user).delete()
    Letter.objects.to(user).delete()
    OptOut.objects.filter(by=user).update(note="", by=None)
