"""What every channel takes and gives back."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from ...wording import Words
from ..digests import Said


class Message(NamedTuple):
    """``key``: the same on every try. ``to``: an address in clear, kept nowhere."""

    key: str
    to: str
    title: str
    text: str
    html: str = ""
    stop_url: str = ""


class Became(StrEnum):
    """``unknown``: it may have been sent. ``refused``: this address will never take anything."""

    SENT = "sent"
    LATER = "later"
    UNKNOWN = "unknown"
    FAILED = "failed"
    REFUSED = "refused"


@dataclass(frozen=True)
class Outcome:
    """``problem``: a Chinese sentence for staff, without number or text."""

    became: Became
    problem: str = ""


class TooLong(ValueError):
    """More than the channel takes."""


class Channel:
    """One way out. ``max_text``: characters of a message's text, None without a limit."""

    name = ""
    max_text: int | None = None

    def is_set_up(self) -> bool:
        """Whether settings name a provider."""
        raise NotImplementedError

    def message(self, key: str, to: str, said: list[Said], *, name: str, stop_url: str) -> Message:
        """A digest of ``said`` for the person ``name``."""
        raise NotImplementedError

    def letter(self, key: str, to: str, words: Words, *, name: str) -> Message:
        """What is said to the person ``name`` of their own case; there is no stopping that."""
        return self.message(key, to, [Said(None, words)], name=name, stop_url="")

    def send(self, messages: list[Message]) -> list[Outcome]:
        """Hand messages over, with no transaction open; what became of each, in order. Raises nothing."""
        raise NotImplementedError

    def check(self, message: Message) -> Message:
        """``message``, if the channel takes it. Raises TooLong."""
        if self.max_text is not None and len(message.text) > self.max_text:
            raise TooLong(f"{self.name}: {len(message.text)} > {self.max_text}")
        return message
