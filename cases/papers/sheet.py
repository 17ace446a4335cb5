"""An official letter: the same content as a page to print and as a PDF.

The PDF is the same to the byte for the same content: its date is that of the event. A character that the font lacks is
set as 〓, and the letter says so.
"""

from dataclasses import dataclass, field
from datetime import datetime

from core.wording import day_text

from . import fonts


@dataclass(frozen=True)
class Paper:
    """What a letter says. ``blocks``: (heading, lines); ``at``: when it came about, in the time of the city.
    ``signatures``: lines to be signed by hand, in place of who signed and when. Empty words are left out."""

    kind: str
    title: str
    number: str
    to: str
    opening: str
    signed: str
    at: datetime
    blocks: list[tuple[str, list[str]]] = field(default_factory=list)
    signatures: tuple[str, ...] = ()

    @property
    def date(self) -> str:
        return day_text(self.at)


def available() -> bool:
    """Whether this machine has a font for Chinese; without one the page to print is what there is."""
    return fonts.found() is not None


def pdf(paper: Paper) -> bytes:
    """The letter set in the font of this machine, of which only what is used is embedded; LookupError without one."""
    from .typesetting import typeset  # a fifth of what a process reads when it starts, which few ever need

    font = fonts.found()
    if font is None:
        raise LookupError("no font for Chinese")
    return typeset(paper, font)
