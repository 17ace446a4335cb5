"""What the portal holds about one person, room by room: to hand out (个人信息保护法 §45) and to erase (§47).

Each room registers its part in ``AppConfig.ready``, so that a room added later cannot be forgotten by the rooms that
hand out and erase.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db import transaction


class Part(NamedTuple):
    """``export`` gives something JSON can hold; ``erase`` ends and removes, and may be called twice."""

    export: Callable[[Any], object]
    erase: Callable[[Any], None]


_parts: dict[str, Part] = {}


def register(name: str, export: Callable[[Any], object], erase: Callable[[Any], None]):
    """``name`` is the key in the file the person downloads. Registering it again replaces it."""
    _parts[name] = Part(export, erase)


def export_all(user) -> dict:
    """Everything held about ``user``, by the name of its room."""
    return {name: part.export(user) for name, part in _parts.items()}


@transaction.atomic
def erase_all(user):
    """Erase all parts or none. Rooms further right go first, for their rows may lean on rows further left."""
    for part in reversed(_parts.values()):
        part.erase(user)
