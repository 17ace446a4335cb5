"""The audit chain in the admin: read, found and gone through; never changed."""

from django.contrib import admin
from django.db.models import OuterRef, Subquery

from accounts.models import User
from core import searching
from core.admin import BrowseOnly, table
from core.models import as_admin_sees

from ..enums import State, Verb
from ..models import Application, AuditEntry

VERBS, STATES = dict(Verb.choices), dict(State.choices)


@admin.register(AuditEntry)
class AuditEntryAdmin(BrowseOnly):
    """The auditor reads all of it, staff that of their own department."""

    list_display = [
        "sequence",
        "at",
        "shown_verb",
        "shown_move",
        "shown_subject",
        "who",
        "department",
        "note",
    ]
    list_display_links = ["sequence", "at"]
    list_select_related = ["department"]
    list_filter = ["verb", "department"]
    search_fields = ["=subject", "=verb", "=sequence"]
    search_help_text = "写受理编号、第几条，或对象，例如 application 12"
    date_hierarchy = "at"
    show_full_result_count = False
    change_list_template = "admin/subsidies/audit/list.html"
    fields = [
        *("sequence", "at", "shown_verb", "subject", "shown_subject", "shown_move", "who", "client"),
        *("department", "note", "shown_detail", "previous", "digest"),
    ]

    def get_queryset(self, request):
        number = Application.objects.filter(pk=OuterRef("application")).values("number")
        name = User.objects.filter(pk=OuterRef("actor")).values("username")
        rows = super().get_queryset(request)
        return rows.annotate(number=Subquery(number[:1]), username=Subquery(name[:1]))

    def get_search_results(self, request, queryset, search_term):
        """A case by its number; the rest as the fields say."""
        search_term = searching.typed(request, search_term)
        seen = as_admin_sees(Application.objects.all(), request.user)
        found = seen.filter(number=search_term.strip()).exclude(number="").first()
        if found is not None:
            return queryset.filter(application=found.pk), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="做了什么", ordering="verb")
    def shown_verb(self, entry):
        return VERBS.get(entry.verb, entry.verb)

    @admin.display(description="从哪到哪")
    def shown_move(self, entry):
        if not entry.after:
            return "—"
        return f"{STATES.get(entry.before, entry.before)} → {STATES.get(entry.after, entry.after)}"

    @admin.display(description="办件或对象")
    def shown_subject(self, entry):
        return entry.number or entry.subject

    @admin.display(description="谁", ordering="actor")
    def who(self, entry):
        if entry.client:
            return f"接口客户端 {entry.client}"
        return "系统" if entry.actor is None else entry.username or f"第 {entry.actor} 号账号"

    @admin.display(description="内容")
    def shown_detail(self, entry):
        return table(["项", "值"], sorted(entry.detail.items())) if entry.detail else "—"
