"""A benefit whose money for the year is used up is closed to everybody, and open again when there is some."""

from datetime import date

from django.db import transaction

from core.models import Edition
from policies.models import CATALOGUE_EDITION, Benefit

from .signals import funds_changed


@transaction.atomic
def set_exhausted(benefit: Benefit, since: date | None) -> bool:
    """Say since when the money is used up, None for not at all; whether that is news. Called by whoever keeps it."""
    was = {"exhausted_on__isnull": since is not None}
    if not Benefit.objects.filter(pk=benefit.pk, **was).update(exhausted_on=since):
        return False
    benefit.exhausted_on = since
    Edition.objects.bump(CATALOGUE_EDITION)
    funds_changed.send(Benefit, benefit=benefit)
    return True
