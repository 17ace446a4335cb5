"""What people come for (services/data/needs.yaml): the headings under which services stand."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from businesses.registry import business_registry
from core.data_files import read_yaml

from ..models import Offering

FILE = Path(__file__).parent.parent / "data" / "needs.yaml"


@dataclass(frozen=True)
class Heading:
    """``benefits``: codes, or how they begin; ``topics``: of offerings; ``kinds``: of what nobody else names."""

    key: str
    title: str
    icon: str
    benefits: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def names(self, benefit: str, topic: str) -> bool:
        return benefit.startswith(self.benefits) or topic in self.topics


@cache
def headings() -> tuple[Heading, ...]:
    """In the order of the page; the last also takes what no other does."""
    rows = read_yaml(FILE)
    return tuple(
        Heading(**{name: tuple(value) if isinstance(value, list) else value for name, value in row.items()})
        for row in rows
    )


def heading_of(offering: Offering, benefit: str) -> Heading:
    """Under which heading it stands. ``benefit``: the code of its benefit."""
    return _heading_of(benefit, offering.topic, offering.kind)


@cache
def _heading_of(benefit, topic, kind) -> Heading:
    named = (row for row in headings() if row.names(benefit, topic))
    by_kind = (row for row in headings() if kind in row.kinds)
    return next(named, None) or next(by_kind, headings()[-1])


def counties() -> list[tuple[str, str]]:
    """``(code, name)`` of each county."""
    return [(choice.value, choice.label) for choice in business_registry()["district"].choices]
