"""The life of a contact: two who may work together, from the first question to the last day of work."""

from cases.procedure import CLOSED, SYSTEM, Procedure, State, Verb

from . import effects, headlines, telling
from .permissions import asker, either, other, shop, whoever_may_refuse

CONTACT = Procedure(
    "contact",
    "用工对接",
    "asked",
    {
        "asked": State(
            "等回话", "等答复", "soon", headlines.asked, view="等答复", yours=headlines.asked_of_you
        ),
        "talking": State(
            "正在谈", "洽谈中", "soon", headlines.talking, view="洽谈中", yours=headlines.talking_with_you
        ),
        "agreed": State("说定了", "已说定", "ok", headlines.agreed, view="已说定"),
        "worked": State("干完了", "已完成", "ok", "这份活干完了", CLOSED, outcome="helped"),
        "refused": State("没谈成", "未谈成", "no", "没有谈成：{reason}", CLOSED, outcome="no_help"),
        "filled": State("招满了", "已招满", "no", "店里已经招满了", CLOSED, outcome="no_help"),
        "no_answer": State("没有回话", "无答复", "no", "到期没有回话", CLOSED, outcome="expired"),
        "withdrawn": State("收回了", "已撤回", "no", "先问的一方收回了", CLOSED, outcome="withdrawn"),
    },
    {
        "accept": Verb(
            "答应谈",
            {"asked": ("talking",)},
            other,
            "愿意谈",
            owner="可以谈",
            tell=telling.accepted,
            also=effects.talks,
            by_link=True,
        ),
        "agree": Verb(
            "说定",
            {"talking": ("agreed", "talking")},
            either,
            "说定了",
            owner="说定了",
            tell=telling.agreed,
            also=effects.agrees,
            leads=effects.where_it_leads,
        ),
        "finish": Verb(
            "记干完了",
            {"agreed": ("worked",)},
            either,
            "干完了",
            owner="干完了",
            tell=telling.finished,
            also=effects.ends,
        ),
        "refuse": Verb(
            "不谈了",
            dict.fromkeys(("asked", "talking", "agreed"), ("refused",)),
            whoever_may_refuse,
            "没有谈成",
            owner="不合适",
            needs=("reason",),
            tell=telling.refused,
            also=effects.ends,
            note_is_shown=True,
            by_link=True,
        ),
        "fill": Verb(
            "招满了",
            dict.fromkeys(("asked", "talking"), ("filled",)),
            shop,
            "招满了",
            owner="招满了",
            tell=telling.filled,
            also=effects.fills,
            by_link=True,
        ),
        "withdraw": Verb(
            "收回",
            {"asked": ("withdrawn",)},
            asker,
            "收回了",
            owner="收回",
            tell=telling.withdrawn,
            also=effects.ends,
        ),
        "lapse": Verb(
            "记没有回话",
            dict.fromkeys(("asked", "talking"), ("no_answer",)),
            SYSTEM,
            "到期没有回话",
            tell=telling.lapsed,
            also=effects.ends,
        ),
        "drop": Verb(
            "随招工结束",
            dict.fromkeys(("asked", "talking"), ("refused",)),
            SYSTEM,
            "这样活不招了",
            tell=telling.refused,
            also=effects.drops,
        ),
        "done": Verb(
            "记为干完",
            {"agreed": ("worked",)},
            SYSTEM,
            "日子到了，记为干完",
            tell=telling.finished,
            also=effects.ends,
        ),
    },
    called="contact",
    detail="contact",
    begun="已问对方",
    right="jobs.view_contact",
    titled=headlines.titled,
    events={"begin": telling.asked},
    scope="posts:read",
)
