"""几家一起问: a need is sent to several institutions, each answers for itself, and the owner chooses."""

from cases.procedure import CLOSED, RUNS, SYSTEM, State, Verb

from .. import headlines, legs, telling
from ..permissions import has_leg, operator, owner
from . import Kind, verbs

STATES = {
    "open": State("等机构接单", "待接单", "soon", "已发给机构，等它们接单", clock=RUNS, view="待接单"),
    "talking": State("洽谈中", "洽谈中", "soon", headlines.talking, view="洽谈中"),
    "unserved": State("暂时没接成", "暂未接成", "may", "这几家没接成，可以转给下一家"),
    "served": State("办成了", "已办成", "ok", "办成了", CLOSED, outcome="helped", **verbs.RATED),
    "given_up": State(
        "没办成", "未办成", "no", "没有办成，可以提诉求再想办法", CLOSED, outcome="no_help", **verbs.RATED
    ),
    "expired": State(
        "没有机构接单", "无人接单", "no", "没有机构接单，请拨 12345", CLOSED, outcome="expired", **verbs.RATED
    ),
    "withdrawn": verbs.WITHDRAWN,
}


def after_decline(case, principal) -> str:
    """Where it stands when one says no: as before while others look at it, else unserved."""
    if legs.others_are_open(case, principal) or legs.has_offer(case):
        return case.state
    return "unserved"


ENDS = {"open": ("open", "unserved"), "talking": ("talking", "unserved")}
OPEN = ("open", "talking", "unserved")
VERBS = {
    "take": Verb(
        "接单",
        dict.fromkeys(("open", "talking"), ("talking",)),
        has_leg,
        "有机构接单",
        staff="接单",
        tell=telling.leg_taken,
        also=legs.taken,
    ),
    "offer": Verb(
        "给出条件",
        {"talking": ("talking",)},
        has_leg,
        "有机构给出条件",
        staff="给出条件",
        needs=("words",),
        tell=telling.offered,
        also=legs.ends(legs.State.DONE),
    ),
    "decline": Verb(
        "答复不能办",
        ENDS,
        has_leg,
        "有机构没接成",
        staff="不能办",
        needs=("reason",),
        tell=telling.leg_declined,
        also=legs.ends(legs.State.NO_HELP),
        leads=after_decline,
        note_is_shown=True,
    ),
    "miss": Verb(
        "记联系不上",
        ENDS,
        has_leg,
        "有机构没联系上您",
        staff="联系不上",
        needs=("reason",),
        tell=telling.leg_declined,
        also=legs.ends(legs.State.UNREACHABLE),
        leads=after_decline,
    ),
    "pass_on": Verb(
        "转给下一家",
        {"open": ("open",), "talking": ("talking",), "unserved": ("open",)},
        owner,
        "转给下一家",
        owner="转给下一家",
        silent=telling.OWN,
        own_door=True,
    ),
    "share": Verb(
        "同意给机构看信息",
        {"open": ("open",), "talking": ("talking",)},
        operator,
        "同意给机构看信息",
        owner="让机构看我的信息",
        silent=telling.OWN,
        own_door=True,
    ),
    "accept": Verb(
        "接受条件",
        {"talking": ("served",)},
        owner,
        "接受条件",
        owner="就这家",
        silent=telling.OWN,
        own_door=True,
        also=legs.drop,
    ),
    "give_up": Verb(
        "没有再选机构而办结",
        dict.fromkeys(("talking", "unserved"), ("given_up",)),
        SYSTEM,
        "没有再选机构",
        tell=telling.given_up,
    ),
    "expire": verbs.expire("open", "talking", name="无人接单", done="没有机构接单"),
    "withdraw": verbs.withdraw(*OPEN),
}
TENDER = verbs.procedure(
    "tender",
    "找机构办",
    "open",
    STATES,
    VERBS,
    events={"begin": telling.tender_begun, "sharing_changed": telling.sharing_changed},
)
LEG_VERBS = {"take": "take", "decline": "decline", "done": "offer", "unreachable": "miss"}
KIND = Kind("tender", "几家一起问", TENDER, door="找机构问", legs="several", once=True, leg_verbs=LEG_VERBS)
