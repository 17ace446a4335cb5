"""What owners come for and is done elsewhere: said before whatever only sounds alike."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.data_files import read_yaml

from .folding import squeezed

PATH = Path(__file__).parents[1] / "data" / "elsewhere.yaml"


@dataclass(frozen=True)
class Elsewhere:
    """``title``: what it is; ``who``: a sentence that says who does it; ``asks``: ways of asking for it."""

    title: str
    who: str
    words: tuple[str, ...]
    asks: tuple[str, ...]


@cache
def everything_elsewhere() -> tuple[Elsewhere, ...]:
    rows = read_yaml(PATH)
    return tuple(
        Elsewhere(row["title"], row["who"], tuple(map(str, row["words"])), tuple(map(str, row["asks"])))
        for row in rows
    )


@cache
def _by_word() -> dict[str, Elsewhere]:
    return {squeezed(word): one for one in everything_elsewhere() for word in one.words}


def named_in(plain: str) -> Elsewhere | None:
    """By the longest of the words that are unmistakable. ``plain``: squeezed."""
    words = [word for word in _by_word() if word in plain]
    return _by_word()[max(words, key=len)] if words else None
