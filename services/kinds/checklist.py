"""逐项办: steps in order across departments, each with its clock; at the end done, or granted by two."""

from cases.procedure import CLOSED, GRANTED, REFUSED, RUNS, SYSTEM, State, Verb

from .. import headlines, legs, telling
from ..checklists import steps
from ..permissions import has_leg
from . import Kind, verbs

STATES = {
    "open": State("办理中", "办理中", "soon", headlines.step, clock=RUNS, view="办理中"),
    "correcting": verbs.ASKING,
    "deciding": State("待认定", "待认定", "soon", "每一步都办完了，{due}", clock=RUNS, view="待认定"),
    "done": State("办成了", "已办成", "ok", "每一步都办完了", CLOSED, outcome="helped", **verbs.RATED),
    "listed": State("已通过", "已认定", "ok", "已经认定", CLOSED, outcome=GRANTED, **verbs.RATED),
    "refused": State(
        "没有通过", "未通过", "no", "没有通过：{reason}", CLOSED, outcome=REFUSED, **verbs.RATED
    ),
    "expired": verbs.NOBODY,
    "withdrawn": verbs.WITHDRAWN,
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
    "ask": verbs.ask("open", "correcting", has_leg),
    "supply": verbs.supply("correcting", "open"),
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
    "expire": verbs.expire("open", "deciding"),
    "withdraw": verbs.withdraw("open", "correcting", "deciding"),
}
CHECKLIST = verbs.procedure("checklist", "逐项办", "open", STATES, VERBS)
LEG_VERBS = {"done": "step_done"}  # what is decided is decided by people
KIND = Kind("checklist", "逐项办", CHECKLIST, door="开始办", legs="in order", once=True, leg_verbs=LEG_VERBS)
