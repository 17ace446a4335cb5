"""Cells as bureaus write them, read into facts' JSON spelling: tolerant of how it is written, strict in what it means.

Every reader takes the stripped text of a cell and returns the value, or raises ``Misread`` with a Chinese sentence
that never repeats the cell: a column that has slipped may hold an identity number.
"""

import re
import unicodedata
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache, lru_cache, partial
from pathlib import Path

from core.data_files import read_yaml
from core.facts import Fact, Misread, read_money, too_far_ahead
from core.typed import read_day, read_whole, read_yuan

from ..facts import DAYS_AHEAD

_NUMBER = re.compile(r"[+-]?[0-9][0-9,]*(\.[0-9]+)?")
_FORMULA_MARKS = frozenset("=+-@＝＋－＠")

YES = frozenset(("是", "有", "1", "true", "y", "yes", "已报送"))
NO = frozenset(("否", "无", "0", "false", "n", "no", "没有", "未报送"))

WORDS_FILE = Path(__file__).parent.parent / "data" / "words.yaml"


def looks_like_formula(text: str) -> bool:
    """Whether a spreadsheet would run the cell: it begins with = + - @ and is no number."""
    return text[0] in _FORMULA_MARKS and not _NUMBER.fullmatch(text)


def narrow(text: str) -> str:
    """Full-width letters, digits and signs as their half-width twins."""
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def read_bool(text: str) -> bool:
    word = narrow(text).lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise Misread("invalid_bool", "请填是或否")


def read_amount(text: str, *, signed=False) -> str:
    """Yuan, with or without ￥, 元 and thousands separators, as JSON spells money."""
    return str(read_money(read_yuan(text, signed=signed), signed=signed))


def read_industry(text: str) -> str:
    """GB/T 4754: the section's letter and up to four digits; a name after the code is left out."""
    found = re.match(r"([A-Ta-t])[\s\-]?([0-9]{2,4})?(?![0-9A-Za-z])", narrow(text))
    if not found:
        raise Misread("invalid_code", "行业代码是一个大写字母 A 到 T，后面可跟 2 到 4 位数字，例如 F5212")
    return found[1].upper() + (found[2] or "")


@cache
def _other_words():
    return read_yaml(WORDS_FILE)


@lru_cache(maxsize=200)
def _words(name, choices):
    """``{word as compared: choice}`` for one fact."""
    words = {}
    for value, label in choices:
        for word in (value, label, *_other_words().get(name, {}).get(value, ())):
            words[_folded(word)] = value
    return words


def _folded(text):
    return re.sub(r"\s+", "", narrow(text)).casefold()


def read_choice(fact: Fact, text: str) -> str:
    """By code, by Chinese label, or by what registries also write."""
    words = _words(fact.name, fact.choices)
    folded = _folded(text)
    if fact.name == "district" and re.fullmatch(r"[0-9]{9}([0-9]{3})?", folded):
        folded = folded[:6]  # a town's or village's code begins with its county's
    try:
        return words[folded]
    except KeyError:
        labels = "、".join(choice.label for choice in fact.choices[:12])
        raise Misread("invalid_choice", f"请从这些里选一个：{labels}") from None


def read_members(fact: Fact, text: str) -> dict:
    """Members that hold, by label or code, with 、 ; , | between them. The others stay open."""
    names = [name for name in re.split(r"[、;,|/，；]+", text) if name.strip()]
    chosen = {read_choice(fact, name) for name in names}
    return {"yes": [choice.value for choice in fact.choices if choice.value in chosen], "no": []}


def read_abnormal_reason(text: str) -> str:
    """Why a shop is marked, as the register keeps it."""
    folded = _folded(text)
    for reason, words in _other_words()["abnormal_reason"].items():
        if folded in map(_folded, words):
            return reason
    raise Misread("invalid_choice", "请写明原因：未报送年度报告、地址失联、弄虚作假或其他")


def read_credit_class(text: str) -> str:
    plain = re.sub(r"\s+", "", narrow(text)).upper()
    rated, rest = plain[:1], plain[1:]
    if rated not in ("A", "B", "C", "D") or not (rest in ("", "级", "类") or rest.startswith("风险")):
        raise Misread("invalid_choice", "信用风险类别应是 A、B、C 或 D")
    return rated


def _dated(fact, today, ahead, text):
    value = read_day(text)
    days = ahead if fact.ahead is None else fact.ahead
    if value > today + timedelta(days=days):
        raise Misread("future", too_far_ahead(today, days))
    return value.isoformat()


def reader_of(fact: Fact, today: date, *, may_lie_ahead=False) -> Callable[[str], object]:
    """``text -> JSON value`` for cells of one fact. A date may lie at most 30 days ahead, unless told otherwise."""
    if fact.type == "date":
        return partial(_dated, fact, today, 100_000 if may_lie_ahead else DAYS_AHEAD)
    if fact.type == "bool":
        return read_bool
    if fact.type == "integer":
        return partial(read_whole, unit=fact.unit)
    if fact.type == "money":
        return partial(read_amount, signed=fact.signed)
    if fact.type == "choice":
        return partial(read_choice, fact)
    return read_industry if fact.type == "code" else partial(read_members, fact)
