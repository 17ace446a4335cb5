"""A need in somebody's own words: what it is about, who answers it, and how it is sent, or waits with another."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.db import transaction

from accounts.models import Department
from businesses.models import Business
from cases.models import Case, Evidence
from cases.procedure import OPEN
from cases.transitions import locked
from core import limits
from core.data_files import read_yaml
from core.errors import Refused
from core.limits import Limit
from services.asking import Ask, ask, asker_key
from services.models import Offering, Request

from .models import Answer

PATH = Path(__file__).parent / "data" / "topics.yaml"
GENERAL = "M14b"  # 提诉求: where no other enquiry is offered
KIND = "enquiry"
A_DAY = Limit("need", 20, 24 * 60 * 60)
NOBODY = "现在没有单位在这里收诉求。请拨 12345。"
TOO_MANY = f"一天最多提 {A_DAY.times} 件。急事请拨 12345。"
NO_MORE_WAITING = "这件刚刚有了结果，不用再等。请看答复，或者把您的另外提出来。"


@dataclass(frozen=True)
class Topic:
    """What a need is about; ``words``: by which it is told; ``department``, ``benefit``: codes of who answers."""

    key: str
    title: str
    department: str
    benefit: str
    words: tuple[str, ...]


@cache
def topics() -> dict[str, Topic]:
    rows = read_yaml(PATH)
    return {row["key"]: Topic(**row | {"words": tuple(row["words"])}) for row in rows}


def guessed(words: str) -> Topic:
    """The topic whose words are in it, counted by their characters; the last one where none is."""
    plain, found = words.lower(), list(topics().values())
    weights = [sum(len(word) * plain.count(word) for word in topic.words) for topic in found]
    best = max(weights)
    return found[weights.index(best)] if best else found[-1]


@dataclass(frozen=True)
class Door:
    """Where a need about ``topic`` goes."""

    topic: Topic
    offering: Offering
    department: Department


def doors() -> dict[str, Door]:
    """By topic; empty while nothing of the kind is offered. An enquiry that has to ask more than a need says is sent as
    a general one to whoever answers it. Two queries."""
    rows = Offering.objects.shown().filter(kind=KIND).select_related("benefit", "handler").order_by("code")
    offered = {row.benefit.code: row for row in reversed(rows)}
    departments = {row.code: row for row in Department.objects.all()}
    found = {}
    for key, topic in topics().items():
        own = offered.get(topic.benefit)
        offering = own if own and _takes_words_alone(own) else offered.get(GENERAL)
        if offering is not None:
            general = departments.get(topic.department, offering.handler)
            found[key] = Door(topic, offering, own.handler if own else general)
    return found


def _takes_words_alone(offering) -> bool:
    return not any(question.get("required") for question in offering.questions)


# Sent


def send(words: str, topic: str, business: Business, *, by, files: Iterable[Evidence] = ()) -> Case:
    """A case for whoever answers needs about ``topic``. Raises Invalid, Refused, PermissionDenied."""
    door = doors().get(topic)
    if door is None:
        raise Refused(NOBODY)
    _count(by)
    asked = Ask(words=words, topic=topic, handler=door.department, files=tuple(files))
    return ask(door.offering, business, asked, by=by)


def _count(by) -> None:
    if not limits.try_once(A_DAY, f"user {by.pk}").allowed:
        raise Refused(TOO_MANY)


def me_too(answer: Answer, words: str, business: Business, *, by, files: Iterable[Evidence] = ()) -> Case:
    """我也是, of a published need that several have: a case of one's own that waits for the same answer. Refused where
    there is nothing to wait for any more."""
    if not Answer.objects.published().shared_needs().filter(pk=answer.pk).exists():
        raise Refused(NO_MORE_WAITING)
    return _wait_with(answer.request, words, business, by, files)


def also_for(request: Request, words: str, business: Business, *, by, files: Iterable[Evidence] = ()) -> Case:
    """这家店也是, of a request of one's own for another shop: a case for this shop that waits for the same answer."""
    if request.asker_key != asker_key(business) or request.case.business_id == business.pk:
        raise Refused(NO_MORE_WAITING)
    return _wait_with(request.same_as or request, words, business, by, files)


def _wait_with(first: Request, words, business, by, files) -> Case:
    _count(by)
    with transaction.atomic():
        case = locked(first.case)  # so that it is not answered meanwhile
        if not _waits(case):
            raise Refused(NO_MORE_WAITING)
        asked = Ask(
            words=words,
            topic=first.topic,
            handler=case.department,
            files=tuple(files),
            same_as=case.request,
        )
        return ask(first.offering, business, asked, by=by)


def _waits(case) -> bool:
    return case.phase == OPEN and case.request.same_as_id is None and case.request.legs.open().exists()
