"""Services over the API: what is answered. json.py makes these of rows."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from cases.models import Message
from cases.procedure import CLOSED, OPEN, OUTCOMES
from core.api import Answer
from core.api.spelling import Code, Date, Id, Instant, Version
from policies.api_answers import NamedCode

from ..catalogue.questions import TYPES
from ..kinds import KINDS
from ..models import Leg, Request

Kinds = Literal[tuple(KINDS)]
PROCEDURES = [kind.procedure for kind in KINDS.values() if kind.procedure]
STATES = sorted({state for procedure in PROCEDURES for state in procedure.states})
States = Literal[tuple(STATES)]
Outcomes = Literal[tuple(OUTCOMES)]
Number = Annotated[int, Field(ge=1)]
EXAMPLE_ID = "5b0c1c34-6a4e-4f0a-8a53-1d2f1f0a2c21"
EXAMPLE_SHOP = "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11"
BANK = {"code": "demo-bank-a", "name": "演示银行甲"}
NOON = "2026-11-24T09:30:00+08:00"


class OfferingRow(Answer):
    """列表里的一项服务。"""

    code: str
    kind: Kinds
    benefit: Annotated[Code, Field(description="属于哪个事项")]
    title: str
    summary: str
    given_by: Annotated[str, Field(description="谁提供")]
    provider: Annotated[str | None, Field(description="提供单位的代码；导师提供的是 null")]
    handler: NamedCode
    district: Annotated[str | None, Field(description="只在哪个县区；null：不限")]
    opens_on: Date | None
    closes_on: Date | None
    closed: Annotated[str | None, Field(description="今天为什么不能办；能办的是 null")]

    example: ClassVar[Any] = {
        "code": "loan-a",
        "kind": "tender",
        "benefit": "M02a",
        "title": "演示贷款",
        "summary": "进货周转，最长一年",
        "given_by": BANK["name"],
        "provider": BANK["code"],
        "handler": BANK,
        "district": None,
        "opens_on": None,
        "closes_on": None,
        "closed": None,
    }


class QuestionOut(Answer):
    """要回答的一个问题。"""

    key: str
    type: Literal[TYPES]
    label: str
    required: bool
    choices: Annotated[list[str] | None, Field(description="choice 的选项")]
    fact: Annotated[str | None, Field(description="登记里有这项信息时不用回答")]
    hint: str
    unit: str


class StepOut(Answer):
    """逐项办的一步。"""

    key: str
    title: str
    department: str


class OfferingOut(OfferingRow):
    """一项服务的全部内容。"""

    words: str
    place: str
    contact: str
    criteria: Annotated[dict | None, Field(description="谁可以；null：与事项的条件相同")]
    questions: list[QuestionOut]
    steps: list[StepOut]
    promise_days: Annotated[int | None, Field(description="几个工作日；null：时限待公布")]
    promise_basis: str
    terms: Annotated[dict, Field(description="条件和价格；值是 null 的由机构定，或待公布")]
    shares: Annotated[list[str], Field(description="店主同意后，机构可以看的信息")]

    example: ClassVar[Any] = {
        **OfferingRow.example,
        "words": "",
        "place": "",
        "contact": "",
        "criteria": None,
        "questions": [
            {
                "key": "sum",
                "type": "money",
                "label": "想借多少",
                "required": True,
                "choices": None,
                "fact": None,
                "hint": "",
                "unit": "",
            }
        ],
        "steps": [],
        "promise_days": None,
        "promise_basis": "",
        "terms": {"rate": None, "months": 12},
        "shares": ["shop_name", "monthly_rent"],
    }


class SlotOut(Answer):
    """一个可以约的时间。"""

    id: Number
    starts_at: Instant
    ends_at: Instant
    sessions: Annotated[list[list[Instant]], Field(description="分几次的，每次的开始和结束")]
    place: str
    capacity: int
    left: Annotated[int, Field(description="还剩几个名额")]
    queue: Annotated[int, Field(description="几个人在排队")]

    example: ClassVar[Any] = {
        "id": 12,
        "starts_at": NOON,
        "ends_at": "2026-11-24T11:30:00+08:00",
        "sessions": [],
        "place": "",
        "capacity": 12,
        "left": 1,
        "queue": 0,
    }


class RequestRow(Answer):
    """列表里的一件。"""

    id: Annotated[Id, Field(description="这一件的编号，不会变。")]
    number: Annotated[str, Field(description="办件编号")]
    kind: Kinds
    offering: Annotated[str, Field(description="哪一项服务")]
    title: str
    business: Annotated[Id | None, Field(description="哪家店")]
    state: States
    label: Annotated[str, Field(description="状态的说法")]
    phase: Literal[OPEN, CLOSED]
    outcome: Annotated[Outcomes | None, Field(description="结果；没有办完的是 null")]
    version: Version
    due_on: Annotated[Date | None, Field(description="最迟哪天；没有承诺时限的是 null")]
    submitted_at: Instant
    decided_at: Instant | None

    example: ClassVar[Any] = {
        "id": EXAMPLE_ID,
        "number": "LPS-2026-00000012",
        "kind": "tender",
        "offering": "loan-a",
        "title": "演示贷款",
        "business": EXAMPLE_SHOP,
        "state": "open",
        "label": "等机构接单",
        "phase": OPEN,
        "outcome": None,
        "version": 1,
        "due_on": None,
        "submitted_at": NOON,
        "decided_at": None,
    }


class RequestLeg(Answer):
    """问了谁，答了什么。"""

    id: Number
    receiver: str
    title: Annotated[str | None, Field(description="逐项办的，这一步办什么")]
    state: Literal[tuple(Leg.State.values)]
    reason: str
    terms: Annotated[str, Field(description="给出的条件或答复")]
    due_on: Date | None
    accepted: Annotated[bool, Field(description="店主选了这一家")]


class BookedSlot(Answer):
    """约的时间。"""

    id: Number
    starts_at: Instant
    ends_at: Instant
    place: str


class VerbOut(Answer):
    """现在可以做的一件事。"""

    verb: str
    name: str
    needs: Annotated[list[str], Field(description="要一起写的项")]


class RequestOut(RequestRow):
    """一件的全部内容。"""

    sentence: Annotated[str, Field(description="现在怎样了，一句话")]
    words: str
    answers: Annotated[dict, Field(description="问题：回答")]
    slot: BookedSlot | None
    seat: Annotated[
        Literal[tuple(filter(None, Request.Seat.values))] | None, Field(description="占一个名额，或排队")
    ]
    offered_until: Annotated[Instant | None, Field(description="空位留到")]
    until: Annotated[Date | None, Field(description="请在哪天前补充")]
    reason: Annotated[str, Field(description="没有办成的理由")]
    legs: list[RequestLeg]
    certificate: Annotated[str | None, Field(description="结业证编号")]
    messages: Annotated[int, Field(description="往来几条")]
    verbs: list[VerbOut]

    example: ClassVar[Any] = {
        **RequestRow.example,
        "sentence": "已发给机构，等它们接单",
        "words": "想借钱进货",
        "answers": {"sum": "50000"},
        "slot": None,
        "seat": None,
        "offered_until": None,
        "until": None,
        "reason": "",
        "legs": [
            {
                "id": 31,
                "receiver": BANK["name"],
                "title": None,
                "state": Leg.State.SENT.value,
                "reason": "",
                "terms": "",
                "due_on": None,
                "accepted": False,
            }
        ],
        "certificate": None,
        "messages": 1,
        "verbs": [{"verb": "withdraw", "name": "撤回", "needs": []}],
    }


class MessageLine(Answer):
    """往来里的一条。"""

    id: Number
    side: Literal[tuple(Message.Side.values)]
    office: Annotated[str | None, Field(description="哪个单位说的；店主说的是 null")]
    words: str
    files: Annotated[list[Id], Field(description="附件的编号")]
    at: Instant

    example: ClassVar[Any] = {
        "id": 8,
        "side": Message.Side.OWNER.value,
        "office": None,
        "words": "想借钱进货",
        "files": [],
        "at": NOON,
    }
