"""The OpenAPI shapes of shops in the register, made from the fact list."""

from drf_spectacular.utils import OpenApiExample

from core.schema import (
    DATE,
    INSTANT,
    TEXT,
    FixedSchema,
    ProblemAutoSchema,
    fact_shape,
    nullable,
    object_of,
    value_shape,
)

from .facts import SOURCES
from .registry import business_registry

ID = {**TEXT, "format": "uuid", "description": "这家店的编号，不会变。"}
CREDIT_CODE = {**TEXT, "pattern": "^92[0-9]{6}[0-9A-Z]{10}$", "description": "统一社会信用代码，18 位"}
VERSION = {"type": "integer", "minimum": 1, "description": "每次变动加 1。"}
TAGS = ("商户登记",)

EXAMPLE_FACTS = {"registered_on": "2026-01-15", "district": "520201", "operating_status": "operating"}
REGISTERING = {
    "credit_code": "92520204MA6E00019P",
    "name": "钟山区老街茶铺",
    "operator_name": "演示经营者",
    "address": "六盘水市钟山区人民路",
    "facts": EXAMPLE_FACTS,
}


def _stated(fact):
    """A fact of a shop as it stands: its value, who said so, and of which day."""
    source = {**TEXT, "enum": [name for name in SOURCES if name != "default"]}
    properties = {"value": nullable(value_shape(fact)), "source": source, "on": nullable(DATE)}
    if fact.type == "set":
        told = object_of({"holds": {"type": "boolean"}, "source": source, "on": nullable(DATE)})
        members = {choice.value: told for choice in fact.choices}
        detail = "每一项是谁说的。几个来源说的不同时，外层的 source 和 on 是 null。"
        properties["members"] = object_of(members, required=[], description=detail)
        properties["source"] = nullable(source)
        properties["no"] = {**value_shape(fact), "description": "已知不是的；两边都没有的还不清楚。"}
    return object_of(properties, description=fact.label)


def business_shape():
    """One shop. Identity numbers, phones and accounts are never part of it."""
    facts = {fact.name: _stated(fact) for fact in business_registry().values()}
    return object_of(
        {
            "id": ID,
            "name": TEXT,
            "credit_code": nullable(TEXT),
            "operator": nullable(object_of({"name": TEXT})),
            "address": TEXT,
            "version": VERSION,
            "updated_at": INSTANT,
            "facts": object_of(
                facts, required=[], description="只有您能看的、已经知道的。null 是问过不清楚。"
            ),
        }
    )


def facts_shape():
    """Facts as somebody states them. A department may leave members of a set open."""
    return object_of({fact.name: _statement(fact) for fact in business_registry().values()}, required=[])


def _statement(fact):
    if fact.type != "set":
        return fact_shape(fact)
    members = value_shape(fact)
    part = object_of({"yes": members, "no": members}, required=[])
    detail = "店主的列表是全部答案。部门的列表只说这些是；也可以写 yes 和 no。"
    return {"anyOf": [members, part, {"type": "null"}], "description": f"{fact.label}。{detail}"}


class BusinessListSchema(ProblemAutoSchema):
    """GET lists, POST registers."""

    def get_summary(self):
        return "您能看的商户" if self.method == "GET" else "新增一家商户（市场监管登记的客户端）"

    def get_tags(self):
        return list(TAGS)

    def get_request_serializer(self):
        if self.method == "GET":
            return None
        name = {**TEXT, "minLength": 1}
        shape = object_of(
            {
                "credit_code": CREDIT_CODE,
                "name": {**name, "maxLength": 120},
                "operator_name": {**name, "maxLength": 80},
                "identity_number": {**TEXT, "description": "18 位身份证号。只用来认人，不会返回。"},
                "address": {**name, "maxLength": 200},
                "facts": facts_shape(),
            },
            required=["credit_code", "name", "operator_name"],
        )
        return {"application/json": shape}

    def get_response_serializers(self):
        return super().get_response_serializers() if self.method == "GET" else {201: business_shape()}

    def get_examples(self):
        return (
            [] if self.method == "GET" else [OpenApiExample("新登记的茶铺", REGISTERING, request_only=True)]
        )


class BusinessDetailSchema(FixedSchema):
    """GET shows, PATCH states facts."""

    tags = TAGS

    @property
    def summary(self):
        return "一家商户和它的信息" if self.method == "GET" else "填写或更新一家商户的信息"

    @property
    def description(self):
        if self.method == "GET":
            return "每项信息带来源和日期。身份证号、手机号和账号从不返回。税额只给店主、税务部门和审计员。"
        return (
            "店主和有“代填信息”授权的人写自己的回答，来源是 self。程序只能写本部门来源的信息。"
            "写上读到的 version，别人改过时答 409。没写的项不变。别的来源优先、没有起作用的，在 warnings 里。"
        )

    def request_shape(self):
        if self.method == "GET":
            return None
        return object_of({"version": VERSION, "facts": facts_shape()}, required=["facts"])

    def answer_shape(self):
        shape = business_shape()
        if self.method == "GET":
            return shape
        warning = object_of({"field": TEXT, "code": {**TEXT, "const": "overruled"}, "detail": TEXT})
        return object_of({**shape["properties"], "warnings": {"type": "array", "items": warning}})

    def get_examples(self):
        if self.method == "GET":
            return []
        body = {"version": 3, "facts": {"monthly_rent": "800.00", "rents_premises": True}}
        return [OpenApiExample("店主更新房租", body, request_only=True)]
