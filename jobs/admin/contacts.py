"""用工对接: how shops and people who look for work come together; for figures and the auditor, changed by nobody."""

from django.contrib import admin
from django.db.models import QuerySet

from core.admin import BrowseOnly

from ..models import ContactCase
from ..procedure import CONTACT


class StateFilter(admin.SimpleListFilter):
    title, parameter_name = "状态", "state"

    def lookups(self, request, model_admin) -> list:
        return [(key, state.staff) for key, state in CONTACT.states.items()]

    def queryset(self, request, rows) -> QuerySet:
        return rows.filter(state=self.value()) if self.value() in CONTACT.states else rows


@admin.register(ContactCase)
class ContactAdmin(BrowseOnly):
    list_display = ["number", "post", "shop", "state_words", "asked_by", "submitted_at", "until"]
    list_select_related = ["business", "contact__post"]
    list_filter = [StateFilter]
    search_fields = ["number", "business__name"]
    search_help_text = "写编号或店名"
    ordering = ["-pk"]
    actions = None
    fields = readonly_fields = [
        "number",
        "post",
        "shop",
        "state_words",
        "asked_by",
        "submitted_at",
        "until",
        "reason",
    ]

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.has_perm(CONTACT.right)

    def has_module_permission(self, request) -> bool:
        return self.has_view_permission(request)

    @admin.display(description="招工")
    def post(self, row) -> str:
        return row.contact.post.title

    @admin.display(description="店", ordering="business__name")
    def shop(self, row) -> str:
        return row.business.name

    @admin.display(description="状态", ordering="state")
    def state_words(self, row) -> str:
        return row.stage.staff

    @admin.display(description="谁先问")
    def asked_by(self, row) -> str:
        return row.contact.get_asked_by_display()

    @admin.display(description="最晚答复")
    def until(self, row) -> str:
        return f"{row.contact.until:%Y-%m-%d}"
