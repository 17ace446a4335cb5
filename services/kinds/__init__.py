"""What may become of a request: one file a kind. A kind is its procedure, the words of its door, and who is asked.

Every module of this folder is read, so that a new kind is a new file and nothing else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import iter_modules

from cases import procedure as procedures
from cases.procedure import Procedure


@dataclass(frozen=True)
class Kind:
    """``procedure`` is None where nothing is asked for (information). ``door``: words of the button. ``legs``: who is
    asked: ``one`` handler, ``several`` institutions, departments ``in order``, or ``none``. ``seats``: a time is
    chosen. ``open_to_all``: criteria that are not met do not keep anybody from asking. ``once``: what stands is not
    asked for again. ``leg_verbs``: what the API calls the verbs of whoever was asked (``take``, ``decline``, ``done``,
    ``unreachable``), as verbs of the procedure.
    """

    key: str
    title: str
    procedure: Procedure | None
    door: str
    legs: str = "none"
    seats: bool = False
    open_to_all: bool = False
    once: bool = False
    leg_verbs: Mapping[str, str] = field(default_factory=dict)
    begins: Callable | None = None


KINDS: dict[str, Kind] = {}


def register_all() -> None:
    """Read every kind, and make its procedure known. In ``ready`` of the room."""
    from ..models import ServiceCase

    for module in iter_modules(__path__):
        kind = getattr(import_module(f"{__name__}.{module.name}"), "KIND", None)
        if kind is None or kind.key in KINDS:
            continue
        KINDS[kind.key] = kind
        if kind.procedure is not None:
            procedures.register(kind.procedure)
            ServiceCase.holds(kind.key)
