"""Writing a chunk: columns, what was said, ratings, history; and telling who listens."""

import uuid

import orjson
from django.contrib.auth import get_user_model
from django.db import connection
from django.utils import timezone

from core import bulk
from core.sql import SQL

from .. import merge
from ..facts import DERIVED, STAFF
from ..identifiers import fold_name
from ..models import (
    Binding,
    Business,
    BusinessRecord,
    Change,
    CreditRating,
    Mandate,
    Operator,
    OperatorRecord,
)
from ..signals import facts_changed, owner_left
from .chunk import Chunk


class Writer:
    """Writes what a chunk has come to. ``unbound``: the shops whose bindings have ended with it."""

    def __init__(self, chunk: Chunk, *, by=None, run_id: int | None = None) -> None:
        self.chunk, self.registry, self.by, self.run_id = chunk, chunk.registry, by, run_id
        self.added = {fact.name for fact in self.registry.values() if not fact.built_in}
        self.fanned: dict[int, int] = {}
        self.unbound: set[int] = set()

    def write(self) -> None:
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        self._number()
        self._write_people()
        self._write_shops(now)
        self._end_bindings()
        self._fan_out(now)
        self._write_records()
        self._write_ratings()
        self._write_history(now)
        self._announce()

    def _number(self) -> None:
        """Ids for what is new, so that records can be written in the same go."""
        for model, rows in ((Operator, self.chunk.new_people), (Business, self.chunk.new_shops)):
            if rows:
                for row, pk in zip(rows, bulk.next_ids(model, len(rows)), strict=True):
                    row.id = pk

    def _write_people(self) -> None:
        columns = ("id", "name", "folded_name", "identity", "identity_index", "created_in")
        field = Operator._meta.get_field("identity")
        bulk.insert(
            Operator,
            columns,
            (
                (
                    person.id,
                    person.name,
                    fold_name(person.name),
                    field.get_prep_value(_sealed_identity(person)),
                    person.index,
                    self.run_id,
                )
                # In one order for everybody: two chunks that bring the same people do not wait for each other.
                for person in sorted(self.chunk.new_people, key=lambda person: person.index or "")
            ),
        )
        for person in self.chunk.people.values():
            if not person.touched:
                continue
            values = {}
            if person.identity:
                values |= {"identity": _sealed_identity(person), "identity_index": person.index}
            if "name" in person.changes:
                values |= {"name": person.name, "folded_name": fold_name(person.name)}
            if values:
                Operator.objects.filter(pk=person.id).update(**values)

    def _write_shops(self, now) -> None:
        own, personal = _columns(self.registry, "business"), _columns(self.registry, "operator")
        identity = ("id", "operator_id", "credit_code", "name", "address", "abnormal_reason")
        bulk.insert(
            Business,
            (*identity, "public_id", "version", "updated_at", "created_in", "extra", *own, *personal),
            (
                (
                    *self._identity(shop),
                    _public_id(),
                    1,
                    now,
                    self.run_id,
                    self._extra(shop),
                    *_values(own, self._found(shop)),
                    *_values(personal, self._found(shop.person)),
                )
                for shop in sorted(self.chunk.new_shops, key=lambda shop: shop.credit_code or "")
            ),
        )
        changed = [shop for shop in self.chunk.shops.values() if shop.changes or shop.moved]
        bulk.update(
            Business,
            (*identity, "updated_at", "extra", *own, *personal),
            (
                (
                    *self._identity(shop),
                    now,
                    self._extra(shop),
                    *_values(own, self._found(shop)),
                    *_values(personal, self._found(shop.person)),
                )
                for shop in changed
            ),
            key="id",
            also=_BUMP,
        )

    def _end_bindings(self) -> None:
        """Whoever has bound a shop that has come to somebody else, or acts for its owner, does so no longer."""
        if not self.chunk.passed_on:
            return
        passed_on, now = [shop.id for shop in self.chunk.passed_on], timezone.now()
        bindings = Binding.objects.filter(business__in=passed_on, ended_at=None)
        mandates = Mandate.objects.filter(business__in=passed_on, revoked_at=None)
        for rows in (bindings, mandates):
            self.unbound.update(rows.values_list("business", flat=True))
        bindings.update(ended_at=now, ended_because="登记的经营者已变更")
        mandates.update(revoked_at=now)
        owner_left.send(Business, shops=passed_on, passed_on=True)

    def _identity(self, shop):
        person = shop.person
        return shop.id, person and person.id, shop.credit_code, shop.name, shop.address, shop.abnormal_reason

    def _found(self, subject):
        if subject is None:
            return {}
        return _stored(merge.standing(subject.said, self.registry, subject.scope), self.registry)

    def _extra(self, shop):
        """Added facts of shop and operator, as the JSON column holds them."""
        if not self.added:
            return "{}"
        extra = {}
        for subject in filter(None, (shop, shop.person)):
            found = merge.merge(subject.said, self.registry)
            for name in self.added & found.keys():
                fact = self.registry[name]
                extra |= fact.stored(merge.inside(fact, found[name].value))
        return orjson.dumps(extra).decode()

    def _fan_out(self, now) -> None:
        """An operator's changed facts to the columns of all their shops; those written above have them already."""
        changed = [person for person in self.chunk.people.values() if person.changes.keys() - {"name"}]
        if not changed:
            return
        personal = _columns(self.registry, "operator")
        written = {shop.id for shop in self.chunk.new_shops}
        written |= {shop.id for shop in self.chunk.shops.values() if shop.changes or shop.moved}
        bulk.update(
            Business,
            ("operator_id", "updated_at", *personal),
            ((person.id, now, *_values(personal, self._found(person))) for person in changed),
            key="operator_id",
            also=_BUMP,
        )
        self.fanned = dict(
            Business.objects.filter(operator__in=[person.id for person in changed]).values_list(
                "id", "operator_id"
            )
        )
        if any(
            not self.registry[name].built_in
            for person in changed
            for name in person.changes
            if name in self.registry
        ):
            self._fan_out_extra(changed, written)

    def _fan_out_extra(self, changed, written) -> None:
        for person in changed:
            found = merge.merge(person.said, self.registry)
            extra, personal = {}, set()
            for fact in self.registry.values():
                if not fact.built_in and fact.scope == "operator":
                    personal |= {fact.name, f"{fact.name}_yes", f"{fact.name}_known"}
                    if fact.name in found:
                        extra |= fact.stored(merge.inside(fact, found[fact.name].value))
            for shop in Business.objects.filter(operator=person.id).exclude(pk__in=written):
                kept = {name: value for name, value in shop.extra.items() if name not in personal}
                Business.objects.filter(pk=shop.pk).update(extra={**kept, **extra})

    def _write_records(self) -> None:
        for model, key, rows in (
            (OperatorRecord, "operator_id", [*self.chunk.new_people, *self.chunk.people.values()]),
            (BusinessRecord, "business_id", [*self.chunk.new_shops, *self.chunk.shops.values()]),
        ):
            said = (
                (row.id, orjson.dumps(row.said).decode())
                for row in rows
                if row.touched and row.said != row.before
            )
            bulk.upsert(model, (key, "said"), said, key=key)

    def _write_ratings(self) -> None:
        rows = [(shop.id, rated, on) for shop, rated, on in self.chunk.ratings.values()]
        bulk.upsert(CreditRating, ("business_id", "rated", "on"), rows, key="business_id")

    def _write_history(self, now) -> None:
        rows = []
        sources = list(
            dict.fromkeys(source for arrival in self.chunk.arrivals for source in arrival.said)
        ) or [STAFF]
        for subject, business, operator in (
            *((shop, shop.id, None) for shop in self.chunk.shops.values()),
            *((person, None, person.id) for person in self.chunk.people.values()),
        ):
            before = self._before(subject) if self.run_id is not None else None
            if subject.changes or before:
                rows.append(
                    (
                        now,
                        business,
                        operator,
                        sources[0],
                        self.by.pk
                        if isinstance(self.by, get_user_model())
                        else None,  # a program is its source
                        self.run_id,
                        orjson.dumps(
                            {name: list(change) for name, change in subject.changes.items()}
                        ).decode(),
                        None if before is None else orjson.dumps(before).decode(),
                    )
                )
        columns = ("at", "business_id", "operator_id", "source", "by_id", "run_id", "facts", "before")
        bulk.insert(Change, columns, rows)

    def _before(self, subject):
        """What an import is taken back to: ``{source: statements}`` of the sources that have said something else since.

        ``operator``: the id of who stood behind a shop that has moved; ``identity``: null where it was not known.
        """
        before = {}
        if subject.said != subject.before:
            for source in {row["source"] for row in (*subject.before, *subject.said)}:
                statements = merge.of_source(subject.before, source)
                if statements != merge.of_source(subject.said, source):
                    before[source] = statements
        if getattr(subject, "moved", False):
            before["operator"] = subject.stood_behind and subject.stood_behind.id
        if getattr(subject, "learned", False):
            before["identity"] = None
        return before

    def _announce(self) -> None:
        changes: dict[int, dict] = {}
        for shop in self.chunk.shops.values():
            if shop.changes:
                changes[shop.id] = {name: (row[0], row[2]) for name, row in shop.changes.items()}
        for shop_id, operator_id in self.fanned.items():
            person = self.chunk.people[operator_id]
            told = {name: (row[0], row[2]) for name, row in person.changes.items() if name != "name"}
            changes.setdefault(shop_id, {}).update(told)
        created = [shop.id for shop in self.chunk.new_shops]
        moved = [shop.id for shop in self.chunk.shops.values() if getattr(shop, "moved", False)]
        if changes or created or moved:
            facts_changed.send(Business, changes=changes, created=created, moved=moved, run_id=self.run_id)


_BUMP = SQL('"version" = "version" + 1')


def _public_id():
    return uuid.uuid4().hex


def _columns(registry, scope):
    """Column names of the built-in facts of one scope that are merged, in order."""
    names = []
    for fact in (*registry.values(), *registry.computed.values()):
        if fact.built_in and fact.scope == scope and fact.name not in DERIVED:
            names += fact.columns
    return names


def _stored(found, registry):
    """What stands, as columns take it: dates and money as text, a set as two masks."""
    columns = {}
    for name, best in found.items():
        fact = registry[name]
        if fact.type == "set":
            columns |= fact.stored(merge.inside(fact, best.value))
        else:
            columns[name] = best.value
    return columns | _computed(found, registry)


def _computed(found, registry):
    """What follows from what stands, as columns take it."""
    columns = {}
    for fact in registry.computed.values():
        bases = [(registry[name], found.get(name)) for name in fact.computed_from]
        known = [merge.inside(base, best.value) for base, best in bases if best is not None]
        if len(known) == len(bases):
            columns[fact.name] = fact.write(fact.compute(*known))
    return columns


def _sealed_identity(person):
    return Operator._meta.get_field("identity").seal(person.identity, identity_index=person.index)


def _values(names, stored) -> list:
    return [stored.get(name) for name in names]
