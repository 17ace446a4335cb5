"""诉求: a question or a need, answered by one bureau; the owner says whether it is solved."""

from cases.procedure import CLOSED, REVIEW, RUNS, STANDS, SYSTEM, Procedure, State, Verb

from .. import headlines, legs, telling
from ..catalogue.offerings import promise, titled
from ..permissions import owner, owner_within_60_days, receiver
from ..sight import sees
from . import Kind


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
    "asking": State("等您补充", "等补充", "may", headlines.asking, clock=STANDS),
    "answered": State("已答复", "已答复", "ok", "{department}已答复，请看是否解决"),
    "solved": State("已解决", "已解决", "ok", "您说已解决", CLOSED, outcome="helped"),
    "settled": State("已办结", "按答复办结", "ok", "已答复，28 天没有新意见", CLOSED, outcome="answered"),
    "declined": State("不能办", "不能办", "no", "不能办：{reason}", CLOSED, outcome="no_help"),
    "lost": State("没有联系上", "联系不上", "no", "没有联系上您，可以接着办", CLOSED, outcome="unreachable"),
    "expired": State("没有人接办", "无人接办", "no", "没有单位接办，请拨 12345", CLOSED, outcome="expired"),
    "withdrawn": State("已撤回", "已撤回", "no", "您已撤回", CLOSED, outcome="withdrawn"),
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
    "ask": Verb(
        "请店主补充",
        {"taken": ("asking",)},
        receiver,
        "请您补充",
        staff="请店主补充",
        needs=("words", "until"),
        tell=telling.wants,
    ),
    "supply": Verb(
        "补充",
        {"asking": ("taken",)},
        owner,
        "已补充",
        owner="补充",
        needs=("words",),
        silent=telling.OWN,
        also=legs.supplied,
    ),
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
    "expire": Verb(
        "无人接办", both("expired"), SYSTEM, "没有单位接办", tell=telling.expired, also=legs.unanswered
    ),
    "withdraw": Verb(
        "撤回",
        both("withdrawn") | {"asking": ("withdrawn",)},
        owner,
        "已撤回",
        owner="撤回",
        silent=telling.OWN,
        also=legs.drop,
    ),
}
ENQUIRY = Procedure(
    "enquiry",
    "诉求",
    "open",
    STATES,
    VERBS,
    promise=promise,
    detail="request",
    titled=titled,
    sees=sees,
    events=telling.EVENTS,
)
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
