"""A procedure for tests: somebody asks, somebody answers, and either may let it be."""

from cases.letters import Told
from cases.procedure import CLOSED, DRAFT, RUNS, STANDS, SYSTEM, WITHDRAWN, Procedure, State, Verb
from cases.rights.permissions import owns


def receiver(user, case):
    return getattr(user, "is_staff", False) and user.department_id == case.department_id


def answered(case, **details):
    return Told("有答复了", "请看是否解决。")


STATES = {
    "open": State("等待接办", "待接办", "soon", "等{department}接办，{due}", clock=RUNS),
    "asking": State("等您补充", "等补充", "may", "请您再说几句", clock=STANDS),
    "answered": State("已答复", "已答复", "ok", "已答复，请看是否解决"),
    "solved": State("已解决", "已解决", "ok", "您说已解决", CLOSED, outcome="helped"),
    "expired": State("没有人接办", "无人接办", "no", "没有单位接办", CLOSED, outcome="expired"),
    "withdrawn": State("已撤回", "已撤回", "no", "您已撤回", CLOSED, outcome=WITHDRAWN),
    "draft": State("没问完", "没问完", "may", "还没有问", DRAFT),
}
OWN = "店主自己做的"
VERBS = {
    "hand_in": Verb("提问", {"draft": ("open",)}, owns, "已提问", owner="提问", silent=OWN),
    "ask": Verb(
        "请补充",
        {"open": ("asking",)},
        receiver,
        "请补充",
        staff="请补充",
        needs=("reason",),
        silent="下一步",
    ),
    "supply": Verb("补充", {"asking": ("open",)}, owns, "已补充", owner="补充", silent=OWN),
    "answer": Verb("答复", {"open": ("answered",)}, receiver, "已答复", staff="答复", tell=answered),
    "solve": Verb("确认", {"answered": ("solved",)}, owns, "确认解决", owner="解决了", silent=OWN),
    "expire": Verb("到期", {"open": ("expired",)}, SYSTEM, "无人接办", silent="由清扫来办"),
    "withdraw": Verb(
        "撤回", dict.fromkeys(("open", "asking"), ("withdrawn",)), owns, "已撤回", owner="撤回", silent=OWN
    ),
}
TOY = Procedure("toy", "试验", "draft", STATES, VERBS, promise=lambda case: (5, 20))
