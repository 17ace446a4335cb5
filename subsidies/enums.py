"""The life of an application as data: its states, the verbs, and which verb leads from where to where."""

from django.db.models import TextChoices


class State(TextChoices):
    DRAFT = "draft", "没填完"
    SUBMITTED = "submitted", "待受理"
    REVIEWING = "reviewing", "审核中"
    CORRECTING = "correcting", "等您补材料"
    RECOMMENDED = "recommended", "待审批"
    COUNTERSIGNING = "countersigning", "待会签"
    APPROVED = "approved", "已批准，待拨付"
    PAID = "paid", "已到账"
    REFUSED = "refused", "未批准"
    APPEALED = "appealed", "申诉中"
    WITHDRAWN = "withdrawn", "已撤回"


class Verb(TextChoices):
    SUBMIT = "submit", "提交"
    ACCEPT = "accept", "受理"
    REQUEST_CORRECTION = "request_correction", "通知补正"
    CORRECT = "correct", "补正"
    RECOMMEND = "recommend", "建议批准"
    SEND_BACK = "return", "退回审核"
    APPROVE = "approve", "批准"
    REFUSE = "refuse", "不予批准"
    WITHDRAW = "withdraw", "撤回"
    PAY = "pay", "到账"
    APPEAL = "appeal", "申诉"
    UPHOLD = "uphold", "维持原决定"
    REOPEN = "reopen", "重新审核"


# {verb: {from: to}}; the first of several is the usual one. Nothing else moves an application.
MOVES: dict[Verb, dict[State, tuple[State, ...]]] = {
    Verb.SUBMIT: {State.DRAFT: (State.SUBMITTED, State.APPROVED)},  # 免申即享: confirming is all there is
    Verb.ACCEPT: {State.SUBMITTED: (State.REVIEWING,)},
    Verb.REQUEST_CORRECTION: {
        State.SUBMITTED: (State.CORRECTING,),
        State.REVIEWING: (State.CORRECTING,),
    },
    Verb.CORRECT: {State.CORRECTING: (State.REVIEWING,)},
    Verb.RECOMMEND: {State.REVIEWING: (State.RECOMMENDED,)},
    Verb.SEND_BACK: {
        State.RECOMMENDED: (State.REVIEWING,),
        State.COUNTERSIGNING: (State.REVIEWING,),
        State.APPROVED: (State.REVIEWING,),  # what was approved has changed since
    },
    Verb.APPROVE: {
        State.RECOMMENDED: (State.APPROVED, State.COUNTERSIGNING),
        State.COUNTERSIGNING: (State.APPROVED,),
    },
    Verb.REFUSE: {
        State.REVIEWING: (State.REFUSED,),
        State.RECOMMENDED: (State.REFUSED,),
        State.COUNTERSIGNING: (State.REFUSED,),
    },
    Verb.WITHDRAW: dict.fromkeys(
        (
            State.SUBMITTED,
            State.REVIEWING,
            State.CORRECTING,
            State.RECOMMENDED,
            State.COUNTERSIGNING,
            State.APPROVED,
        ),
        (State.WITHDRAWN,),
    ),
    Verb.PAY: {State.APPROVED: (State.PAID,)},
    Verb.APPEAL: {State.REFUSED: (State.APPEALED,)},
    Verb.UPHOLD: {State.APPEALED: (State.REFUSED,)},
    Verb.REOPEN: {State.APPEALED: (State.REVIEWING,)},
}

OPEN = (State.SUBMITTED, State.REVIEWING, State.CORRECTING, State.RECOMMENDED, State.COUNTERSIGNING)
GRANTED = (State.APPROVED, State.PAID)
# While one of these stands, the same benefit is not applied for again.
STANDING = (State.DRAFT, *OPEN, *GRANTED, State.APPEALED)
# Whose turn it is.
TO_REVIEW = (State.SUBMITTED, State.REVIEWING)
TO_APPROVE = (State.RECOMMENDED, State.COUNTERSIGNING)
# Of a shop: struck off the register. It is given nothing any more.
CLOSED_FOR_GOOD = ("deregistered", "revoked")
# Where the time of the bureau runs.
RUNNING = (State.SUBMITTED, State.REVIEWING, State.RECOMMENDED, State.COUNTERSIGNING)


def allowed(state: str) -> list[Verb]:
    """The verbs that move an application on from ``state``."""
    return [verb for verb, moves in MOVES.items() if state in moves]
