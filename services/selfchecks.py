"""Self-checks: a few questions of their own, judged by the rule language and not kept."""

from collections.abc import Iterable, Iterator
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
_WORDS = ("title", "intro", "unmet", "open", "lacking", "basis", "benefit", "offering")


@dataclass(frozen=True)
class Answer:
    """One thing that a check may come to: where ``rule`` is met. ``steps``: what to do then, ``[{words, clause}]``;
    ``doubt``: what nobody has made clear about it."""

    key: str
    title: str
    words: str
    clause: str
    doubt: str
    steps: tuple[dict, ...]
    rule: Rule

    def judge(self, profile: Profile) -> list[dict]:
        """Its criteria as every page shows them, each with ``advice`` where it fails."""
        found = assess_all([self.rule], profile, timezone.localdate())[0]
        advice = {leaf.id: leaf.notes.advice for leaf in leaves(self.rule.criteria)}
        return [
            {**row, "advice": advice.get(row["id"], "") if row["result"] == "fail" else ""}
            for row in rows(found)
        ]


@dataclass(frozen=True)
class Lacking:
    """An answer that was not reached. ``rows``: those of its criteria that are not met, or not known to be."""

    answer: Answer
    rows: list[dict]

    @property
    def is_out(self) -> bool:
        """Whether it is not reached, whatever is still answered."""
        return any(row["result"] == "fail" for row in self.rows)


@dataclass(frozen=True)
class Judged:
    """What a check comes to. ``answer``: the first that is reached, else None; ``lacking``: those before it, in order,
    where the check leads somewhere; ``is_open``: none is reached, and more answers may still change that."""

    answer: Answer | None
    is_open: bool
    lacking: list[Lacking]


@dataclass(frozen=True)
class SelfCheck:
    """``answers``: from the one that goes first to the one that goes last; where none is reached ``unmet`` is said, and
    ``open`` while something is not answered. ``lacking``: words over what each of them lacks, empty where answers are
    only told apart. ``benefit``: code of what it is about; ``offering``: of the service it leads to."""

    key: str
    title: str
    intro: str
    unmet: str
    open: str
    lacking: str
    basis: str
    benefit: str
    offering: str
    doubts: tuple[str, ...]
    answers: tuple[Answer, ...]
    registry: Registry

    def judge(self, profile: Profile) -> Judged:
        passed_by = []
        for answer in self.answers:
            missing = [row for row in answer.judge(profile) if row["result"] != "pass"]
            if not missing:
                return Judged(answer, False, passed_by if self.lacking else [])
            passed_by.append(Lacking(answer, missing))
        is_open = not all(one.is_out for one in passed_by)
        return Judged(None, is_open, passed_by if self.lacking else [])


@cache
def selfchecks() -> dict[str, SelfCheck]:
    """All of them, by key, in the order of the file."""
    return {key: _read(key, raw) for key, raw in strict_yaml.load(PATH.read_text("utf-8")).data.items()}


def about(benefit: str) -> Iterable[SelfCheck]:
    """Those about a benefit."""
    return [check for check in selfchecks().values() if check.benefit == benefit]


def _read(key, raw) -> SelfCheck:
    registry = Registry([_fact(said) for said in raw["facts"]])
    answers = tuple(_answer(said, raw, registry) for said in raw["answers"])
    words = {name: raw.get(name, "") for name in _WORDS}
    return SelfCheck(key, doubts=tuple(raw.get("doubts", ())), answers=answers, registry=registry, **words)


def _answer(said, check, registry) -> Answer:
    content = {
        "title": check["title"],
        "conditions": check.get("conditions", {}),
        "kind": "service",
        "delivery": "service",
        "criteria": said["criteria"],
        "amount": {"none": {}},
    }
    rule = read_rule(content, registry=registry, code=said["key"])
    words = {name: said.get(name, "") for name in ("title", "words", "clause", "doubt")}
    return Answer(said["key"], steps=tuple(_steps(said, check.get("steps", {}))), rule=rule, **words)


def _steps(said, named) -> Iterator[dict]:
    """Those of an answer; a word stands for the steps of that name."""
    for step in said.get("steps", ()):
        yield from named[step] if isinstance(step, str) else [step]


def _fact(said) -> Fact:
    choices = tuple(Choice(row["value"], row["label"]) for row in said.get("choices", ()))
    return Fact(**{**said, "choices": choices, "question": said.get("question") or f"{said['label']}？"})
