"""What must always hold, checked against the whole database: after a fault test, nightly, or by hand.

Rooms register generators that yield a Chinese sentence for each thing that does not hold.
"""

from collections.abc import Callable, Iterable

_invariants: dict[str, Callable[[], Iterable[str]]] = {}


def invariant(name) -> Callable:
    """Decorator: ``name`` says what holds."""

    def register(check) -> Callable:
        _invariants[name] = check
        return check

    return register


def broken() -> Iterable[tuple[str, list[str]]]:
    """(what should hold, the first twenty sentences on where it does not), one for each invariant."""
    for name, check in _invariants.items():
        found = []
        for sentence in check():
            found.append(sentence)
            if len(found) == 20:
                break
        yield name, found
