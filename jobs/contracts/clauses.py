"""The clauses of a contract (jobs/data/contracts/*.yaml), filled from its terms and from what both have answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from core.errors import Fault, Invalid
from policies import strict_yaml
from services.catalogue.questions import Question, read_all

from .terms import BLANK, Terms

FOLDER = Path(__file__).parents[1] / "data" / "contracts"
FORMS = ("labour", "gig")
_DIGITS = "一二三四五六七八九"


@dataclass(frozen=True)
class _Fits:
    """``when``: words that all hold; ``unless``: words of which none does."""

    when: frozenset[str]
    unless: frozenset[str]

    def holds(self, flags: set[str]) -> bool:
        return self.when <= flags and not self.unless & flags


@dataclass(frozen=True)
class _Written:
    """A clause as it stands in the file."""

    key: str
    title: str
    lines: tuple[str, ...]
    plain: str
    law: str
    doubt: str
    fits: _Fits


@dataclass(frozen=True)
class Form:
    """A kind of contract. ``asks``: what it wants to know besides, each with when it is asked."""

    key: str
    title: str
    summary: str
    law: str
    signing: str
    asks: tuple[tuple[Question, _Fits], ...]
    written: tuple[_Written, ...]


@dataclass(frozen=True)
class Clause:
    """One clause filled in. ``plain``: what it means for whoever signs; ``law``: where it is from; ``doubt``: what
    nobody has made clear of it."""

    key: str
    heading: str
    lines: tuple[str, ...]
    plain: str
    law: str
    doubt: str = ""


@cache
def forms() -> dict[str, Form]:
    return {
        key: _read(key, strict_yaml.load((FOLDER / f"{key}.yaml").read_text("utf-8")).data) for key in FORMS
    }


def _read(key, raw) -> Form:
    asks = tuple((Question.of(_without(row)), _fits(row)) for row in raw["asks"])
    words = {name: raw[name] for name in ("title", "summary", "law", "signing")}
    return Form(key, asks=asks, written=tuple(map(_written, raw["clauses"])), **words)


def _without(row) -> dict:
    return {name: value for name, value in row.items() if name not in ("when", "unless")}


def _fits(row) -> _Fits:
    return _Fits(frozenset(row.get("when", ())), frozenset(row.get("unless", ())))


def _written(row) -> _Written:
    lines = (row["text"],) if isinstance(row["text"], str) else tuple(row["text"])
    return _Written(
        row["key"], row["title"], lines, row["plain"], row["law"], row.get("doubt", ""), _fits(row)
    )


# What is asked


def questions_of(form: str, terms: Terms) -> list[Question]:
    """What both have not said yet, of this work."""
    flags = terms.flags()
    return [question for question, fits in forms()[form].asks if fits.holds(flags)]


def read_answers(form: str, terms: Terms, typed: Mapping) -> dict:
    """``{key: answer}`` in JSON spelling. Raises Invalid naming every fault; no phone, no number of a card."""
    faults, said = [], {}
    try:
        said = read_all(questions_of(form, terms), typed)
    except Invalid as problem:
        faults = list(problem.faults)
    faults += _out_of_bounds(said, terms) if said else []
    if faults:
        raise Invalid(faults)
    return said


def _out_of_bounds(said, terms) -> Iterator[Fault]:
    if not 1 <= said.get("pay_on", 1) <= 31:
        yield Fault("pay_on", "out_of_range", "请填 1 到 31 里的一天，例如 10")
    longest = terms.longest_probation
    if said.get("probation", 0) > longest:
        yield Fault("probation", "out_of_range", f"这份合同的试用期最多 {longest} 个月（劳动合同法第十九条）")


# What stands in it


def clauses_of(form: str, terms: Terms, answers: Mapping = {}) -> list[Clause]:
    """All that apply, numbered. Without answers there are blanks to write by hand."""
    words = terms.words() | _answered(form, answers)
    if answers.get("worker_name"):
        words["worker"] = answers["worker_name"]
    flags = terms.flags() | {f"said_{key}" for key, value in answers.items() if value not in (None, "", 0)}
    fitting = [row for row in forms()[form].written if row.fits.holds(flags)]
    return [_filled(place, row, words) for place, row in enumerate(fitting, 1)]


def _answered(form, answers) -> dict[str, str]:
    """Every answer as it is written; a blank for what is not answered."""
    return {
        question.key: BLANK if answers.get(question.key) in (None, "") else str(answers[question.key])
        for question, _ in forms()[form].asks
    }


def _filled(place, row, words) -> Clause:
    lines = tuple(line.format_map(words) for line in row.lines)
    return Clause(row.key, f"第{numeral(place)}条　{row.title}", lines, row.plain, row.law, row.doubt)


def numeral(number: int) -> str:
    """1 to 99 as clauses are numbered: 一, 十, 十二, 二十."""
    tens, ones = divmod(number, 10)
    ten = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
    return ten + (_DIGITS[ones - 1] if ones else "")
