"""The one answer behind page, API and command: what a profile can have, on a day.

``evaluate`` is the verb. What it returns is the response of POST /api/v1/evaluations/ (design.md §7).
"""

from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

import orjson
from django.conf import settings

from core.errors import Fault, Invalid
from core.facts import Profile
from core.problems import dumps
from policies.catalogue import Catalogue, catalogue, remember
from policies.criteria.rows import rows
from policies.criteria.rules import read_rule
from policies.criteria.states import Assessment, assess_all
from policies.criteria.tree import RuleError

from .package import best_package, totals
from .questions import next_question


@dataclass(eq=False)
class SharedServices:
    """What services say to everybody who told the same: they ask little, so a few answers serve all.

    ``pieces``: see ``Evaluation._written_pieces``; empty until first wanted.
    """

    assessments: list[Assessment]
    pieces: list = field(default_factory=list)


@dataclass(eq=False)
class Evaluation:
    """A profile assessed against everything in force on ``day``, in order of benefit code."""

    catalogue: Catalogue
    profile: Profile
    day: date
    assessments: list[Assessment]
    what_if: bool = False
    shared: SharedServices | None = None

    def __post_init__(self) -> None:
        self.taken, self.given_up = best_package(self.assessments)

    @property
    def next_question(self):
        """The Fact most worth asking, or None."""
        return next_question(self.assessments, self.catalogue.registry)

    def result_of(self, assessment: Assessment) -> dict:
        """One benefit's answer as the API shows it."""
        rule = assessment.rule
        return {
            "benefit": rule.code,
            "measure": rule.measure,
            "title": rule.title,
            "version": rule.number,
            "document_status": self.catalogue.benefits[rule.code].document.status,
            "delivery": rule.delivery,
            "state": assessment.state,
            "eligible_from": assessment.eligible_from and assessment.eligible_from.isoformat(),
            "apply_before": assessment.apply_before and assessment.apply_before.isoformat(),
            "amount": amount_as_json(assessment.amount),
            "criteria": rows(assessment),
            "missing_facts": assessment.missing_facts,
            "excludes": self.excluded_by(rule),
        }

    def excluded_by(self, rule):
        """Codes of what cannot be held together with ``rule``, whoever names it; none where it is not in force."""
        return self.catalogue.exclusions_on(self.day).get(rule.code, [])

    def as_json(self, benefits=None) -> dict:
        """The whole answer. ``benefits`` limits which results are shown, and nothing else."""
        shown = (
            assessment
            for assessment in self.assessments
            if benefits is None or assessment.rule.code in benefits
        )
        return self._answer([self.result_of(assessment) for assessment in shown])

    def as_bytes(self, benefits=None) -> bytes:
        """The same, written as JSON. What services say is written once for all who told the same."""
        if benefits is not None or self.shared is None:
            return dumps(self.as_json(benefits))
        if not self.shared.pieces:
            self.shared.pieces = self._written_pieces()
        money = (self.result_of(assessment) for assessment in self.assessments if assessment.rule.is_money)
        return dumps(self._answer([piece or next(money) for piece in self.shared.pieces]))

    def _written_pieces(self):
        """The results in order: neighbouring services as one piece of JSON, None where a result with money stands."""
        pieces = []
        for is_money, neighbours in groupby(self.assessments, lambda assessment: assessment.rule.is_money):
            if is_money:
                pieces += [None for _ in neighbours]
            else:
                pieces.append(
                    orjson.Fragment(b",".join(dumps(self.result_of(assessment)) for assessment in neighbours))
                )
        return pieces

    def _answer(self, results) -> dict:
        question = self.next_question
        return {
            "as_of": self.day.isoformat(),
            "what_if": self.what_if,
            "results": results,
            "totals": totals_as_json(totals(self.taken)),
            "package": {
                "benefits": [assessment.rule.code for assessment in self.taken],
                "given_up": [assessment.rule.code for assessment in self.given_up],
            },
            "next_question": question and question_as_json(question),
        }


def evaluate(profile: Profile, day: date, *, overrides=None, held=frozenset(), known=None) -> Evaluation:
    """Assess a profile against every benefit in force on ``day``.

    ``overrides``: ``{benefit: {parameter: value}}`` of a what-if. ``held``: benefits with a live holding. ``known``:
    the catalogue, where the caller has it. Raises ``Invalid`` naming the benefit or parameter that does not exist or
    does not fit.
    """
    known = known or catalogue()
    rules = known.rules_on(day)
    overrides = {code: values for code, values in (overrides or {}).items() if values != {}}
    if overrides:
        rules = overridden_rules(known, day, overrides)
    if overrides or held:
        assessments = assess_all(rules, profile, day, closed_documents=known.closed_documents, held=held)
        return Evaluation(known, profile, day, assessments, what_if=bool(overrides))
    money, services = known.money_and_services_on(day)
    shared = _shared_services(known, services, profile, day)
    assessments = (
        assess_all(money, profile, day, closed_documents=known.closed_documents) + shared.assessments
    )
    return Evaluation(known, profile, day, sorted(assessments, key=_code), shared=shared)


def _code(assessment):
    return assessment.rule.code


def _shared_services(known, services, profile, day):
    values, sources = profile.values, profile.sources
    told = tuple([(values.get(name), sources.get(name)) for name in services.fact_names])
    return remember(
        known.service_answers,
        (day, told),
        lambda: SharedServices(
            assess_all(services.rules, profile, day, closed_documents=known.closed_documents)
        ),
    )


def overridden_rules(known, day, overrides) -> list:
    """The rules in force on ``day`` with other parameter values. Raises Invalid."""
    in_force = known.in_force_on(day)
    changed, faults = {}, []
    for code, values in overrides.items():
        path = f"parameters.{code}"
        if code not in in_force:
            faults.append(Fault(path, "unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/"))
            continue
        if not isinstance(values, dict):
            faults.append(Fault(path, "invalid_object", '请写参数名和数值，例如 {"income_cap": "1000000"}'))
            continue
        version = in_force[code]
        strangers = [name for name in values if name not in version.rule.parameters]
        for name in strangers:
            names = "、".join(version.rule.parameters) or "（没有参数）"
            faults.append(Fault(f"{path}.{name}", "unknown_parameter", f"这个事项的参数只有：{names}"))
        if not strangers:
            changed[code] = _with_values(known, version, code, values, path, faults)
    if faults:
        raise Invalid(faults)
    return [changed.get(rule.code, rule) for rule in known.rules_on(day)]


def _with_values(known, version, code, values, path, faults):
    """The rule with other parameter values, or None where a fault was found. Each value is tried alone first."""

    def rule_with(changes):
        return read_rule(
            version.content,
            registry=known.registry,
            code=code,
            measure=version.rule.measure,
            number=version.rule.number,
            in_force=known.benefits[code].document.in_force,
            overrides=changes,
            unverified=settings.UNVERIFIED_PARAMETERS,
        )

    for name, value in values.items():
        try:
            if isinstance(value, list):
                raise RuleError("", "请只写一个数值")
            rule_with({name: value})
        except RuleError as problem:
            faults.append(Fault(f"{path}.{name}", "invalid_parameter", problem.detail))
            return None
    try:
        return rule_with(values)
    except RuleError as problem:
        faults.append(Fault(path, "invalid_parameter", problem.detail))
        return None


def amount_as_json(amount) -> dict:
    return {
        "value": _money(amount.value),
        "maximum": _money(amount.maximum),
        "unit": amount.unit,
        "category": amount.category,
        "lines": [
            {"label": line.label, "working": line.working, "value": _money(line.value)}
            for line in amount.lines
        ],
        "missing_facts": list(amount.missing),
    }


def totals_as_json(sums) -> dict:
    return {
        category: {key: _money(value) if key != "unknown" else value for key, value in figures.items()}
        for category, figures in sums.items()
    }


def _money(value):
    return None if value is None else str(value)


def question_as_json(fact) -> dict:
    return {
        "fact": fact.name,
        "question": fact.question or fact.label,
        "type": fact.type,
        "choices": [choice._asdict() for choice in fact.choices] if fact.choices else None,
    }
