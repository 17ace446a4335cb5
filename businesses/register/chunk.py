"""A chunk of arrivals on its way in: who and which shops they are about, and what is said of these from now on."""

from collections.abc import Iterable

from core.facts import Registry

from .. import merge
from ..facts import DERIVED, REGISTRY, SELF, STAFF
from ..identifiers import fold_name, identity_index
from ..models import Business, CreditRating, Operator
from ..registry import business_registry
from .shapes import Arrival, Person, Shop, Taken


def lock(shops: Iterable[int], people: Iterable[int] = ()) -> None:
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


class Chunk:
    """``people`` and ``shops``: those known by now, by id; ``new_people``, ``new_shops``: those that come with it.

    ``strangers``: the identity indexes and credit codes that nobody had when it was read.
    ``taken``: what became of the arrivals. ``ratings``: (shop, class, day) by shop. ``passed_on``: shops that have come
    to somebody else, so that whoever has bound them is no longer their owner.
    """

    def __init__(self, arrivals: list[Arrival], on: str, *, may_create) -> None:
        self.arrivals, self.on, self.may_create = arrivals, on, may_create
        self.registry: Registry = business_registry()
        self.scopes = {name: fact.scope for name, fact in self.registry.items() if name not in DERIVED}
        self.indexes = {row.identity: identity_index(row.identity) for row in arrivals if row.identity}
        self.taken = Taken()
        self.people: dict[int, Person] = {}
        self.by_index: dict[str, Person] = {}
        self.shops: dict[int, Shop] = {}
        self.by_code: dict[str, Shop] = {}
        self.strangers: tuple[set, set] = (set(), set())
        self.new_people: list[Person] = []
        self.new_shops: list[Shop] = []
        self.ratings: dict = {}
        self.passed_on: list[Shop] = []

    def take(self) -> None:
        for arrival in self.arrivals:
            self._take(arrival)

    def put_back(self, shops, people) -> None:
        """Make shops and people what they were ``Before``; those that are gone are left out."""
        for known, befores in ((self.people, people), (self.shops, shops)):
            for pk, before in befores.items():
                if pk in known:
                    self._put_back(known[pk], before)

    def _put_back(self, subject, before) -> None:
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

    def read(self, *, locked) -> None:
        """Read whom and what the arrivals name. ``locked``: nobody else writes these until the commit."""
        codes = [row.credit_code for row in self.arrivals if row.credit_code]
        ids = [row.business_id for row in self.arrivals if row.business_id]
        shop_ids = self._ids(Business, pk=ids, credit_code=codes)
        operator_ids = {row.operator_id for row in self.arrivals if row.operator_id}
        operator_ids |= self._ids(Operator, identity_index=self.indexes.values())
        if shop_ids or operator_ids:
            self._read_known(Business.objects.filter(pk__in=shop_ids), operator_ids, locked)
        self.strangers = ({*self.indexes.values()} - {*self.by_index}, {*codes} - {*self.by_code})

    def _read_known(self, shops, operator_ids, locked) -> None:
        if locked:
            lock(shops.values_list("pk", flat=True), operator_ids)
        fields = ("id", "operator_id", "credit_code", "name", "address", "abnormal_reason", "record__said")
        found = list(shops.order_by("pk").values_list(*fields))
        self._read_people(operator_ids | {row[1] for row in found if row[1]})
        ratings = self._ratings([row[0] for row in found])
        for pk, operator_id, code, name, address, reason, said in found:
            said = said or []
            shop = Shop(pk, self.people.get(operator_id), code, name, address, reason, said, said)
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

    def _ratings(self, ids) -> dict:
        """The credit classes that stand, where this chunk brings any."""
        if not ids or not any(row.rated for row in self.arrivals):
            return {}
        rows = CreditRating.objects.filter(pk__in=ids).values_list("pk", "rated", "on")
        return {pk: (rated, on.isoformat()) for pk, rated, on in rows}

    def _read_people(self, ids) -> None:
        people = Operator.objects.filter(pk__in=ids).order_by("pk") if ids else Operator.objects.none()
        for pk, name, index, said in people.values_list("id", "name", "identity_index", "record__said"):
            said = said or []
            person = Person(pk, name, None, index, said, said)
            self.people[pk] = person
            if index:
                self.by_index[index] = person

    def has_become_known(self) -> bool:
        """Whether a shop or person that was new to this chunk has been written by somebody else since it was read."""
        indexes, codes = self.strangers
        return bool(self._ids(Operator, identity_index=indexes) or self._ids(Business, credit_code=codes))

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
            named = Person(None, name, row.identity, index, [], [], new=True, touched=True)
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

    def _carry_over(self, nameless, person) -> None:
        """Someone known by name only turns out to be this person: what was said of them is said of this person."""
        for statement in nameless.said:
            row = Arrival({}, on=statement["on"], corrects=statement["source"] == STAFF)
            self._said(row, statement["source"], statement["facts"], person)

    def _new_shop(self, row, person):
        shop = Shop(None, person, row.credit_code, row.name or "", "", "", [], [], new=True, touched=True)
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

    def _standing(self, subject, said):
        return merge.standing(said, self.registry, subject.scope)

    def _rate(self, row, shop) -> bool:
        rating = row.rated, row.day_of("credit_class", self.on)
        if shop.rating == rating:
            return False
        shop.rating = rating
        self.ratings[id(shop)] = (shop, *rating)
        return True


def _is_named_otherwise(person, row) -> bool:
    """Whether a row gives a name that is not this person's, however it is written."""
    return bool(person.name and row.operator_name) and fold_name(row.operator_name) != fold_name(person.name)


def _registered_on(subject):
    """The day of the registry's newest row about a shop or a person, or "": their name, address and operator are of it.

    Every row of a registry file says ``entity_type``; what a program of the registry says of single facts does not.
    """
    registered = merge.of_source(subject.said, REGISTRY)
    rows = [row for row in registered if "entity_type" in row["facts"]] or registered
    return max((row["on"] for row in rows), default="")
