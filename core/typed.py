"""Numbers and days as people type them and files hold them, read into the one spelling that facts take (core/facts.py).

One rule for every door of people, a form, the admin, a file: half-width digits 0 to 9, one meaning. Blanks around, the
unit behind and commas between thousands are cut off. What only resembles a number (1_000, １２, ٥, +5, 1e3, 007, 1 000)
is refused with how to write it, never guessed; programs have to write what comes out of here. Codes are another
matter: an identity or account number may come in any width (businesses/identifiers.py).
"""

import re
from datetime import date

from core.facts import LARGEST_INTEGER, Misread, read_date, read_integer, read_money

WHOLE = "请填整数，只用半角数字 0 到 9，例如 12"
MONEY = "金额请只填半角数字，最多两位小数，例如 800 或 800.50"
DAY = "日期请写成 2026-01-15 这样的格式，只用半角数字"

_WHOLE = re.compile(r"(0|[1-9][0-9]{0,17})(\.0+)?")  # spreadsheets write 12.0
_DIGITS = re.compile(r"-?[0-9,.]+")
_THOUSANDS = re.compile(r"-?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")
_DAY = re.compile(
    r"([0-9]{4})(?:([-/.])([0-9]{1,2})\2([0-9]{1,2})|年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{2})([0-9]{2}))"
    r"(?:[ T]00:00(?::00(?:\.0+)?)?)?"
)


def read_whole(text: str, unit: str = "") -> int:
    """Raises Misread."""
    plain = _bare(text, unit)
    if re.fullmatch(r"-[1-9][0-9]*", plain):
        raise Misread("negative", "不能是负数")
    if not _WHOLE.fullmatch(plain):
        raise Misread("invalid_integer", WHOLE)
    return read_integer(min(int(plain.partition(".")[0]), LARGEST_INTEGER + 1))


def read_yuan(text: str, *, signed=False) -> str:
    """A sum as JSON spells money, with as many decimals as were typed, at most two. Raises Misread."""
    plain = _bare(text.strip().removeprefix("￥").removeprefix("¥"), "元")
    if plain.endswith("万"):
        raise Misread("invalid_money", "金额请换算成元，不要用万元")
    if not _DIGITS.fullmatch(plain):
        raise Misread("invalid_money", MONEY)
    if re.fullmatch(r".*\.[0-9]{2}0+", plain):
        plain = plain.rstrip("0").ljust(plain.index(".") + 3, "0")
    read_money(plain, signed=signed)
    return plain


def read_day(text: str) -> date:
    """2026-01-15, 2026/1/15, 2026.1.15, 20260115, 2026年1月15日; midnight may follow. Raises Misread."""
    plain = text.strip()
    if "年" in plain:
        plain = "".join(plain.split())
    found = _DAY.fullmatch(plain)
    if not found:
        raise Misread("invalid_date", DAY)
    year, month, day = (part for part in found.group(1, 3, 4, 5, 6, 7, 8) if part)
    return read_date(f"{year}-{month:0>2}-{day:0>2}")


def _bare(text, unit) -> str:
    """Without blanks around, the unit behind and commas between thousands, where these stand in their places."""
    plain = text.strip()
    if unit:
        plain = plain.removesuffix(unit).rstrip()
    return plain.replace(",", "") if _THOUSANDS.fullmatch(plain) else plain
