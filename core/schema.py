"""The OpenAPI document: what drf-spectacular finds out by itself, and the problems every address may answer."""

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent

from core.problems import MEDIA_TYPE, STATUSES

_TEXT = {"type": "string"}
PROBLEM = {
    "type": "object",
    "description": "错误（RFC 9457）。程序看 status 和 code，人看 detail；errors 逐项说明哪里不对。",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "properties": {
        "type": {**_TEXT, "const": "about:blank", "description": "总是 about:blank，种类看 code。"},
        "title": {**_TEXT, "description": "这类错误的名称。"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599, "description": "与 HTTP 状态码相同。"},
        "detail": {**_TEXT, "description": "中文说明：哪里不对、怎么办。"},
        "code": {**_TEXT, "description": "给程序用的英文代码。"},
        "errors": {
            "type": "array",
            "description": "输入有错时逐项列出，其他错误为空。",
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {
                    "field": {
                        **_TEXT,
                        "description": "字段路径，例如 profiles.3.profile.monthly_rent；空表示整个正文。",
                    },
                    "code": {**_TEXT, "description": "给程序用的英文代码。"},
                    "detail": {**_TEXT, "description": "中文说明。"},
                },
            },
        },
    },
}


# Shapes that several documents are built from.
DATE = {"type": "string", "format": "date"}
INSTANT = {"type": "string", "format": "date-time"}
TEXT = {"type": "string"}
TEXTS = {"type": "array", "items": TEXT}
MONEY = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "description": "元，两位小数"}


def nullable(shape):
    return {"anyOf": [shape, {"type": "null"}]}


def object_of(properties, required=None, **more):
    """An object of exactly these properties, all required unless told which."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties) if required is None else required,
        "additionalProperties": False,
        **more,
    }


def value_shape(fact):
    """What a fact (core.facts.Fact) is written as."""
    values = [choice.value for choice in fact.choices]
    return {
        "date": DATE,
        "integer": {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
        "money": {
            "anyOf": [
                {"type": "string", "pattern": r"^-?(0|[1-9][0-9]{0,11})(\.[0-9]{1,2})?$"},
                {"type": "integer", "minimum": -(10**12) + 1, "maximum": 10**12 - 1},
            ]
        },
        "bool": {"type": "boolean"},
        "choice": {"type": "string", "enum": values},
        "code": {"type": "string", "pattern": "^[A-T]([0-9]{2,4})?$"},
        "set": {"type": "array", "items": {"type": "string", "enum": values}},
    }[fact.type]


def fact_shape(fact):
    """The same, or null."""
    return {**nullable(value_shape(fact)), "description": fact.label}


class ProblemAutoSchema(AutoSchema):
    """Adds the problem answers to each operation; answers that the view documents itself stay as they are.

    A view may name more that its methods answer: ``problem_statuses = {"PATCH": (409,)}``.
    """

    def _get_response_bodies(self, direction="response"):
        responses = super()._get_response_bodies(direction)
        for status in self._problem_statuses():
            responses.setdefault(str(status), self._problem_body(status))
        return dict(sorted(responses.items()))

    def _problem_statuses(self):
        statuses = [400, 404, 405, 406, 429]
        if "{" not in self.path:
            statuses.remove(404)
        if self.method in {"POST", "PUT", "PATCH"}:
            statuses += [411, 413, 415]
        if {} not in (self.get_auth() or [{}]):  # {}: anonymous is enough
            statuses += [401, 403]
        return statuses + list(getattr(self.view, "problem_statuses", {}).get(self.method, ()))

    def _problem_body(self, status):
        component = ResolvedComponent(
            name="Problem", type=ResolvedComponent.SCHEMA, schema=PROBLEM, object="core.schema.PROBLEM"
        )
        self.registry.register_on_missing(component)
        body = {"description": STATUSES[status][0], "content": {MEDIA_TYPE: {"schema": component.ref}}}
        if status == 405:
            body["headers"] = {"Allow": {"description": "能用的方法。", "schema": _TEXT}}
        if status == 429:
            body["headers"] = {"Retry-After": {"description": "等几秒再试。", "schema": {"type": "integer"}}}
        return body


class FixedSchema(ProblemAutoSchema):
    """An operation whose request and answer are given as plain shapes: ``request_shape()``, ``answer_shape()``."""

    summary = ""
    description = ""
    tags = ()
    request_type = "application/json"
    answer_status = 200

    def get_summary(self):
        return self.summary

    def get_description(self):
        return self.description

    def get_tags(self):
        return list(self.tags)

    def request_shape(self):
        """None where there is no body."""
        return None

    def get_request_serializer(self):
        shape = self.request_shape()
        return None if shape is None else {self.request_type: shape}

    def get_response_serializers(self):
        return {self.answer_status: self.answer_shape()}
