"""The catalogue as the API shows it: measures, benefits and their versions, departments, facts."""

from typing import Annotated, Any, ClassVar, Literal

from django.utils import timezone
from pydantic import Field

from core.api import Answer
from core.api.spelling import Date, Instant
from core.facts import TYPES

from .content import in_order
from .criteria.rules import DELIVERIES, KINDS
from .models import PolicyDocument

DocumentStatus = Literal[tuple(PolicyDocument.Status.values)]


class NamedCode(Answer):
    """代码和名称。"""

    code: str
    name: str

    example: ClassVar[Any] = {"code": "hrss", "name": "市人力资源社会保障局"}

    @classmethod
    def of(cls, row) -> "NamedCode":
        return cls.of_values(code=row.code, name=row.name)


class Document(Answer):
    """措施所在的政策文件和它的效力。"""

    code: str
    title: str
    number: Annotated[str, Field(description="文号；还没有文号时是空字符串。")]
    issuer: Annotated[str, Field(description="发文机关；文件没有写明时是空字符串。")]
    status: DocumentStatus
    dated_on: Date
    effective_from: Date | None
    effective_to: Date | None

    @classmethod
    def of(cls, document) -> "Document":
        return cls.of_values(**{name: getattr(document, name) for name in cls.model_fields})


class MeasureOut(Answer):
    """一条措施。"""

    code: str
    clause: str
    chapter: str
    title: str
    summary: str
    text: str
    lead: list[NamedCode]
    responsible: list[NamedCode]
    topics: list[NamedCode]
    document: Document
    benefits: list[str]

    example: ClassVar[Any] = {
        "code": "M05",
        "clause": "措施一（五）",
        "chapter": "一、加大资金支持",
        "title": "创业补贴",
        "summary": "首次创业、租场地，可以领补贴。",
        "text": "符合条件的个体工商户可申请创业补贴。",
        "lead": [NamedCode.example],
        "responsible": [],
        "topics": [{"code": "startup", "name": "创业"}],
        "document": {
            "code": "draft-2025",
            "title": "关于促进个体工商户高质量发展的若干措施（征求意见稿）",
            "number": "",
            "issuer": "",
            "status": "consultation",
            "dated_on": "2025-05-21",
            "effective_from": None,
            "effective_to": None,
        },
        "benefits": ["M05a", "M05b", "M05c"],
    }

    @classmethod
    def of(cls, measure) -> "MeasureOut":
        plain = ("code", "clause", "chapter", "title", "summary", "text")
        return cls.of_values(
            **{name: getattr(measure, name) for name in plain},
            lead=[NamedCode.of(row) for row in measure.leads],
            responsible=[NamedCode.of(row) for row in measure.responsibles],
            topics=[NamedCode.of(row) for row in measure.topics.all()],
            document=Document.of(measure.document),
            benefits=[row.code for row in measure.benefits.all()],
        )


class Window(Answer):
    """什么时候受理。"""

    opens_on: Date | None
    closes_on: Date | None


class BenefitRow(Answer):
    """一个事项和今天生效的版本；还没有生效的版本时 version 是 null。"""

    code: str
    measure: str
    title: str
    summary: str
    who: str
    kind: Literal[tuple(KINDS)]
    delivery: Literal[tuple(DELIVERIES)]
    topics: list[NamedCode]
    version: int | None
    window: Window
    excludes: list[str]
    document_status: DocumentStatus

    example: ClassVar[Any] = {
        "code": "M05a",
        "measure": "M05",
        "title": "一次性创业补贴",
        "summary": "首次创业、正常经营满一年，给 5000 元。",
        "who": "毕业生、就业困难人员、返乡农民工、退役军人",
        "kind": "startup_subsidy",
        "delivery": "apply",
        "topics": [{"code": "startup", "name": "创业"}],
        "version": 1,
        "window": {"opens_on": None, "closes_on": None},
        "excludes": ["M05b"],
        "document_status": "consultation",
    }

    @classmethod
    def of(cls, benefit) -> "BenefitRow":
        return cls.of_values(**_benefit(benefit, _content(benefit)))


class BenefitOut(BenefitRow):
    """一个事项，和今天生效的规则全文：条件、金额、材料、流程、依据。"""

    content: dict

    example: ClassVar[Any] = {**BenefitRow.example, "content": {"title": "一次性创业补贴"}}

    @classmethod
    def of(cls, benefit) -> "BenefitOut":
        content = _content(benefit)
        return cls.of_values(**_benefit(benefit, content), content=in_order(content))


def _content(benefit):
    return benefit.in_force[0].content if benefit.in_force else {}


def _benefit(benefit, content) -> dict:
    window = content.get("window") or {}
    return {
        "code": benefit.code,
        "measure": benefit.measure.code,
        "title": benefit.title,
        "summary": content.get("summary", ""),
        "who": content.get("who", ""),
        "kind": benefit.kind,
        "delivery": benefit.delivery,
        "topics": [NamedCode.of(row) for row in benefit.topics.all()],
        "version": benefit.in_force[0].number if benefit.in_force else None,
        "window": {"opens_on": window.get("from"), "closes_on": window.get("to")},
        "excludes": content.get("excludes") or [],
        "document_status": benefit.document.status,
    }


class VersionOut(Answer):
    """一个已发布的版本。"""

    version: int
    effective_from: Date
    published_at: Instant | None
    content: dict

    example: ClassVar[Any] = {
        "version": 1,
        "effective_from": "2025-05-21",
        "published_at": "2026-11-24T09:30:00+08:00",
        "content": {"title": "一次性创业补贴"},
    }

    @classmethod
    def of(cls, version) -> "VersionOut":
        return cls.of_values(
            version=version.number,
            effective_from=version.effective_from,
            published_at=version.published_at and timezone.localtime(version.published_at),
            content=in_order(version.content),
        )


class FactChoice(Answer):
    """一个选项。"""

    value: str
    label: str


class FactOut(Answer):
    """规则用到、可以填写的一项事实。"""

    name: str
    type: Literal[TYPES]
    label: str
    question: Annotated[str, Field(description="向经营者提问时的问题；不提问时是空字符串。")]
    ask: Literal["question", "amount", "never"]
    scope: Literal["business", "operator"]
    sources: list[str]
    unit: str
    choices: list[FactChoice] | None

    example: ClassVar[Any] = {
        "name": "registered_on",
        "type": "date",
        "label": "登记日期",
        "question": "营业执照上的成立日期是哪天？",
        "ask": "question",
        "scope": "business",
        "sources": ["registry", "self"],
        "unit": "",
        "choices": None,
    }

    @classmethod
    def of(cls, fact) -> "FactOut":
        plain = ("name", "type", "label", "question", "ask", "scope")
        return cls.of_values(
            **{name: getattr(fact, name) for name in plain},
            sources=list(fact.sources),
            unit=fact.unit,
            choices=[choice._asdict() for choice in fact.choices] if fact.choices else None,
        )
