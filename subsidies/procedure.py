"""The life of an application for money: its states, the verbs, and all that is said of either. A new state or verb is
written here, and nowhere else."""

from enum import StrEnum
from functools import partial

from cases.models import Part
from cases.procedure import (
    CLOSED,
    CORRECTING,
    DECIDE,
    DRAFT,
    GRANTED,
    REFUSED,
    REVIEW,
    RUNS,
    STANDS,
    WITHDRAWN,
    Procedure,
)
from cases.procedure import State as Says
from cases.procedure import Verb as GeneralVerb
from cases.rights import permissions as may
from cases.terms import terms_of
from cases.transitions import take_turn_of

from . import headlines, permissions, telling, undoing
from .telling import DECIDED_STAGE as DECIDED

Does = partial(GeneralVerb, own_door=True)


class State(StrEnum):
    DRAFT = "draft"
    SUBMITTED = "submitted"
    REVIEWING = "reviewing"
    CORRECTING = "correcting"
    RECOMMENDED = "recommended"
    COUNTERSIGNING = "countersigning"
    APPROVED = "approved"
    PAID = "paid"
    REFUSED = "refused"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


class Verb(StrEnum):
    SUBMIT = "submit"
    ACCEPT = "accept"
    REQUEST_CORRECTION = "request_correction"
    CORRECT = "correct"
    RECOMMEND = "recommend"
    SEND_BACK = "return"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    PAY = "pay"
    APPEAL = "appeal"
    UPHOLD = "uphold"
    REOPEN = "reopen"


# Of a shop: struck off the register. It is given nothing any more.
CLOSED_FOR_GOOD = ("deregistered", "revoked")

STATES = {
    State.DRAFT: Says("没填完", "没填完", "may", headlines.draft, DRAFT, step=""),
    State.SUBMITTED: Says(
        "待受理",
        "待受理",
        "soon",
        headlines.waiting,
        clock=RUNS,
        turn=REVIEW,
        view="待受理",
        button="受理并建议批准",
        step="accepted",
    ),
    State.REVIEWING: Says(
        "审核中",
        "审核中",
        "soon",
        headlines.reviewing,
        clock=RUNS,
        turn=REVIEW,
        view="审核",
        button="建议批准",
        reached="批准以后内容变了，已退回审核",
    ),
    State.CORRECTING: Says(
        "等您补材料", "补材料中", "may", headlines.correcting, clock=STANDS, step=CORRECTING
    ),
    State.RECOMMENDED: Says(
        "待审批",
        "待审批",
        "soon",
        headlines.reviewing,
        clock=RUNS,
        turn=DECIDE,
        view="待审批",
        button="批准",
        reached="已建议批准，等审批",
    ),
    State.COUNTERSIGNING: Says(
        "待会签",
        "待会签",
        "soon",
        headlines.reviewing,
        clock=RUNS,
        turn=DECIDE,
        view="待会签",
        button="会签批准",
        reached="已批准，还要第二个人会签",
    ),
    State.APPROVED: Says(
        "已批准，待拨付",
        "已批准，待拨付",
        headlines.tone,
        headlines.approved,
        outcome=GRANTED,
        view="待拨付",
        reached="已批准，等拨付",
        step="paying",
        rates=DECIDED,
    ),
    State.PAID: Says(
        "已到账",
        "已到账",
        headlines.tone,
        headlines.paid,
        CLOSED,
        outcome=GRANTED,
        standing=True,
        step="paid",
    ),
    State.REFUSED: Says(
        "未批准", "未批准", "no", headlines.refused, CLOSED, outcome=REFUSED, step="decided", rates=DECIDED
    ),
    State.APPEALED: Says(
        "申诉中", "申诉中", "soon", "申诉中，由没有参与过的人重新看", outcome=REFUSED, step="decided"
    ),
    State.WITHDRAWN: Says(
        "已撤回", "已撤回", "no", "已撤回，不再办理", CLOSED, outcome=WITHDRAWN, step="withdrawn"
    ),
}


def _part_of_refusing(before: str) -> str:
    return Part.Kind.DECIDE if STATES[before].turn == DECIDE else Part.Kind.REVIEW


_WITHDRAWABLE = [state for state, says in STATES.items() if says.clock or state == State.APPROVED]
OF_THE_BUREAU = "审核人和审批人之间的事，店主不用知道"

VERBS = {
    Verb.SUBMIT: Does(
        "提交",
        {State.DRAFT: (State.SUBMITTED, State.APPROVED)},  # 免申即享: confirming is all there is
        may.owns,
        "提交申请",
        owner="提交",
        tell=telling.submitted,
    ),
    Verb.ACCEPT: Does(
        "受理",
        {State.SUBMITTED: (State.REVIEWING,)},
        may.may_review,
        "受理",
        staff="受理",
        tell=telling.accepted,
        part=Part.Kind.REVIEW,
        keeps_claim=True,
    ),
    Verb.REQUEST_CORRECTION: Does(
        "通知补正",
        dict.fromkeys((State.SUBMITTED, State.REVIEWING), (State.CORRECTING,)),
        may.may_review,
        "通知补正",
        staff="补正",
        tell=telling.correction_wanted,
        part=Part.Kind.REVIEW,
    ),
    Verb.CORRECT: Does(
        "补正",
        {State.CORRECTING: (State.REVIEWING,)},
        may.owns,
        "补齐，重新提交",
        owner="补齐了，提交",
        tell=telling.corrected,
    ),
    Verb.RECOMMEND: Does(
        "建议批准",
        {State.REVIEWING: (State.RECOMMENDED,)},
        may.may_review,
        "审核完，交给审批",
        staff="建议批准",
        silent=OF_THE_BUREAU,
        part=Part.Kind.REVIEW,
    ),
    Verb.SEND_BACK: Does(
        "退回审核",
        # Approved: what was approved has changed since.
        dict.fromkeys((State.RECOMMENDED, State.COUNTERSIGNING, State.APPROVED), (State.REVIEWING,)),
        permissions.may_send_back,
        "退回重新审核",
        staff="退回审核",
        tell=telling.sent_back,
        part=Part.Kind.REVIEW,
    ),
    Verb.APPROVE: Does(
        "批准",
        {
            State.RECOMMENDED: (State.APPROVED, State.COUNTERSIGNING),
            State.COUNTERSIGNING: (State.APPROVED,),
        },
        may.may_approve,
        "批准",
        staff="批准",
        tell=telling.approved,
        part=Part.Kind.DECIDE,
    ),
    Verb.REFUSE: Does(
        "不予批准",
        dict.fromkeys((State.REVIEWING, State.RECOMMENDED, State.COUNTERSIGNING), (State.REFUSED,)),
        may.may_take,
        "未批准",
        staff="不通过",
        needs=("reason", "failed"),
        tell=telling.refused,
        part=_part_of_refusing,
        note_is_shown=True,
    ),
    Verb.WITHDRAW: Does(
        "撤回",
        dict.fromkeys(_WITHDRAWABLE, (State.WITHDRAWN,)),
        permissions.takes_back,
        "撤回",
        owner="撤回",
        tell=telling.withdrawn,
        note_is_shown=True,
    ),
    Verb.PAY: Does("到账", {State.APPROVED: (State.PAID,)}, permissions.the_bank, "到账", tell=telling.paid),
    Verb.APPEAL: Does(
        "申诉",
        {State.REFUSED: (State.APPEALED,)},
        may.owns,
        "提出申诉",
        owner="申诉",
        tell=telling.appealed,
    ),
    Verb.UPHOLD: Does(
        "维持原决定",
        {State.APPEALED: (State.REFUSED,)},
        permissions.answers_appeal,
        "申诉后维持原决定",
        staff="维持原决定",
        tell=telling.upheld,
        note_is_shown=True,
    ),
    Verb.REOPEN: Does(
        "重新审核",
        {State.APPEALED: (State.REVIEWING,)},
        may.may_handle_appeal,
        "重新审核",
        staff="撤销原决定，重新审核",
        tell=telling.reopened,
        also=undoing.begin_again,
        anew=True,
    ),
}


def promise(application) -> tuple[int | None, int | None]:
    """As the version says under which it was filed."""
    terms = terms_of(application.benefit_version)
    return terms.promised_working_days, terms.legal_working_days


SUBSIDY = Procedure(
    "subsidy",
    "补贴申请",
    State.DRAFT,
    STATES,
    VERBS,
    promise=promise,
    called="application",
    right="subsidies.view_application",
    locks=take_turn_of,
    scope="applications:read",
    events={
        "returned": telling.returned,
        "claim_wrong": telling.claim_wrong,
        "stopped": telling.stopped,
        "recover": telling.recover,
    },
    rated={DECIDED: "审核和决定", telling.PAID_STAGE: "第 {number} 期到账"},
    parts={
        **dict.fromkeys(
            ("save_verdicts", "clear_risk", "check_instalment", "refuse_instalment"), Part.Kind.REVIEW
        ),
        "confirm_risk": Part.Kind.DECIDE,
    },
)

MOVES = SUBSIDY.moves
