"""What is told of a shop over the API: a new one, and facts of one that is there."""

from typing import Annotated, Any, ClassVar

from pydantic import ValidationInfo
from pydantic.json_schema import model_json_schema
from typing_extensions import TypeAliasType

from core.api import Body
from core.api.facts import facts_model
from core.api.spelling import ID, TEXT, Spelling, Version, fact_shape, read_text, read_uuid, value_shape
from core.facts import Misread

from ..identifiers import read_credit_code, read_identity_number, read_name
from ..providing import read_facts
from ..registry import business_registry

SOURCE = "source"  # of the program that speaks; for people there is none in the context
CREDIT_CODE = {**TEXT, "pattern": "^92[0-9]{6}[0-9A-Z]{10}$", "description": "统一社会信用代码，18 位"}
IDENTITY = {**TEXT, "description": "18 位身份证号。只用来认人，不会返回。"}


def _business_id(raw):
    if read_uuid(raw) is None:
        raise Misread("invalid_id", "请写商户的编号，见 /api/v1/businesses/")
    return raw


BusinessId = Annotated[str, Spelling(ID, _business_id)]


# Facts


def facts_shape() -> dict:
    """The facts as the registry has them today."""
    return model_json_schema(facts_model(business_registry()))


def _spelled(raw) -> dict:
    """Facts in the spelling in which the register keeps them. What cannot be read is left for the verb to refuse."""
    if not isinstance(raw, dict):
        raise Misread("invalid_object", '请填对象，例如 {"monthly_rent": "800.00"}')
    registry, words = business_registry(), {}
    for name, value in raw.items():
        try:
            words[name] = registry[name].write(registry[name].read(value)) if value is not None else None
        except (KeyError, Misread):
            words[name] = value
    return words


def _stated(raw, info: ValidationInfo) -> dict:
    """A program states strictly what its source may; a person in their own words."""
    return read_facts(raw, info.context[SOURCE]) if SOURCE in info.context else _spelled(raw)


def _statement(fact):
    """A department may leave members of a set open."""
    if fact.type != "set":
        return fact_shape(fact)
    members = value_shape(fact)
    part = {"type": "object", "properties": {"yes": members, "no": members}, "additionalProperties": False}
    detail = "店主的列表是全部答案。部门的列表只说这些是；也可以写 yes 和 no。"
    return {"anyOf": [members, part, {"type": "null"}], "description": f"{fact.label}。{detail}"}


def _stated_shape() -> dict:
    properties = {fact.name: _statement(fact) for fact in business_registry().values()}
    return {"type": "object", "properties": properties, "additionalProperties": False}


FactsAsTold = TypeAliasType("Facts", Annotated[Any, Spelling(facts_shape, _spelled)])
StatedFacts = TypeAliasType("StatedFacts", Annotated[Any, Spelling(_stated_shape, _stated, told=True)])


# Other values


def _code(reader):
    """A code, however wide or small it was typed: it is the same one."""
    return lambda raw: reader(read_text(raw))


def _text(label, longest):
    def read(raw):
        value = read_name(read_text(raw), label=label, longest=longest)
        if value != raw:
            raise Misread("not_canonical", f"{label}前后不带空格，中间最多一个空格")
        return value

    return read


def _name(label, longest):
    return Spelling({**TEXT, "minLength": 1, "maxLength": longest}, _text(label, longest))


# Bodies

EXAMPLE_FACTS = {"registered_on": "2026-01-15", "district": "520201", "operating_status": "operating"}


class BusinessIn(Body):
    """新登记的一家店。"""

    credit_code: Annotated[str, Spelling(CREDIT_CODE, _code(read_credit_code))]
    name: Annotated[str, _name("名称", 120)]
    operator_name: Annotated[str, _name("经营者姓名", 80)]
    identity_number: Annotated[str, Spelling(IDENTITY, _code(read_identity_number))] = None
    address: Annotated[str, _name("经营场所", 200)] = None
    facts: StatedFacts = None

    example: ClassVar[Any] = {
        "credit_code": "92520204MA6E00019P",
        "name": "钟山区老街茶铺",
        "operator_name": "演示经营者",
        "address": "六盘水市钟山区人民路",
        "facts": EXAMPLE_FACTS,
    }


class StatementIn(Body):
    """一家店的信息。没写的项不变。"""

    version: Version = None
    facts: StatedFacts

    example: ClassVar[Any] = {
        "version": 3,
        "facts": {"monthly_rent": "800.00", "rents_premises": True},
    }
