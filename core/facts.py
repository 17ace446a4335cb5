"""Facts: named, typed attributes of a subject, and the one door through which their values come in.

Plain Python. A ``Registry`` lists the facts of one kind of subject (shops today, posts or products tomorrow); rules,
forms, SQL and the API all read it. A value is read once, strictly, into its inside shape:

=========  =======================================  ==================================
type       written as                               inside
=========  =======================================  ==================================
date       "2026-01-15"                             datetime.date
integer    12                                       int
money      "800.00" or 800 or 800.5 (yuan)          Decimal with two places
bool       true / false                             bool
choice     one of the choices                       str
code       industry code, "F" or "F5212"            str
set        list of members: the whole answer        Members(yes, known), bit masks
=========  =======================================  ==================================

An absent fact is unknown, never false. ``null`` is unknown too, but was asked and is not asked again.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from core.errors import Fault, Invalid
from core.strict_json import shown

from .money import FEN, in_fen, in_yuan

EARLIEST, LATEST = date(1900, 1, 1), date(2199, 12, 31)
LARGEST_INTEGER = 1_000_000_000
TYPES = ("date", "integer", "money", "bool", "choice", "code", "set")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONEY = re.compile(r"-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?")
_INDUSTRY = re.compile(r"[A-T]([0-9]{2,4})?")


class Members(NamedTuple):
    """A set fact: bit masks of the members that hold, and of those about which anything is known."""

    yes: int
    known: int


class Told(NamedTuple):
    """Where a set fact comes from that several told of: each source with the members that it told, and stand."""

    parts: tuple[tuple[str, Members], ...]

    def without(self, sources) -> Members:
        """What is left where ``sources`` are not believed."""
        yes = known = 0
        for source, members in self.parts:
            if source not in sources:
                yes, known = yes | members.yes, known | members.known
        return Members(yes, known)


class Choice(NamedTuple):
    value: str
    label: str


@dataclass(frozen=True)
class Fact:
    """One fact. ``ask`` is ``question``, ``amount`` (asked last, changes money only) or ``never``.

    ``about`` is the stem a sentence is built on (登记 for 登记满 1 年); ``yes`` and ``no`` are the sentences of a bool,
    ``yes`` only where the label is none. ``everyday`` is how owners say a condition: of a date its stem, of a bool both
    sentences (店面是租的|店面不是租的), else with {values}, or with {compared} and {value}; a choice may say behind a
    | what is one's own (店{own}). ``spell`` makes words of a value that does not speak for itself (a code).
    ``computed_from`` names the facts of which ``compute`` makes this one: nobody states it, and it is not asked.
    ``implies`` maps a member of a set to those it brings along. ``choices`` of a set are its bits in order, so
    they are append-only.
    """

    name: str
    type: str
    label: str
    question: str = ""
    why: str = ""
    choices: tuple[Choice, ...] = ()
    scope: str = "business"
    ask: str = "question"
    sources: tuple[str, ...] = ("self",)
    unit: str = ""
    about: str = ""
    everyday: str = ""
    yes: str = ""
    no: str = ""
    spell: Callable | None = None
    signed: bool = False
    past_only: bool = False
    days_ahead: int | None = None
    implies: Mapping[str, tuple[str, ...]] = field(default_factory=dict, hash=False)
    default: str | None = None
    built_in: bool = True
    computed_from: tuple[str, ...] = ()
    compute: Callable | None = None
    _bits: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_bits", {choice.value: 1 << i for i, choice in enumerate(self.choices)})

    @property
    def ahead(self) -> int | None:
        """How many days after the day spoken of its date may lie; None where any."""
        return 0 if self.past_only else self.days_ahead

    @property
    def everything(self) -> int:
        """The mask of all members of a set."""
        return (1 << len(self.choices)) - 1

    @property
    def known_by(self) -> tuple[str, ...]:
        """Names of the facts that tell its value: its own, or those of which it is computed."""
        return self.computed_from or (self.name,)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, or keys of ``extra``, that hold it: of a set two."""
        return (f"{self.name}_yes", f"{self.name}_known") if self.type == "set" else (self.name,)

    def is_settled(self, value) -> bool:
        """Whether an inside value leaves nothing to learn: of a set, every member is known to hold or not to."""
        return value is not None and (self.type != "set" or value.known == self.everything)

    def label_of(self, value) -> str:
        """The Chinese label of a choice or member."""
        return next(choice.label for choice in self.choices if choice.value == value)

    def mask(self, members: Iterable[str]) -> int:
        """The bit mask of named members. Raises KeyError for a stranger."""
        mask = 0
        for member in members:
            mask |= self._bits[member]
        return mask

    def members(self, mask: int) -> list[str]:
        """The members in a mask, in registry order."""
        return [value for value, bit in self._bits.items() if mask & bit]

    def whole_answer(self, members: Iterable[str]) -> Members:
        """What an owner's list means: these hold, with what they imply, and no others."""
        members = list(members)
        yes = self.mask(members)
        for member in members:
            yes |= self.mask(self.implies.get(member, ()))
        return Members(yes, self.everything)

    @property
    def reader(self) -> Callable:
        """``read``, without looking its type up each time."""
        return _reader(self)

    def read(self, raw) -> object:
        """``raw`` as its inside value. Raises ``Misread`` with a code and a Chinese sentence that says what to do."""
        return _READERS[self.type](self, raw)

    def write(self, value) -> object:
        """An inside value as JSON shows it."""
        return value if value is None else _WRITERS[self.type](self, value)

    def stored(self, value) -> dict:
        """An inside value as its column, or its key in the JSON column ``extra``, holds it: ``{name: value}``."""
        if self.type == "set":
            return {f"{self.name}_yes": value.yes, f"{self.name}_known": value.known}
        return {self.name: value if self.built_in else self.plain(value)}

    def plain(self, value) -> object:
        """As ``extra`` holds it, alike on both engines: money in whole fen, a bool as 0 or 1, a date as ISO text."""
        if self.type == "money":
            return in_fen(value)
        if self.type == "bool":
            return int(value)
        return value.isoformat() if self.type == "date" else value

    def restored(self, columns: Mapping) -> object:
        """The inside value of which ``stored`` made these columns or keys of ``extra``; None where it is not known."""
        if self.type == "set":
            known = columns.get(f"{self.name}_known")
            return Members(columns[f"{self.name}_yes"], known) if known else None
        value = columns.get(self.name)
        if value is None or self.built_in:
            return value
        if self.type == "money":
            return in_yuan(value)
        if self.type == "bool":
            return bool(value)
        return date.fromisoformat(value) if self.type == "date" else value


class Misread(ValueError):
    """A value that is not what its fact takes."""

    def __init__(self, code, detail) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def read_date(raw) -> date:
    """A calendar date written YYYY-MM-DD in ASCII digits, 1900 to 2199."""
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise Misread("invalid_date", "日期请写成 2026-01-15 这样的格式")
    try:
        value = date.fromisoformat(raw)
    except ValueError:
        raise Misread("invalid_date", "没有这一天，请对照日历再填") from None
    if not EARLIEST <= value <= LATEST:
        raise Misread("out_of_range", "日期应在 1900 年到 2199 年之间")
    return value


def read_money(raw, *, signed=False) -> Decimal:
    """Yuan with at most two decimals, from a string or a JSON number."""
    text = raw if isinstance(raw, str) else str(raw) if isinstance(raw, int | Decimal) else ""
    if isinstance(raw, bool) or not _MONEY.fullmatch(text):
        if re.fullmatch(r"-?[1-9][0-9]{12,}(\.[0-9]{1,2})?", text):
            raise Misread("out_of_range", "金额太大，整数部分最多 12 位")
        raise Misread("invalid_money", "金额请只填数字，最多两位小数，例如 800 或 800.50")
    value = Decimal(text) if text[-3:-2] == "." else Decimal(text).quantize(FEN)
    if text.startswith("-") and not signed:
        raise Misread("negative", "金额不能是负数")
    if text.startswith("-") and not value:
        raise Misread("invalid_money", "零前面不要加负号，请写成 0")
    return value


def read_integer(raw) -> int:
    """A whole number from 0 to a thousand million."""
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise Misread("invalid_integer", "请填整数，例如 12，不要小数点和引号")
    if raw < 0:
        raise Misread("negative", "不能是负数")
    if raw > LARGEST_INTEGER:
        raise Misread("out_of_range", "数字太大，请再核对")
    return raw


def read_bool(raw) -> bool:
    if not isinstance(raw, bool):
        raise Misread("invalid_bool", "请填 true 或 false")
    return raw


def _read_choice(fact, raw) -> str:
    if not isinstance(raw, str) or raw not in fact._bits:
        raise Misread("invalid_choice", "请从这些里选一个：" + "、".join(fact._bits))
    return raw


def _read_code(fact, raw) -> str:
    if not isinstance(raw, str) or not _INDUSTRY.fullmatch(raw):
        raise Misread("invalid_code", "行业代码是一个大写字母 A 到 T，后面可跟 2 到 4 位数字，例如 F5212")
    return raw


def _read_set(fact, raw) -> Members:
    if not isinstance(raw, list) or len(raw) > 1000:
        raise Misread("invalid_set", "请填列表，一个都不是就填 []")
    for member in raw:
        if not isinstance(member, str) or member not in fact._bits:
            raise Misread("invalid_choice", "列表里只能是这些：" + "、".join(fact._bits))
    if len(set(raw)) < len(raw):
        raise Misread("repeated", "同一个值不要写两遍")
    return fact.whole_answer(raw)


_READERS = {
    "date": lambda fact, raw: read_date(raw),
    "integer": lambda fact, raw: read_integer(raw),
    "money": lambda fact, raw: read_money(raw, signed=fact.signed),
    "bool": lambda fact, raw: read_bool(raw),
    "choice": _read_choice,
    "code": _read_code,
    "set": _read_set,
}


_WRITERS = dict.fromkeys(TYPES, lambda fact, value: value) | {
    "date": lambda fact, value: value.isoformat(),
    "money": lambda fact, value: str(value),
    "set": lambda fact, value: fact.members(value.yes),
}


class Profile:
    """What is known of one subject: values in their inside shape, where each comes from, and what was asked in vain.

    ``sources``: the name of one by fact; of a set that several told of, ``Told``.
    """

    __slots__ = ("asked", "sources", "values")

    def __init__(self, values=None, sources=None, asked=frozenset()) -> None:
        self.values = values or {}
        self.sources = sources or {}
        self.asked = asked

    def with_values(self, changes) -> "Profile":
        """A copy in which some facts have other inside values."""
        return Profile({**self.values, **changes}, self.sources, self.asked)


def _reader(fact) -> Callable:
    """``raw -> inside value`` of one fact, without looking its type up each time."""
    if fact.type == "bool":
        return read_bool
    if fact.type == "integer":
        return read_integer
    if fact.type == "date":
        return read_date
    return partial(_READERS[fact.type], fact)


def too_far_ahead(day: date, days: int) -> str:
    """What to say of a date that lies more than ``days`` after ``day``."""
    if days:
        return f"比 {day.isoformat()} 晚了 {days} 天以上，请核对是不是写错了年份"
    return f"不能晚于 {day.isoformat()}"


class Registry(Mapping):
    """The facts of one kind of subject that can be stated, by name, in order. ``edition`` changes with the list.

    ``orders``: pairs of names of dates of which the first is never the later.
    ``computed``: what follows from them, by name. Rules read these like any other fact; nobody states them.
    """

    def __init__(self, facts: Iterable[Fact], edition=0, *, computed: Iterable[Fact] = (), orders=()) -> None:
        self._facts = {fact.name: fact for fact in facts}
        self.computed = {fact.name: fact for fact in computed}
        self._readers = {name: _reader(fact) for name, fact in self._facts.items()}
        self.defaults = {fact.name: fact.default for fact in self._facts.values() if fact.default is not None}
        self._ahead = [(fact, 0) for fact in self._facts.values() if fact.past_only]
        self._ahead_when_kept = [
            (fact, fact.ahead) for fact in self._facts.values() if fact.ahead is not None
        ]
        self._orders = orders
        self.edition = edition

    def __getitem__(self, name) -> Fact:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def readable(self, name) -> Fact | None:
        """The fact that a rule means by ``name``, stated or computed."""
        return self._facts.get(name) or self.computed.get(name)

    def complete(self, values: dict, sources: dict) -> None:
        """Put what is computed from inside ``values`` among them, and take out what no longer follows."""
        for name, fact in self.computed.items():
            known = [values.get(one) for one in fact.computed_from]
            if None in known:
                values.pop(name, None)
                sources.pop(name, None)
            else:
                values[name] = fact.compute(*known)  # type: ignore[misc]  # what is computed can be
                sources[name] = sources.get(fact.computed_from[0], "self")

    def read_profile(self, raw, *, as_of, source="self", path="profile", kept=False) -> Profile:
        """A JSON object of facts as a Profile. Raises ``Invalid`` with every fault, each named by its dotted path.

        ``kept``: the facts go into the register; then none lies further ahead than it can be known (Fact.days_ahead).
        Who only asks may plan as far ahead as they like.
        """
        if not isinstance(raw, dict):
            raise Invalid([Fault(path, "invalid_object", '请填对象，例如 {"registered_on": "2026-01-15"}')])
        values, asked, faults = {}, [], []
        readers = self._readers
        for name, value in raw.items():
            reader = readers.get(name)
            if reader is None:
                detail = "没有这一项，请检查拼写。能填的项目见 /api/v1/facts/"
                faults.append(Fault(f"{path}.{shown(name)}", "unknown_field", detail))
            elif value is None:
                asked.append(name)
            else:
                try:
                    values[name] = reader(value)
                except Misread as problem:
                    detail = f"{self._facts[name].label}：{problem.detail}"
                    faults.append(Fault(f"{path}.{name}", problem.code, detail))
        faults += self.faults_of_dates(values, as_of, kept=kept, path=path)
        if faults:
            raise Invalid(faults)
        return self.profile_of(values, asked, source)

    def faults_of_dates(self, values: dict, as_of: date, *, kept=False, path="profile") -> Iterator[Fault]:
        """What is wrong with the dates among inside values: too far ahead, or the later before the earlier."""
        for fact, days in self._ahead_when_kept if kept else self._ahead:
            if fact.name in values and values[fact.name] > as_of + timedelta(days=days):
                detail = f"{fact.label}：{too_far_ahead(as_of, days)}"
                yield Fault(f"{path}.{fact.name}", "future", detail)
        for first, then in self._orders:
            if first in values and then in values and values[then] < values[first]:
                detail = f"{self._facts[then].label}：不能早于{self._facts[first].label}，请核对"
                yield Fault(f"{path}.{then}", "too_early", detail)

    def profile_of(self, values: dict, asked=(), source="self") -> Profile:
        """Inside values, of which nothing is wrong, with what follows from them and what is taken for granted."""
        sources = dict.fromkeys(values, source)
        for name, default in self.defaults.items():
            if name not in values and name not in asked:
                values[name] = default
                sources[name] = "default"
        self.complete(values, sources)
        return Profile(values, sources, frozenset(asked))
