"""The shop in a line, for the home page."""

from django.utils import timezone

from businesses.register import profile_of
from eligibility.answers import chosen_shop
from eligibility.evaluation import evaluate
from eligibility.holdings import held_by


def standing_of(request) -> dict | None:
    """The shop of whoever is signed in and how many money benefits it can have now, or None."""
    shop = chosen_shop(request)
    if shop is None:
        return None
    today = timezone.localdate()
    found = evaluate(profile_of(shop), today, held=held_by(shop, today)).assessments
    count = sum(one.rule.is_money and one.state in ("now", "auto") for one in found)
    return {"name": shop.name, "count": count}
