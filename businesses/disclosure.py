"""What is told of a shop, and to whom: the facts that stand and that the asker may see, never more."""

from core.facts import Profile

from . import merge
from .models import Business
from .register import known_of
from .registry import business_registry
from .visibility import may_see_fact


def known_to(principal, business: Business):
    """What stands for a shop, and what its owner was asked in vain, as far as ``principal`` may see it.

    ``principal`` must be one that may see the shop. Answers like ``register.known_of``.
    """
    registry = business_registry()
    found, asked = known_of(business)
    visible = {name for name, fact in registry.items() if may_see_fact(principal, fact)}
    return {name: best for name, best in found.items() if name in visible}, asked & visible


def profile_for(principal, business: Business) -> Profile:
    """The facts of a shop as rules read them, from what ``principal`` may see: a result must not tell the rest."""
    found, asked = known_to(principal, business)
    return merge.profile(found, business_registry(), asked)


def facts_as_json(principal, business: Business) -> dict:
    """``{fact: {"value", "source", "on"}}``, in the order of the fact list.

    A set also has ``no``, the members known not to hold; nobody knows about those in neither list. What the owner was
    asked and does not know has the value null.
    """
    found, asked = known_to(principal, business)
    shown = {}
    for name, fact in business_registry().items():
        if name in found:
            shown[name] = _fact_as_json(fact, found[name])
        elif name in asked:
            shown[name] = {"value": None, "source": "self", "on": None}
    return shown


def _fact_as_json(fact, best):
    said = {"source": best.source, "on": best.on or None}
    if fact.type == "set":
        return {"value": best.value["yes"], "no": best.value["no"], **said}
    return {"value": best.value, **said}
