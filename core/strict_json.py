"""JSON from strangers: one spelling only, bounded before it is parsed.

``parse`` is plain Python, so it can be tested and fuzzed alone. Whatever it refuses it refuses with ``Invalid``
(or ``TooLarge``); what it returns can be stored in either database and rendered again.
"""

import json
import re
from collections import Counter
from collections.abc import Callable
from decimal import Decimal
from itertools import accumulate

from core.errors import Fault, Invalid, TooLarge

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
        value = _decoded(text)
    except json.JSONDecodeError as problem:
        raise _invalid(
            "malformed",
            f"JSON 格式不对：第 {problem.lineno} 行第 {problem.colno} 个字符附近。请检查括号、引号和逗号。",
        ) from None
    if "\\u" in text and (faults := _faults_below(value, _unstorable_at)):
        raise Invalid(faults)
    return value


def _decoded(text) -> object:
    try:
        return _decode(text)
    except _Unreadable:
        raise Invalid(_faults_below(_decode_marking(text), _unreadable_at)) from None


def too_large(max_bytes: int) -> TooLarge:
    """The refusal of a body over ``max_bytes``, for whoever notices it first."""
    return TooLarge(f"请求正文太大：最多 {max_bytes:,} 字节。请分成几次发送。")


def _refuse_unless_bounded(text, max_nodes, max_depth) -> None:
    """Count values and depth outside strings, so that ten thousand levels never reach the recursive parser."""
    structure = _STRING.sub("", text) if "\\" in text else "".join(text.split('"')[::2])
    brackets = _NOT_A_BRACKET.sub("", structure)
    if max(accumulate(1 if bracket in "[{" else -1 for bracket in brackets), default=0) > max_depth:
        raise _invalid("too_deep", f"JSON 嵌套太深：最多 {max_depth} 层。请减少嵌套。")
    opened = brackets.count("[") + brackets.count("{")
    nodes = 1 + opened + structure.count(",")
    if nodes > max_nodes:  # only then is it worth telling empty containers from full ones
        nodes -= len(_EMPTY_CONTAINER.findall(structure))
    if nodes > max_nodes:
        raise _invalid("too_many_nodes", f"请求里的数据项太多：最多 {max_nodes:,} 个。请分成几次发送。")


class _Unreadable(ValueError):
    """A literal or a key that is refused where it stands. Decoded again, it stands in the tree itself, as a mark."""

    def __init__(self, code, detail) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def _object(pairs) -> dict:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _repeated(next(iter(_repeated_keys(pairs))))
    return members


def _object_marking(pairs) -> dict:
    return dict(pairs) | {key: _repeated(key) for key in _repeated_keys(pairs)}


def _repeated_keys(pairs) -> set:
    return {key for key, count in Counter(key for key, _ in pairs).items() if count > 1}


def _repeated(key) -> "_Unreadable":
    return _Unreadable("duplicate_key", f"字段“{shown(key)}”写了两遍。请只保留一个。")


def _integer(literal) -> int:
    if len(literal) > MAX_DIGITS and len(literal.lstrip("-")) > MAX_DIGITS:
        raise _Unreadable("number_too_long", f"整数太长：最多 {MAX_DIGITS} 位。")
    if literal == "-0":
        raise _Unreadable("negative_zero", "零前面不要加负号。请写成 0。")
    return int(literal)


def _decimal(literal) -> Decimal:
    if "e" in literal or "E" in literal:
        raise _Unreadable("exponent", "数字不能用科学记数法（如 1e3）。请写成普通数字。")
    if len(literal) > MAX_NUMBER_LENGTH or len(literal.partition(".")[0].lstrip("-")) > MAX_DIGITS:
        raise _Unreadable("number_too_long", f"数字太长：整数部分最多 {MAX_DIGITS} 位。")
    return Decimal(literal)


def _constant(_) -> None:
    raise _Unreadable("not_a_number", "数字不能是 NaN 或 Infinity。请写成普通数字。")


def _marking(read) -> Callable:
    """``read``, but what it refuses it returns as a mark."""

    def read_or_mark(literal) -> object:
        try:
            return read(literal)
        except _Unreadable as mark:
            return mark

    return read_or_mark


_decode = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=_integer, parse_float=_decimal, parse_constant=_constant
).decode
_decode_marking = json.JSONDecoder(
    object_pairs_hook=_object_marking,
    parse_int=_marking(_integer),
    parse_float=_marking(_decimal),
    parse_constant=_marking(_constant),
).decode


def _faults_below(value, fault_at) -> list[Fault]:
    """Every fault that ``fault_at(path, value)`` finds in a tree, in order, each named by its dotted path."""
    faults, waiting = [], [("", value)]
    while waiting:
        path, value = waiting.pop()
        if fault := fault_at(path, value):
            faults.append(fault)
        elif isinstance(value, dict | list):
            members = value.items() if isinstance(value, dict) else enumerate(value)
            below = [(f"{path}.{shown(str(key))}".lstrip("."), inner) for key, inner in members]
            waiting.extend(reversed(below))
    return faults


def _unreadable_at(path, value) -> Fault | None:
    return Fault(path, value.code, value.detail) if isinstance(value, _Unreadable) else None


def _unstorable_at(path, value) -> Fault | None:
    """Escapes can spell characters no database stores: NUL, and half of a surrogate pair."""
    texts = value if isinstance(value, dict) else [value] if isinstance(value, str) else ()
    if any(_UNSTORABLE.search(text) for text in texts):
        return Fault(
            path, "bad_character", "文字里有不能保存的字符（\\u0000 或半个代理对）。请删掉后再发送。"
        )
    return None


def shown(text: str, length: int = 40) -> str:
    """Text from a stranger, short and encodable, to name it in an answer."""
    text = text.encode("utf-8", "replace").decode().replace("\x00", "?")
    return text if len(text) <= length else text[:length] + "…"


def _invalid(code, detail) -> Invalid:
    return Invalid.because("", code, detail)
