"""报班: a class of several evenings. Too few, and it is cancelled; whoever came may get a certificate."""

from cases.procedure import CLOSED, State, Verb

from .. import telling
from ..permissions import gives_it
from ..slots import certificates, seats
from . import Kind, verbs
from .booking import BOOKING

ENROLMENT = BOOKING.extended(
    "enrolment",
    "报班",
    states={
        "cancelled": State(
            "没有开班", "未开班", "no", "没有开班：{reason}", CLOSED, outcome="no_help", **verbs.RATED
        ),
        "certified": State(
            "已结业", "已结业", "ok", "已结业，有结业证", CLOSED, outcome="helped", **verbs.RATED
        ),
    },
    verbs={
        "cancel_class": Verb(
            "不开班",
            dict.fromkeys(("booked", "waiting", "offered"), ("cancelled",)),
            gives_it,
            "没有开班",
            needs=("reason",),
            staff="不开班",
            own_door=True,
            tell=telling.revoked,
            also=seats.free,
        ),
        "certify": Verb(
            "发结业证",
            {"attended": ("certified",)},
            gives_it,
            "发了结业证",
            staff="发结业证",
            tell=telling.certified,
            also=certificates.number,
        ),
    },
    begun="已报名",
)
KIND = Kind("enrolment", "报班", ENROLMENT, door="报名", seats=True)
