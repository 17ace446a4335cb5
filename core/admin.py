"""What every ModelAdmin is built on: rows only through ``visible_to``, in lists, choices and searches."""

import re

from django.contrib import admin
from django.utils.html import format_html, format_html_join

from core.models import as_admin_sees

_COMPARISONS = "exact|in|isnull|isempty|gte|gt|lte|lt|year|month|day"


def table(headings, rows):
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

    def get_queryset(self, request):
        return as_admin_sees(super().get_queryset(request), request.user)

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        kwargs.setdefault("queryset", self._choices(db_field, request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def lookup_allowed(self, lookup, value, request=None):
        """Only what the filters at the side ask. Django would let an address ask about any column of the row, and so
        find out, one comparison after another, what the page does not show."""
        names = [
            item[0] if isinstance(item, tuple | list) else item for item in self.get_list_filter(request)
        ]
        names = [name for name in [*names, self.date_hierarchy] if isinstance(name, str)]
        asked = "|".join(map(re.escape, names))
        return (
            bool(re.fullmatch(rf"({asked})(__(id|pk|code))?(__({_COMPARISONS}))?", lookup))
            if asked
            else False
        )

    def _choices(self, db_field, request):
        return as_admin_sees(db_field.remote_field.model._default_manager.all(), request.user)


class BrowseOnly(OwnRowsAdmin):
    """Rows that are written elsewhere: read here, changed by an action."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
