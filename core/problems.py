"""Error answers of the API: RFC 9457 ``application/problem+json``, always Chinese, never with a raw ``<``.

``type`` is always ``about:blank``: the status and ``code`` say everything a program needs, and a page of
explanations per error would say nothing that ``detail`` does not. This module knows Django, not the REST
framework, so the middleware can answer where no API view was reached.
"""

from decimal import Decimal

import orjson
from django.http import HttpResponse
from django.utils.functional import Promise
from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"

# status: (title, code, what stands in ``detail`` when nobody wrote something better)
STATUSES = {
    400: ("请求不正确", "invalid", "请求不正确，请对照接口文档 /api/docs/ 检查后再发送。"),
    401: ("需要登录", "not_authenticated", "没有登录，或登录已失效。请登录后再试。"),
    403: ("没有权限", "permission_denied", "当前账号没有权限做这件事。需要时请找本单位管账号的同事开通。"),
    404: ("没有找到", "not_found", "没有找到。请检查地址和编号；接口清单见 /api/docs/。"),
    405: ("不支持这个方法", "method_not_allowed", "这个地址不支持这种请求方法。能用的方法见响应头 Allow。"),
    406: ("没有这种格式", "not_acceptable", "只能返回 JSON。请把请求头 Accept 写成 application/json。"),
    409: ("现在不能这样做", "refused", "现在不能这样做，可能别人刚改过。请刷新后再试。"),
    411: ("缺少长度", "length_required", "请求缺少 Content-Length 头。请写明正文长度后再发送。"),
    412: ("内容已经变了", "precondition_failed", "内容已经变了。请重新读取后再试。"),
    413: ("请求太大", "too_large", "请求正文太大。请分成几次发送。"),
    415: (
        "不支持这种正文",
        "unsupported_media_type",
        "正文只能是 JSON。请把 Content-Type 写成 application/json。",
    ),
    422: ("请求不能处理", "unprocessable", "请求的内容不能处理。请检查后再发送。"),
    429: ("请求太快", "throttled", "请求太快了。请按响应头 Retry-After 的秒数等一等再试。"),
    500: ("服务器出错", "server_error", "服务器出错了，问题已记录。请稍后再试。"),
    503: ("暂时不能用", "unavailable", "服务暂时不能用。请稍后再试。"),
}


def problem(status, *, code="", detail="", faults=(), **more) -> dict:
    """The problem as a dict; what is left out comes from ``STATUSES``. ``faults`` are core.errors.Fault; ``more`` is
    said beside what every problem says."""
    title, usual_code, usual_detail = STATUSES.get(status) or STATUSES[400 if status < 500 else 500]
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail or usual_detail,
        "code": code or usual_code,
        "errors": rows_of(faults),
        **more,
    }


def rows_of(faults) -> list:
    return [{"field": fault.field, "code": fault.code, "detail": fault.detail} for fault in faults]


def problem_response(status, *, code="", detail="", faults=(), headers=None, **more) -> HttpResponse:
    """The same as a Django response."""
    body = dumps(problem(status, code=code, detail=detail, faults=faults, **more))
    return HttpResponse(body, status=status, content_type=MEDIA_TYPE, headers=headers)


def is_problem(response) -> bool:
    return response.headers.get("Content-Type", "").startswith(MEDIA_TYPE)


def in_chinese(words) -> bool:
    """True where a message can go to the person as it is: libraries and get_object_or_404 speak English."""
    return any("\u4e00" <= letter <= "\u9fff" for letter in words)


def dumps(value) -> bytes:
    """JSON bytes. Decimals keep their own digits, dates are ISO, ``<`` is escaped so no input comes back raw."""
    return orjson.dumps(value, default=_plain).replace(b"<", b"\\u003c")


def _plain(value) -> object:
    """What orjson does not know: Decimal, lazy translations, other containers of plain values, answers among them."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Promise):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, BaseModel):  # core.api.Answer: its fields in the order in which they are declared
        return value.__dict__
    raise TypeError(f"{type(value).__name__} has no JSON form")
