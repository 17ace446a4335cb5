"""What several kinds have word by word the same: of procedures, states and verbs."""

from cases.procedure import CLOSED, STANDS, SYSTEM, Procedure, State, Verb

from .. import headlines, legs, telling
from ..catalogue.offerings import promise, titled
from ..permissions import owner
from ..sight import sees

ASKING = State("等您补充", "等补充", "may", headlines.asking, clock=STANDS)
WITHDRAWN = State("已撤回", "已撤回", "no", "您已撤回", CLOSED, outcome="withdrawn")
RATED = {"rates": "done"}  # of states in which whoever was asked has come to an end
NOBODY = State("没有人接办", "无人接办", "no", "没有单位接办，请拨 12345", CLOSED, outcome="expired", **RATED)


def procedure(key: str, title: str, start: str, states: dict, verbs: dict, *, events=(), **more) -> Procedure:
    """One of this room: an offering says what it is called and what is promised."""
    said = {
        "detail": "request",
        "titled": titled,
        "sees": sees,
        "promise": promise,
        "rated": {"done": "这次办理"},
    }
    said |= more
    return Procedure(key, title, start, states, verbs, events=telling.EVENTS | dict(events), **said)


def from_each(starts: tuple[str, ...], end: str) -> dict[str, tuple[str]]:
    """From each of ``starts`` to ``end``."""
    return dict.fromkeys(starts, (end,))


def ask(start: str, asking: str, who) -> Verb:
    """Whoever answers wants to know more, by a day."""
    return Verb(
        "请店主补充",
        {start: (asking,)},
        who,
        "请您补充",
        staff="请店主补充",
        needs=("words", "until"),
        tell=telling.wants,
    )


def supply(asking: str, start: str) -> Verb:
    return Verb(
        "补充",
        {asking: (start,)},
        owner,
        "已补充",
        owner="补充",
        needs=("words",),
        silent=telling.OWN,
        also=legs.supplied,
    )


def withdraw(*starts: str) -> Verb:
    return Verb(
        "撤回",
        from_each(starts, "withdrawn"),
        owner,
        "已撤回",
        owner="撤回",
        silent=telling.OWN,
        also=legs.drop,
    )


def expire(*starts: str, name="无人接办", done="没有单位接办") -> Verb:
    """Nobody has answered in all the time there was."""
    return Verb(name, from_each(starts, "expired"), SYSTEM, done, tell=telling.expired, also=legs.unanswered)
