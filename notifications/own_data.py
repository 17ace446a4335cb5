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
    """What the person was told and did with it, what they do not want to hear of, where they are reached, and whether a
    calendar reads their days."""
    codes = {benefit.pk: benefit.code for benefit in catalogue().benefits.values()}
    feed = feed_of(user)
    return {
        "calendar": feed and {"opened_at": feed.opened_at.isoformat(), "read_at": _said(feed.read_at)},
        "messages": [
            {
                "benefit": codes.get(row.benefit_id),
                "kind": KINDS[row.kind],
                "day": row.day.isoformat(),
                "created_at": row.created_at.isoformat(),
                **_done_with(row),
            }
            for row in Notification.objects.for_person(user).order_by("pk")
        ],
        "letters": [
            {
                "title": row.title,
                "sentence": row.sentence,
                "needs_action": row.needs_action,
                "created_at": row.created_at.isoformat(),
                **_done_with(row),
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
                "ended_at": _said(row.ended_at),
            }
            for row in OptOut.objects.filter(by=user).order_by("pk")
        ],
        **_reached(user),
    }


def _reached(user) -> dict:
    return {
        "reached_at": [
            {
                "channel": row.channel,
                "address": row.address and row.address.reveal(),
                "confirmed_at": _said(row.confirmed_at),
                "stopped_at": _said(row.stopped_at),
                "stopped_because": row.stopped_because,
            }
            for row in ContactPoint.objects.filter(user=user).order_by("channel")
        ],
        "choices": [
            {"channel": row.channel, "kind": KINDS[row.kind], "wanted": row.wanted}
            for row in Choice.objects.filter(user=user).order_by("channel", "kind")
        ],
    }


def _done_with(row) -> dict:
    return {"opened_at": _said(row.opened_at), "acted_at": _said(row.acted_at)}


def _said(moment) -> str | None:
    return moment and moment.isoformat()


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
