"""Legs and sharings over the API: what is answered."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from core.api import Answer
from core.api.spelling import Date, Id, Instant, Version
from policies.api_answers import NamedCode

from ..kinds import KINDS
from ..models import Leg
from .answers import BANK, EXAMPLE_SHOP, NOON, Kinds, Number

LEG_VERBS = tuple(dict.fromkeys(word for kind in KINDS.values() for word in kind.leg_verbs))


class LegSharing(Answer):
    """店主让本单位看的信息。内容由工作人员在后台看，每看一次都记下来。"""

    facts: list[str]
    until: Date
    left: Annotated[int, Field(description="还能看几次")]


class LegOut(Answer):
    """发给本单位的一单。"""

    id: Number
    number: Annotated[str, Field(description="办件编号")]
    kind: Kinds
    offering: str
    title: Annotated[str, Field(description="要办什么")]
    state: Literal[tuple(Leg.State.values)]
    version: Version
    words: Annotated[str, Field(description="店主写的")]
    answers: Annotated[dict, Field(description="店主填的；登记里的信息要店主授权才能看")]
    reason: str
    terms: str
    due_on: Date | None
    sent_at: Instant | None
    taken_at: Instant | None
    closed_at: Instant | None
    accepted: Annotated[bool, Field(description="店主选了本单位")]
    sharing: LegSharing | None
    verbs: Annotated[list[Literal[LEG_VERBS]], Field(description="现在可以做什么")]

    example: ClassVar[Any] = {
        "id": 31,
        "number": "LPS-2026-00000012",
        "kind": "tender",
        "offering": "loan-a",
        "title": "演示贷款",
        "state": Leg.State.SENT.value,
        "version": 1,
        "words": "想借钱进货",
        "answers": {"sum": "50000"},
        "reason": "",
        "terms": "",
        "due_on": None,
        "sent_at": NOON,
        "taken_at": None,
        "closed_at": None,
        "accepted": False,
        "sharing": {"facts": ["shop_name", "monthly_rent"], "until": "2026-12-24", "left": 3},
        "verbs": ["take", "decline", "unreachable"],
    }


class SharingOut(Answer):
    """一个信息授权。"""

    id: Number
    receiver: NamedCode
    business: Id
    purpose: str
    facts: list[str]
    until: Date
    uses: int
    used: int
    keep_days: int
    given_at: Instant
    revoked_at: Instant | None
    ended: Annotated[str | None, Field(description="为什么不能再看；还能看的是 null")]

    example: ClassVar[Any] = {
        "id": 5,
        "receiver": BANK,
        "business": EXAMPLE_SHOP,
        "purpose": "办理“演示贷款”",
        "facts": ["shop_name", "monthly_rent"],
        "until": "2026-12-24",
        "uses": 3,
        "used": 0,
        "keep_days": 30,
        "given_at": NOON,
        "revoked_at": None,
        "ended": None,
    }


class SharingPreview(Answer):
    """要同意的原话。同意时把 notice 照样写回。"""

    words: str
    notice: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="原话的 SHA-256")]
    until: Date
    uses: int
    keep_days: int

    example: ClassVar[Any] = {
        "words": "我同意演示银行甲为了办理“演示贷款”，看“演示店”的这些信息：店名：演示店。",
        "notice": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "until": "2026-12-24",
        "uses": 3,
        "keep_days": 30,
    }
