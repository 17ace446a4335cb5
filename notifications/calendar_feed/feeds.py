"""The address of somebody's calendar: made, read, taken back."""

from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from django.utils import timezone

from ..models import CalendarFeed

READ_WRITTEN_EVERY = timedelta(hours=1)


def open_feed(user) -> str:
    """The token of a new address; the address there was before leads nowhere any more."""
    token = token_urlsafe(32)
    CalendarFeed.objects.update_or_create(
        user=user, defaults={"digest": _digest(token), "opened_at": timezone.now(), "read_at": None}
    )
    return token


def close_feed(user) -> None:
    """Take the address back. Nothing happens where there is none."""
    CalendarFeed.objects.filter(user=user).delete()


def feed_of(user) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(user=user).first()


def reader_of(token: str):
    """Whose calendar ``token`` reads, or None; written down with the hour."""
    known = CalendarFeed.objects.filter(digest=_digest(token))
    feed = known.select_related("user").first()
    if feed is None or not feed.user.is_active or feed.user.is_staff:
        return None
    now = timezone.now()
    if feed.read_at is None or now - feed.read_at > READ_WRITTEN_EVERY:
        known.update(read_at=now)
    return feed.user


def _digest(token) -> str:
    return sha256(token.encode()).hexdigest()
