"""Offerings out of a file: checked whole, then brought in; what stands already is left as it is."""

from dataclasses import dataclass, field
from pathlib import Path

from django.db import transaction

from accounts.models import Department, User
from core.errors import Fault, Invalid
from policies import strict_yaml
from policies.models import Benefit

from ..models import Offering
from ..slots.series import Series, make_slots
from .faults import faults_of

PATH = Path(__file__).parents[1] / "data" / "offerings.yaml"
_COLUMNS = (
    *("code", "kind", "title", "summary", "words", "topic", "district", "place", "contact", "opens_on"),
    *("closes_on", "criteria", "relevance", "questions", "steps", "shares", "promise_days", "promise_basis"),
    *("terms", "max_open", "max_month"),
)
_OTHERS = ("benefit", "provider", "mentor", "handler", "asks", "slots", "demo")


@dataclass
class Loaded:
    """What a load did: codes of the offerings that are new, and how many stood already."""

    new: list[str] = field(default_factory=list)
    standing: int = 0


@transaction.atomic
def load_offerings(path: Path = PATH, *, demo=False) -> Loaded:
    """Bring in the rows of a file; those marked ``demo`` only where asked for. Raises Invalid naming every line that is
    wrong, and then nothing is brought in."""
    try:
        read = strict_yaml.load(path.read_text("utf-8"))
    except strict_yaml.YamlError as problem:
        raise Invalid.because(str(problem.line), "invalid", str(problem)) from None
    _institutions(read.data.get("institutions") or [], demo)
    book = _Book(read)
    rows = [(place, raw) for place, raw in enumerate(read.data["offerings"]) if demo or not raw.get("demo")]
    offerings = [book.read(place, raw) for place, raw in rows]
    if book.faults:
        raise Invalid(book.faults)
    return _bring_in(offerings)


def _institutions(rows, demo) -> None:
    for row in rows:
        if demo or not row.get("demo"):
            said = {"name": row["name"], "kind": row["kind"]}
            Department.objects.get_or_create(code=row["code"], defaults=said)


def _bring_in(offerings) -> Loaded:
    done = Loaded()
    known = set(Offering.objects.values_list("code", flat=True))
    for offering, slots in offerings:
        if offering.code in known:
            done.standing += 1
            continue
        offering.save(force_insert=True)
        done.new.append(offering.code)
        for row in slots:
            make_slots(offering, **row)
    return done


def _several(said) -> list:
    """One series of slots, or a list of them."""
    return [said] if isinstance(said, dict) else said or []


class _Book:
    """The file with what it may name, and what was found wrong in it."""

    def __init__(self, read) -> None:
        self.located, self.faults = read, []
        self.asked = read.data.get("asked") or {}
        self.benefits = {row.code: row for row in Benefit.objects.all()}
        self.departments = {row.code: row for row in Department.objects.all()}

    def read(self, place, raw) -> tuple[Offering, list]:
        """The offering of a row, unsaved, and the slots that it names."""
        self.place, self.raw = place, raw
        for name in set(raw) - {*_COLUMNS, *_OTHERS}:
            self._wrong(name, f"没有“{name}”这一项")
        provider = self._named("provider", self.departments) if raw.get("provider") else None
        mentor = User.objects.with_phone(raw["mentor"]) if raw.get("mentor") else None
        if raw.get("mentor") and mentor is None:
            self._wrong("mentor", "没有这位导师")
        offering = Offering(
            **{name: raw[name] for name in _COLUMNS if raw.get(name) is not None},
            benefit=self._named("benefit", self.benefits),
            provider=provider,
            mentor=mentor,
            handler=self._named("handler", self.departments) if raw.get("handler") else provider,
            status=Offering.Status.PUBLISHED,
            is_demo=bool(raw.get("demo")),
        )
        offering.questions = [*self._shared_questions(), *offering.questions]
        self._check(offering)
        return offering, _several(raw.get("slots"))

    def _named(self, name, known) -> object:
        found = known.get(self.raw.get(name))
        if found is None:
            self._wrong(name, f"没有 {self.raw.get(name)}")
        return found

    def _shared_questions(self) -> list:
        name = self.raw.get("asks")
        if name and name not in self.asked:
            self._wrong("asks", f"没有 {name} 这一组问题")
        return list(self.asked.get(name) or [])

    def _check(self, offering) -> None:
        for fault in faults_of(offering):
            self._wrong(fault.field, fault.detail)
        for row in _several(self.raw.get("slots")):
            try:
                Series.of(row)
            except Invalid as problem:
                for fault in problem.faults:
                    self._wrong("slots", fault.detail)

    def _wrong(self, name, detail) -> None:
        line = self.located.line_of(("offerings", self.place, name))
        code = self.raw.get("code", "?")
        self.faults.append(
            Fault(f"offerings.{self.place}.{name}", "invalid", f"第 {line} 行（{code}）：{detail}")
        )
