"""How every API view reads, answers, pages, filters and refuses. Named in settings.REST_FRAMEWORK.

A view may say: ``max_body_bytes``, ``max_body_nodes`` (StrictJSONParser), ``query_parameters`` (names it reads
itself, beside those of its filters and pages).
"""

import logging
import re
import time
from urllib.parse import parse_qs, urlsplit

import django_filters
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework import exceptions
from rest_framework.metadata import BaseMetadata
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.pagination import CursorPagination
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.utils.mediatypes import _MediaType
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import set_rollback

from core import problems, strict_json
from core.catalogue import refused_type
from core.errors import Fault, Invalid, Refused, TooLarge
from core.strict_json import shown

logger = logging.getLogger(__name__)


# Reading and writing bodies


class StrictJSONParser(BaseParser):
    """A JSON object of bounded size as a dict; see core/strict_json.py for what is refused."""

    media_type = "application/json"
    max_bytes = 1_000_000
    max_nodes = 10_000

    def parse(self, stream, media_type=None, parser_context=None):
        if media_type and ";" in media_type:
            charset = _MediaType(media_type).params.get("charset", "utf-8")
            if charset.casefold() not in ("utf-8", "utf8"):
                raise exceptions.UnsupportedMediaType(media_type)
        view = (parser_context or {}).get("view")
        max_bytes = getattr(view, "max_body_bytes", self.max_bytes)
        value = strict_json.parse(
            _read(stream, max_bytes),
            max_bytes=max_bytes,
            max_nodes=getattr(view, "max_body_nodes", self.max_nodes),
        )
        if not isinstance(value, dict):
            raise Invalid.because("", "not_an_object", "请求正文要是一个 JSON 对象，用花括号 { } 括起来。")
        return value


MOST_DRAINED = 16_000_000


def _read(stream, max_bytes):
    """The body up to one byte over the limit, whatever Content-Length says.

    A longer one is read to its end and thrown away: a server that hangs up on unread bytes resets the connection,
    and the client never sees why.
    """
    try:
        body = stream.read(max_bytes + 1)
        drained = len(body)
        while max_bytes < drained < MOST_DRAINED and (more := stream.read(65_536)):
            drained += len(more)
        return body
    except OSError:  # UnreadablePostError is one
        raise Invalid.because("", "incomplete", "请求正文没有传完。请重新发送。") from None


class JSONRenderer(BaseRenderer):
    """Plain values as JSON; see core.problems.dumps for how each is spelled."""

    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(self, data, accepted_media_type=None, renderer_context=None):
        return b"" if data is None else problems.dumps(data)


ANY_JSON = ("*/*", "application/json")


class Negotiation(DefaultContentNegotiation):
    """What the client takes, less what it says it does not: ``q=0`` refuses."""

    def select_renderer(self, request, renderers, format_suffix=None):
        if request.META.get("HTTP_ACCEPT", "*/*") in ANY_JSON:
            return renderers[0], renderers[0].media_type
        return super().select_renderer(request, renderers, format_suffix)

    def get_accept_list(self, request):
        return [part for part in super().get_accept_list(request) if not refused_type(part)]


class Methods(BaseMetadata):
    """What OPTIONS answers: the methods there are. Shapes are in /api/schema/."""

    def determine_metadata(self, request, view):
        return {"methods": view.allowed_methods}


# Errors


def answer_with_problem(exc, context):
    """REST framework's exception handler: a problem for everything a person can cause, None for our bugs."""
    explained = _explained(exc)
    if explained is None:
        return None
    set_rollback()
    headers = {}
    if getattr(exc, "auth_header", None):
        headers["WWW-Authenticate"] = exc.auth_header
    if getattr(exc, "wait", None):
        headers["Retry-After"] = str(exc.wait)
    return problems.problem_response(**explained, headers=headers)


def _explained(exc):
    """The problem's parts, or None; core.problems fills in what is missing."""
    match exc:
        case Invalid():
            return _invalid(exc.faults)
        case exceptions.ValidationError():
            return _invalid(list(_faults("", exc.detail)))
        case DjangoValidationError():
            messages = exc.message_dict if hasattr(exc, "error_dict") else exc.messages
            return _invalid(list(_faults("", messages)))
        case Refused():
            return {"status": 409, "detail": str(exc)}
        case TooLarge():
            return {"status": 413, "detail": str(exc)}
        case Http404():
            return {"status": 404, "detail": _chinese(exc.args)}
        case PermissionDenied():
            return {"status": 403, "detail": _chinese(exc.args)}
        case exceptions.NotAuthenticated() | exceptions.AuthenticationFailed():
            # 403 where no scheme can be offered in WWW-Authenticate, but still for want of signing in.
            usual = problems.STATUSES[401][2]
            return {"status": exc.status_code, "code": exc.default_code, "detail": _own_words(exc) or usual}
        case exceptions.APIException():
            return {"status": exc.status_code, "detail": _own_words(exc)}
    return None


# The library's sentences for these only name the method or the media type; ours say what to do.
_SAY_LITTLE = (
    exceptions.MethodNotAllowed,
    exceptions.NotAcceptable,
    exceptions.UnsupportedMediaType,
    exceptions.Throttled,
    exceptions.ParseError,
)


def _own_words(exc):
    """What the raising code wrote in Chinese; empty where it wrote nothing."""
    if isinstance(exc, _SAY_LITTLE) or str(exc.detail) == str(exc.default_detail):
        return ""
    return _chinese([exc.detail])


def _invalid(faults):
    """One fault is its own summary; several are counted."""
    if len(faults) == 1 and not faults[0].field:
        return {"status": 400, "code": faults[0].code, "detail": faults[0].detail, "faults": faults}
    return {
        "status": 400,
        "detail": f"有 {len(faults)} 处不对，请按 errors 里的说明逐一改正。",
        "faults": faults,
    }


def _chinese(words):
    """The first message where it is Chinese, else empty."""
    message = str(words[0]) if words else ""
    return message if problems.in_chinese(message) else ""


def _faults(path, detail):
    """Flatten serializer errors (dicts, lists, messages) into Faults with dotted paths."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name in {"non_field_errors", "__all__"}
            yield from _faults(path if whole else f"{path}.{shown(str(name))}".lstrip("."), inner)
    elif isinstance(detail, list | tuple):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _faults(f"{path}.{index}".lstrip(".") if nested else path, inner)
    else:
        code = getattr(detail, "code", None) or "invalid"
        yield Fault(path, code, _chinese([detail]) or "这一项的值不对，请对照接口文档改正。")


# Lists: pages and filters


class CodePagination(CursorPagination):
    """Pages in order of ``code``, without counting: 50 a page, up to 100 by ``page_size``."""

    ordering = "code"
    page_size = 50
    max_page_size = 100
    page_size_query_param = "page_size"
    cursor_query_description = "下一页或上一页的位置，来自 next 或 previous。"
    page_size_query_description = "每页条数，1 到 100，默认 50。"
    template = None

    def get_page_size(self, request):
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if re.fullmatch(r"[1-9][0-9]?|100", given, re.ASCII):
            return int(given)
        raise Invalid.because(self.page_size_query_param, "invalid", "每页条数要写 1 到 100 的整数。")

    def decode_cursor(self, request):
        """The cursor, where it is letter for letter one that we gave out."""
        try:
            cursor = super().decode_cursor(request)
        except exceptions.NotFound:
            raise self._bad_cursor() from None
        if cursor is not None:
            given = request.query_params[self.cursor_query_param]
            if not given or "\x00" in (cursor.position or "") or self._encoded(cursor) != given:
                raise self._bad_cursor()
        return cursor

    def _encoded(self, cursor):
        url = super().encode_cursor(cursor)
        return parse_qs(urlsplit(url).query, keep_blank_values=True)[self.cursor_query_param][0]

    def _bad_cursor(self):
        return Invalid.because(
            self.cursor_query_param, "invalid", "翻页位置不对。请原样使用上一次返回的 next 或 previous。"
        )

    def get_paginated_response(self, data):
        return Response({"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema):
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**link, "description": "下一页的地址；没有时是 null。"},
                "previous": {**link, "description": "上一页的地址；没有时是 null。"},
            },
        }

    def get_schema_operation_parameters(self, view):
        cursor, page_size = super().get_schema_operation_parameters(view)
        page_size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [cursor, page_size]


class SequencePagination(CodePagination):
    """The same pages over a list in memory: the cursor names the item before, or with a minus after, the page."""

    def page(self, request, names):
        """(the names on the page asked for, its links). ``names`` are unique and plain ASCII."""
        size = self.get_page_size(request)
        given = request.query_params.get(self.cursor_query_param)
        start = 0
        if given is not None:
            name = given.removeprefix("-")
            if name not in names:
                raise self._bad_cursor()
            place = names.index(name)
            start = max(place - size, 0) if given.startswith("-") else place + 1
        end = len(names) if given is None or not given.startswith("-") else names.index(given[1:])
        page = names[start : min(start + size, end)]
        following, previous = None, None
        if page and page[-1] != names[-1]:
            following = self._link(request, page[-1])
        if page and page[0] != names[0]:
            previous = self._link(request, f"-{page[0]}")
        return page, {"next": following, "previous": previous}

    def _link(self, request, cursor):
        return replace_query_param(request.build_absolute_uri(), self.cursor_query_param, cursor)


# How a filter's value is written. Form fields alone would also take full-width digits, 1_000 and " 1".
_SPELLINGS = (
    (django_filters.BooleanFilter, r"true|false", "要写 true 或 false。"),
    (
        django_filters.NumberFilter,
        r"-?[0-9]{1,18}(\.[0-9]{1,2})?",
        "要写数字，最多两位小数，不带空格和逗号。",
    ),
    (django_filters.DateFilter, r"[0-9]{4}-[0-9]{2}-[0-9]{2}", "要写日期，例如 2026-01-31。"),
)
_MAX_VALUE_LENGTH = 200


class StrictFilterBackend(DjangoFilterBackend):
    """django-filter without its leniency: unknown, repeated, empty or oddly spelled parameters are 400.

    On one object (the view's lookup is in the URL) nothing is filtered, so no filter parameter is known
    there. Each filter reads the one parameter of its name: range filters with two are not supported.
    """

    def filter_queryset(self, request, queryset, view):
        known = set(getattr(view, "query_parameters", ()))
        lookup = getattr(view, "lookup_url_kwarg", None) or getattr(view, "lookup_field", None)
        if lookup in view.kwargs:
            refuse_odd_parameters(request, known)
            return queryset
        filterset_class = self.get_filterset_class(view, queryset)
        filters = filterset_class.base_filters if filterset_class else {}
        refuse_odd_parameters(request, known.union(_page_parameters(view)), filters)
        return super().filter_queryset(request, queryset, view)


class StrictQueryMixin:
    """For API views that do not filter a queryset: any parameter not in ``query_parameters`` is 400."""

    query_parameters = ()

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        refuse_odd_parameters(request, self.query_parameters)


def _page_parameters(view):
    paginator = getattr(view, "paginator", None)
    return (paginator.cursor_query_param, paginator.page_size_query_param) if paginator else ()


def refuse_odd_parameters(request, known, filters=None):
    """Raise Invalid naming every parameter that is unknown, given twice, empty, over-long or badly spelled."""
    filters = filters or {}
    faults = []
    for name, values in request.query_params.lists():
        if name not in known and name not in filters:
            faults.append(
                Fault(shown(name), "unknown", f"没有“{shown(name)}”这个查询参数。请删掉，或检查拼写。")
            )
        elif problem := _oddity(values, filters.get(name)):
            faults.append(Fault(name, "invalid", f"查询参数“{name}”{problem}"))
    if faults:
        raise Invalid(faults)


def _oddity(values, filter_):
    """What is wrong with the values of one parameter; None where nothing is."""
    if len(values) > 1 and not isinstance(filter_, django_filters.MultipleChoiceFilter):
        return "只能写一次。"
    if isinstance(filter_, django_filters.BaseCSVFilter):
        values = [part for value in values for part in value.split(",")]
    for value in values:
        if not value or value != value.strip():
            return "要写值，前后不能有空格；不需要时请删掉。"
        if len(value) > _MAX_VALUE_LENGTH or not value.isprintable():
            return f"太长或有不可见的字符：最多 {_MAX_VALUE_LENGTH} 个字。"
        for kind, pattern, hint in _SPELLINGS:
            if isinstance(filter_, kind) and not re.fullmatch(pattern, value):
                return hint
    return None


# Pace


class PerSecondThrottle(BaseThrottle):
    """At most settings.ANONYMOUS_REQUESTS_PER_SECOND requests from one address in one second of the clock.

    One atomic counter per address and second. Where the cache is down everybody passes: a portal that is open
    and unthrottled serves people better than one that is closed.
    """

    def allow_request(self, request, view):
        key = f"pace:{address(request)}:{int(time.time())}"
        try:
            count = _count(key)
        except Exception:
            logger.warning("The cache is down: requests are not throttled.", exc_info=True)
            return True
        return count <= settings.ANONYMOUS_REQUESTS_PER_SECOND

    def wait(self):
        return 1


def _count(key):
    """Which request of its second this is. Both calls are atomic, so two first ones are still counted as two."""
    try:
        return cache.incr(key)
    except ValueError:  # not there yet
        return 1 if cache.add(key, 1, timeout=5) else cache.incr(key)


def address(request):
    """The client's address: what the trusted proxy appended last, else the other end of the connection."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR") if settings.TRUSTED_PROXY else None
    return forwarded.rpartition(",")[2].strip()[:45] if forwarded else request.META.get("REMOTE_ADDR", "")
