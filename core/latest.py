"""What is made for one key, an edition or a day, and kept until it is asked for another."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Made = TypeVar("Made")


class Latest(Generic[Key, Made]):
    """One thing, and what it was made for. Threads may ask at once: each is given what belongs to its own key."""

    def __init__(self) -> None:
        self._kept: tuple[Key, Made] | None = None

    def of(self, key: Key, make: Callable[[], Made]) -> Made:
        kept = self._kept
        if kept is not None and kept[0] == key:
            return kept[1]
        made = make()
        self._kept = key, made
        return made
