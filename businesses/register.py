"""The one way into the register. Whatever comes in, one answer of one owner or a chunk of a file, goes through take_in.

For each shop or person: what was said until now, plus what is said today, merged (merge.py), written to the columns,
with a row of history where something changed. A whole chunk is read in five queries and written in as few statements.
"""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

import orjson
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from django.utils import timezone

from core import bulk
from core.facts import Registry

from . import merge
from .facts import DERIVED, REGISTRY, SELF, STAFF
from .identifiers import fold_name, identity_index
from .models import Binding, Business, BusinessRecord, Change, CreditRating, Mandate, Operator, OperatorRecord
from .registry import business_registry
from .signals import facts_changed


@dataclass(slots=True)
class Arrival:
    """What came in about one shop or one person.

    ``said``: ``{source: facts}`` in JSON spelling. A shop is named by ``business_id`` or ``credit_code``, a person by
    ``identity`` (the number); where both are given, that person stands behind that shop. ``row`` is the caller's own
    mark. ``on``: the day it speaks of, where not the chunk's; ``days``: that of single sources, and of
    ``credit_class``. ``corrects``: staff state these facts against the sources. ``whole``: what the source says
    replaces all it has said before (an owner's answers).
    """

    said: dict[str, dict]
    credit_code: str | None = None
    identity: str | None = None
    business_id: int | None = None
    operator_id: int | None = None
    name: str | None = None
    operator_name: str | None = None
    address: str | None = None
    abnormal_reason: str | None = None
    rated: str | None = None
    on: str | None = None
    days: Mapping[str, str] = field(default_factory=dict)
    row: int = 0
    corrects: bool = False
    whole: bool = False

    def day_of(self, what, usual):
        """The day on which a source, or ``credit_class``, spoke."""
        return self.days.get(what) or self.on or usual


@dataclass(slots=True)
class Taken:
    """What became of arrivals, by their ``row``; each row is in exactly one of the five.

    ``doubtful``: another operator's name and no number. Nobody can say who that is, so the row is not taken.
    """

    created: list[int] = field(default_factory=list)
    updated: list[int] = field(default_factory=list)
    unchanged: list[int] = field(default_factory=list)
    strangers: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)


@dataclass(slots=True)
class _Person:
    """An operator in the middle of a chunk."""

    id: int | None
    name: str
    identity: str | None
    index: str | None
    said: list
    before: list
    new: bool = False
    touched: bool = False
    learned: bool = False
    found: dict | None = None
    changes: dict = field(default_factory=dict)


@dataclass(slots=True)
class _Shop:
    """A business in the middle of a chunk."""

    id: int | None
    person: _Person | None
    credit_code: str | None
    name: str
    address: str
    abnormal_reason: str
    said: list
    before: list
    rating: tuple | None = None
    new: bool = False
    touched: bool = False
    moved: bool = False
    stood_behind: _Person | None = None
    row: int = 0
    changes: dict = field(default_factory=dict)


def take_in(
    arrivals: Iterable[Arrival],
    *,
    on: date,
    by=None,
    run_id: int | None = None,
    may_create=True,
    write=True,
) -> Taken:
    """Put a chunk of arrivals into the register, in one transaction. ``on``: the day they speak of.

    A shop or a person comes once in a chunk by its key, or the later row wins over the earlier. Without ``may_create``
    unknown shops and people are ``strangers`` and nothing is done for them. ``write=False`` only counts.
    Whoever locks a shop before this, in the same transaction, does so by ``lock``.
    """
    chunk = _Chunk(list(arrivals), on.isoformat(), by, run_id, may_create, write)
    with transaction.atomic():
        return chunk.take()


@dataclass(slots=True)
class Before:
    """What a shop or a person was before an import, to be put back.

    ``said``: the statements of single sources. ``attributes``: ``{name: (what it was, what the import made of it)}``.
    ``operator_id``: who stood behind the shop, where ``moved``. ``unknown``: the person's number was not known.
    ``corrected``: the facts that the import itself stated as corrections; what staff have corrected besides stands.
    """

    said: dict[str, list]
    attributes: dict[str, tuple[str, str]]
    moved: bool = False
    operator_id: int | None = None
    unknown: bool = False
    corrected: set[str] = field(default_factory=set)


def put_back(shops: dict[int, Before], people: dict[int, Before], *, by=None) -> set[int]:
    """Undo an import for shops and people, by id, in one transaction. What others have said since stands.

    Returns the shops that went back to whom they had before and were bound since: the binding has ended.
    """
    ids = {*people, *(before.operator_id for before in shops.values() if before.operator_id)}
    arrivals = [Arrival({}, business_id=pk) for pk in shops] + [Arrival({}, operator_id=pk) for pk in ids]
    chunk = _Chunk(arrivals, "", by, None, may_create=False, write=True)
    with transaction.atomic():
        chunk.put_back(shops, people)
    return chunk.unbound


def lock(shops: Iterable[int], people: Iterable[int] = ()):
    """Lock shops, and all shops of the people behind them or named, then these people: by id, to the commit.

    What is said of a person is written to all their shops. One order for everybody leaves no two waiting for each
    other.
    """
    shops, people = {*shops}, {*people}
    people.update(
        Business.objects.filter(pk__in=shops, operator__isnull=False).values_list("operator", flat=True)
    )
    shops.update(Business.objects.filter(operator__in=people).values_list("pk", flat=True))
    for model, ids in ((Business, shops), (Operator, people)):
        rows = model.objects.filter(pk__in=ids).order_by("pk").select_for_update(of=("self",))
        list(rows.values_list("pk", flat=True))


class _Chunk:
    def __init__(self, arrivals, on, by, run_id, may_create, write):
        self.arrivals, self.on, self.by, self.run_id = arrivals, on, by, run_id
        self.may_create, self.write = may_create, write
        self.registry: Registry = business_registry()
        self.scopes = {name: fact.scope for name, fact in self.registry.items() if name not in DERIVED}
        self.added = {fact.name for fact in self.registry.values() if not fact.built_in}
        self.taken = Taken()
        self.people: dict[int, _Person] = {}
        self.by_index: dict[str, _Person] = {}
        self.shops: dict[int, _Shop] = {}
        self.by_code: dict[str, _Shop] = {}
        self.new_people: list[_Person] = []
        self.new_shops: list[_Shop] = []
        self.ratings: dict = {}
        self.fanned: dict[int, int] = {}
        self.passed_on: list[_Shop] = []
        self.unbound: set[int] = set()

    def take(self):
        self._read()
        for arrival in self.arrivals:
            self._take(arrival)
        if self.write:
            self._write()
        return self.taken

    def put_back(self, shops, people):
        self._read()
        for known, befores in ((self.people, people), (self.shops, shops)):
            for pk, before in befores.items():
                if pk in known:
                    self._put_back(known[pk], before)
        self._write()
        unknown = [pk for pk, before in people.items() if before.unknown]
        if unknown:
            Operator.objects.filter(pk__in=unknown).update(identity=None, identity_index=None)

    def _put_back(self, subject, before):
        said = subject.said
        known = self.people.get(before.operator_id) if before.moved else None
        if known and known.index:  # whoever had the shop in between takes their answers with them
            said = merge.put_back(said, SELF, [])
        for source, statements in before.said.items():
            if source != STAFF:
                said = merge.put_back(said, source, statements)
        if STAFF in before.said:
            said = merge.put_back_corrections(said, before.said[STAFF], before.corrected, self.registry)
        self._says_now(subject, said)
        for name, (was, became) in before.attributes.items():
            if getattr(subject, name) == became:
                subject.changes[name] = (became, None, was, None)
                setattr(subject, name, was)
                subject.touched = True
        if before.moved:
            subject.person, subject.moved, subject.touched = known, True, True
            self.passed_on.append(subject)

    # Reading

    def _read(self):
        codes = [row.credit_code for row in self.arrivals if row.credit_code]
        ids = [row.business_id for row in self.arrivals if row.business_id]
        indexes = {row.identity: identity_index(row.identity) for row in self.arrivals if row.identity}
        self.indexes = indexes
        shops = Business.objects.filter(pk__in=self._ids(Business, pk=ids, credit_code=codes))
        operator_ids = {row.operator_id for row in self.arrivals if row.operator_id}
        operator_ids |= self._ids(Operator, identity_index=indexes.values())
        if self.write:
            lock(shops.values_list("pk", flat=True), operator_ids)
        fields = ("id", "operator_id", "credit_code", "name", "address", "abnormal_reason", "record__said")
        found = list(shops.order_by("pk").values_list(*fields))
        self._read_people(operator_ids | {row[1] for row in found if row[1]})
        ratings = self._ratings([row[0] for row in found])
        for pk, operator_id, code, name, address, reason, said in found:
            said = said or []
            shop = _Shop(pk, self.people.get(operator_id), code, name, address, reason, said, said)
            shop.rating = ratings.get(pk)
            self.shops[pk] = shop
            if code:
                self.by_code[code] = shop

    def _ids(self, model, **named):
        """The ids of the rows with one of these values in one of these columns."""
        found = set()
        for column, values in named.items():
            if values:
                found.update(
                    model.objects.filter(**{f"{column}__in": set(values)}).values_list("pk", flat=True)
                )
        return found

    def _ratings(self, ids):
        """The credit classes that stand, where this chunk brings any."""
        if not ids or not any(row.rated for row in self.arrivals):
            return {}
        rows = CreditRating.objects.filter(pk__in=ids).values_list("pk", "rated", "on")
        return {pk: (rated, on.isoformat()) for pk, rated, on in rows}

    def _read_people(self, ids):
        people = Operator.objects.filter(pk__in=ids).order_by("pk") if ids else Operator.objects.none()
        for pk, name, index, said in people.values_list("id", "name", "identity_index", "record__said"):
            said = said or []
            person = _Person(pk, name, None, index, said, said)
            self.people[pk] = person
            if index:
                self.by_index[index] = person

    # One arrival

    def _take(self, row):
        shop = self.shops.get(row.business_id) if row.business_id else self.by_code.get(row.credit_code)
        about_a_shop = bool(row.business_id or row.credit_code)
        if about_a_shop and shop is None and not (self.may_create and row.credit_code):
            return self.taken.strangers.append(row.row)
        is_old = shop is not None and row.day_of(REGISTRY, self.on) < _registered_on(shop)
        if row.row in self.taken.doubtful or (not is_old and self._is_doubtful(row, shop)):
            if row.row not in self.taken.doubtful:
                self.taken.doubtful.append(row.row)
            return None
        person = self._person_then(row, shop) if is_old else self._person(row, shop)
        if person is None and not about_a_shop:
            return self.taken.strangers.append(row.row)
        created = about_a_shop and shop is None
        if created:
            shop = self._new_shop(row, person)
        changed = self._attributes(row, shop, person) if shop and not is_old else False
        for source, facts in row.said.items():
            changed |= self._state(row, source, facts, shop, person)
        if row.rated and shop:
            changed |= self._rate(row, shop)
        outcome = self.taken.created if created else self.taken.updated if changed else self.taken.unchanged
        outcome.append(row.row)
        return None

    def _is_doubtful(self, row, shop):
        """Whether a row without a number names somebody else than the person known to stand behind the shop."""
        standing = shop.person if shop else None
        return not row.identity and standing and standing.index and _is_named_otherwise(standing, row)

    def _person_then(self, row, shop):
        """Whom a row means that is older than what the register has of the shop: it makes nobody else stand behind it.

        It may still bring the number of who does.
        """
        index, standing = self.indexes.get(row.identity), shop.person
        if standing and (standing.index is None or index is None):
            if _is_named_otherwise(standing, row):
                return self.by_index.get(index)
            return self._person(row, shop)
        return self.by_index.get(index)

    def _person(self, row, shop):
        """Whom the row is about; a new operator where a shop needs one."""
        index = self.indexes.get(row.identity)
        named = self.by_index.get(index) if index else self.people.get(row.operator_id)
        standing = shop.person if shop else None
        if named is None and standing is not None and (index is None or standing.index is None):
            named = standing
            if index:  # now we learn who they are
                named.index, named.identity, named.touched, named.learned = index, row.identity, True, True
                self.by_index[index] = named
        about_a_shop = shop is not None or (row.credit_code and self.may_create)
        if named is None and about_a_shop:  # nobody stands behind the shop yet, or somebody else does now
            name = row.operator_name or ""
            named = _Person(None, name, row.identity, index, [], [], new=True, touched=True)
            self.new_people.append(named)
            if index:
                self.by_index[index] = named
        if shop and named is not standing:
            if not shop.moved:
                shop.stood_behind = standing
            shop.person, shop.moved, shop.touched = named, True, True
            if standing is not None and standing.index is None:
                self._carry_over(standing, named)
            elif standing is not None:
                self.passed_on.append(shop)
                # The answers were the previous person's, and the next one has not given any.
                self._says_now(shop, merge.put_back(shop.said, SELF, []))
        return named

    def _carry_over(self, nameless, person):
        """Someone known by name only turns out to be this person: what was said of them is said of this person."""
        for statement in nameless.said:
            row = Arrival({}, on=statement["on"], corrects=statement["source"] == STAFF)
            self._said(row, statement["source"], statement["facts"], person)

    def _new_shop(self, row, person):
        shop = _Shop(None, person, row.credit_code, row.name or "", "", "", [], [], new=True, touched=True)
        self.new_shops.append(shop)
        self.by_code[row.credit_code] = shop
        return shop

    def _attributes(self, row, shop, person):
        changed = shop.moved
        for name in ("name", "address", "abnormal_reason"):
            value = getattr(row, name)
            if value is not None and value != getattr(shop, name):
                if not shop.new:
                    shop.changes[name] = (getattr(shop, name), None, value, None)
                setattr(shop, name, value)
                shop.touched = changed = True
        if (
            person
            and row.operator_name
            and row.operator_name != person.name
            and row.day_of(REGISTRY, self.on) >= _registered_on(person)
        ):
            if not person.new:
                person.changes["name"] = (person.name, None, row.operator_name, None)
            person.name, person.touched, changed = row.operator_name, True, True
        return changed

    def _state(self, row, source, facts, shop, person):
        own, personal = {}, {}
        for name, value in facts.items():
            scope = self.scopes.get(name)
            if scope == "operator":
                personal[name] = value
            elif scope and shop is not None:
                own[name] = value
        changed = False
        if shop is not None and (own or row.whole):
            changed |= self._said(row, source, own, shop)
        if person is not None and (personal or row.whole):
            changed |= self._said(row, source, personal, person)
        return changed

    def _said(self, row, source, facts, subject):
        """Fold one source's words into what was said of a shop or a person; True where something stands changed."""
        on = row.day_of(source, self.on)
        if row.corrects:
            said = merge.correct(subject.said, on, facts, self.registry)
        elif row.whole:
            said = merge.replace(subject.said, source, on, facts)
        else:
            said = merge.add(subject.said, source, on, facts, self.registry)
        return self._says_now(subject, said)

    def _says_now(self, subject, said):
        """Put ``said`` in the place of what was said of a shop or a person; True where something stands changed."""
        if said == subject.said:
            return False
        subject.touched = True
        if subject.new:
            subject.said = said
            return True
        before, after = self._standing(subject, subject.said), self._standing(subject, said)
        subject.said = said
        changed = False
        for name in before.keys() | after.keys():
            old, new = before.get(name), after.get(name)
            if old is None or new is None or old[:2] != new[:2]:
                first = subject.changes.get(name, (old and old.value, old and old.source))
                subject.changes[name] = (*first[:2], new and new.value, new and new.source)
                changed = True
        return changed

    def _rate(self, row, shop):
        rating = row.rated, row.day_of("credit_class", self.on)
        if shop.rating == rating:
            return False
        shop.rating = rating
        self.ratings[id(shop)] = (shop, *rating)
        return True

    # Writing

    def _write(self):
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        self._number()
        self._write_people()
        self._write_shops(now)
        self._fan_out(now)
        self._write_records()
        self._write_ratings()
        self._write_history(now)
        self._announce()

    def _number(self):
        """Ids for what is new, so that records can be written in the same go."""
        for model, rows in ((Operator, self.new_people), (Business, self.new_shops)):
            if rows:
                for row, pk in zip(rows, bulk.next_ids(model, len(rows)), strict=True):
                    row.id = pk

    def _write_people(self):
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
                    field.get_prep_value(person.identity),
                    person.index,
                    self.run_id,
                )
                for person in self.new_people
            ),
        )
        for person in self.people.values():
            if not person.touched:
                continue
            values = {}
            if person.identity:
                values |= {"identity": person.identity, "identity_index": person.index}
            if "name" in person.changes:
                values |= {"name": person.name, "folded_name": fold_name(person.name)}
            if values:
                Operator.objects.filter(pk=person.id).update(**values)

    def _write_shops(self, now):
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
                for shop in self.new_shops
            ),
        )
        changed = [shop for shop in self.shops.values() if shop.changes or shop.moved]
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
        if self.passed_on:
            passed_on, today = [shop.id for shop in self.passed_on], timezone.now()
            bindings = Binding.objects.filter(business__in=passed_on, ended_at=None)
            mandates = Mandate.objects.filter(business__in=passed_on, revoked_at=None)
            for rows in (bindings, mandates):
                self.unbound.update(rows.values_list("business", flat=True))
            bindings.update(ended_at=today, ended_because="登记的经营者已变更")
            mandates.update(revoked_at=today)

    def _identity(self, shop):
        person = shop.person
        return shop.id, person and person.id, shop.credit_code, shop.name, shop.address, shop.abnormal_reason

    def _found(self, subject):
        return _stored(self._standing(subject, subject.said), self.registry) if subject else {}

    def _standing(self, subject, said):
        return merge.standing(said, self.registry, "business" if isinstance(subject, _Shop) else "operator")

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

    def _fan_out(self, now):
        """An operator's changed facts to the columns of all their shops; those written above have them already."""
        changed = [person for person in self.people.values() if person.changes.keys() - {"name"}]
        if not changed:
            return
        personal = _columns(self.registry, "operator")
        written = {shop.id for shop in self.new_shops}
        written |= {shop.id for shop in self.shops.values() if shop.changes or shop.moved}
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

    def _fan_out_extra(self, changed, written):
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

    def _write_records(self):
        for model, key, rows in (
            (OperatorRecord, "operator_id", [*self.new_people, *self.people.values()]),
            (BusinessRecord, "business_id", [*self.new_shops, *self.shops.values()]),
        ):
            said = (
                (row.id, orjson.dumps(row.said).decode())
                for row in rows
                if row.touched and row.said != row.before
            )
            bulk.upsert(model, (key, "said"), said, key=key)

    def _write_ratings(self):
        rows = [(shop.id, rated, on) for shop, rated, on in self.ratings.values()]
        bulk.upsert(CreditRating, ("business_id", "rated", "on"), rows, key="business_id")

    def _write_history(self, now):
        rows = []
        sources = list(dict.fromkeys(source for arrival in self.arrivals for source in arrival.said)) or [
            STAFF
        ]
        for subject, business, operator in (
            *((shop, shop.id, None) for shop in self.shops.values()),
            *((person, None, person.id) for person in self.people.values()),
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

    def _announce(self):
        changes: dict[int, dict] = {}
        for shop in self.shops.values():
            if shop.changes:
                changes[shop.id] = {name: (row[0], row[2]) for name, row in shop.changes.items()}
        for shop_id, operator_id in self.fanned.items():
            person = self.people[operator_id]
            told = {name: (row[0], row[2]) for name, row in person.changes.items() if name != "name"}
            changes.setdefault(shop_id, {}).update(told)
        created = [shop.id for shop in self.new_shops]
        moved = [shop.id for shop in self.shops.values() if getattr(shop, "moved", False)]
        if changes or created or moved:
            facts_changed.send(Business, changes=changes, created=created, moved=moved, run_id=self.run_id)


def _is_named_otherwise(person, row):
    """Whether a row gives a name that is not this person's, however it is written."""
    return bool(person.name and row.operator_name) and fold_name(row.operator_name) != fold_name(person.name)


def _registered_on(subject):
    """The day of the registry's newest row about a shop or a person, or "": their name, address and operator are of it.

    Every row of a registry file says ``entity_type``; what a program of the registry says of single facts does not.
    """
    registered = merge.of_source(subject.said, REGISTRY)
    rows = [row for row in registered if "entity_type" in row["facts"]] or registered
    return max((row["on"] for row in rows), default="")


_BUMP = '"version" = "version" + 1'


def _public_id():
    return uuid.uuid4().hex


def _columns(registry, scope):
    """Column names of the built-in facts of one scope that are merged, in order."""
    names = []
    for fact in registry.values():
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
    return columns


def _values(names, stored):
    return [stored.get(name) for name in names]


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
