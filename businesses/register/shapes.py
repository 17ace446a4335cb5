"""What comes into the register, what becomes of it, and shops and people in the middle of a chunk."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(slots=True)
class Arrival:
    """What came in about one shop or one person.

    ``said``: ``{source: facts}`` in JSON spelling. A shop is named by ``business_id`` or ``credit_code``, a person by
    ``identity`` (the number); where both are given, that person stands behind that shop. ``row`` is the caller's own
    mark. ``on``: the day it speaks of, where not the chunk's; ``days``: that of single sources, and of
    ``credit_class``. ``corrects``: staff state these facts against the sources. ``whole``: what the source says
    replaces all it has said before (an owner's answers).
    """

    said: dict[str, dict]
    credit_code: str | None = None
    identity: str | None = None
    business_id: int | None = None
    operator_id: int | None = None
    name: str | None = None
    operator_name: str | None = None
    address: str | None = None
    abnormal_reason: str | None = None
    rated: str | None = None
    on: str | None = None
    days: Mapping[str, str] = field(default_factory=dict)
    row: int = 0
    corrects: bool = False
    whole: bool = False

    def day_of(self, what, usual):
        """The day on which a source, or ``credit_class``, spoke."""
        return self.days.get(what) or self.on or usual


@dataclass(slots=True)
class Taken:
    """What became of arrivals, by their ``row``; each row is in exactly one of the five.

    ``doubtful``: another operator's name and no number. Nobody can say who that is, so the row is not taken.
    """

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    strangers: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Before:
    """What a shop or a person was before an import, to be put back.

    ``said``: the statements of single sources. ``attributes``: ``{name: (what it was, what the import made of it)}``.
    ``operator_id``: who stood behind the shop, where ``moved``. ``unknown``: the person's number was not known.
    ``corrected``: the facts that the import itself stated as corrections; what staff have corrected besides stands.
    """

    said: dict[str, list]
    attributes: dict[str, tuple[str, str]]
    moved: bool = False
    operator_id: int | None = None
    unknown: bool = False
    corrected: set[str] = field(default_factory=set)


@dataclass(slots=True)
class Person:
    """An operator in the middle of a chunk. ``said``: what is said of them from now on; ``before``: until now."""

    scope: ClassVar[str] = "operator"
    id: int | None
    name: str
    identity: str | None
    index: str | None
    said: list
    before: list
    new: bool = False
    touched: bool = False
    learned: bool = False
    found: dict | None = None
    changes: dict = field(default_factory=dict)


@dataclass(slots=True)
class Shop:
    """A business in the middle of a chunk. ``stood_behind``: whose it was, where it has ``moved``."""

    scope: ClassVar[str] = "business"
    id: int | None
    person: Person | None
    credit_code: str | None
    name: str
    address: str
    abnormal_reason: str
    said: list
    before: list
    rating: tuple | None = None
    new: bool = False
    touched: bool = False
    moved: bool = False
    stood_behind: Person | None = None
    row: int = 0
    changes: dict = field(default_factory=dict)
