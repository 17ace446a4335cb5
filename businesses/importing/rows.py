"""One row of a file as arrivals of the register, or as the problems that keep it out."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from core.exports import unescaped
from core.facts import Fact, Misread, Registry
from core.typed import read_day

from ..facts import REGISTRY, STAFF
from ..identifiers import (
    identity_index,
    needs_review,
    read_address,
    read_credit_code,
    read_identity_number,
    read_name,
)
from ..register import Arrival
from ..rules import before_birth
from . import values
from .files import BadRow, Row
from .mapping import ATTRIBUTES, CREDIT, REGISTER, fields_of

# How many spellings of one column are remembered before it starts afresh.
REMEMBERED = 2_000
_UNREAD = object()


class Problem(NamedTuple):
    """One thing about one row. ``grave``: the row is not taken in."""

    number: int
    line: int
    column: str
    code: str
    detail: str
    grave: bool = True


@dataclass(slots=True)
class ReadRow:
    """What a row says. ``key`` is what may come once in a file: the credit code, else the person's blind index."""

    number: int
    line: int
    key: str = ""
    arrivals: list[Arrival] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def is_wrong(self) -> bool:
        return any(problem.grave for problem in self.problems)


class _Column(NamedTuple):
    """How the cells at ``place`` are read. ``known`` remembers spellings; None where they are private or ever new."""

    place: int
    heading: str
    read: object
    kind: str
    name: str
    source: str
    known: dict | None


class RowReader:
    """Reads the rows of one file: its columns are looked up once, its spellings remembered."""

    def __init__(
        self, source: str, headings: list[str], columns: dict, as_of: date, registry: Registry, today: date
    ) -> None:
        self.source, self.registry, self.today = source, registry, today
        self.as_of = as_of.isoformat()
        fields = fields_of(source, registry)
        self.columns = [
            self._column(place, heading, columns[heading])
            for place, heading in enumerate(headings)
            if columns.get(heading) in fields
        ]
        self.of_shops = {fact.name for fact in registry.values() if fact.scope == "business"}

    def _column(self, place, heading, field):
        if self.source == REGISTER and ":" in field:
            source, _, name = field.partition(":")
            if name == "on":
                return _Column(place, heading, read_day, "on", name, source, {})
            return _Column(place, heading, self._exported(self.registry[name]), "exported", name, source, {})
        if field in ATTRIBUTES:
            read, private = self._attribute(field)
            return _Column(place, heading, read, "attribute", field, "", None if private else {})
        if "=" in field:
            name, _, member = field.partition("=")
            return _Column(place, heading, values.read_bool, "member", name, member, {})
        fact = self.registry[field]
        kind = "members" if fact.type == "set" else "fact"
        read = values.reader_of(fact, self.today, may_lie_ahead=self.source != REGISTRY)
        return _Column(place, heading, read, kind, field, "", {})

    def _attribute(self, field):
        """(reader, whether it differs in every row or must not be remembered)."""
        return {
            "credit_code": (read_credit_code, True),
            "identity_number": (read_identity_number, True),
            "name": (lambda text: read_name(text, label="店名", longest=120), True),
            "operator_name": (read_name, True),
            "address": (read_address, True),
            "abnormal_reason": (values.read_abnormal_reason, False),
            "credit_class": (self._credit_class, False),
            "stated_on": (self._stated_on, False),
        }[field]

    def _stated_on(self, text):
        day = read_day(text)
        if day > self.today:
            raise Misread("future", f"数据日期不能晚于今天，今天是 {self.today.isoformat()}")
        return day.isoformat()

    def _credit_class(self, text):
        """(class, day or None): the full export writes B@2026-01-01."""
        rated, _, day = text.partition("@")
        return values.read_credit_class(rated), self._stated_on(day) if day else None

    def _exported(self, fact: Fact):
        """A fact as the full export spells it: (value, day or None). businesses/export.py."""
        read = values.reader_of(fact, self.today, may_lie_ahead=True)

        def read_exported(text):
            written, _, day = text.partition("@")
            on = self._stated_on(day) if day else None
            if written == "?":
                return None, on
            return (self._exported_set(fact, written) if fact.type == "set" else read(written)), on

        return read_exported

    def _exported_set(self, fact, text):
        """``graduate|veteran`` and ``[]`` are whole answers; ``yes:veteran~2026-01-01 no:disabled`` leaves the rest
        open, and says what was told on an earlier day."""
        if text == "[]":
            return []
        if not text.startswith("yes:"):
            return list(self._exported_members(fact, text))
        yes, _, no = text.removeprefix("yes:").partition(" no:")
        yes, no = self._exported_members(fact, yes), self._exported_members(fact, no)
        days = {member: self._stated_on(day) for member, day in (yes | no).items() if day}
        return {"yes": list(yes), "no": list(no)} | ({"on": days} if days else {})

    def _exported_members(self, fact, text):
        """``{member: day or ""}``, in the order of the cell."""
        members = {}
        for part in text.split("|") if text else ():
            member, _, day = part.partition("~")
            members[member] = day
        if not members.keys() <= {choice.value for choice in fact.choices}:
            raise Misread("invalid_choice", "多选里有不认识的值，请用导出的文件，不要改动")
        return members

    def read(self, row: Row | BadRow) -> ReadRow:
        """Never raises: what is wrong stands in ``problems``."""
        if isinstance(row, BadRow):
            return ReadRow(
                row.number, row.line, problems=[Problem(row.number, row.line, "", row.code, row.detail)]
            )
        found, problems, attributes, facts, days = ReadRow(row.number, row.line), [], {}, {}, {}
        cells = row.cells
        for place, heading, read, kind, name, source, known in self.columns:
            text = cells[place]
            if not text:
                continue
            if text[0] == "'":  # a mark against formulas, as our own exports set it (core/exports.py)
                text = unescaped(text)
            value = _UNREAD if known is None else known.get(text, _UNREAD)
            if value is _UNREAD:
                try:
                    value = self._read_cell(text, read, name, place in row.numeric)
                except Misread as problem:
                    problems.append(Problem(row.number, row.line, heading, problem.code, problem.detail))
                    continue
                if known is not None:
                    if len(known) >= REMEMBERED:
                        known.clear()
                    known[text] = value
            if kind == "fact":
                facts[name] = value
            elif kind == "attribute":
                attributes[name] = value
            elif kind == "exported":
                days.setdefault(source, {})[name] = value
            elif kind == "on":
                days.setdefault(source, {})["on"] = (value.isoformat(), None)
            else:
                self._add_members(
                    facts,
                    name,
                    {"yes": [source], "no": []}
                    if value is True
                    else {"yes": [], "no": [source]}
                    if value is False
                    else value,
                )
        found.problems = problems
        if not problems:
            self._arrive(found, attributes, facts, days)
        return found

    def _read_cell(self, text, read, name, numeric):
        if numeric and name in ("credit_code", "identity_number"):
            raise Misread("number_cell", "这一格是数字格式，后几位已经丢失。请把这一列设为文本，重新填写")
        if values.looks_like_formula(text):
            raise Misread("formula", "这一格以 = + - @ 开头，像公式。请改成文字或数字")
        return read(text)

    def _add_members(self, facts, name, value) -> None:
        """Columns of single members and a column of all make one open answer."""
        held = facts.get(name)
        if held is not None:
            yes = {*held["yes"], *value["yes"]}
            no = {*held["no"], *value["no"]} - yes
            order = [choice.value for choice in self.registry[name].choices]
            value = {"yes": [row for row in order if row in yes], "no": [row for row in order if row in no]}
        facts[name] = value

    def _arrive(self, found, attributes, facts, days) -> None:
        """The arrivals of a row without faults, unless something is missing from it."""
        code, identity = attributes.get("credit_code"), attributes.get("identity_number")
        missing = self._missing(attributes, facts)
        if missing:
            found.problems = [
                Problem(found.number, found.line, ATTRIBUTES[name], "required", detail)
                for name, detail in missing
            ]
            return
        if fault := before_birth(facts, identity):
            found.problems = [Problem(found.number, found.line, "", fault.code, fault.detail)]
            return
        found.key = code or identity_index(identity)
        for name in ("name", "operator_name"):
            if name in attributes and needs_review(attributes[name]):
                found.problems.append(
                    Problem(
                        found.number,
                        found.line,
                        ATTRIBUTES[name],
                        "private_use_character",
                        f"{ATTRIBUTES[name]}里有自造的字，已按原样收下，请核对",
                        grave=False,
                    )
                )
        rated, rated_on = attributes.get("credit_class", (None, None))
        common = {"credit_code": code, "identity": identity, "row": found.number}
        if self.source == REGISTER:
            found.arrivals = self._of_export(common, attributes, rated, rated_on, days)
            return
        if self.source == REGISTRY:
            facts.setdefault("entity_type", "individual_business")  # what a code that begins with 92 says
        found.arrivals = [
            Arrival(
                said={self.source: facts} if facts else {},
                name=attributes.get("name"),
                operator_name=attributes.get("operator_name"),
                address=attributes.get("address"),
                abnormal_reason=attributes.get("abnormal_reason"),
                rated=rated,
                on=attributes.get("stated_on"),
                **common,
            )
        ]

    def _missing(self, attributes, facts) -> list:
        if self.source == REGISTRY:
            return [
                (name, f"请填写{ATTRIBUTES[name]}")
                for name in ("credit_code", "name", "operator_name")
                if name not in attributes
            ]
        if self.source in (REGISTER, CREDIT):
            needed = ("credit_code", "credit_class" if self.source == CREDIT else "name")
            return [(name, f"请填写{ATTRIBUTES[name]}") for name in needed if name not in attributes]
        if "credit_code" in attributes:
            return []
        if "identity_number" not in attributes:
            return [("credit_code", "统一社会信用代码和身份证号都没有填，不知道说的是谁")]
        if facts.keys() & self.of_shops:
            return [("credit_code", "这一行说到店里的情况，请填写统一社会信用代码")]
        return []

    def _of_export(self, common, attributes, rated, rated_on, days) -> list:
        """What every source says as of its usual day as one arrival, with what is no fact; what was said on other
        days, and corrections, each as one more."""
        usually, others = {}, {}
        days_of = {"credit_class": rated_on or self.as_of}
        for source, cells in days.items():
            usual = cells.pop("on", (self.as_of, None))[0]
            days_of[source] = usual
            for name, (value, on) in cells.items():
                if source != STAFF and on in (None, usual):
                    usually.setdefault(source, {})[name] = value
                else:
                    others.setdefault((source == STAFF, on or usual), {}).setdefault(source, {})[name] = value
        first = Arrival(
            said=usually,
            days=days_of,
            name=attributes.get("name"),
            operator_name=attributes.get("operator_name"),
            address=attributes.get("address"),
            abnormal_reason=attributes.get("abnormal_reason"),
            rated=rated,
            **common,
        )
        return [
            first,
            *(
                Arrival(said=said, on=on, corrects=corrects, **common)
                for (corrects, on), said in sorted(others.items())
            ),
        ]
