"""逐项办: steps in order across departments, each with its clock; at the end done, or granted by two."""

from cases.procedure import CLOSED, GRANTED, REFUSED, RUNS, STANDS, SYSTEM, Procedure, State, Verb

from .. import headlines, legs, telling
from ..catalogue.offerings import promise, titled
from ..checklists import steps
from ..permissions import has_leg, owner
from ..sight import sees
from . import Kind

STATES = {
    "open": State("办理中", "办理中", "soon", headlines.step, clock=RUNS, view="办理中"),
    "correcting": State("等您补充", "等补充", "may", headlines.asking, clock=STANDS),
    "deciding": State("待认定", "待认定", "soon", "每一步都办完了，{due}", clock=RUNS, view="待认定"),
    "done": State("办成了", "已办成", "ok", "每一步都办完了", CLOSED, outcome="helped"),
    "listed": State("已通过", "已认定", "ok", "已经认定", CLOSED, outcome=GRANTED),
    "refused": State("没有通过", "未通过", "no", "没有通过：{reason}", CLOSED, outcome=REFUSED),
    "expired": State("没有人接办", "无人接办", "no", "没有单位接办，请拨 12345", CLOSED, outcome="expired"),
    "withdrawn": State("已撤回", "已撤回", "no", "您已撤回", CLOSED, outcome="withdrawn"),
}
VERBS = {
    "step_done": Verb(
        "办完这一步",
        {"open": ("open", "deciding", "done")},
        has_leg,
        "办完一步",
        staff="办完这一步",
        needs=("note",),
        tell=telling.step_done,
        also=steps.done,
        leads=steps.after,
    ),
    "step_back": Verb(
        "退回上一步",
        {"open": ("open",), "deciding": ("open",)},
        has_leg,
        "退回上一步",
        staff="退回上一步",
        needs=("reason",),
        tell=telling.step_back,
        also=steps.back,
        note_is_shown=True,
    ),
    "ask": Verb(
        "请店主补充",
        {"open": ("correcting",)},
        has_leg,
        "请您补充",
        staff="请店主补充",
        needs=("words", "until"),
        tell=telling.wants,
    ),
    "supply": Verb(
        "补充",
        {"correcting": ("open",)},
        owner,
        "已补充",
        owner="补充",
        needs=("words",),
        silent=telling.OWN,
        also=legs.supplied,
    ),
    "approve": Verb(
        "认定",
        {"deciding": ("listed",)},
        steps.may_decide,
        "认定通过",
        staff="认定",
        needs=("note",),
        tell=telling.listed,
        also=steps.granted,
    ),
    "refuse": Verb(
        "不予通过",
        dict.fromkeys(("open", "deciding"), ("refused",)),
        has_leg,
        "没有通过",
        staff="不通过",
        needs=("reason",),
        tell=telling.refused,
        also=legs.refused,
        note_is_shown=True,
    ),
    "lapse": Verb(
        "没有补充而办结",
        {"correcting": ("withdrawn",)},
        SYSTEM,
        "没有补充，按撤回处理",
        tell=telling.lost,
        also=legs.drop,
    ),
    "expire": Verb(
        "无人接办",
        dict.fromkeys(("open", "deciding"), ("expired",)),
        SYSTEM,
        "没有单位接办",
        tell=telling.expired,
        also=legs.unanswered,
    ),
    "withdraw": Verb(
        "撤回",
        dict.fromkeys(("open", "correcting", "deciding"), ("withdrawn",)),
        owner,
        "已撤回",
        owner="撤回",
        silent=telling.OWN,
        also=legs.drop,
    ),
}
CHECKLIST = Procedure(
    "checklist",
    "逐项办",
    "open",
    STATES,
    VERBS,
    promise=promise,
    detail="request",
    titled=titled,
    sees=sees,
    events=telling.EVENTS,
)
LEG_VERBS = {"done": "step_done"}  # what is decided is decided by people
KIND = Kind("checklist", "逐项办", CHECKLIST, door="开始办", legs="in order", once=True, leg_verbs=LEG_VERBS)
