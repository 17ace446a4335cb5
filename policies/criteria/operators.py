"""The operators of the rule language: what each takes, what it means, and its complement.

Every operator has a complement, so a tree can be compiled to negation normal form once. Those that only exist as
complements are internal: rules cannot name them. "以上、以下、内" include the boundary, "超过、不满" exclude it.

Most operators look at the value alone (``test``). Those of the ``ago`` family compare a date D and a period with the
day; they are told twice, as ranges of D for a day (what a verdict and SQL compare with) and as ranges of days for a D
(what tells when a verdict flips). Ranges are inclusive pairs of dates.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from core.facts import Misread, read_bool, read_date, read_integer, read_money

from .durations import Duration

ONE_DAY = timedelta(days=1)
ORDERED = ("integer", "money")
LISTABLE = ("choice", "integer", "money")
LONGEST_LIST = 1000
BASIS_POINT = 10_000


@dataclass(frozen=True)
class Ago:
    """``starts(period, day)``: the dates D for which the day is right. ``days(period, D)``: the right days for a D."""

    starts: Callable
    days: Callable


@dataclass(frozen=True)
class Operator:
    """``operand`` names how the right side is read: value, list, pair, members, duration, date, codes."""

    name: str
    types: tuple[str, ...]
    operand: str
    complement: str
    test: Callable | None = None
    ago: Ago | None = None
    internal: bool = False


def _has_any(value, mask):
    if value.yes & mask:
        return True
    return False if value.known & mask == mask else None


def _has_all(value, mask):
    if value.yes & mask == mask:
        return True
    return False if value.known & ~value.yes & mask else None


def _not(test):
    def complement(value, operand):
        result = test(value, operand)
        return None if result is None else not result

    return complement


def _starts_with(value, codes):
    """A registered code shorter than the wanted one may still turn out to lie inside it: unknown."""
    if value.startswith(codes):
        return True
    return None if any(code.startswith(value) for code in codes) else False


EARLIER, LATER = date.min, date.max


def _before(day):
    return day - ONE_DAY if day > EARLIER else EARLIER


def _following(day):
    return day + ONE_DAY if day < LATER else LATER


def _over(period, day):
    """D + p ≤ day."""
    last = period.latest_start_over_by(day)
    return ((EARLIER, last),) if last else ()


def _not_over(period, day):
    """D + p > day."""
    last = period.latest_start_over_by(day)
    return ((_following(last), LATER),) if last else ((EARLIER, LATER),)


def _past(period, day):
    """D + p < day."""
    return _over(period, _before(day))


def _not_past(period, day):
    """D + p ≥ day."""
    return _not_over(period, _before(day))


def _within(period, day):
    """D ≤ day ≤ D + p: a D in the future waits."""
    return ((period.earliest_start_reaching(day), day),)


def _outside(period, day):
    """D > day or D + p < day."""
    return (*_past(period, day), (_following(day), LATER))


def _from_over(period, start):
    return ((period.after(start), LATER),)


def _before_over(period, start):
    return ((EARLIER, _before(period.after(start))),)


def _after_end(period, start):
    return ((_following(period.after(start)), LATER),)


def _to_end(period, start):
    return ((EARLIER, period.after(start)),)


def _from_start_to_end(period, start):
    return ((start, period.after(start)),)


def _before_and_after(period, start):
    return ((EARLIER, _before(start)), (_following(period.after(start)), LATER))


_TABLE = (
    Operator("eq", ("choice", "bool", *ORDERED), "value", "ne", test=lambda v, x: v == x),
    Operator("ne", ("choice", "bool", *ORDERED), "value", "eq", test=lambda v, x: v != x),
    Operator("in", LISTABLE, "list", "not_in", test=lambda v, x: v in x),
    Operator("not_in", LISTABLE, "list", "in", test=lambda v, x: v not in x),
    Operator("gte", ORDERED, "value", "lt", test=lambda v, x: v >= x),
    Operator("gt", ORDERED, "value", "lte", test=lambda v, x: v > x),
    Operator("lte", ORDERED, "value", "gt", test=lambda v, x: v <= x),
    Operator("lt", ORDERED, "value", "gte", test=lambda v, x: v < x),
    Operator("between", ORDERED, "pair", "not_between", test=lambda v, x: x[0] <= v <= x[1]),
    Operator(
        "not_between", ORDERED, "pair", "between", test=lambda v, x: not x[0] <= v <= x[1], internal=True
    ),
    Operator("has_any", ("set",), "members", "has_none", test=_has_any),
    Operator("has_none", ("set",), "members", "has_any", test=_not(_has_any)),
    Operator("has_all", ("set",), "members", "lacks_some", test=_has_all),
    Operator("lacks_some", ("set",), "members", "has_all", test=_not(_has_all), internal=True),
    Operator("starts_with", ("code",), "codes", "not_starts_with", test=_starts_with),
    Operator("not_starts_with", ("code",), "codes", "starts_with", test=_not(_starts_with), internal=True),
    Operator("on_or_after", ("date",), "date", "before", test=lambda v, x: v >= x),
    Operator("on_or_before", ("date",), "date", "after", test=lambda v, x: v <= x),
    Operator("before", ("date",), "date", "on_or_after", test=lambda v, x: v < x, internal=True),
    Operator("after", ("date",), "date", "on_or_before", test=lambda v, x: v > x, internal=True),
    Operator("at_least_ago", ("date",), "duration", "less_than_ago", ago=Ago(_over, _from_over)),
    Operator("less_than_ago", ("date",), "duration", "at_least_ago", ago=Ago(_not_over, _before_over)),
    Operator("more_than_ago", ("date",), "duration", "not_more_than_ago", ago=Ago(_past, _after_end)),
    Operator(
        "not_more_than_ago",
        ("date",),
        "duration",
        "more_than_ago",
        ago=Ago(_not_past, _to_end),
        internal=True,
    ),
    Operator("at_most_ago", ("date",), "duration", "not_at_most_ago", ago=Ago(_within, _from_start_to_end)),
    Operator(
        "not_at_most_ago",
        ("date",),
        "duration",
        "at_most_ago",
        ago=Ago(_outside, _before_and_after),
        internal=True,
    ),
)
OPERATORS = {operator.name: operator for operator in _TABLE}

# A ratio leaf compares a × 10000 with basis points × b in integers: 0 of 0 passes lte, n of 0 fails.
RATIO_TESTS = {
    "lte": lambda a, b, points: a * BASIS_POINT <= points * b,
    "lt": lambda a, b, points: a * BASIS_POINT < points * b,
    "gte": lambda a, b, points: a * BASIS_POINT >= points * b,
    "gt": lambda a, b, points: a * BASIS_POINT > points * b,
}


def _read_value(fact, raw):
    if fact.type == "choice":
        return _read_choice(fact, raw)
    if fact.type == "bool":
        return read_bool(raw)
    return read_integer(raw) if fact.type == "integer" else read_money(raw, signed=fact.signed)


def _read_choice(fact, raw):
    if not isinstance(raw, str) or raw not in {choice.value for choice in fact.choices}:
        raise ValueError(f"“{raw}”不是“{fact.label}”的选项")
    return raw


def _read_list(raw):
    if not isinstance(raw, list) or not 1 <= len(raw) <= LONGEST_LIST:
        raise ValueError(f"这里要填 1 到 {LONGEST_LIST} 个值的列表")
    return raw


def _read_pair(fact, raw):
    if not isinstance(raw, list) or len(raw) != 2:
        raise ValueError("between 要填两个值：[最小, 最大]")
    low, high = (_read_value(fact, value) for value in raw)
    if low > high:
        raise ValueError("between 的第一个值不能大于第二个")
    return low, high


def _read_codes(fact, raw):
    codes = _read_list(raw) if isinstance(raw, list) else [raw]
    return tuple(fact.read(code) for code in codes)


_OPERAND_READERS = {
    "value": _read_value,
    "list": lambda fact, raw: tuple(_read_value(fact, value) for value in _read_list(raw)),
    "pair": _read_pair,
    "members": lambda fact, raw: fact.mask(_read_choice(fact, value) for value in _read_list(raw)),
    "codes": _read_codes,
    "date": lambda fact, raw: read_date(raw),
    "duration": lambda fact, raw: Duration.read(raw),
}


def read_operand(operator, fact, raw):
    """The right side of ``fact operator raw`` in its inside shape. Raises ValueError that says what fits."""
    try:
        return _OPERAND_READERS[operator.operand](fact, raw)
    except Misread as problem:
        raise ValueError(problem.detail) from None


def read_ratio(raw) -> int:
    """A share such as "0.055" in whole basis points."""
    try:
        points = Decimal(raw) * BASIS_POINT if isinstance(raw, str) else None
    except ArithmeticError:
        points = None
    if (
        points is None
        or not points.is_finite()
        or points != points.to_integral_value()
        or not 0 <= points <= 10**8
    ):
        raise ValueError('比例请写成带引号的小数，最多四位，例如 "0.055"')
    return int(points)


def write_operand(operator, fact, operand):
    """An operand as JSON shows it."""
    if operator.operand == "members":
        return fact.members(operand)
    if operator.operand == "duration":
        return operand.write()
    if operator.operand == "codes":
        return list(operand) if len(operand) > 1 else operand[0]
    if operator.operand in ("list", "pair"):
        return [fact.write(value) for value in operand]
    return fact.write(operand)


def write_ratio(points):
    return format((Decimal(points) / BASIS_POINT).normalize(), "f")
