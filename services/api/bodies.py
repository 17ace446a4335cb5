"""Services over the API: what is sent."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field, create_model

from businesses.api.bodies import BusinessId
from cases.inputs import input_of
from core import facts
from core.api import Body
from core.api.lists import Many
from core.api.spelling import TEXT, WHOLE, Spelling, Text, Version, read_words
from core.errors import Fault
from core.facts import Misread
from core.strict_json import shown

from ..asking import LONGEST, MOST_ASKED
from ..catalogue.questions import LONGEST as LONGEST_ANSWERS
from ..catalogue.questions import Question
from ..kinds import KINDS
from ..models import Offering
from .answers import EXAMPLE_SHOP

TO_PEOPLE = f"请写 1 到 {MOST_ASKED} 家机构的代码，见 /api/v1/offerings/ 的 provider"


def _offering(raw):
    found = Offering.objects.known().filter(code=raw) if isinstance(raw, str) else ()
    if not found:
        raise Misread("unknown_offering", "没有这项服务，代码见 /api/v1/offerings/")
    return found.select_related("provider", "handler", "benefit").get()


def _answers(raw):
    if not isinstance(raw, dict):
        raise Misread("invalid_object", '请填对象，例如 {"sum": "50000"}，问题见这项服务的 questions')
    return raw


def _row(raw):
    value = facts.read_integer(raw)
    if value < 1:
        raise Misread("out_of_range", "请写读到的那个编号")
    return value


Words = Annotated[str, Spelling(TEXT, read_words)]
Row = Annotated[int, Spelling({**WHOLE, "minimum": 1}, _row)]
Receivers = Annotated[list[Text], Many(TO_PEOPLE, least=1, most=MOST_ASKED, repeated="这家已经写过了")]


class RequestIn(Body):
    """办一项服务。"""

    business: BusinessId
    offering: Annotated[Offering, Spelling({**TEXT, "description": "服务的代码"}, _offering)]
    answers: Annotated[
        dict, Spelling({"type": "object", "description": "问题：回答；登记里有的不用写"}, _answers)
    ] = None
    words: Annotated[Words, Field(description=f"要办什么、卡在哪里，最多 {LONGEST} 个字")] = None
    slot: Annotated[Row, Field(description="约哪个时间，预约和报班要写")] = None
    receivers: Annotated[Receivers, Field(description="问哪几家，找机构办的要写")] = None

    example: ClassVar[Any] = {"business": EXAMPLE_SHOP, "offering": "ask", "words": "店门口的下水道堵了"}


def _inputs() -> dict:
    """``{name: field}`` of all that owners' verbs may need."""
    procedures = [kind.procedure for kind in KINDS.values() if kind.procedure]
    verbs = [verb for procedure in procedures for verb in procedure.verbs.values() if verb.owner]
    names = dict.fromkeys(name for verb in verbs for name in verb.needs)
    return {name: (Annotated[Words, Field(description=input_of(name).label)], None) for name in names}


class _VerbIn(Body):
    """做一件事：写上读到的 version，和 verbs 里 needs 要的项。"""

    version: Version
    leg: Annotated[Row, Field(description="accept：接受哪一家")] = None
    receivers: Annotated[Receivers, Field(description="pass_on：转给哪几家")] = None

    example: ClassVar[Any] = {"version": 1}


VerbIn = create_model("VerbIn", __base__=_VerbIn, __doc__=_VerbIn.__doc__, **_inputs())


class MessageIn(Body):
    """补充。"""

    version: Version = None
    words: Words

    example: ClassVar[Any] = {"words": "是建设路 12 号门口的那一段。"}


class LegIn(Body):
    """接单、答复：写上这一单的 version。"""

    version: Version
    words: Annotated[
        Words, Field(description="decline 写理由，done 写条件或答复，unreachable 写怎样联系的；take 不用写")
    ] = None

    example: ClassVar[Any] = {"version": 1}


class SharingIn(Body):
    """让一家机构看店铺信息。先不写 notice，读到原话；同意时照样写回。"""

    leg: Annotated[Row, Field(description="问的是哪一家，见一件的 legs")]
    notice: Annotated[Text, Field(description="原话的 SHA-256")] = None

    example: ClassVar[Any] = {"leg": 31}


class NothingMore(Body):
    """一个空对象。"""

    example: ClassVar[Any] = {}


# Answers to the questions of an offering


def _text(question, raw) -> str:
    words = read_words(raw)
    if len(words) > LONGEST_ANSWERS.get(question.type, LONGEST_ANSWERS["text"]):
        raise Misread("too_long", f"最多 {LONGEST_ANSWERS[question.type]} 个字")
    return words


def _choice(question, raw) -> str:
    if raw not in question.choices:
        raise Misread("invalid_choice", f"请从这些里选一个：{'、'.join(question.choices)}")
    return raw


_READERS = {
    "text": _text,
    "long": _text,
    "choice": _choice,
    "money": lambda question, raw: str(facts.read_money(raw)),
    "integer": lambda question, raw: facts.read_integer(raw),
    "date": lambda question, raw: facts.read_date(raw).isoformat(),
    "bool": lambda question, raw: facts.read_bool(raw),
}


def read_answers(
    questions: list[Question], sent: Mapping, known: Mapping
) -> tuple[dict[str, object], list[Fault]]:
    """What was ``sent`` in one spelling, by question, and what is wrong with it. ``known``: what the register
    answers."""
    by_key = {question.key: question for question in questions if question.type != "files"}
    said, faults = {}, []
    for key, raw in sent.items():
        try:
            if key not in by_key:
                raise Misread("unknown_field", "没有这个问题，问题见这项服务的 questions")
            if key in known:
                raise Misread("known", f"登记里写的是“{known[key]}”，不用回答，请去掉")
            said[key] = None if raw is None else _READERS[by_key[key].type](by_key[key], raw)
        except Misread as problem:
            faults.append(Fault(f"answers.{shown(key)}", problem.code, problem.detail))
    return said, faults
