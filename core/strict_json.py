"""JSON from strangers: one spelling only, bounded before it is parsed.

``parse`` is plain Python, so it can be tested and fuzzed alone. Whatever it refuses it refuses with ``Invalid``
(or ``TooLarge``); what it returns can be stored in either database and rendered again.
"""

import json
import re
from decimal import Decimal
from itertools import accumulate

from core.errors import Invalid, TooLarge

MAX_DEPTH = 20
MAX_DIGITS = 18  # fits a signed 64-bit column
MAX_NUMBER_LENGTH = 40

# The closing quote is optional so that a string without one is swallowed whole: with a required quote the search
# would start again at every escaped quote, and one megabyte of \" would take hours.
_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"?', re.DOTALL)
_EMPTY_CONTAINER = re.compile(r"\[\s*\]|\{\s*\}")
_NOT_A_BRACKET = re.compile(r"[^\[\]{}]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def parse(body: bytes, *, max_bytes: int, max_nodes: int, max_depth: int = MAX_DEPTH) -> object:
    """The value in ``body``. Numbers with a point become Decimal with their own digits, whole numbers int.

    ``max_nodes`` counts every value: objects, lists, and what is in them. Raises ``TooLarge`` over
    ``max_bytes``; ``Invalid`` for anything else that is not plain JSON in one spelling.
    """
    if len(body) > max_bytes:
        raise too_large(max_bytes)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise _invalid("not_utf8", "请求正文不是 UTF-8 编码。请用 UTF-8 保存后再发送。") from None
    opened = text.count("[") + text.count("{")
    if opened > max_depth or opened + text.count(",") >= max_nodes:
        _refuse_unless_bounded(text, max_nodes, max_depth)
    try:
        value = _decode(text)
    except json.JSONDecodeError as problem:
        raise _invalid(
            "malformed",
            f"JSON 格式不对：第 {problem.lineno} 行第 {problem.colno} 个字符附近。请检查括号、引号和逗号。",
        ) from None
    if "\\u" in text:
        _refuse_unstorable_text(value)
    return value


def too_large(max_bytes: int) -> TooLarge:
    """The refusal of a body over ``max_bytes``, for whoever notices it first."""
    return TooLarge(f"请求正文太大：最多 {max_bytes:,} 字节。请分成几次发送。")


def _refuse_unless_bounded(text, max_nodes, max_depth):
    """Count values and depth outside strings, so that ten thousand levels never reach the recursive parser."""
    structure = _STRING.sub("", text) if "\\" in text else "".join(text.split('"')[::2])
    brackets = _NOT_A_BRACKET.sub("", structure)
    opened = brackets.count("[") + brackets.count("{")
    nodes = 1 + opened + structure.count(",")
    if nodes > max_nodes:  # only then is it worth telling empty containers from full ones
        nodes -= len(_EMPTY_CONTAINER.findall(structure))
    if nodes > max_nodes:
        raise _invalid("too_many_nodes", f"请求里的数据项太多：最多 {max_nodes:,} 个。请分成几次发送。")
    if max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0) > max_depth:
        raise _invalid("too_deep", f"JSON 嵌套太深：最多 {max_depth} 层。请减少嵌套。")


def _object(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        seen = set()
        repeated = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise _invalid("duplicate_key", f"字段“{shown(repeated)}”写了两遍。请只保留一个。")
    return members


def _integer(literal):
    if len(literal) > MAX_DIGITS and len(literal.lstrip("-")) > MAX_DIGITS:
        raise _invalid("number_too_long", f"整数太长：最多 {MAX_DIGITS} 位。")
    return int(literal)


def _decimal(literal):
    if "e" in literal or "E" in literal:
        raise _invalid("exponent", "数字不能用科学记数法（如 1e3）。请写成普通数字。")
    if len(literal) > MAX_NUMBER_LENGTH or len(literal.partition(".")[0].lstrip("-")) > MAX_DIGITS:
        raise _invalid("number_too_long", f"数字太长：整数部分最多 {MAX_DIGITS} 位。")
    return Decimal(literal)


def _constant(_):
    raise _invalid("not_a_number", "数字不能是 NaN 或 Infinity。请写成普通数字。")


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
).decode


def _refuse_unstorable_text(value):
    """Escapes can spell characters no database stores: NUL, and half of a surrogate pair."""
    waiting = [value]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(value)
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, str) and _UNSTORABLE.search(value):
            raise _invalid(
                "bad_character", "文字里有不能保存的字符（\\u0000 或半个代理对）。请删掉后再发送。"
            )


def shown(text: str, length: int = 40) -> str:
    """Text from a stranger, short and encodable, to name it in an answer."""
    text = text.encode("utf-8", "replace").decode().replace("\x00", "?")
    return text if len(text) <= length else text[:length] + "…"


def _invalid(code, detail):
    return Invalid.because("", code, detail)
