"""Facts of stored shops as their columns hold them: of many shops a few facts, without what each source has said.

The columns are what SQL reads; ``register.profile_of`` is made of what the sources said.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from django.db.models import QuerySet

from core.facts import Profile

from ..models import Business
from ..registry import business_registry

AT_ONCE = 500


class StoredShop(NamedTuple):
    pk: int
    operator_id: int | None
    version: int
    profile: Profile


def stored_shops(shops: QuerySet[Business], names: Iterable[str], *, few=False) -> Iterator[StoredShop]:
    """``shops``, each with a profile of the facts named, as far as they are known. Sources are not in it.

    ``few``: so few that they are read in one go.
    """
    registry = business_registry()
    facts = [registry[name] for name in names]
    columns = [name for fact in facts if fact.built_in for name in fact.columns]
    if any(not fact.built_in for fact in facts):
        columns.append("extra")
    rows = shops.order_by().values("pk", "operator_id", "version", *columns)
    for row in rows if few else rows.iterator(AT_ONCE):
        values = {fact.name: fact.restored(row if fact.built_in else row["extra"]) for fact in facts}
        known = {name: value for name, value in values.items() if value is not None}
        registry.complete(known, {})
        yield StoredShop(row["pk"], row["operator_id"], row["version"], Profile(known))
