"""For development: shows a message instead of sending it; /dev/outbox/ lists what was shown."""

import sys

from core.models import DevelopmentMessage

from .base import Became, Channel, Outcome


class Console(Channel):
    """Stands in for a channel that is not set up: its texts, and no sending. Addresses are masked even here."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self.name, self.max_text = channel.name, channel.max_text

    def is_set_up(self) -> bool:
        return True

    def message(self, key, to, said, *, name, stop_url):
        return self.channel.message(key, to, said, name=name, stop_url=stop_url)

    def letter(self, key, to, words, *, name):
        return self.channel.letter(key, to, words, name=name)

    def send(self, messages) -> list:
        return [self._show(message) for message in messages]

    def _show(self, message):
        text = f"{message.title}\n{message.text}".strip()
        DevelopmentMessage.objects.create(channel=self.name, to=masked(message.to), text=text)
        print(f"{self.name} {masked(message.to)}：{text}", file=sys.stdout, flush=True)
        return Outcome(Became.SENT)


def masked(address: str) -> str:
    """Enough to tell messages apart: 139****0001, z***@example.cn."""
    name, sign, domain = address.partition("@")
    if sign:
        return f"{name[:1]}***@{domain}"
    return f"{address[:3]}****{address[-4:]}"
