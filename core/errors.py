"""What can go wrong, in words for the person. Plain Python: rule code raises these without knowing the web.

Views turn ``Refused`` into a message and a redirect; the API answers 409, 400 and 413 (core/api/refusals.py).
"""

from collections.abc import Iterable
from dataclasses import dataclass


class Refused(Exception):
    """Not now. The message tells the person why, and what to do; the API answers 409.

    ``code``: the word for programs, where they do something different. ``unmet``: what is lacking, as Faults, where the
    message lists it.
    """

    def __init__(self, words: str = "", *, code: str = "", unmet: Iterable["Fault"] = ()) -> None:
        super().__init__(words)
        self.code, self.unmet = code, list(unmet)


class NotYours(Refused):
    """Not by this person, who had a part in it or must keep away. Written down as an attempt (accounts/refusals.py)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the input.

    ``field`` is the dotted path (``profiles.3.profile.monthly_rent``), empty for the whole body. ``code`` is
    one English word for programs, ``detail`` a Chinese sentence for people.
    """

    field: str
    code: str
    detail: str


class Invalid(Exception):
    """The input is wrong; ``faults`` names every fault found, never none. The API answers 400."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        if not self.faults:
            raise ValueError("Invalid needs at least one Fault.")
        super().__init__(" ".join(fault.detail for fault in self.faults))

    @classmethod
    def because(cls, field: str, code: str, detail: str) -> "Invalid":
        """The one-fault case."""
        return cls([Fault(field, code, detail)])


class TooLarge(Exception):
    """The body is over the limit of its address, told in the message. The API answers 413."""
