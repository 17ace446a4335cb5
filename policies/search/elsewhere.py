"""What owners come for and is done elsewhere: said before anything that only sounds alike."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from .folding import squeezed

PATH = Path(__file__).parents[1] / "data" / "elsewhere.yaml"


@dataclass(frozen=True)
class Elsewhere:
    """``title``: what it is; ``who``: a sentence that says who does it."""

    title: str
    who: str


@cache
def _by_word() -> dict[str, Elsewhere]:
    rows = yaml.safe_load(PATH.read_text("utf-8"))
    return {squeezed(word): Elsewhere(row["title"], row["who"]) for row in rows for word in row["words"]}


def elsewhere(typed: str) -> Elsewhere | None:
    """By the longest word that was typed of what is done elsewhere."""
    plain = squeezed(typed)
    words = [word for word in _by_word() if word in plain]
    return _by_word()[max(words, key=len)] if words else None
