"""The facts known today: the built-in ones and those that staff have added."""

from core.facts import Choice, Fact, Registry
from core.latest import Latest
from core.models import Edition

from .facts import BUILT_IN, COMPUTED, ORDERS
from .models import FACTS_EDITION, AddedFact

_latest: Latest[int, Registry] = Latest()


def business_registry() -> Registry:
    """All facts of a shop and its operator. Kept in memory until someone adds or changes one."""
    edition = Edition.objects.current(FACTS_EDITION)
    return _latest.of(edition, lambda: _read(edition))


def _read(edition) -> Registry:
    added = [_as_fact(row) for row in AddedFact.objects.all()]
    return Registry((*BUILT_IN, *added), edition, computed=COMPUTED, orders=ORDERS)


def _as_fact(row):
    return Fact(
        row.name,
        row.type,
        row.label,
        question=row.question,
        why=row.why,
        choices=tuple(Choice(*pair) for pair in row.choice_pairs()),
        scope=row.scope,
        ask=row.ask,
        sources=(row.source,),
        unit=row.unit,
        no=row.no,
        built_in=False,
    )
