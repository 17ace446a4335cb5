"""What every ModelAdmin is built on: rows only through ``visible_to``, in lists, choices and searches."""

import re

from django.contrib import admin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest
from django.db.models import IntegerField, Model, QuerySet
from django.forms import ModelChoiceField, ModelMultipleChoiceField
from django.http import HttpResponse
from django.utils.html import format_html, format_html_join

from core import searching
from core.addresses import whole_number
from core.fields import IN_ADMIN
from core.models import as_admin_sees
from core.searching import OwnChangeList

_COMPARISONS = "exact|in|isnull|isempty|gte|gt|lte|lt|year|month|day"


def table(headings, rows) -> str:
    """Rows of cells as an HTML table for a read-only field; every cell is escaped."""
    head = format_html_join("", "<th>{}</th>", ((heading,) for heading in headings))
    body = format_html_join(
        "",
        "<tr>{}</tr>",
        ((format_html_join("", "<td>{}</td>", ((cell,) for cell in row)),) for row in rows),
    )
    return format_html("<table><thead><tr>{}</tr></thead><tbody>{}</tbody></table>", head, body)


class OwnRowsAdmin(admin.ModelAdmin):
    """Changelist, change form, history, autocomplete and related choices show what the signed-in person may see."""

    view_on_site = False  # rows have no page outside the admin, though some library may name one
    formfield_overrides = IN_ADMIN

    def get_changelist(self, request, **options) -> type:
        return OwnChangeList

    def changelist_view(self, request, extra_context=None) -> HttpResponse:
        if request.method == "POST" and "q" in request.POST:
            return searching.asked(request)
        ticked = request.POST.getlist(ACTION_CHECKBOX_NAME)
        if self._has_numbers() and None in map(whole_number, ticked):
            raise BadRequest("A row was ticked that has no number.")
        return super().changelist_view(request, extra_context)

    def get_search_results(self, request, queryset, search_term) -> tuple[QuerySet, bool]:
        return super().get_search_results(request, queryset, searching.typed(request, search_term))

    def get_queryset(self, request) -> QuerySet:
        return as_admin_sees(super().get_queryset(request), request.user)

    def get_object(self, request, object_id, from_field=None) -> Model | None:
        """One spelling an id: 682 is there, 0682 and ６８２ are not."""
        if self._has_numbers() and not from_field and whole_number(object_id) is None:
            return None
        return super().get_object(request, object_id, from_field)

    def _has_numbers(self) -> bool:
        return isinstance(self.model._meta.pk, IntegerField)

    def formfield_for_foreignkey(self, db_field, request, **kwargs) -> ModelChoiceField | None:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs) -> ModelMultipleChoiceField | None:
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def lookup_allowed(self, lookup, value, request=None) -> bool:
        """Only what the filters at the side ask. Django would let an address ask about any column of the row, and so
        find out, one comparison after another, what the page does not show."""
        items = [
            item[0] if isinstance(item, tuple | list) else item for item in self.get_list_filter(request)
        ]
        items = [getattr(item, "parameter_name", item) for item in items]  # of a filter that is a class
        names: list[str] = [name for name in [*items, self.date_hierarchy] if isinstance(name, str)]
        asked = "|".join(re.escape(name) for name in names)
        return (
            bool(re.fullmatch(rf"({asked})(__(id|pk|code))?(__({_COMPARISONS}))?", lookup))
            if asked
            else False
        )

    def _choices(self, db_field, request) -> QuerySet:
        return as_admin_sees(db_field.remote_field.model._default_manager.all(), request.user)


class BrowseOnly(OwnRowsAdmin):
    """Rows that are written elsewhere: read here, changed by an action."""

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
