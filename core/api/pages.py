"""Lists come in pages, named by a cursor that we gave out."""

import re
from urllib.parse import parse_qs, urlsplit

from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from core.errors import Invalid


class CodePagination(CursorPagination):
    """Pages in order of ``code``, without counting: 50 a page, up to 100 by ``page_size``."""

    ordering = "code"
    page_size = 50
    max_page_size = 100
    page_size_query_param = "page_size"
    cursor_query_description = "下一页或上一页的位置，来自 next 或 previous。"
    page_size_query_description = "每页条数，1 到 100，默认 50。"
    template = None

    def get_page_size(self, request) -> int:
        given = request.query_params.get(self.page_size_query_param)
        if given is None:
            return self.page_size
        if re.fullmatch(r"[1-9][0-9]?|100", given, re.ASCII):
            return int(given)
        raise Invalid.because(self.page_size_query_param, "invalid", "每页条数要写 1 到 100 的整数。")

    def decode_cursor(self, request) -> Cursor | None:
        """The cursor, where it is letter for letter one that we gave out."""
        try:
            cursor = super().decode_cursor(request)
        except exceptions.NotFound:
            raise self._bad_cursor() from None
        if cursor is not None:
            given = request.query_params[self.cursor_query_param]
            if not given or "\x00" in str(cursor.position or "") or self._encoded(cursor) != given:
                raise self._bad_cursor()
        return cursor

    def _encoded(self, cursor) -> str:
        url = super().encode_cursor(cursor)
        return parse_qs(urlsplit(url).query, keep_blank_values=True)[self.cursor_query_param][0]

    def _bad_cursor(self) -> Invalid:
        return Invalid.because(
            self.cursor_query_param, "invalid", "翻页位置不对。请原样使用上一次返回的 next 或 previous。"
        )

    def get_paginated_response(self, data) -> Response:
        return Response({"results": data, "next": self.get_next_link(), "previous": self.get_previous_link()})

    def get_paginated_response_schema(self, schema) -> dict:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["results", "next", "previous"],
            "properties": {
                "results": schema,
                "next": {**link, "description": "下一页的地址；没有时是 null。", "example": None},
                "previous": {**link, "description": "上一页的地址；没有时是 null。", "example": None},
            },
        }

    def get_schema_operation_parameters(self, view) -> list:
        cursor, page_size = super().get_schema_operation_parameters(view)
        page_size["schema"] |= {"minimum": 1, "maximum": self.max_page_size, "default": self.page_size}
        return [cursor, page_size]


class SequencePagination(CodePagination):
    """The same pages over a list in memory: the cursor names the item before, or with a minus after, the page."""

    def page(self, request, names) -> tuple[list, dict]:  # type: ignore[override]  # of a list, not of rows
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

    def _link(self, request, cursor) -> str | None:
        return replace_query_param(request.build_absolute_uri(), self.cursor_query_param, cursor)
