"""What the two are told of their contract. Whoever did something is not told of it; nobody's number is in it."""

from collections.abc import Iterable

from notifications import letters as inbox

from ..models import Agreement
from ..permissions import SHOP, WORKER

LATER = "请到“政策直通车”查看，或拨12345。"


def page_of(agreement: Agreement) -> str:
    return f"/jobs/contracts/{agreement.public_id}/"


def confirmed(case, agreement: Agreement, side: str) -> None:
    """One side has confirmed: the other is asked, or both are through."""
    other = WORKER if side == SHOP else SHOP
    if agreement.is_settled:
        _tell(case, agreement, other, "settled", "合同两边都确认了", "请打印两份，双方签字，各留一份。")
    else:
        title = agreement.title
        _tell(
            case,
            agreement,
            other,
            "confirmed",
            f"对方确认了{title}",
            f"请看一遍“{agreement.contact.post.title}”的{title}。没问题就点确认。",
            wants=True,
        )


def changed(case, agreement: Agreement, sides: Iterable[str]) -> None:
    """What they had confirmed is not what is written any more."""
    for side in sides:
        _tell(
            case,
            agreement,
            side,
            "changed",
            "合同改了，请再看一遍",
            f"“{agreement.contact.post.title}”的合同有改动，原来的确认不算了。",
            wants=True,
        )


def settle(agreement: Agreement, *sides: str) -> None:
    """What these were asked of this version wants nothing any more."""
    for side in sides:
        for event in ("confirmed", "changed"):
            inbox.settle(_key(agreement, event, side))


def _key(agreement, event, side) -> str:
    return f"{agreement.subject} {agreement.version} {event} {side}"


def _tell(case, agreement, side, event, title, sentence, *, wants=False) -> None:
    whom = (
        {"operator": case.operator, "business": case.business}
        if side == SHOP
        else {"user": agreement.contact.worker.user}
    )
    inbox.write(
        **whom,
        key=_key(agreement, event, side),
        title=title,
        sentence=sentence,
        action_label="看合同",
        action_path=page_of(agreement),
        sms=f"{title}。{LATER}",
        needs_action=wants,
    )
