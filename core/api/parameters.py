"""What may stand behind the question mark: known names, each once, in one spelling."""

import re

import django_filters
from django.db.models import QuerySet
from django_filters.rest_framework import DjangoFilterBackend

from core.errors import Fault, Invalid
from core.strict_json import shown

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

    def filter_queryset(self, request, queryset, view) -> QuerySet:
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

    def initial(self, request, *args, **kwargs) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]  # of the view it is mixed into
        refuse_odd_parameters(request, self.query_parameters)


def _page_parameters(view) -> tuple[str, ...]:
    paginator = getattr(view, "paginator", None)
    return (paginator.cursor_query_param, paginator.page_size_query_param) if paginator else ()


def refuse_odd_parameters(request, known, filters=None) -> None:
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


def _oddity(values, filter_) -> str | None:
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
