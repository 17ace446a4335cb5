"""诉求: a question or a need, answered by one bureau; the owner says whether it is solved."""

from cases.procedure import CLOSED, REVIEW, RUNS, SYSTEM, State, Verb

from .. import legs, telling
from ..permissions import owner, owner_within_60_days, receiver
from . import Kind, verbs


def both(end: str) -> dict:
    """From where nobody has answered yet."""
    return {"open": (end,), "taken": (end,)}


WAITS = {"clock": RUNS, "turn": REVIEW}
LOST = {"tell": telling.lost, "also": legs.ends_all(legs.State.UNREACHABLE)}
STATES = {
    "open": State(
        "等待接办", "待接办", "soon", "已转给{department}，{due}", button="接办", view="待接办", **WAITS
    ),
    "taken": State(
        "办理中", "办理中", "soon", "{department}正在办，{due}", button="答复", view="办理中", **WAITS
    ),
    "asking": verbs.ASKING,
    "answered": State("已答复", "已答复", "ok", "{department}已答复，请看是否解决", **verbs.RATED),
    "solved": State("已解决", "已解决", "ok", "您说已解决", CLOSED, outcome="helped"),
    "settled": State("已办结", "按答复办结", "ok", "已答复，28 天没有新意见", CLOSED, outcome="answered"),
    "declined": State("不能办", "不能办", "no", "不能办：{reason}", CLOSED, outcome="no_help", **verbs.RATED),
    "lost": State(
        "没有联系上",
        "联系不上",
        "no",
        "没有联系上您，可以接着办",
        CLOSED,
        outcome="unreachable",
        **verbs.RATED,
    ),
    "expired": verbs.NOBODY,
    "withdrawn": verbs.WITHDRAWN,
}
VERBS = {
    "take": Verb(
        "接办", {"open": ("taken",)}, receiver, "已接办", staff="接办", tell=telling.taken, also=legs.taken
    ),
    "refer": Verb(
        "转办",
        both("open"),
        receiver,
        "已转办",
        staff="转办",
        needs=("department", "note"),
        tell=telling.referred,
        also=legs.hand_on,
    ),
    "ask": verbs.ask("taken", "asking", receiver),
    "supply": verbs.supply("asking", "taken"),
    "answer": Verb(
        "答复",
        both("answered"),
        receiver,
        "已答复",
        staff="答复",
        needs=("words",),
        tell=telling.answered,
        also=legs.answered,
        by_link=True,
    ),
    "decline": Verb(
        "答复不能办",
        both("declined"),
        receiver,
        "不能办",
        staff="不能办",
        needs=("reason",),
        tell=telling.declined,
        also=legs.ends_all(legs.State.NO_HELP),
        note_is_shown=True,
    ),
    "miss": Verb(
        "记联系不上",
        {"taken": ("lost",), "asking": ("lost",)},
        receiver,
        "没有联系上",
        staff="联系不上",
        **LOST,
    ),
    "solve": Verb(
        "确认解决",
        {"answered": ("solved",)},
        owner,
        "确认解决",
        owner="解决了",
        silent=telling.OWN,
        also=legs.solved,
        by_link=True,
    ),
    "reopen": Verb(
        "重新办",
        dict.fromkeys(("answered", "solved", "settled", "lost"), ("open",)),
        owner_within_60_days,
        "没解决，重新办",
        owner="没解决",
        needs=("words",),
        tell=telling.reopened,
        also=legs.ask_again,
        anew=True,
        by_link=True,
    ),
    "settle": Verb(
        "按答复办结",
        {"answered": ("settled",)},
        SYSTEM,
        "按答复办结",
        tell=telling.settled,
        also=legs.solved,
    ),
    "lapse": Verb(
        "没有补充而办结",
        {"asking": ("lost",)},
        SYSTEM,
        "没有补充",
        **LOST,
    ),
    "expire": verbs.expire("open", "taken"),
    "withdraw": verbs.withdraw("open", "taken", "asking"),
}
ENQUIRY = verbs.procedure("enquiry", "诉求", "open", STATES, VERBS)
LEG_VERBS = {"take": "take", "decline": "decline", "done": "answer", "unreachable": "miss"}
KIND = Kind(
    "enquiry",
    "问一件事、提一个诉求",
    ENQUIRY,
    door="提出来",
    legs="one",
    open_to_all=True,
    leg_verbs=LEG_VERBS,
)
