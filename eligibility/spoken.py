"""An answer read aloud: every benefit in its state with the sentences that pages show, one a line.

For the shell and for proof-reading: nothing is said here that a page does not say.
"""

from collections.abc import Iterator

from . import wording
from .evaluation import Evaluation

SIGNS = {"pass": "✓", "staff": "✓", "fail": "✕", "wait": "…", "unknown": "?"}


def spoken(evaluation: Evaluation) -> Iterator[str]:
    """The lines, benefit by benefit; conditions are set in by two spaces."""
    for assessment in evaluation.assessments:
        content = evaluation.catalogue.benefits[assessment.rule.code].in_force_on(assessment.day).content
        parts = [wording.state_label(assessment), _amount(assessment, content), wording.last_day(assessment)]
        yield f"{assessment.rule.code} {assessment.rule.title}：{'；'.join(filter(None, parts))}"
        rows = wording.answer_rows(assessment)
        for row in rows:
            yield f"  {SIGNS[row['result']]} {row['text']}"
            if row["advice"]:
                yield f"    {row['advice']}"
        if not rows:
            yield "  没有条件，人人都可以。"


def _amount(assessment, content):
    label = (
        wording.amount_label(assessment, content)
        if assessment.state not in ("no", "closed", "have")
        else None
    )
    return label and " ".join(filter(None, (label["prefix"], label["figure"], label["unit"])))
