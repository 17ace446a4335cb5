"""A benefit closes by itself when no envelope of the year has room for one more grant, and opens again when one has."""

from datetime import date

from core.money import in_fen
from eligibility import funds
from policies.catalogue import catalogue
from policies.models import Benefit

from ..models import Envelope


def smallest_grant_fen(benefit: Benefit, day: date) -> int:
    """The least that a grant takes out of an envelope: the sum where it is fixed, else anything at all."""
    version = catalogue().benefits[benefit.code].in_force_on(day)
    grant = getattr(version.rule.amount, "grant", None) if version else None
    value = grant.on(day) if grant else None
    return in_fen(value) if value else 1


def follow(benefit: Benefit, today: date) -> bool:
    """Close or open the benefit by what is left this year; whether it did. Without an envelope nothing is closed."""
    envelopes = list(Envelope.objects.filter(benefit=benefit, year=today.year, cap_fen__isnull=False))
    least = smallest_grant_fen(benefit, today)
    is_exhausted = bool(envelopes) and all(row.left_fen < least for row in envelopes)
    return funds.set_exhausted(benefit, today if is_exhausted else None)


def follow_all(today: date) -> int:
    """The same for every benefit that envelopes were ever set for, as a new year begins with new ones; how many."""
    return sum(
        follow(benefit, today) for benefit in Benefit.objects.filter(envelopes__isnull=False).distinct()
    )
