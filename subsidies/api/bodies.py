"""Applications over the API: what is sent."""

from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field
from typing_extensions import TypeAliasType

from businesses.api.bodies import BusinessId, FactsAsTold
from businesses.rules import refuse_numbers
from core.api import Body
from core.api.models import fault_at
from core.api.spelling import ID, TEXT, Spelling, Version, nullable, read_uuid, read_words
from core.facts import Misread
from eligibility.api.bodies import benefit_codes
from policies.catalogue import catalogue
from policies.models import Benefit

from ..actions.applying import LONGEST_EXCUSE, SHORTEST_EXCUSE
from .answers import EXAMPLE_SHOP


def _benefit(raw):
    known = catalogue().benefits.get(raw) if isinstance(raw, str) else None
    if known is None:
        raise Misread("unknown_benefit", "没有这个事项，编号见 /api/v1/benefits/")
    return Benefit.objects.select_related("measure").get(pk=known.pk)


Wanted = TypeAliasType("BenefitCode", Annotated[Any, Spelling(benefit_codes, _benefit)])


def _words(field):
    """A reader of what a person says. It is kept readable, so it is no place for a number of theirs."""

    def read(raw):
        text = read_words(raw)
        refuse_numbers(field, text)
        return text

    return read


def _declared(raw):
    if raw is not True:
        raise Misread("not_declared", "请先让店主承诺：所填内容和材料真实，再写 true")
    return raw


def _files(raw):
    whole = isinstance(raw, dict) and all(
        isinstance(ids, list) and ids and all(read_uuid(one) for one in ids) for ids in raw.values()
    )
    if not whole:
        raise Misread("invalid_object", '请填对象，例如 {"租赁合同": ["材料编号"]}，编号上传时会返回')
    return raw


def _excuses(raw):
    if not isinstance(raw, dict) or not all(isinstance(why, str | None) for why in raw.values()):
        raise Misread("invalid_object", '请填对象，例如 {"毕业证": "证书丢了，正在补办"}，收回写 null')
    return raw


_REASON = nullable({**TEXT, "minLength": SHORTEST_EXCUSE, "maxLength": LONGEST_EXCUSE})
EXCUSES = {
    "type": "object",
    "additionalProperties": _REASON,
    "description": "材料名称：为什么不用交；null 是收回",
}
FILES = {
    "type": "object",
    "additionalProperties": {"type": "array", "items": ID, "minItems": 1},
    "description": "材料名称：材料编号",
}
WORDS = {**TEXT, "minLength": 1, "maxLength": 1000}


class ApplicationIn(Body):
    """开始一件申请。"""

    business: BusinessId
    benefit: Wanted
    answers: FactsAsTold = None

    example: ClassVar[Any] = {"business": EXAMPLE_SHOP, "benefit": "M05c"}


class DraftIn(Body):
    """填写草稿：answers 和 excused 至少写一个。"""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["answers"]}, {"required": ["excused"]}]}
    )

    version: Version
    answers: FactsAsTold = None
    excused: Annotated[dict, Spelling(EXCUSES, _excuses)] = None

    example: ClassVar[Any] = {"version": 2, "answers": {"monthly_rent": "700.00"}}

    @classmethod
    def also_wrong(cls, sent) -> list:
        if "answers" in sent or "excused" in sent:
            return []
        return [fault_at(("answers",), *cls.missing("answers"))]


class SubmissionIn(Body):
    """提交。"""

    version: Version
    declared: Annotated[bool, Spelling({"const": True}, _declared)]

    example: ClassVar[Any] = {"version": 3, "declared": True}


class WithdrawalIn(Body):
    """撤回。"""

    version: Version = None
    reason: Annotated[str, Spelling(TEXT, _words("reason")), Field(description="最多记 500 字")] = None

    example: ClassVar[Any] = {"reason": "不办了"}


class CorrectionIn(Body):
    """补正。"""

    version: Version = None
    facts: FactsAsTold = None
    files: Annotated[dict, Spelling(FILES, _files)] = None

    example: ClassVar[Any] = {"version": 4, "facts": {"monthly_rent": "700.00"}}


class AppealIn(Body):
    """申诉。"""

    words: Annotated[str, Spelling(WORDS, _words("words"))]

    example: ClassVar[Any] = {"words": "房租合同还在，请再看一次。"}


class FileIn(Body):
    """一份材料。"""

    material: Annotated[str, Spelling(TEXT, read_words)]
    file: Annotated[
        Any, Spelling({**TEXT, "contentMediaType": "application/octet-stream"}, lambda raw: raw)
    ] = None

    example: ClassVar[Any] = {"material": "租赁合同", "file": "（照片或 PDF 的字节）"}
