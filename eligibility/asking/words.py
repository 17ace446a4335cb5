"""What a question wants to know, and what it says of whoever asks: sums, days, what they are."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

PATH = Path(__file__).parents[1] / "data" / "asking.yaml"
ANY = "what"  # whether they can have it, what it is
_NOT = re.compile("(不是|没有|没|不|非|无)[^，。？,.?]{0,3}$")

_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_SUM = re.compile(r"(\d[\d,]*(?:\.\d{1,2})?|[零〇一二两三四五六七八九十百千万]+)\s*(万)?\s*(?:元|块)")
_OPENED = re.compile("开店|开张|开业|登记|办照|办的执照|注册|开的店|营业")
_DAY = re.compile(r"(20\d\d)\s*年\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号])?")
LARGEST = Decimal(10) ** 9


@cache
def _known() -> dict[str, dict[str, re.Pattern]]:
    """``{"wants" | "groups": {name: pattern of its words}}``, in the order of the file."""
    rows = yaml.safe_load(PATH.read_text("utf-8"))
    return {
        part: {name: re.compile("|".join(map(re.escape, words))) for name, words in names.items()}
        for part, names in rows.items()
    }


def wants() -> list[str]:
    """What a question may want beside ANY."""
    return list(_known()["wants"])


@dataclass(frozen=True)
class Asked:
    """``wants``: one of ``wants()``, or ANY. ``sums``: yuan, in order. ``opened_on``: since when the shop is there, a month
    alone as its first day. ``groups``: values of the fact operator_groups."""

    wants: str
    sums: tuple[Decimal, ...] = ()
    opened_on: date | None = None
    groups: tuple[str, ...] = field(default=())


def read(words: str) -> Asked:
    plain = unicodedata.normalize("NFKC", words).lower()
    wanted = next((want for want, known in _known()["wants"].items() if known.search(plain)), ANY)
    opened_on = next(_days(plain), None) if _OPENED.search(plain) else None
    return Asked(wanted, tuple(_sums(plain)), opened_on, tuple(_groups(plain)))


def _groups(plain):
    """Those that are said of whoever asks, and not denied."""
    for group, known in _known()["groups"].items():
        found = known.search(plain)
        if found and not _NOT.search(plain[: found.start()]):
            yield group


def _sums(plain):
    for number, ten_thousands in _SUM.findall(plain):
        value = _number(number)
        if value is not None:
            value *= 10_000 if ten_thousands else 1
            if 0 < value < LARGEST:
                yield value


def _number(text) -> Decimal | None:
    """Digits, or a number as it is spoken: 四百, 一千二, 两万."""
    if text[0].isdigit():
        return Decimal(text.replace(",", ""))
    above, _, rest = text.rpartition("万")
    whole = _below_ten_thousand(rest)
    if "万" not in text:
        return None if whole is None else Decimal(whole)
    high = _below_ten_thousand(above)
    if high is None or whole is None:
        return None
    if len(rest) == 1:  # 一万二 is 12,000
        whole *= 1000
    return Decimal(high * 10_000 + whole)


def _below_ten_thousand(text) -> int | None:
    total, digit, scale = 0, None, 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _SCALES:
            scale = _SCALES[character]
            total, digit = total + (1 if digit is None else digit) * scale, None
        else:
            return None
    if digit is None:
        return total
    # 一千二 is 1,200, 一百零五 is 105.
    return total + digit * (scale // 10 if scale and "零" not in text and "〇" not in text else 1)


def _days(plain):
    for year, month, day in _DAY.findall(plain):
        try:
            yield date(int(year), int(month), int(day or 1))
        except ValueError:
            continue
