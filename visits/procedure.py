"""检查: from a bureau's plan to the day it is paid, merged with others or not."""

from cases.inputs import INPUTS, Input
from cases.procedure import CLOSED, SYSTEM, Procedure, State, Verb

from . import caps, merging, telling
from .permissions import planner
from .terms import days
from .wording import lapsed, near

INPUTS["on"] = Input("检查日期", kind="day", nearest=0, furthest=days("furthest").days)

BY_RULE = "只是给单位的建议，定了日子才告诉店主"
AT_THE_DOOR = "店主出示的二维码，人就在店里"


def titled(case) -> str:
    return f"{case.department.name}的检查"


STATES = {
    "planned": State(
        "还没定日子", "待定日期", "soon", near("打算在 {window}之间来，还没定日子"), view="待定日期"
    ),
    "proposed": State(
        "还没定日子，想合成一次", "建议合并", "soon", near("几个单位想一天来，还没定日子"), view="建议合并"
    ),
    "set": State("已定日子", "已定日期", "soon", near("{on}来"), view="已定日期"),
    "done": State(
        "查完了", "已检查", "ok", near("{on}来过，结果在下面"), CLOSED, outcome="helped", view="已检查"
    ),
    "merged": State(
        "合成一次", "已合并", "ok", near("和别的单位一起，{on}来"), CLOSED, outcome="answered", view="已合并"
    ),
    "dropped": State("取消了", "已取消", "no", "不来了：{reason}", CLOSED, outcome="withdrawn"),
    "lapsed": State("过期了", "过期未结", "no", lapsed, CLOSED, outcome="expired"),
}
NOT_OVER = ("planned", "proposed", "set")
VERBS = {
    "accept": Verb(
        "同意合并",
        {"proposed": ("set", "merged")},
        planner,
        "同意合成一次",
        staff="同意合并",
        tell=telling.accepted,
        also=merging.accepted,
        leads=merging.where_to,
    ),
    "set": Verb(
        "定日期",
        dict.fromkeys(("planned", "proposed"), ("set",)),
        planner,
        "定了日子",
        staff="定日期",
        needs=("on",),
        tell=telling.fixed,
        also=merging.fixed,
    ),
    "decline": Verb(
        "不合并",
        {"proposed": ("planned",)},
        planner,
        "单独来",
        staff="不合并，单独去",
        needs=("note",),
        silent=BY_RULE,
        also=merging.declined,
    ),
    "move": Verb(
        "改日期",
        {"set": ("set",)},
        planner,
        "改了日子",
        staff="改日期",
        needs=("on",),
        tell=telling.moved,
        also=merging.moved_with,
    ),
    "arrive": Verb(
        "登记到店",
        {"set": ("set",), "merged": ("merged",)},
        planner,
        "到店",
        staff="到店",
        silent=AT_THE_DOOR,
        own_door=True,
    ),
    "done": Verb(
        "写检查结果",
        {"set": ("done",)},
        planner,
        "查完了",
        staff="写结果",
        needs=("words",),
        tell=telling.done,
        also=merging.ended,
    ),
    "drop": Verb(
        "取消检查",
        dict.fromkeys(NOT_OVER, ("dropped",)),
        planner,
        "取消了",
        staff="取消",
        needs=("reason",),
        tell=telling.dropped,
        also=merging.released,
        note_is_shown=True,
    ),
    "propose": Verb(
        "建议合并",
        {"planned": ("proposed",), "proposed": ("proposed",)},
        SYSTEM,
        "建议几个单位一天来",
        silent=BY_RULE,
    ),
    "part": Verb(
        "取消合并",
        {"proposed": ("planned",), "merged": ("planned",)},
        SYSTEM,
        "不合成一次了",
        silent=BY_RULE,
    ),
    "lapse": Verb(
        "按过期处理",
        dict.fromkeys(NOT_OVER, ("lapsed",)),
        SYSTEM,
        "到期没有来",
        tell=telling.lapsed,
        also=merging.released,
    ),
}
VISIT = Procedure(
    "visit",
    "检查",
    "planned",
    STATES,
    VERBS,
    detail="visit",
    begun="列入计划",
    titled=titled,
    locks=caps.lock_shop,
    events={"remind": telling.reminder},
    rated={telling.DAY: "这次检查"},
    scope="visits:read",
)
