"""The catalogue in memory: every published version as a checked rule, and what pages say about it.

Read from the database when its edition changes and kept until the next change, so that an answer needs no query.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from django.conf import settings
from django.urls import reverse

from businesses.registry import business_registry
from core.facts import Registry
from core.latest import Latest
from core.models import Edition

from .criteria.rules import Rule, read_rule
from .models import CATALOGUE_EDITION, Benefit, BenefitVersion, Desk, Measure, PolicyDocument, Topic


@dataclass(eq=False)
class PublishedVersion:
    """One published version: its row, its texts, and the day from which it decides (None: ever since).

    Its rule is read when it is first asked for: a page shows a few of them, and reading takes a millisecond each.
    """

    row: BenefitVersion
    registry: Registry

    @property
    def pk(self) -> int:
        return self.row.pk

    @property
    def content(self) -> dict:
        return self.row.content

    @property
    def effective_from(self) -> date | None:
        return self.row.effective_from

    @cached_property
    def rule(self) -> Rule:
        return read_version(self.row, self.registry)

    @property
    def delivery(self) -> str:
        return self.content["delivery"]

    @property
    def excludes(self) -> frozenset:
        """Codes of the benefits that it names as not to be had beside it."""
        return frozenset(self.content.get("excludes") or ())


@dataclass(eq=False)
class CatalogueBenefit:
    """A benefit with its row's id, what it rests on, and its versions, newest first. ``exhausted``: this year's money
    is used up. ``desks``: where it is done, as far as anybody has stated it."""

    pk: int
    code: str
    measure: str
    document: PolicyDocument
    topics: list[str]
    versions: list[PublishedVersion]
    exhausted: bool = False
    leads: frozenset[str] = frozenset()
    desks: tuple[Desk, ...] = ()

    @cached_property
    def facets(self) -> dict[str, frozenset]:
        """By what a list of benefits is filtered."""
        return {
            "topic": frozenset(self.topics),
            "delivery": frozenset(version.delivery for version in self.versions[:1]),
            "lead": self.leads,
        }

    def in_force_on(self, day) -> PublishedVersion | None:
        return next(
            (
                version
                for version in self.versions
                if version.effective_from is None or version.effective_from <= day
            ),
            None,
        )


@dataclass(eq=False)
class CatalogueMeasure:
    """A measure as pages show it."""

    row: Measure
    lead: list
    responsible: list
    topics: list[str]
    benefits: list[CatalogueBenefit]

    @cached_property
    def facets(self) -> dict[str, frozenset]:
        """By what the list is filtered: the values of ``topic``, ``delivery`` and ``lead`` that it has."""
        own = {"topic": frozenset(self.topics), "delivery": frozenset()}
        own["lead"] = frozenset(unit.code for unit in self.lead)
        return {name: own[name].union(*(benefit.facets[name] for benefit in self.benefits)) for name in own}


@dataclass(frozen=True)
class Services:
    """The rules of benefits without money, and every fact that any of them asks."""

    rules: list[Rule]
    fact_names: tuple[str, ...]


@dataclass(eq=False)
class Catalogue:
    """Everything published, at one edition of the catalogue and of the fact list."""

    edition: tuple
    registry: Registry
    measures: dict[str, CatalogueMeasure]
    benefits: dict[str, CatalogueBenefit]
    topics: list[Topic]
    _rules: dict[date, list[Rule]] = field(default_factory=dict)
    _exclusions: dict[date, dict[str, list[str]]] = field(default_factory=dict)
    _kinds: dict[date, tuple] = field(default_factory=dict)
    service_answers: dict[tuple, object] = field(default_factory=dict)

    def in_force_on(self, day) -> dict[str, PublishedVersion]:
        """The version that decides on ``day``, by benefit code."""
        found = {code: benefit.in_force_on(day) for code, benefit in self.benefits.items()}
        return {code: version for code, version in found.items() if version is not None}

    def rules_on(self, day) -> list[Rule]:
        """The rules that decide on ``day``, in order of code."""
        return remember(
            self._rules, day, lambda: [version.rule for version in self.in_force_on(day).values()]
        )

    def money_and_services_on(self, day) -> tuple[list[Rule], Services]:
        """The rules that decide on ``day``, those with money apart from the services."""
        return remember(self._kinds, day, lambda: _apart(self.rules_on(day)))

    @cached_property
    def by_id(self) -> dict[int, CatalogueBenefit]:
        """The benefits by their row's id."""
        return {benefit.pk: benefit for benefit in self.benefits.values()}

    def exclusions_on(self, day) -> dict[str, list[str]]:
        """Codes that cannot be held together with each benefit on ``day``, whichever of the two names it."""
        return remember(self._exclusions, day, lambda: _symmetric(self.in_force_on(day)))

    @cached_property
    def closed_documents(self) -> frozenset:
        """Codes of benefits of which nobody can have anything for now, whatever their rule says: the document is
        suspended or repealed, or the money is used up."""
        return frozenset(
            benefit.code
            for benefit in self.benefits.values()
            if benefit.document.is_closed or benefit.exhausted
        )

    @cached_property
    def document(self) -> PolicyDocument | None:
        """The document that the catalogue stands on: the first in force, else the first."""
        documents = {measure.row.document.code: measure.row.document for measure in self.measures.values()}
        return min(documents.values(), key=lambda document: (document.is_closed, document.code), default=None)


MOST_REMEMBERED = 5000


def remember(memory, key, make):
    """``memory[key]``, made where it is not there yet; the memory is emptied before it grows too large."""
    if key not in memory:
        if len(memory) >= MOST_REMEMBERED:
            memory.clear()
        memory[key] = make()
    return memory[key]


def _apart(rules):
    services = [rule for rule in rules if not rule.is_money]
    names = {name: None for rule in services for name in rule.program.fact_names}
    return [rule for rule in rules if rule.is_money], Services(services, tuple(names))


def _symmetric(versions) -> dict:
    """From what they say: their rules, which take longer to read than a chunk of a push, need not be read for it."""
    named = {code: version.excludes for code, version in versions.items()}
    return {
        code: sorted(others | {other for other, excluded in named.items() if code in excluded})
        for code, others in named.items()
    }


_latest: Latest[tuple, Catalogue] = Latest()


def current_edition() -> tuple:
    """What the catalogue in memory must match."""
    return Edition.objects.current(CATALOGUE_EDITION), business_registry().edition


def catalogue() -> Catalogue:
    """The catalogue as published now."""
    edition = current_edition()
    return _latest.of(edition, lambda: _read(edition))


def read_version(version: BenefitVersion, registry: Registry) -> Rule:
    """A stored version as the rule that decides: on the days of its document, with the figures that are switched on.
    Raises RuleError."""
    benefit = version.benefit
    return read_rule(
        version.content,
        registry=registry,
        code=benefit.code,
        measure=benefit.measure.code,
        number=version.number,
        in_force=benefit.document.in_force,
        unverified=settings.UNVERIFIED_PARAMETERS,
    )


def _read(edition):
    """Everything in as many queries as there are tables: what many rows lean on is read once."""
    registry, documents = business_registry(), PolicyDocument.objects.in_bulk()
    measures = {row.pk: row for row in Measure.objects.prefetch_related("lead", "responsible", "topics")}
    rows = {row.pk: row for row in Benefit.objects.prefetch_related("topics")}
    for row in (*measures.values(), *rows.values()):
        row.document = documents[row.document_id]
    versions = _versions(rows, measures, registry)
    benefits, by_measure, desks = {}, {}, list(Desk.objects.select_related("department"))
    for row in rows.values():
        topics = [topic.code for topic in row.topics.all()]
        found, exhausted = versions.get(row.pk, []), row.exhausted_on is not None
        leads = frozenset(unit.code for unit in row.measure.lead.all())
        where = _desks_of(row, desks)
        benefit = CatalogueBenefit(
            row.pk, row.code, row.measure.code, row.document, topics, found, exhausted, leads, where
        )
        benefits[row.code] = benefit
        by_measure.setdefault(row.measure_id, []).append(benefit)
    shown = {
        row.code: CatalogueMeasure(
            row,
            row.leads,
            row.responsibles,
            [topic.code for topic in row.topics.all()],
            by_measure.get(row.pk, []),
        )
        for row in measures.values()
    }
    return Catalogue(edition, registry, shown, benefits, list(Topic.objects.all()))


def _desks_of(benefit, desks):
    """Those named for the benefit; of a department that leads and has named none for it, those for all it does."""
    own = [desk for desk in desks if desk.benefit_id == benefit.pk]
    named = {desk.department_id for desk in own}
    leads = {unit.pk for unit in benefit.measure.lead.all()} - named
    return (*own, *(desk for desk in desks if desk.benefit_id is None and desk.department_id in leads))


def _versions(benefits, measures, registry):
    """``{benefit's id: its published versions, the one that decides last first}``."""
    versions = {}
    for benefit in benefits.values():
        benefit.measure = measures[benefit.measure_id]
    for row in BenefitVersion.objects.published():
        row.benefit = benefits[row.benefit_id]
        versions.setdefault(row.benefit_id, []).append(PublishedVersion(row, registry))
    for found in versions.values():
        found.sort(key=lambda version: (version.effective_from or date.min, version.row.number), reverse=True)
    return versions


POPULAR = ("M05c", "M05a", "M05b", "M04c", "M01c", "M01b", "M04b", "M04a")
MOST_POPULAR = 3


def popular_codes(today: date) -> list[str]:
    """What people come for most and can have today."""
    in_force = catalogue().in_force_on(today)
    open_now = (code for code in POPULAR if code in in_force and in_force[code].rule.window.is_open_on(today))
    return list(open_now)[:MOST_POPULAR]


def measure_count() -> int:
    return len(catalogue().measures)


def benefit_url(benefit) -> str:
    """The page of a benefit."""
    return reverse("measure", args=[benefit.code])
