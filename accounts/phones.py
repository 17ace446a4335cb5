"""Mobile numbers as people type them."""

import re
import unicodedata

from core.errors import Refused

LENGTH = 11
_BETWEEN = re.compile(r"[\s\-().·]+")


def normal_phone(text: str) -> str:
    """Eleven ASCII digits. Spaces, hyphens, full-width digits and +86 are taken; ``Refused`` says what is wrong."""
    number = _BETWEEN.sub("", unicodedata.normalize("NFKC", text))
    for prefix in ("+86", "0086", "86"):
        if number.startswith(prefix) and len(number) == LENGTH + len(prefix):
            number = number.removeprefix(prefix)
            break
    if not number:
        raise Refused("请填写手机号")
    if not re.fullmatch("[0-9]+", number):
        raise Refused("手机号只填数字，例如 13912345678")
    if len(number) != LENGTH:
        raise Refused(f"手机号应为 {LENGTH} 位，您填了 {len(number)} 位")
    if not re.fullmatch("1[3-9][0-9]{9}", number):
        raise Refused("这不是手机号，请核对前 2 位")
    return number


def masked(number: str) -> str:
    """138****1234."""
    return f"{number[:3]}****{number[-4:]}"
