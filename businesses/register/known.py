"""What the register knows of one shop, fact by fact, with source and day."""

from .. import merge
from ..facts import STAFF
from ..models import Business, BusinessRecord, OperatorRecord
from ..registry import business_registry


def known_of(business: Business):
    """What stands for a shop and its operator, with source and day: ``{fact: Best}``, and what was asked in vain."""
    registry = business_registry()
    said = [*_said(business)]
    found = merge.merge(said, registry)
    if business.operator_id:
        personal = list(OperatorRecord.objects.filter(pk=business.operator_id).values_list("said", flat=True))
        said += personal[0] if personal else []
        found |= merge.merge(personal[0], registry) if personal else {}
    found |= _derived(business, registry)
    return found, merge.asked(said)


def _said(business):
    record = BusinessRecord.objects.filter(pk=business.pk).values_list("said", flat=True).first()
    return record or []


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
