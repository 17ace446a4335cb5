"""The labour market over the API: what is sent. Each value in one spelling here; what it may be, in reading.py."""

from collections.abc import Callable
from typing import Annotated, Any, ClassVar

from pydantic import Field

from businesses.api.bodies import BusinessId
from core import facts
from core.api import Body
from core.api.lists import Many
from core.api.spelling import DAY, ID, TEXT, WHOLE, Spelling, Version, read_uuid, read_words, value_shape
from core.facts import Fact, Misread

from ..contacting import LONGEST
from ..facts import CERTIFICATES
from ..models import Post
from ..settings import figure
from ..trades import counties, trades
from .answers import EXAMPLE_POST, EXAMPLE_SHOP, PostOut, PostRow, WorkerOut

MONEY = {**value_shape(Fact("pay", "money", "元")), "description": "元"}


def as_sent(read: Callable) -> Callable:
    """``read`` only looks whether the value is spelled right: reading.py reads it again, with what it may be."""

    def look(raw) -> object:
        read(raw)
        return raw

    return look


def _key_of(known: Callable, where: str) -> Callable:
    def read(raw) -> str:
        if not isinstance(raw, str) or raw not in known():
            raise Misread("invalid_choice", f"没有这个代码，见 {where}")
        return raw

    return read


def _unit(raw) -> str:
    if not isinstance(raw, str) or raw not in Post.Unit.values:
        raise Misread("invalid_choice", f"请从这些里选一个：{'、'.join(Post.Unit.values)}")
    return raw


def _requirements(raw) -> dict:
    if not isinstance(raw, dict):
        raise Misread("invalid_object", '请填对象，例如 {"all": []}')
    return raw


def _post_id(raw) -> str:
    if read_uuid(raw) is None:
        raise Misread("invalid_id", "请写招工的编号，见 /api/v1/posts/")
    return raw


def _row(raw) -> int:
    if facts.read_integer(raw) < 1:
        raise Misread("out_of_range", "请写读到的那个编号")
    return raw


def _whole(least: int, most: int, words: str) -> Spelling:
    def read(raw) -> int:
        if not least <= facts.read_integer(raw) <= most:
            raise Misread("out_of_range", f"请填 {least} 到 {most} 的整数")
        return raw

    return Spelling({"type": "integer", "minimum": least, "maximum": most, "description": words}, read)


def _text(longest: int, words: str) -> Spelling:
    return Spelling({**TEXT, "description": f"{words}，最多 {longest} 个字"}, read_words)


def _several(words: str, *, least=0, most=None) -> Many:
    return Many(words, least=least, most=most, repeated="这一个已经写过了")


TRADES, COUNTIES = "/api/v1/trades/", "/api/v1/counties/"
CHOICES = [choice.value for choice in CERTIFICATES]
NO_NUMBERS = "不写电话"
Trade = Annotated[
    str, Spelling(lambda: {**TEXT, "enum": list(trades()), "description": "工种"}, _key_of(trades, TRADES))
]
County = Annotated[
    str,
    Spelling(lambda: {**TEXT, "enum": list(counties()), "description": "县区"}, _key_of(counties, COUNTIES)),
]
Day = Annotated[str, Spelling(DAY, as_sent(facts.read_date))]
Pay = Annotated[Any, Spelling(MONEY, as_sent(facts.read_money))]
Flag = Annotated[bool, Spelling({"type": "boolean"}, facts.read_bool)]
Weekday = Annotated[int, _whole(1, 7, "1 是周一")]
Certificate = Annotated[str, Spelling({**TEXT, "enum": CHOICES}, _key_of(lambda: CHOICES, "这一项的文档"))]
Weekdays = Annotated[
    list[Weekday],
    _several("请写 1 到 7 的列表，1 是周一", most=7),
    Field(description="一周哪几天，不写是每天"),
]
Hours = Annotated[int, _whole(1, figure("most_hours"), "一天几小时，不写是 8")]


class Said(Body):
    """What is read by reading.py, as it was sent."""

    @property
    def typed(self) -> dict:
        return {name: getattr(self, name) for name in self.model_fields_set}


class PostSaid(Said):
    """What a post says."""

    trade: Trade
    title: Annotated[str, _text(30, f"一句话说清楚，{NO_NUMBERS}")]
    words: Annotated[str, _text(500, f"还要说明的，{NO_NUMBERS}")] = None
    county: County
    place: Annotated[str, _text(60, "具体地点")] = None
    from_on: Day
    until_on: Day
    days: Weekdays = None
    hours: Hours = None
    pay: Pay
    unit: Annotated[str, Spelling({**TEXT, "enum": Post.Unit.values, "description": "工钱按什么算"}, _unit)]
    pieces: Annotated[int, _whole(1, 100_000, "按件算的，一天大约多少件")] = None
    people: Annotated[int, _whole(1, 200, "要几个人，不写是 1")] = None
    night: Flag = None
    meals: Flag = None
    lodging: Flag = None
    season: Annotated[Flag, Field(description="季节活，忙完就散")] = None
    requirements: Annotated[
        dict,
        Spelling(
            {"type": "object", "description": "对人的要求：all、any、not 和 fact op value"}, _requirements
        ),
    ] = None


_EXAMPLE = {
    **{
        name: PostRow.example[name] for name in ("title", "trade", "county", "place", "pay", "unit", "people")
    },
    **{name: PostRow.example[name] for name in ("from_on", "until_on")},
    **{name: PostOut.example[name] for name in ("hours", "meals", "season", "requirements")},
}


class PostIn(PostSaid):
    """发一条招工。"""

    business: BusinessId

    example: ClassVar[Any] = {"business": EXAMPLE_SHOP, **_EXAMPLE}


class PostChange(PostSaid):
    """改一条招工：写全部内容和读到的 version。没写的项回到不写时的样子。"""

    version: Version

    example: ClassVar[Any] = {"version": 1, **_EXAMPLE}


class PostVerbIn(Body):
    """停、接着招、结束：写读到的 version。"""

    version: Version

    example: ClassVar[Any] = {"version": 1}


class WorkerIn(Said):
    """您的找活信息：写全部内容。已经有的，写上读到的 version。"""

    shown_name: Annotated[str, _text(12, f"怎么称呼，{NO_NUMBERS}")]
    born_on: Annotated[Day, Field(description="出生日期。只用来看能不能做，不给别人看")]
    trades: Annotated[list[Trade], _several("请写 1 到 8 个会做的工种", least=1, most=8)]
    counties: Annotated[list[County], _several("请写 1 到 8 个愿意去的县区", least=1, most=8)]
    from_on: Day
    until_on: Day
    days: Weekdays = None
    hours: Hours = None
    wants: Annotated[Pay, Field(description="一天最少要多少，元")]
    experience: Annotated[int, _whole(0, 60, "这一行干过几年")] = None
    certificates: Annotated[list[Certificate], _several("请写证书的列表")] = None
    has_tools: Flag = None
    needs_lodging: Flag = None
    only_season: Flag = None
    version: Version = None

    example: ClassVar[Any] = {
        name: value
        for name, value in WorkerOut.example.items()
        if name not in ("state", "looking_until", "version")
    }


class ContactIn(Body):
    """问一问：找活的人只写 post；店里问合适的人，还要写 worker。"""

    post: Annotated[str, Spelling({**ID, "description": "哪条招工"}, _post_id)]
    worker: Annotated[
        int, Spelling({**WHOLE, "minimum": 1, "description": "问谁，编号见这条招工的 matches"}, _row)
    ] = None
    words: Annotated[str, _text(LONGEST, f"想说的，{NO_NUMBERS}")] = None

    example: ClassVar[Any] = {"post": EXAMPLE_POST, "words": "我去年采过"}


class ContactVerbIn(Body):
    """回话：写读到的 version，和 verbs 里 needs 要的项。"""

    version: Version
    reason: Annotated[str, _text(1_000, f"refuse：为什么不合适，对方看得到，{NO_NUMBERS}")] = None

    example: ClassVar[Any] = {"version": 1}


class NothingMore(Body):
    """一个空对象。"""

    example: ClassVar[Any] = {}
