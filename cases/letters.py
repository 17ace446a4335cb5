"""What the owner is told when something has been done to a case, in the transaction of what was done: one message an
event. The words are the procedure's; here is what is so for all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from notifications import letters as inbox
from notifications.models import Letter

from .models import Case, Rating

LOOK = "看进度"
LATER = "请到“政策直通车”查看，或拨12345。"


@dataclass(frozen=True)
class Told:
    """A message in the owner's words; ``sms`` without signature, empty where none is sent. ``path``: where the button
    leads, the page of the case by default; where an outcome is told, the letter also leads to the rating. ``key``: by
    which it is told once, by default this doing of this verb.
    ``settles``: keys of earlier messages that want nothing any more."""

    title: str
    sentence: str
    label: str = LOOK
    path: str = ""
    sms: str = ""
    needs_action: bool = False
    urgent: bool = False
    key: str = ""
    settles: tuple[str, ...] = ()


def tell(case: Case, event: str, **details) -> Letter | None:
    """Write the message of ``event``: a verb of the procedure, or a kind of event that moves nothing (``overdue`` …).
    ``details`` are those that its words take. The letter, or None where nobody is told."""
    told = words_of(case, event)(case, **details)
    rating = _rated_by_now(case, event)
    if told is None or case.operator_id is None:
        return None
    for key in told.settles:
        inbox.settle(key)
    return inbox.write(
        operator=case.operator,
        business=case.business,
        key=told.key or _key(case, event, details),
        title=told.title,
        sentence=told.sentence,
        action_label=told.label,
        action_path=told.path or page_of(case),
        rate_path=rating_path(rating) if rating and rating.level is None else "",
        sms=told.sms,
        urgent=told.urgent,
        needs_action=told.needs_action,
    )


def words_of(case: Case, event: str) -> Callable:
    verb = case.life.verbs.get(event)
    if verb is None:
        return case.life.events.get(event) or EVENTS[event]
    return verb.tell or _nothing


def _nothing(case, **details) -> None:
    return None


def _rated_by_now(case, event) -> Rating | None:
    """What is asked for where a verb has brought the case to a state whose step is rated; what is told besides moves
    nothing."""
    verb = case.life.verbs.get(event)
    ends = {end for several in verb.moves.values() for end in several} if verb else set()
    return rating_of(case, case.stage.rates) if case.state in ends and case.stage.rates else None


def _key(case, event, details) -> str:
    """By what a message is told once: the version it is about, and what it is about besides."""
    about = details.get("instalment") or details.get("rating")
    besides = f" {about._meta.model_name} {about.pk}" if about is not None else ""
    return f"{case.subject} {case.version} {event}{besides}"


def correction_key(case: Case, number: int) -> str:
    return f"{case.subject} correction {number}"


def corrections_of(case: Case) -> tuple[str, ...]:
    """Keys of everything that a correction of the case has wanted."""
    return tuple(correction_key(case, number) for number in case.corrections.values_list("number", flat=True))


def settle(key: str) -> None:
    inbox.settle(key)


def page_of(case: Case) -> str:
    return f"/cases/{case.public_id}/"


def paper_path(case: Case, kind: str) -> str:
    return f"{page_of(case)}letter/{kind}/"


def rating_path(rating: Rating) -> str:
    return f"/rate/{rating.token}/"


def rating_of(case: Case, stage: str) -> Rating:
    """The rating that is asked for at ``stage``, one for each."""
    rating, _ = Rating.objects.get_or_create(case=case, stage=stage, defaults={"department": case.department})
    return rating


def filled_in_by(case: Case) -> str:
    """For what a clerk has filled in: that it was so, and that it can be taken back."""
    return "工作人员替您填的，不是您要办的，可以撤回。" if case.channel in ("window", "phone") else ""


def title_of(case: Case) -> str:
    return case.title


# What is told of every case


def _overdue(case, *, today: date | None = None, **details) -> Told:
    days = ((today or timezone.localdate()) - case.due_on).days
    return Told(
        f"“{title_of(case)}”超过承诺时限了",
        f"已超过 {days} 天，已自动催办。您也可以拨 12345 催问。",
        sms="您的申请已超过承诺时限，已自动催办。您也可以拨12345催问。",
    )


def _mended(case, *, rating: Rating, **details) -> Told:
    return Told(
        "您的评价有回复了",
        f"{rating.mended_how.rstrip('。')}。您可以再评一次。",
        "再评一次",
        rating_path(rating),
        sms=f"您的评价有回复了。{LATER}",
    )


EVENTS: dict[str, Callable] = {"overdue": _overdue, "mended": _mended, "begin": _nothing}
