"""From when on something can be had, and until when, for each shop that somebody acts for."""

from collections.abc import Iterator

from core.calendar_file import DOMAIN, Entry
from eligibility.answers import ShopBook, shops_of
from eligibility.pages.check import evaluation_of
from eligibility.pages.reminding import FIRST, LAST, day_entry, first_day_of, last_day_of

from .sources import calendar_source


@calendar_source
def benefit_days(user, absolute) -> Iterator[Entry]:
    """As the results page says them, with the name of the shop where there are several."""
    shops = shops_of(user)
    for shop in shops:
        for entry in _days_of(shop, user, absolute):
            yield entry._replace(title=f"{entry.title}（{shop.name}）") if len(shops) > 1 else entry


def _days_of(shop, user, absolute) -> Iterator[Entry]:
    """The sequence is the day on which it is read: what was read earlier gives way, whatever moved."""
    evaluation = evaluation_of(ShopBook(shop, user))
    today = evaluation.day
    for assessment in evaluation.assessments:
        code = assessment.rule.code
        for which, day in ((FIRST, first_day_of(assessment)), (LAST, last_day_of(assessment))):
            if day is not None:
                benefit, uid = (
                    evaluation.catalogue.benefits[code],
                    f"{shop.public_id}-{code}-{which}@{DOMAIN}",
                )
                version = benefit.in_force_on(today) or benefit.in_force_on(day)
                entry = day_entry(benefit, version, which, day, uid, absolute)
                yield entry._replace(sequence=today.toordinal())
