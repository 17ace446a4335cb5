"""The questions of an offering: how each is read, shown in a form, and said again. What is known is not asked."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from businesses import merge
from businesses.registry import business_registry
from businesses.rules import refuse_numbers
from core.errors import Fault, Invalid
from core.facts import Misread
from core.typed import read_day, read_whole, read_yuan
from core.wording import number_text, value_text
from eligibility.shop_facts import ShopFacts

TYPES = ("text", "long", "money", "integer", "date", "choice", "bool", "files")
LONGEST = {"text": 100, "long": 1_000}


@dataclass(frozen=True)
class Question:
    """One question of an offering. ``fact``: the fact of the shop that answers it, where it is known."""

    key: str
    type: str
    label: str
    choices: tuple[str, ...] = ()
    required: bool = False
    fact: str = ""
    hint: str = ""
    unit: str = ""

    @classmethod
    def of(cls, raw: Mapping) -> "Question":
        """Raises ValueError naming what is wrong with it."""
        unknown = set(raw) - set(cls.__dataclass_fields__)
        if unknown:
            raise ValueError(f"没有这样的写法：{'、'.join(sorted(unknown))}")
        found = cls(**{**raw, "choices": tuple(raw.get("choices") or ())})
        if found.type not in TYPES:
            raise ValueError(f"type 只能是 {'、'.join(TYPES)}")
        if found.type == "choice" and len(found.choices) < 2:
            raise ValueError("choice 至少要有两个选项")
        if found.fact and found.fact not in business_registry():
            raise ValueError(f"没有 {found.fact} 这项信息")
        return found

    def read(self, raw) -> object:
        """What was typed, in JSON spelling; None for nothing. Raises Misread."""
        text = unicodedata.normalize("NFKC", str(raw)).replace("\x00", "").strip() if raw is not None else ""
        if not text:
            if self.required:
                raise Misread("required", f"请填写“{self.label}”")
            return None
        return getattr(self, f"_read_{self.type}")(text)

    def _read_text(self, text) -> str:
        if len(text) > LONGEST.get(self.type, 100):
            raise Misread("too_long", f"“{self.label}”最多 {LONGEST[self.type]} 个字")
        return text

    _read_long = _read_text

    def _read_money(self, text) -> str:
        return read_yuan(text)

    def _read_integer(self, text) -> int:
        return read_whole(text, self.unit)

    def _read_date(self, text) -> str:
        return read_day(text).isoformat()

    def _read_choice(self, text) -> str:
        if text not in self.choices:
            raise Misread("invalid_choice", f"“{self.label}”请从选项里选")
        return text

    def _read_bool(self, text) -> bool:
        if text not in ("true", "false", "True", "False"):
            raise Misread("invalid_choice", f"“{self.label}”请选是或不是")
        return text.lower() == "true"

    def say(self, value) -> str:
        """An answer as people read it."""
        if value is None:
            return "没有填"
        if self.type == "bool":
            return "是" if value else "不是"
        if self.type == "money":
            return f"{number_text(value)} 元"
        return f"{value} {self.unit}".strip()


def questions_of(offering) -> list[Question]:
    return [Question.of(raw) for raw in offering.questions]


def known_answers(questions: list[Question], facts: ShopFacts) -> dict:
    """``{key: words}`` of the questions that the register answers: they are shown, not asked."""
    registry, found = business_registry(), {}
    for question in questions:
        best = facts.known(question.fact) if question.fact else None
        if best is not None and facts.is_settled(registry[question.fact]):
            fact = registry[question.fact]
            found[question.key] = value_text(fact, merge.inside(fact, next(iter(merge.parts(best))).value))
    return found


def read_all(questions: list[Question], typed: Mapping, known: Mapping = {}) -> dict:
    """``{key: answer}`` in JSON spelling, what is ``known`` as words. Raises Invalid naming every fault."""
    said, faults = dict(known), []
    for question in questions:
        if question.key in known or question.type == "files":
            continue
        try:
            value = question.read(typed.get(question.key))
        except Misread as problem:
            faults.append(Fault(question.key, problem.code, problem.detail))
            continue
        if value is not None:
            said[question.key] = value
    faults += _numbers_in(questions, said)
    if faults:
        raise Invalid(faults)
    return said


def _numbers_in(questions, said) -> list[Fault]:
    found = []
    for question in questions:
        if question.type in LONGEST and isinstance(said.get(question.key), str):
            try:
                refuse_numbers(question.key, said[question.key])
            except Invalid as problem:
                found += problem.faults
    return found


def typed_answers(offering, said: Mapping) -> dict:
    """``{key: answer}`` of what was typed. What the register knows is read by what the owner shares alone."""
    typed = {question.key for question in questions_of(offering) if not question.fact}
    return {key: value for key, value in said.items() if key in typed}


def said_lines(offering, said: Mapping) -> list[dict]:
    """``[{label, value}]`` of what was said, in the order of the questions."""
    return [
        {"label": question.label, "value": question.say(said[question.key])}
        for question in questions_of(offering)
        if question.key in said
    ]
