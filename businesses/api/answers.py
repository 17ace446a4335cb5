"""Shops as the API shows them. Identity numbers, phones and accounts are never part of it."""

from typing import Annotated, Any, ClassVar, Literal

from django.utils import timezone
from typing_extensions import TypeAliasType

from core.api import Answer
from core.api.spelling import DATE, Id, Instant, Spelling, Version, nullable, value_shape

from ..disclosure import facts_as_json
from ..facts import SOURCES
from ..registry import business_registry

SOURCE = {"type": "string", "enum": [name for name in SOURCES if name != "default"]}


def _on_record() -> dict:
    facts = {fact.name: _stated(fact) for fact in business_registry().values()}
    return _object(facts, required=[], description="只有您能看的、已经知道的。null 是问过不清楚。")


def _stated(fact):
    """A fact as it stands: its value, who said so, and of which day."""
    value = value_shape(fact)
    properties = {"value": nullable(value), "source": SOURCE, "on": nullable(DATE)}
    if fact.type == "set":
        detail = "每一项是谁说的。几个来源说的不同时，外层的 source 和 on 是 null。"
        properties["members"] = {
            "type": "object",
            "propertyNames": value["items"],
            "additionalProperties": _object(
                {"holds": {"type": "boolean"}, "source": SOURCE, "on": nullable(DATE)}
            ),
            "description": detail,
        }
        properties["source"] = nullable(SOURCE)
        properties["no"] = {**value, "description": "已知不是的；两边都没有的还不清楚。"}
    return _object(properties, description=fact.label)


def _object(properties, required=None, **more) -> dict:
    required = list(properties) if required is None else required
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
        **more,
    }


FactsOnRecord = TypeAliasType("FactsOnRecord", Annotated[Any, Spelling(_on_record)])


class BusinessRow(Answer):
    """列表里的一家店。"""

    id: Id
    name: str
    credit_code: str | None
    district: str | None
    operating_status: str | None
    version: Version
    updated_at: Instant

    example: ClassVar[Any] = {
        "id": "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11",
        "name": "钟山区老街茶铺",
        "credit_code": "92520204MA6E00019P",
        "district": "520201",
        "operating_status": "operating",
        "version": 3,
        "updated_at": "2026-11-24T09:30:00+08:00",
    }

    @classmethod
    def of(cls, business) -> "BusinessRow":
        plain = ("name", "credit_code", "district", "operating_status", "version")
        return cls.of_values(
            id=str(business.public_id),
            updated_at=timezone.localtime(business.updated_at),
            **{name: getattr(business, name) for name in plain},
        )


class OperatorOut(Answer):
    """经营者。"""

    name: str


class BusinessOut(Answer):
    """一家店和它的信息。"""

    id: Id
    name: str
    credit_code: str | None
    operator: OperatorOut | None
    address: str
    version: Version
    updated_at: Instant
    facts: FactsOnRecord

    example: ClassVar[Any] = {
        "id": "7f0c6c1e-5f0e-4f3a-9a53-3f1f1f0a2b11",
        "name": "钟山区老街茶铺",
        "credit_code": "92520204MA6E00019P",
        "operator": {"name": "演示经营者"},
        "address": "六盘水市钟山区人民路",
        "version": 3,
        "updated_at": "2026-11-24T09:30:00+08:00",
        "facts": {"registered_on": {"value": "2026-01-15", "source": "registry", "on": "2026-01-16"}},
    }

    @classmethod
    def of(cls, principal, business, **more) -> "BusinessOut":
        """One shop as ``principal`` may see it."""
        return cls.of_values(
            id=str(business.public_id),
            name=business.name,
            credit_code=business.credit_code,
            operator=business.operator and {"name": business.operator.name},
            address=business.address,
            version=business.version,
            updated_at=timezone.localtime(business.updated_at),
            facts=facts_as_json(principal, business),
            **more,
        )


class WithoutEffect(Answer):
    """写下了、但没有改变结果的一项。"""

    field: str
    code: Literal["overruled"]
    detail: str


class StatedOut(BusinessOut):
    """填写以后的店。"""

    warnings: list[WithoutEffect]

    example: ClassVar[Any] = {**BusinessOut.example, "warnings": []}
