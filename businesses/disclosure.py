"""What is told of a shop, and to whom: the facts that stand and that the asker may see, never more."""

from core.errors import Fault
from core.facts import Profile

from . import merge
from .facts import SOURCES
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

    A set also has ``no``, the members known not to hold; nobody knows about those in neither list; and ``members``, who
    told of each. Its own ``source`` and ``on`` are null where several told. What the owner was asked and does not know
    has the value null.
    """
    found, asked = known_to(principal, business)
    shown = {}
    for name, fact in business_registry().items():
        if name in found:
            shown[name] = _fact_as_json(fact, found[name])
        elif name in asked:
            shown[name] = {"value": None, "source": "self", "on": None}
            if fact.type == "set":
                shown[name] |= {"no": [], "members": {}}
    return shown


def _fact_as_json(fact, best) -> dict:
    said = {"source": best.source, "on": best.on or None}
    if fact.type == "set":
        told = {
            member: {"holds": holds, "source": source, "on": on or None}
            for member, (holds, source, on) in (best.members or {}).items()
        }
        said = (
            {
                name: values.pop() if len(values := {row[name] for row in told.values()}) == 1 else None
                for name in ("source", "on")
            }
            if told
            else said
        )
        return {"value": best.value["yes"], "no": best.value["no"], "members": told, **said}
    return {"value": best.value, **said}


def without_effect(business: Business, facts: dict) -> list[Fault]:
    """What of ``facts``, as they have just been stated, does not stand because another source goes before."""
    registry, (found, _) = business_registry(), known_of(business)
    warnings = []
    for name, value in facts.items():
        fact = registry[name]
        if others := merge.overruled_by(fact, value, found.get(name)):
            whose = "、".join(sorted(SOURCES[source] for source in others))
            detail = (
                f"{fact.label}：现在以“{whose}”的信息为准。您写的已记下，没有改变结果。觉得不对，请提出更正"
            )
            warnings.append(Fault(f"facts.{name}", "overruled", detail))
    return warnings
