"""What is known of a stored shop: by departments, and by its owner's own words."""

from django.utils import timezone

from businesses import merge
from businesses.actions import own_words
from businesses.facts import DERIVED, SELF
from businesses.models import Business
from businesses.register import Said, known_of, said_about
from businesses.registry import business_registry
from core.facts import Profile

from .holdings import held_by


class ShopFacts:
    """``answers`` are the owner's own words; ``known`` is what stands without them. ``said``: what was
    read of it before, for one of many."""

    def __init__(self, shop: Business, said: Said | None = None) -> None:
        self.shop = shop
        self.registry = business_registry()
        said = said or said_about(shop)
        self.answers = {name: _as_list(value) for name, value in own_words(shop, said).items()}
        self.said = said._asdict()
        self.found, _ = known_of(shop, said)
        self.derived = {name: self.found[name] for name in DERIVED if name in self.found}
        self._known = self._merged({})

    def _merged(self, answers):
        """What stands if ``answers`` were all that the owner has said."""
        today, facts = timezone.localdate().isoformat(), {}
        for scope, said in self.said.items():
            own = {name: answers[name] for name in answers if self._scope(name) == scope}
            facts |= merge.merge(merge.replace(said, SELF, today, own), self.registry)
        return facts | self.derived

    def _scope(self, name) -> str:
        """Where a fact is written: a shop without an operator holds the operator's facts itself."""
        fact = self.registry.get(name)
        return "operator" if fact and fact.scope == "operator" and self.shop.operator_id else "business"

    def profile_of(self, answers, registry, day):
        asked = frozenset(name for name, value in answers.items() if value is None)
        return merge.profile(self._merged(answers), registry, asked)

    def held(self, day):
        """Codes of the benefits that count as held for the shop on ``day``."""
        return held_by(self.shop, day)

    def known(self, name):
        """What departments know of a fact, as ``merge.Best``, or None. An owner's word cannot change it."""
        return self._known.get(name)

    def known_profile(self, registry) -> Profile:
        """What departments know, without a word of the owner's."""
        return merge.profile(self._known, registry)

    def is_settled(self, fact) -> bool:
        """Whether departments know all of a fact, so that nothing is left to ask."""
        best = self.known(fact.name)
        return best is not None and (best.members is None or len(best.members) == len(fact.choices))

    @property
    def dates(self):
        """``{source: newest day it spoke of}`` of what stands, the owner's own answers included."""
        newest = {}
        for best in self.found.values():
            said = best.members.values() if best.members else [(True, best.source, best.on)]
            for _, source, on in said:
                newest[source] = max(newest.get(source, ""), on)
        return newest


def _as_list(value):
    """An owner's set as a form fills it in; one stated with open members is shown by those that hold."""
    return value.get("yes", []) if isinstance(value, dict) else value
