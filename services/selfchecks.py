"""Self-checks: a few questions of their own, judged by the rule language and not kept."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.utils import timezone

from core.facts import Choice, Fact, Profile, Registry
from policies import strict_yaml
from policies.criteria.rows import rows
from policies.criteria.rules import Rule, read_rule
from policies.criteria.states import assess_all
from policies.criteria.tree import leaves

PATH = Path(__file__).with_name("data") / "selfchecks.yaml"


@dataclass(frozen=True)
class SelfCheck:
    """``offering``: code of the service that it prepares for."""

    key: str
    title: str
    intro: str
    met: str
    unmet: str
    basis: str
    offering: str
    registry: Registry
    rule: Rule

    def judge(self, profile: Profile) -> dict:
        """``{is_met, is_open, rows}``: rows as every page shows criteria, each with ``advice`` where it fails."""
        found = assess_all([self.rule], profile, timezone.localdate())[0]
        advice = {leaf.id: leaf.notes.advice for leaf in leaves(self.rule.criteria)}
        judged = [{**row, "advice": advice.get(row["id"]) or ""} for row in rows(found)]
        results = {row["result"] for row in judged}
        return {"is_met": results <= {"pass"}, "is_open": "unknown" in results, "rows": judged}


@cache
def selfchecks() -> dict[str, SelfCheck]:
    """All of them, by key, in the order of the file."""
    return {key: _read(key, raw) for key, raw in strict_yaml.load(PATH.read_text("utf-8")).data.items()}


def _read(key, raw) -> SelfCheck:
    registry = Registry([_fact(said) for said in raw["facts"]])
    content = {
        "title": raw["title"],
        "kind": "service",
        "delivery": "service",
        "criteria": raw["criteria"],
        "amount": {"none": {}},
    }
    rule = read_rule(content, registry=registry, code=key)
    words = {name: raw[name] for name in ("title", "intro", "met", "unmet", "basis", "offering")}
    return SelfCheck(key, registry=registry, rule=rule, **words)


def _fact(said) -> Fact:
    choices = tuple(Choice(row["value"], row["label"]) for row in said.get("choices", ()))
    return Fact(**{**said, "choices": choices, "question": said.get("question") or f"{said['label']}？"})
