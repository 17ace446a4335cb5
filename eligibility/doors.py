"""What can be done about a benefit on this site, and at which address.

Rooms that can do something register it; what nobody has registered cannot be done here, and pages say so instead of
listing steps that lead nowhere.
"""

from collections.abc import Callable
from typing import NamedTuple

from policies.criteria.rules import Rule


class Door(NamedTuple):
    """``label``: words of the button; ``url``: where it leads."""

    label: str
    url: str


_finders: list[Callable[[Rule], Door | None]] = []


def opens(find: Callable[[Rule], Door | None]):
    """Register ``find``: the door that a room has for a benefit, or None. Usable as a decorator."""
    _finders.append(find)
    return find


def door(rule: Rule) -> Door | None:
    """The door of a benefit; None where it cannot be done here."""
    return next((opened for find in _finders if (opened := find(rule))), None)


def needs_a_door(rule: Rule) -> bool:
    """Whether somebody has to do something to have it: the rest comes by itself, or is only told."""
    return rule.delivery in ("apply", "service")
