"""The ways out of the portal to people. Each takes messages and says of each what became of it (base.py)."""

from django.conf import settings

from .base import Channel, Message, Outcome
from .console import Console
from .email import Email
from .sms import Sms

__all__ = ["CHANNELS", "Channel", "Message", "Outcome", "channel", "usable"]

CHANNELS: dict[str, Channel] = {each.name: each for each in (Sms(), Email())}


def channel(name: str) -> Channel | None:
    """The channel as it can be used now; None where nothing is set up. In development its messages are shown."""
    chosen = CHANNELS[name]
    if chosen.is_set_up():
        return chosen
    return Console(chosen) if settings.DEBUG else None


def usable() -> list[str]:
    """Names of the channels on which something can be sent."""
    return [name for name in CHANNELS if channel(name) is not None]
