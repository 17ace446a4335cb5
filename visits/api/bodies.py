"""Visits over the API: what is sent."""

from typing import Annotated, Any, ClassVar

from pydantic import Field

from businesses.api.bodies import CREDIT_CODE
from businesses.identifiers import read_credit_code
from core.api import Body
from core.api.lists import Many
from core.api.spelling import TEXT, Day, Spelling, read_text, read_words
from core.facts import Misread

from ..models import LONGEST_ITEM, LONGEST_NOTE, Visit
from ..planning import MOST_ITEMS

CAUSES = Visit.Because.values
EXAMPLE = {
    "credit_code": "92520204MA6E00019P",
    "items": ["油烟", "排污"],
    "from_on": "2026-12-07",
    "until_on": "2026-12-18",
}


def _code(raw):
    return read_credit_code(read_text(raw))


def _cause(raw):
    if raw not in CAUSES:
        raise Misread("invalid_choice", f"请从这些里选一个：{'、'.join(CAUSES)}")
    return raw


Words = Annotated[str, Spelling(TEXT, read_words)]
ItemWords = Annotated[str, Spelling({**TEXT, "maxLength": LONGEST_ITEM}, read_words)]


class VisitIn(Body):
    """列一个检查计划。"""

    credit_code: Annotated[str, Spelling(CREDIT_CODE, _code)]
    items: Annotated[
        list[ItemWords],
        Many(f"请写查什么，1 到 {MOST_ITEMS} 项", least=1, most=MOST_ITEMS, repeated="这一项已经写过了"),
    ]
    from_on: Annotated[Day, Field(description="最早哪天")]
    until_on: Annotated[Day, Field(description="最晚哪天")]
    because: Annotated[
        str, Spelling({**TEXT, "enum": CAUSES, "description": "不写是 normal，日常检查"}, _cause)
    ] = None
    note: Annotated[Words, Field(description=f"不是日常检查的要写为什么去，最多 {LONGEST_NOTE} 个字")] = None

    example: ClassVar[Any] = EXAMPLE
