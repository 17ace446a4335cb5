"""Whether what a message says is still so, by the catalogue and the decisions stored today."""

from datetime import date

from eligibility.models import Match
from policies.catalogue import Catalogue

from .models import Change

OPEN_NOW = (Match.State.NOW, Match.State.AUTO)


def nothing_can_be_had(known: Catalogue, benefit, day: date) -> bool:
    """Whether a benefit (of the catalogue, or None) is out of force, or its document suspended or repealed."""
    return benefit is None or benefit.in_force_on(day) is None or benefit.code in known.closed_documents


def decisions_on(notifications) -> dict[tuple[int, int], Match]:
    """``{(benefit, shop): Match}``, the decisions that stand on what the messages are about."""
    shops = {row.business_id for row in notifications}
    benefits = {row.benefit_id for row in notifications}
    matches = Match.objects.open().filter(business__any_of=shops, benefit__any_of=benefits)
    return {(match.benefit_id, match.business_id): match for match in matches}


def holds(kind: int, state: int | None) -> bool:
    """Whether a message of this kind is true where the decision is ``state`` (None: no decision stands)."""
    return {
        Change.NEW: state in OPEN_NOW,
        Change.AMOUNT: state in OPEN_NOW,
        Change.SOON: state == Match.State.SOON,
        Change.ENDED: state is None,
        Change.REMINDER: state is not None,
    }[kind]
