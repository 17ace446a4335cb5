"""预约: a time with a person, or of a room. Full times have a line, whose offers lapse."""

from cases.procedure import CLOSED, SYSTEM, State, Verb, nothing_promised

from .. import headlines, telling
from ..permissions import gives_it, owner, owner_beside_a_free_seat
from ..slots import seats
from . import Kind, verbs

STATES = {
    "booked": State("已约", "已约", "ok", headlines.booked, view="已约"),
    "waiting": State("排队中", "候补", "soon", headlines.waiting, view="候补"),
    "offered": State("有空位，请确认", "等确认", "may", headlines.offered),
    "attended": State("已完成", "已到场", "ok", "已完成", CLOSED, outcome="helped", **verbs.RATED),
    "excused": State("已请假", "已请假", "no", "您请了假，名额让给了别人", CLOSED, outcome="withdrawn"),
    "left": State("不排了", "已退出", "no", "您不排队了", CLOSED, outcome="withdrawn"),
    "revoked": State(
        "被取消", "已取消", "no", "对方取消了：{reason}", CLOSED, outcome="no_help", **verbs.RATED
    ),
    "no_show": State("没有到", "未到", "no", "这次记的是没有到", CLOSED, outcome="unreachable"),
    "lapsed": State("没有排上", "未排上", "no", "没有排上，可以约别的时间", CLOSED, outcome="expired"),
    "unrecorded": State("没有登记", "未登记", "no", "对方没有登记您到没到", CLOSED, outcome="expired"),
}
VERBS = {
    "confirm": Verb(
        "确认要这个名额",
        {"offered": ("booked",)},
        owner,
        "确认",
        owner="确认要",
        tell=telling.seat_confirmed,
        also=seats.confirmed,
        by_link=True,
    ),
    "take": Verb(
        "约最后的空位",
        {"waiting": ("booked",)},
        owner_beside_a_free_seat,
        "已预约",
        owner="就要这个空位",
        tell=telling.seat_confirmed,
        also=seats.taken_at_last,
    ),
    "leave": Verb(
        "退出排队",
        dict.fromkeys(("waiting", "offered"), ("left",)),
        owner,
        "不排了",
        owner="不排了",
        silent=telling.OWN,
        also=seats.free,
    ),
    "excuse": Verb(
        "请假",
        {"booked": ("excused",)},
        owner,
        "请假",
        owner="请假",
        silent=telling.OWN,
        also=seats.excused,
    ),
    "revoke": Verb(
        "取消预约",
        dict.fromkeys(("booked", "waiting", "offered"), ("revoked",)),
        gives_it,
        "取消",
        staff="取消",
        needs=("reason",),
        tell=telling.revoked,
        also=seats.free,
        note_is_shown=True,
    ),
    "attend": Verb(
        "记到场",
        {"booked": ("attended",)},
        gives_it,
        "到场",
        staff="到场",
        tell=telling.attended,
        also=seats.begun,
    ),
    "no_show": Verb(
        "记未到",
        {"booked": ("no_show",)},
        gives_it,
        "没有到",
        staff="未到",
        tell=telling.missed,
        also=seats.begun,
    ),
    "offer": Verb("让出名额", {"waiting": ("offered",)}, SYSTEM, "有空位", tell=telling.seat_offered),
    "lapse": Verb(
        "过时作废",
        {"offered": ("lapsed",)},
        SYSTEM,
        "名额过时作废",
        tell=telling.seat_lapsed,
        also=seats.free,
    ),
    "miss_out": Verb(
        "记没有排上",
        {"waiting": ("lapsed",)},
        SYSTEM,
        "没有排上",
        tell=telling.missed_out,
        also=seats.free,
    ),
    "forget": Verb(
        "记没有登记到场",
        {"booked": ("unrecorded",)},
        SYSTEM,
        "没有登记到场",
        tell=telling.unrecorded,
        also=seats.free,
    ),
}
BOOKING = verbs.procedure(
    "booking",
    "预约",
    "booked",
    STATES,
    VERBS,
    starts=("booked", "waiting"),
    begun="已预约",
    locks=seats.lock,
    events={"begin": telling.booked, "remind": telling.reminder},
    promise=nothing_promised,
)
KIND = Kind("booking", "预约", BOOKING, door="预约", seats=True)
