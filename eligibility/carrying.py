"""Answers given before signing in, taken along to the shop that is then applied for, so that nobody answers twice.

Only what nobody has said of the shop yet: neither a department nor its owner is contradicted by a browser that another
person may have used before.
"""

from django.utils import timezone

from businesses.actions import may, read_own_words, state_facts
from businesses.registry import business_registry
from businesses.rules import may_state
from core.errors import Invalid

from .answers import answers_of
from .shop_facts import ShopFacts


def brought(request, shop) -> dict:
    """What this browser's answers add to what is known of ``shop``, in JSON spelling. A clerk brings nothing."""
    said = {} if request.user.is_staff else answers_of(request)
    if not said:
        return {}
    registry, book = business_registry(), ShopFacts(shop)
    new = {
        name: _unknown_part(book.known(name), value)
        for name, value in said.items()
        if value is not None
        and name not in book.answers
        and name in registry
        and may_state(registry[name])
        and not book.is_settled(registry[name])
    }
    return _well_formed(new)


def _unknown_part(best, value) -> object:
    """Of a set only those members that departments say nothing about."""
    if best is None or not best.members or not isinstance(value, list):
        return value
    return [member for member in value if member not in best.members]


def _well_formed(new) -> dict:
    """Without what has come to fit its fact no longer since it was answered."""
    try:
        read_own_words(new, timezone.localdate())
    except Invalid as problem:
        unfit = {fault.field.split(".")[1] for fault in problem.faults}
        return {name: value for name, value in new.items() if name not in unfit}
    return new


def take_along(request, shop) -> bool:
    """Keep them as the owner's own words for the shop. Whether there were any: the browser may then forget its own."""
    new = brought(request, shop)
    if not new or not may(request.user, shop, "answer"):
        return False
    state_facts(shop, new, by=request.user)
    return True
