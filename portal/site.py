"""The admin's site: Django's own, without the way from a row to "its page on the site". No row has one, and the stock
address answers badly where it is asked for nonsense."""

from django.contrib.admin.sites import AdminSite
from django.urls import get_script_prefix

MOST_LISTS = 1_000  # kept in a process


class Site(AdminSite):
    def __init__(self, *names) -> None:
        super().__init__(*names)
        self._lists: dict[tuple, list] = {}

    def get_urls(self) -> list:
        return [route for route in super().get_urls() if getattr(route, "name", "") != "view_on_site"]

    def get_app_list(self, request, app_label=None) -> list:
        """What stands at the side of every page: some fifty kinds of rows, with what one may do to each. To put it
        together takes longer than many a page, and for the same rights it is the same as before."""
        user = request.user
        rights = (
            user.is_superuser,
            getattr(user, "department_id", None),
            frozenset(user.get_all_permissions()),
        )
        key = (user.pk, *rights, get_script_prefix(), app_label)
        if key not in self._lists:
            if len(self._lists) >= MOST_LISTS:
                self._lists.clear()
            self._lists[key] = super().get_app_list(request, app_label)
        return self._lists[key]
