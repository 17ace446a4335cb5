"""Numbers and names as people write them, read into one spelling: credit codes, identity and account numbers, names.

Each reader returns the canonical text or raises ``Misread`` with a code and a Chinese sentence. What is typed with
spaces, hyphens, small or full-width letters is normalised (NFKC); other scripts are refused, never guessed.
"""

import re
import unicodedata
from datetime import date

from django.utils import timezone
from stdnum.cn import uscc

from core.encryption import blind_index
from core.facts import Misread
from core.log import masked

_SEPARATORS = re.compile(r"[\s\-‐-―_.·]+")
_CREDIT_CODE_LETTERS = frozenset("0123456789ABCDEFGHJKLMNPQRTUWXY")
# Control characters, and what Unicode calls ignorable by default: soft hyphens, fillers, joiners, tags. The selectors
# that tell two forms of one ideograph apart are none of them.
_INVISIBLE = re.compile(
    "[\u0000-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
# Emoji and other pictures; the radicals among the symbols are how some type an ideograph.
_RADICALS = re.compile("[\u2e80-\u2fdf\u31c0-\u31ef]")
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_DOTS = str.maketrans(dict.fromkeys("•‧∙⋅・･●.．﹒", "·"))


def _plain(raw) -> str:
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", str(raw))).upper()


def read_credit_code(raw) -> str:
    """统一社会信用代码 of an individual business (GB 32100-2015, GB 11714): 18 characters from 92.

    Former division digits (520221 水城县, 520222 盘县) stay valid: a code outlives its county.
    """
    code = _plain(raw)
    if not code:
        raise Misread("required", "请填写统一社会信用代码")
    if re.fullmatch(r"[0-9]{15}", code):
        raise Misread(
            "old_number", "这是 15 位的旧注册号。请到登记机关换发 18 位的营业执照，或看新执照上的代码"
        )
    if len(code) != 18:
        raise Misread("invalid_length", f"统一社会信用代码应为 18 位，您填了 {len(code)} 位")
    for place, letter in enumerate(code, 1):
        if letter not in _CREDIT_CODE_LETTERS:
            raise Misread(
                "invalid_character", f"代码里没有字母 I、O、Z、S、V，也没有其他符号，请看第 {place} 位"
            )
    if not re.fullmatch(r"[0-9]{6}", code[2:8]):
        raise Misread("invalid_code", "代码第 3 到 8 位应是数字，请对照营业执照再核对一遍")
    if code.startswith("91"):
        raise Misread(
            "company_code", "这是企业的代码。这里办的是个体工商户的政策，个体工商户的代码以 92 开头"
        )
    if not code.startswith("92"):
        raise Misread("not_individual", "个体工商户的代码以 92 开头，请对照营业执照再核对一遍")
    if not _has_check_digits(code):
        raise Misread("invalid_check_digit", "代码有误，请对照营业执照再核对一遍")
    return code


def _has_check_digits(code) -> bool:
    """Both: the code's own, last (GB 32100), and that of the organisation number inside, 17th (GB 11714)."""
    return uscc.calc_check_digit(code) == code[17] and organisation_check_digit(code[8:16]) == code[16]


def organisation_check_digit(body: str) -> str:
    """The ninth character of an organisation number, from its first eight (GB 11714)."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(weight * int(letter, 36) for weight, letter in zip(weights, body, strict=True))
    return "0123456789X0"[11 - total % 11]


def read_identity_number(raw) -> str:
    """居民身份证号 (GB 11643): 18 characters, a real birth date, the check digit. Never printed by an error."""
    number = _plain(raw)
    if not number:
        raise Misread("required", "请填写身份证号")
    if re.fullmatch(r"[0-9]{15}", number):
        raise Misread("old_number", "这是 15 位的旧身份证号，请填 18 位的号码")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise Misread("invalid_identity", "身份证号应为 18 位，前 17 位是数字，最后一位是数字或 X")
    try:
        born = born_on(number)
    except ValueError:
        raise Misread("invalid_identity", "身份证号里的出生日期不对，请再核对") from None
    if born.year < 1900 or born > timezone.localdate():
        raise Misread("invalid_identity", "身份证号里的出生日期不对，请再核对")
    if identity_check_digit(number[:17]) != number[17]:
        raise Misread("invalid_identity", "身份证号的最后一位对不上，请再核对")
    return number


def born_on(number: str) -> date:
    """The birth date that an identity number holds."""
    return date.fromisoformat(f"{number[6:10]}-{number[10:12]}-{number[12:14]}")


def identity_check_digit(body: str) -> str:
    total = sum(int(digit) * (1 << (17 - place)) for place, digit in enumerate(body))
    return "10X98765432"[total % 11]


def identity_index(number: str) -> str:
    """The blind index a person is found by: one person, however the number was typed."""
    return blind_index(number, "identity")


def read_account_number(raw) -> str:
    """A bank account or card number: 8 to 32 digits. Banks differ, so only a card's Luhn digit could be checked."""
    number = _plain(raw)
    if not re.fullmatch(r"[0-9]{8,32}", number):
        raise Misread("invalid_account", "账号应为 8 到 32 位数字，请对照银行卡或存折再核对")
    return number


def account_index(number: str) -> str:
    return blind_index(number, "account")


def read_name(raw, *, label="姓名", longest=80) -> str:
    """A person's or shop's name as it is written: any ideograph, nothing invisible, nobody's number."""
    name = " ".join(str(raw).split())
    if not name:
        raise Misread("required", f"请填写{label}")
    if len(name) > longest:
        raise Misread("too_long", f"{label}最多 {longest} 个字")
    plain = unicodedata.normalize("NFKC", name)
    if masked(plain) != plain:
        raise Misread("number_in_name", f"{label}里像有证件号、手机号或账号，请核对是不是填错了格")
    _refuse_invisible(raw, label)
    if any(unicodedata.category(sign) in ("So", "Sk", "Me") for sign in _RADICALS.sub("", name)):
        raise Misread("symbol_in_name", f"{label}里不能有表情和图形符号，请照证件上的字填写")
    if not any(unicodedata.category(sign)[0] in "LN" or ord(sign) > 0x2E7F for sign in _word(name)):
        raise Misread("required", f"请填写{label}，要有文字")
    return name


def _word(name):
    """A name without its punctuation."""
    return (sign for sign in name if unicodedata.category(sign)[0] not in "PZ")


def read_address(raw) -> str:
    """Where a shop is. A phone written behind it is masked rather than costing the whole row."""
    address = " ".join(str(raw).split())
    if len(address) > 200:
        raise Misread("too_long", "经营场所最多 200 个字")
    _refuse_invisible(raw, "经营场所")
    return masked(address)


def _refuse_invisible(raw, label) -> None:
    if _INVISIBLE.search(str(raw).strip()):
        raise Misread("invisible_character", f"{label}里有看不见的控制字符，请重新输入")


def needs_review(name: str) -> bool:
    """Whether a name holds private-use characters: someone's home-made spelling of a rare character."""
    return bool(_PRIVATE_USE.search(name))


def fold_name(name: str) -> str:
    """What names are compared by: compatibility forms, spaces, dots and case do not count."""
    folded = unicodedata.normalize("NFKC", name).translate(_DOTS)
    return re.sub(r"\s+", "", folded).casefold()[:80]


def mask_identity(number: str) -> str:
    """520201********001X."""
    return f"{number[:6]}********{number[-4:]}"
