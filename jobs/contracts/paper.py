"""A contract on paper: to be printed and signed by hand by both. There is no signature by machine."""

from collections.abc import Iterable
from datetime import datetime

from cases.papers.sheet import Paper

from .clauses import Clause, forms
from .terms import BLANK

OPENING = "双方商量好，订立这份{title}。"


def paper_of(form: str, clauses: Iterable[Clause], number: str, at: datetime) -> Paper:
    """``number``: by which it is found again, empty for a form to fill in by hand; ``at``: when it was settled."""
    title = forms()[form].title
    return Paper(
        kind="contract",
        title=title,
        number=number,
        to="",
        opening=OPENING.format(title=title),
        signed="",
        at=at,
        blocks=[(clause.heading, list(clause.lines)) for clause in clauses],
        signatures=(
            f"甲方（签字或盖章）：{BLANK}　　日期：{BLANK}",
            f"乙方（签字）：{BLANK}　　日期：{BLANK}",
        ),
    )
