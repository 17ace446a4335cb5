"""What a question wants to know, and what it says of whoever asks: sums, days, what they are."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

from core.data_files import read_yaml

PATH = Path(__file__).parents[1] / "data" / "asking.yaml"
ANY = "what"  # whether they can have it, what it is
_YEAR, _MONTH, _DAYS = "年", "月", "日号"
_UNITS, _TEN_THOUSAND = "元块", "万"
_DIGITS = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_SCALES = {"十": 10, "百": 100, "千": 1000}
_SPOKEN = "".join([*_DIGITS, *_SCALES, _TEN_THOUSAND])
_NUMBER = rf"(\d[\d,]*(?:\.\d{{1,2}})?|[{_SPOKEN}]+)\s*({_TEN_THOUSAND})?"
_DAY = re.compile(rf"(20\d\d)\s*{_YEAR}\s*(\d{{1,2}})\s*{_MONTH}(?:\s*(\d{{1,2}})\s*[{_DAYS}])?")
DENIED_WITHIN, MOST_BETWEEN = 3, 3
SMALLEST_BARE, LARGEST, YEARS = 10, Decimal(10) ** 9, range(2020, 2040)


@cache
def _known() -> dict[str, dict[str, re.Pattern]]:
    """``{part of the file: {name: pattern of its words}}``, in its order."""
    rows = read_yaml(PATH)
    return {
        part: {name: re.compile("|".join(map(re.escape, words))) for name, words in names.items()}
        for part, names in rows.items()
    }


@cache
def _sum_pattern() -> re.Pattern:
    """A number with its unit, or without one right after what is paid and not of something else: 房租 400 能补多少."""
    about = _known()["about"]
    paid, between = about["paid"].pattern, about["between"].pattern
    counted = rf"[\d{_SPOKEN}%]|[.,]\d|{about['counted'].pattern}"
    after_paid = rf"(?:{paid})\s*(?:(?:{between})\s*){{0,{MOST_BETWEEN}}}"
    said = rf"(?=\d|[{''.join(_DIGITS)}][{''.join(_SCALES)}{_TEN_THOUSAND}])"
    return re.compile(rf"{_NUMBER}\s*[{_UNITS}]|{after_paid}{said}{_NUMBER}(?!\s*(?:{counted}|[{_UNITS}]))")


def wants() -> list[str]:
    """What a question may want beside ANY."""
    return list(_known()["wants"])


@dataclass(frozen=True)
class Asked:
    """``wants``: one of ``wants()``, or ANY. ``is_about_nothing``: nothing is left beside words of asking and numbers.
    ``sums``: yuan, in order. ``opened_on``: since when the shop is there, a month alone as its first day. ``groups``:
    values of the fact operator_groups."""

    wants: str
    is_about_nothing: bool = False
    sums: tuple[Decimal, ...] = ()
    opened_on: date | None = None
    groups: tuple[str, ...] = field(default=())


def read(words: str) -> Asked:
    plain = unicodedata.normalize("NFKC", words).lower()
    wanted = next((want for want, known in _known()["wants"].items() if known.search(plain)), ANY)
    opened_on = next(_days(plain), None) if _known()["about"]["opening"].search(plain) else None
    return Asked(wanted, _is_about_nothing(plain), tuple(_sums(plain)), opened_on, tuple(_groups(plain)))


def _is_about_nothing(plain) -> bool:
    for known in (*_known()["wants"].values(), *_known()["empty"].values()):
        plain = known.sub("", plain)
    return not re.search(r"[^\W\d_]", plain)


def _groups(plain):
    """Those that are said of whoever asks, and not denied."""
    for group, known in _known()["groups"].items():
        found = known.search(plain)
        if found and not _is_denied(plain[: found.start()]):
            yield group


def _is_denied(before) -> bool:
    """Whether somebody says that they are not what follows, at most three characters on."""
    last = re.split(r"\W", before)[-1]
    denials = list(_known()["about"]["denial"].finditer(last))
    return bool(denials) and len(last) - denials[-1].end() <= DENIED_WITHIN


def _sums(plain):
    for number, ten_thousands, bare, bare_ten_thousands in _sum_pattern().findall(plain):
        value = _number(number or bare)
        if value is not None:
            value *= 10_000 if ten_thousands or bare_ten_thousands else 1
            is_no_sum = bare and (value < SMALLEST_BARE or value in YEARS)
            if 0 < value < LARGEST and not is_no_sum:
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
