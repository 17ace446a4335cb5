"""回电: somebody who speaks one's language calls back."""

from cases.procedure import CLOSED, State, Verb

from .. import legs, telling
from ..permissions import receiver
from . import Kind, verbs
from .enquiry import ENQUIRY, LEG_VERBS, both

CALLBACK = ENQUIRY.extended(
    "callback",
    "回电",
    without=("asking", "answered", "solved", "settled"),
    states={
        "called": State(
            "已回电", "已回电", "ok", "已经给您回过电话", CLOSED, outcome="helped", **verbs.RATED
        ),
        "lost": State(
            "没有打通",
            "联系不上",
            "no",
            "没有打通您的电话，可以再提一次",
            CLOSED,
            outcome="unreachable",
            **verbs.RATED,
        ),
    },
    verbs={
        "call": Verb(
            "回电",
            both("called"),
            receiver,
            "已回电",
            staff="已回电",
            needs=("note",),
            tell=telling.called,
            also=legs.ends_all(legs.State.DONE),
        ),
        "miss": Verb(
            "记没有打通",
            {"taken": ("lost",)},
            receiver,
            "没有打通",
            staff="没有打通",
            tell=telling.lost,
            also=legs.ends_all(legs.State.UNREACHABLE),
        ),
    },
)
KIND = Kind(
    "callback",
    "请人回电",
    CALLBACK,
    door="请人回电",
    legs="one",
    open_to_all=True,
    leg_verbs=LEG_VERBS | {"done": "call"},
)
