"""What the register knows of a shop, fact by fact, with source and day."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet

from core.once import once
from core.prepared import prepared

from .. import merge
from ..facts import STAFF
from ..models import Business, BusinessRecord, OperatorRecord
from ..registry import business_registry


class Said(NamedTuple):
    """Everything that was ever said of a shop, and of its operator, as statements (merge.py)."""

    business: list
    operator: list


def said_of(businesses: Iterable[Business]) -> dict[int, Said]:
    """``{business id: Said}``, in two queries for all of them."""
    businesses = list(businesses)
    shops = dict(_of_shops({row.pk for row in businesses}))
    people = dict(_of_people({row.operator_id for row in businesses if row.operator_id}))
    return {row.pk: Said(shops.get(row.pk, []), people.get(row.operator_id, [])) for row in businesses}


@once
def said_about(business: Business) -> Said:
    """The same of one shop."""
    return said_of([business])[business.pk]


@prepared
def _of_shops(keys) -> QuerySet:
    return BusinessRecord.objects.filter(pk__in=keys).values_list("pk", "said")


@prepared
def _of_people(keys) -> QuerySet:
    return OperatorRecord.objects.filter(pk__in=keys).values_list("pk", "said")


def known_of(business: Business, said: Said | None = None):
    """What stands for a shop and its operator, with source and day: ``{fact: Best}``, and what was asked in vain.
    ``said``: what said_of read before, for one of many."""
    registry = business_registry()
    said = said or said_about(business)
    found = merge.merge(said.business, registry) | merge.merge(said.operator, registry)
    found |= _derived(business, registry)
    return found, merge.asked([*said.business, *said.operator])


def _derived(business, registry):
    """What the market regulator's own rules wrote in the columns."""
    found = {}
    if business.business_type:
        on = getattr(getattr(business, "type_verdict", None), "on", None)
        found["business_type"] = merge.Best(business.business_type, STAFF, on.isoformat() if on else "")
    if business.distinctive_classes_known:
        fact = registry["distinctive_classes"]
        yes = fact.members(business.distinctive_classes_yes)
        no = fact.members(business.distinctive_classes_known & ~business.distinctive_classes_yes)
        found["distinctive_classes"] = merge.Best({"yes": yes, "no": no}, STAFF, "")
    return found


def profile_of(business: Business):
    """The facts of a stored shop as rules read them, each with its source."""
    found, asked = known_of(business)
    return merge.profile(found, business_registry(), asked)
