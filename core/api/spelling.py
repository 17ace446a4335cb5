"""The one spelling of each kind of value: how it is read, and the same as JSON Schema.

A type here is an annotation for a field of a model (models.py). What reads and what documents stand side by side, so
that neither can promise more than the other; tests/api/test_declared.py holds the two equal.
"""

import uuid
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any

from pydantic_core import core_schema

from core import facts
from core.facts import LARGEST_INTEGER, Fact, Misread

from .models import reading

DATE = {"type": "string", "format": "date"}
# A day as it is read: within three centuries, and with each digit in its place.
DAY = {**DATE, "pattern": "^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"}
INSTANT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
UUID = {**TEXT, "format": "uuid"}
# An id as it is read: in the one spelling in which it was given out.
ID = {**UUID, "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
MONEY = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "元，两位小数"}
CODE = {"type": "string", "pattern": "^M[0-9]{2}[a-z]$"}
WHOLE = {"type": "integer", "minimum": 0, "maximum": LARGEST_INTEGER}


def nullable(shape: dict) -> dict:
    return {"anyOf": [shape, {"type": "null"}]}


class Spelling:
    """Annotates a type with its ``reader``, which makes the inside value or raises Misread or Invalid, and its
    ``shape`` (or a function that gives it: some depend on what the database holds today).

    Without a reader the value is only documented. ``told``: the reader also takes pydantic's ValidationInfo, for its
    context. What many use is a component of the document where its type has a name (TypeAliasType).
    """

    def __init__(
        self, shape: dict | Callable[[], dict], reader: Callable | None = None, *, told=False
    ) -> None:
        self.shape, self.reader, self.told = shape, reader, told

    def __get_pydantic_core_schema__(self, source, handler) -> core_schema.CoreSchema:
        if self.reader is None:
            return core_schema.any_schema()
        if self.told:
            return core_schema.with_info_plain_validator_function(reading(self.reader))
        return core_schema.no_info_plain_validator_function(reading(self.reader))

    def __get_pydantic_json_schema__(self, schema, handler) -> dict:
        return dict(self.shape() if callable(self.shape) else self.shape)


def read_text(raw) -> str:
    if not isinstance(raw, str):
        raise Misread("invalid_text", "请写文字，用双引号括起来")
    return raw


def read_words(raw) -> str:
    """A text without blanks around it."""
    if not isinstance(raw, str) or "\x00" in raw:
        raise Misread("invalid_text", "请写文字，用双引号括起来")
    return raw.strip()


def read_uuid(raw) -> uuid.UUID | None:
    """An id in its one spelling, else None."""
    try:
        wanted = uuid.UUID(raw)
    except (ValueError, AttributeError, TypeError):
        return None
    return wanted if str(wanted) == raw else None


def read_version(raw) -> int:
    value = facts.read_integer(raw)
    if value < 1:
        raise Misread("out_of_range", "version 从 1 开始，请写读到的那个数")
    return value


Day = Annotated[date, Spelling(DAY, facts.read_date)]
Text = Annotated[str, Spelling(TEXT, read_text)]
Version = Annotated[int, Spelling({**WHOLE, "minimum": 1, "description": "每次变动加 1。"}, read_version)]
# What is only answered
Date = Annotated[Any, Spelling(DATE)]
Money = Annotated[Any, Spelling(MONEY)]
Code = Annotated[Any, Spelling(CODE)]
Id = Annotated[Any, Spelling(UUID)]
Instant = Annotated[Any, Spelling(INSTANT)]


# Facts

_SIGN = r"^(?!-0(\.0{1,2})?$)-?"


def value_shape(fact: Fact) -> dict:
    """What a fact is written as."""
    values = [choice.value for choice in fact.choices]
    most = 10**12
    shapes: dict[str, dict] = {
        "date": DAY,
        "integer": WHOLE,
        "money": {
            "anyOf": [
                {
                    "type": "string",
                    "pattern": ("^" if not fact.signed else _SIGN) + r"(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$",
                },
                {
                    "type": "number",
                    "multipleOf": 0.01,
                    "exclusiveMaximum": most,
                    **({"exclusiveMinimum": -most} if fact.signed else {"minimum": 0}),
                },
            ]
        },
        "bool": {"type": "boolean"},
        "choice": {"type": "string", "enum": values},
        "code": {"type": "string", "pattern": "^[A-T]([0-9]{2,4})?$"},
        "set": {"type": "array", "items": {"type": "string", "enum": values}, "uniqueItems": True},
    }
    return shapes[fact.type]


def fact_shape(fact: Fact) -> dict:
    """The same, or null."""
    return {**nullable(value_shape(fact)), "description": fact.label}
