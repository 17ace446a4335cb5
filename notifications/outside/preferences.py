"""What somebody wants to be told of on which channel, and the one tap that stops a channel."""

from django.core import signing
from django.db import transaction
from django.utils import timezone

from ..models import CHANNELS, Change, Choice, ContactPoint, Delivery
from .delivery_terms import delivery_terms
from .site import site

BY_PERSON = "本人停用"
BAD_ADDRESS = "地址不能用"
_SALT = "notifications.stop"
_NAMES = dict(CHANNELS)


def choices_of(user) -> dict[tuple[str, int], bool]:
    """``{(channel, kind): whether the person is told}``: their own word, else the default; none where it is stopped."""
    stopped = set(
        ContactPoint.objects.filter(user=user).exclude(stopped_at=None).values_list("channel", flat=True)
    )
    rows = Choice.objects.filter(user=user).values_list("channel", "kind", "wanted")
    chosen = {(channel, kind): wanted for channel, kind, wanted in rows}
    return {
        (channel, kind): channel not in stopped and chosen.get((channel, kind), kind in terms.by_default)
        for channel, terms in delivery_terms().channels.items()
        for kind in Change.values
    }


@transaction.atomic
def set_choice(user, channel: str, kind: int, wanted: bool) -> None:
    """Say whether ``user`` wants to hear of this kind of change there. Wanting something starts a stopped channel."""
    if channel not in _NAMES or kind not in Change.values:
        raise ValueError((channel, kind))
    Choice.objects.update_or_create(user=user, channel=channel, kind=kind, defaults={"wanted": wanted})
    if wanted:
        ContactPoint.objects.filter(user=user, channel=channel).update(stopped_at=None, stopped_because="")


@transaction.atomic
def stop(user_id: int, channel: str, because: str = BY_PERSON) -> None:
    """Push nothing there any more, what waits included; what is said of somebody's own case still comes. Stopping twice
    changes nothing."""
    if channel not in _NAMES:
        raise ValueError(channel)
    reach, _ = ContactPoint.objects.get_or_create(user_id=user_id, channel=channel)
    ContactPoint.objects.filter(pk=reach.pk, stopped_at=None).update(
        stopped_at=timezone.now(), stopped_because=because[:40]
    )
    waiting = Delivery.objects.filter(user=user_id, channel=channel, status=Delivery.Status.PENDING)
    waiting.filter(letter=None).update(status=Delivery.Status.DROPPED, problem=because[:200])


# One tap


def stop_token(user_id: int, channel: str) -> str:
    """What stands in the address that stops a channel. It does not run out: an old mail must still stop new ones."""
    return signing.dumps([user_id, channel], salt=_SALT)


def read_stop_token(token: str) -> tuple[int, str] | None:
    """(user id, channel), or None where we did not make the token."""
    try:
        user_id, channel = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        return None
    return (user_id, channel) if channel in _NAMES else None


def stop_link(delivery: Delivery) -> str:
    """The address of the page that stops the channel on which ``delivery`` came."""
    return f"{site()}/stop/{stop_token(delivery.user_id, delivery.channel)}/"
