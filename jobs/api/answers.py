"""The labour market over the API: what is answered. No field holds a phone; json.py makes these of rows."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from cases.procedure import CLOSED, OPEN
from core.api import Answer
from core.api.spelling import Date, Id, Instant, Money, Version

from ..models import Contact, Post, Worker
from ..procedure import CONTACT

EXAMPLE_POST = "0e2d0c52-93f1-4c39-8c0e-3b1f1f0a2d31"
EXAMPLE_CONTACT = "c1f7f2de-4f0a-4a53-9d2f-1f0a2c215b0c"
EXAMPLE_SHOP = "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11"
NOON = "2026-11-24T09:30:00+08:00"
STATES = tuple(CONTACT.states)
OUTCOMES = tuple(dict.fromkeys(state.outcome for state in CONTACT.states.values() if state.outcome))
VERBS = tuple(key for key, verb in CONTACT.verbs.items() if verb.owner)
Trade = Annotated[str, Field(description="工种的代码，见 trades")]
County = Annotated[str, Field(description="县区的代码，见 counties")]
Number = Annotated[int, Field(ge=1)]
Days = Annotated[list[Annotated[int, Field(ge=1, le=7)]], Field(description="一周哪几天，1 是周一")]


class TradeOut(Answer):
    """一个工种。"""

    key: str
    label: str
    group: str
    farm: Annotated[bool, Field(description="地里的活")]
    hard: Annotated[bool, Field(description="未满 18 岁不能做")]
    season: Annotated[list[int], Field(description="哪几个月最要人；空的是全年")]

    example: ClassVar[Any] = {
        "key": "tea_picking",
        "label": "采茶",
        "group": "农业",
        "farm": True,
        "hard": False,
        "season": [3, 4, 5],
    }

    @classmethod
    def of(cls, row) -> "TradeOut":
        plain = ("key", "label", "group", "farm", "hard")
        return cls.of_values(**{name: getattr(row, name) for name in plain}, season=list(row.season))


class CountyOut(Answer):
    """一个县区。"""

    code: str
    label: str
    near: Annotated[list[str], Field(description="相邻的县区")]

    example: ClassVar[Any] = {"code": "520204", "label": "水城区", "near": ["520201", "520203"]}

    @classmethod
    def of(cls, row) -> "CountyOut":
        return cls.of_values(code=row.code, label=row.label, near=list(row.near))


# Posts


class PostRow(Answer):
    """列表里的一条招工。"""

    id: Annotated[Id, Field(description="这条招工的编号，不会变。")]
    business: Annotated[Id, Field(description="哪家店")]
    shop: Annotated[str, Field(description="店名")]
    title: str
    trade: Trade
    county: County
    place: str
    from_on: Date
    until_on: Date
    pay: Annotated[Money, Field(description="工钱，元")]
    unit: Annotated[Literal[tuple(Post.Unit.values)], Field(description="工钱按什么算")]
    day_pay: Annotated[Money, Field(description="折合一天，元")]
    people: Annotated[Number, Field(description="要几个人")]
    state: Literal[tuple(Post.State.values)]
    version: Version
    posted_at: Instant

    example: ClassVar[Any] = {
        "id": EXAMPLE_POST,
        "business": EXAMPLE_SHOP,
        "shop": "演示店",
        "title": "采春茶，按天结",
        "trade": "tea_picking",
        "county": "520204",
        "place": "米箩镇",
        "from_on": "2026-12-01",
        "until_on": "2026-12-21",
        "pay": "150.00",
        "unit": Post.Unit.DAY.value,
        "day_pay": "150.00",
        "people": 4,
        "state": Post.State.OPEN.value,
        "version": 1,
        "posted_at": NOON,
    }


class PostOut(PostRow):
    """一条招工的全部内容。"""

    words: str
    days: Days
    hours: Annotated[Number, Field(description="一天几小时")]
    pieces: Annotated[Number | None, Field(description="按件算的，一天大约多少件")]
    night: bool
    meals: bool
    lodging: bool
    season: Annotated[bool, Field(description="季节活")]
    requirements: Annotated[dict, Field(description="对人的要求，写法同规则的条件")]
    asks: Annotated[list[str], Field(description="要求的说法")]
    because: Annotated[str, Field(description="为什么停着、等着或结束")]
    verbs: Annotated[
        list[Literal["pause", "resume", "close"]], Field(description="您现在可以做什么；不是您的店，是空的")
    ]

    example: ClassVar[Any] = {
        **PostRow.example,
        "words": "",
        "days": [1, 2, 3, 4, 5, 6, 7],
        "hours": 8,
        "pieces": None,
        "night": False,
        "meals": True,
        "lodging": False,
        "season": True,
        "requirements": {"all": [{"fact": "experience", "op": "gte", "value": 1}]},
        "asks": ["干过这一行不少于 1 年"],
        "because": "",
        "verbs": ["pause", "close"],
    }


class ReasonOut(Answer):
    """合适或者差的一条。"""

    key: str
    holds: bool
    sentence: str

    example: ClassVar[Any] = {"key": "pay", "holds": True, "sentence": "一天 150 元，够得上想要的 120 元"}


class MatchOut(Answer):
    """和这条招工合适的一个人。"""

    worker: Annotated[Number, Field(description="问他时写的编号")]
    name: Annotated[str, Field(description="显示的称呼")]
    reasons: list[ReasonOut]
    contact: Annotated[Id | None, Field(description="正在问他的那一件；没有问的是 null")]

    example: ClassVar[Any] = {"worker": 12, "name": "小李", "reasons": [ReasonOut.example], "contact": None}


# Whoever looks for work


class WorkerOut(Answer):
    """您的找活信息。"""

    shown_name: str
    born_on: Date
    trades: list[str]
    counties: list[str]
    from_on: Date
    until_on: Date
    days: Days
    hours: Annotated[Number, Field(description="一天最多几小时")]
    wants: Annotated[Money, Field(description="一天最少，元")]
    experience: Annotated[int | None, Field(description="这一行干过几年")]
    certificates: list[str]
    has_tools: bool | None
    needs_lodging: bool
    only_season: bool
    state: Literal[tuple(Worker.State.values)]
    looking_until: Annotated[Date, Field(description="店里看得到您，到这天")]
    version: Version

    example: ClassVar[Any] = {
        "shown_name": "小李",
        "born_on": "1990-05-01",
        "trades": ["tea_picking"],
        "counties": ["520204"],
        "from_on": "2026-12-01",
        "until_on": "2027-03-31",
        "days": [1, 2, 3, 4, 5, 6, 7],
        "hours": 9,
        "wants": "120.00",
        "experience": 2,
        "certificates": ["health"],
        "has_tools": False,
        "needs_lodging": False,
        "only_season": False,
        "state": Worker.State.LOOKING.value,
        "looking_until": "2027-03-01",
        "version": 1,
    }


# Contacts


class ContactRow(Answer):
    """列表里的一件对接。"""

    id: Annotated[Id, Field(description="这一件的编号，不会变。")]
    number: Annotated[str, Field(description="办件编号")]
    post: Annotated[Id, Field(description="哪条招工")]
    title: str
    business: Annotated[Id, Field(description="哪家店")]
    shop: Annotated[str, Field(description="店名")]
    name: Annotated[str, Field(description="找活的人显示的称呼")]
    asked_by: Annotated[Literal[tuple(Contact.Side.values)], Field(description="谁先问")]
    state: Literal[STATES]
    label: Annotated[str, Field(description="状态的说法")]
    phase: Literal[OPEN, CLOSED]
    outcome: Annotated[Literal[OUTCOMES] | None, Field(description="结果；没有结束的是 null")]
    version: Version
    until: Annotated[Date, Field(description="最晚哪天答复")]
    submitted_at: Instant
    decided_at: Instant | None

    example: ClassVar[Any] = {
        "id": EXAMPLE_CONTACT,
        "number": "LPS-2026-00000031",
        "post": EXAMPLE_POST,
        "title": PostRow.example["title"],
        "business": EXAMPLE_SHOP,
        "shop": "演示店",
        "name": "小李",
        "asked_by": Contact.Side.WORKER.value,
        "state": "asked",
        "label": "等回话",
        "phase": OPEN,
        "outcome": None,
        "version": 1,
        "until": "2026-12-01",
        "submitted_at": NOON,
        "decided_at": None,
    }


class ContactVerbOut(Answer):
    """现在可以做的一件事。"""

    verb: Literal[VERBS]
    name: str
    needs: Annotated[list[str], Field(description="要一起写的项")]


class ContactOut(ContactRow):
    """一件对接的全部内容。"""

    sentence: Annotated[str, Field(description="现在怎样了，一句话")]
    words: Annotated[str, Field(description="先问的一方写的")]
    reason: Annotated[str, Field(description="没有谈成的理由")]
    shop_agreed: Annotated[bool, Field(description="店里说定了")]
    worker_agreed: Annotated[bool, Field(description="本人说定了")]
    reasons: list[ReasonOut]
    verbs: list[ContactVerbOut]

    example: ClassVar[Any] = {
        **ContactRow.example,
        "sentence": "等演示店回话，最晚 2026 年 12 月 1 日",
        "words": "我去年采过",
        "reason": "",
        "shop_agreed": False,
        "worker_agreed": False,
        "reasons": [ReasonOut.example],
        "verbs": [{"verb": "accept", "name": "可以谈", "needs": []}],
    }
