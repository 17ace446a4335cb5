"""What the portal holds about one person, room by room: to hand out (个人信息保护法 §45) and to erase (§47).

Each room registers its part in ``AppConfig.ready``, so that a room added later cannot be forgotten by the rooms that
hand out and erase.
"""

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import transaction

from core.wording import day_text


class Kept(NamedTuple):
    """Something that stays when a person leaves: ``what`` it is, and the ``law`` that keeps it.

    ``until``: the last day; None where none is known yet, and then ``ends`` says what it depends on.
    """

    what: str
    law: str
    until: date | None = None
    ends: str = ""

    @property
    def until_text(self) -> str:
        """Until when, in words."""
        return f"保存到 {day_text(self.until)}" if self.until else self.ends


class Part(NamedTuple):
    """``export`` gives something JSON can hold; ``erase`` ends and removes, and may be called twice.

    ``kept``: what erasing leaves, asked before and after. ``files``: (name, content) of what no JSON holds.
    """

    export: Callable[[Any], object]
    erase: Callable[[Any], None]
    kept: Callable[[Any], Iterable[Kept]] = lambda user: ()
    files: Callable[[Any], Iterable[tuple[str, bytes]]] = lambda user: ()


class Guard(NamedTuple):
    """A copy tells more than a phone proves. ``asks``: whether ``check(user, last_six)`` is to be passed first, which
    raises Refused or Invalid unless these are the last six characters of the person's identity number."""

    asks: Callable[[Any], bool] = lambda user: False
    check: Callable[[Any, str], None] = lambda user, last_six: None


_guard = Guard()
_parts: dict[str, Part] = {}


def register(name: str, export: Callable[[Any], object], erase: Callable[[Any], None], **more) -> None:
    """``name`` is the key in the file the person downloads; ``more``: see Part. Registering again replaces it."""
    _parts[name] = Part(export, erase, **more)


def guard_with(asks, check) -> None:
    """See Guard. There is one: who knows whom people have shown to be."""
    global _guard
    _guard = Guard(asks, check)


def asks_for_identity(user) -> bool:
    return _guard.asks(user)


def check_identity(user, last_six: str) -> None:
    """Call it outside of a transaction that a refusal would undo: wrong tries are counted."""
    if _guard.asks(user):
        _guard.check(user, last_six)


def export_all(user) -> dict:
    """Everything held about ``user``, by the name of its room."""
    return {name: part.export(user) for name, part in _parts.items()}


def everything(user) -> dict:
    """``export_all``, and under ``kept`` what stays by law when they leave, as JSON."""
    return export_all(user) | {"kept": as_json(kept_of(user))}


def as_json(kept: list[Kept]) -> list[dict]:
    return [
        {
            "what": row.what,
            "law": row.law,
            "until": row.until and row.until.isoformat(),
            "ends": row.until_text,
        }
        for row in kept
    ]


def files_of(user) -> Iterable[tuple[str, bytes]]:
    """(name, content) of every file held about ``user``, one at a time: all of them may not fit into memory."""
    for part in _parts.values():
        yield from part.files(user)


def kept_of(user) -> list[Kept]:
    """What a law keeps of ``user`` when they leave, or kept when they left."""
    return [row for part in _parts.values() for row in part.kept(user)]


@transaction.atomic
def erase_all(user) -> None:
    """Erase all parts or none. Rooms further right go first, for their rows may lean on rows further left."""
    for part in reversed(_parts.values()):
        part.erase(user)
