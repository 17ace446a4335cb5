"""The OpenAPI document: what the operations declare, and the problems every address may answer."""

from typing import Any

from drf_spectacular.contrib import pydantic  # noqa: F401 - with it the library knows our models
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiJsonRenderer2
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiRequest, OpenApiResponse

from core.idempotency import HEADER
from core.problems import MEDIA_TYPE, STATUSES

from .operation import Operation, operation_of

KEY = "自己生成的编号，例如 UUID。重试时写同一个，只办一次。"
WITH_BODY = {"POST", "PUT", "PATCH"}


class _Compact:
    """Without blanks, which would make three times as much of it."""

    def get_indent(self, accepted_media_type, renderer_context) -> None:
        return None


class DocumentRenderer(_Compact, OpenApiJsonRenderer):
    pass


class JSONDocumentRenderer(_Compact, OpenApiJsonRenderer2):
    pass


class OperationSchema(AutoSchema):
    """Reads what ``@operation`` declares of a method, and adds the problems that it may answer."""

    @property
    def said(self) -> Operation | None:
        return operation_of(self.view, self.method)

    def get_operation_id(self) -> str:
        """A POST on an address that ends in a name, as ``…/{id}/{verb}/``, creates nothing: it does what is named."""
        named = super().get_operation_id()
        does = self.method == "POST" and self.path.endswith("}/")
        return named.removesuffix("_create") + "_do" if does else named

    def get_summary(self) -> str | None:
        return self.said.summary if self.said else super().get_summary()

    def get_description(self) -> str:  # type: ignore[override]  # as drf-spectacular has it, not its base
        return self.said.description if self.said else super().get_description()

    def get_tags(self) -> list[str]:
        return [self.said.tag] if self.said else super().get_tags()

    def get_override_parameters(self) -> list:
        if self.said is None:
            return super().get_override_parameters()
        found = [
            OpenApiParameter(one.name, one.shape, description=one.description) for one in self.said.query
        ]
        if self.said.key is not None:
            found.append(
                OpenApiParameter(
                    HEADER, str, OpenApiParameter.HEADER, required=self.said.key, description=KEY
                )
            )
        return found

    def get_request_serializer(self) -> Any:
        if self.said is None:
            return super().get_request_serializer()
        body = self.said.body or self.said.form
        return body and {self.said.media_type: OpenApiRequest(body, examples=_example(body))}

    def get_response_serializers(self) -> Any:
        if self.said is None:
            return super().get_response_serializers()
        return {
            status: model and OpenApiResponse(model, examples=_example(model))
            for status, model in self.said.answers.items()
        }

    def _get_response_bodies(self, direction="response") -> dict:
        responses = super()._get_response_bodies(direction)
        for status in self._problem_statuses():
            responses.setdefault(str(status), self._problem_body(status))
        return dict(sorted(responses.items()))

    def _problem_statuses(self) -> list[int]:
        statuses = [400, 404, 405, 406, 429]
        if "{" not in self.path:
            statuses.remove(404)
        if self.method in WITH_BODY:
            statuses += [411, 413, 415]
        if {} not in (self.get_auth() or [{}]):  # {}: anonymous is enough
            statuses += [401, 403]
        return statuses + list(self.said.refuses if self.said else ())

    def _problem_body(self, status) -> dict:
        """What all say alike stands in the document once, and each refers to it."""
        if self.said and status in self.said.problems:
            model = self.said.problems[status]
            schema = self.resolve_serializer(model, "response")  # type: ignore[arg-type]  # its extension reads models
            return _refusal(status, {"schema": schema.ref, "example": model.example})
        problem = self._once("Problem", ResolvedComponent.SCHEMA, PROBLEM)
        body = _refusal(status, {"schema": problem})
        return self._once(f"Problem{status}", ResolvedComponent.RESPONSE, body)

    def _once(self, name, kind, shape) -> dict:
        component = ResolvedComponent(name=name, type=kind, schema=shape, object=f"core.api.document.{name}")
        self.registry.register_on_missing(component)
        return component.ref


def _refusal(status, told) -> dict:
    body: dict[str, Any] = {"description": STATUSES[status][0], "content": {MEDIA_TYPE: told}}
    if status == 405:
        body["headers"] = {
            "Allow": {"description": "能用的方法。", "schema": {"type": "string"}, "example": "GET"}
        }
    if status == 429:
        body["headers"] = {"Retry-After": {"description": "等几秒再试。", "schema": {"type": "integer"}}}
    return body


def without_marks(result, generator, request, public) -> dict:
    """The library marks enums for a step of its own, which we leave out: ours stay where they stand."""
    waiting = [result]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            part.pop("x-spec-enum-id", None)
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return result


def _example(model) -> list:
    return [OpenApiExample("example", model.example, summary="示例")]


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
    "examples": [
        {
            "type": "about:blank",
            "title": "请求不正确",
            "status": 400,
            "detail": "有 1 处不对，请按 errors 里的说明逐一改正。",
            "code": "invalid",
            "errors": [
                {
                    "field": "profile.registered_on",
                    "code": "invalid_date",
                    "detail": "登记日期：日期请写成 2026-01-15 这样的格式",
                }
            ],
        }
    ],
}
