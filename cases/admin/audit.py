"""The audit chain in the admin: read, found and gone through; never changed."""

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery

from accounts.models import User
from core import searching
from core.admin import BrowseOnly, table
from core.models import as_admin_sees

from ..models import AuditEntry, Case
from ..procedure import PROCEDURES


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
    change_list_template = "admin/cases/audit/list.html"
    fields = [
        *("sequence", "at", "shown_verb", "subject", "shown_subject", "shown_move", "who", "client"),
        *("department", "note", "shown_detail", "previous", "digest"),
    ]

    def get_queryset(self, request) -> QuerySet:
        case = Case.objects.filter(pk=OuterRef("case")).order_by()
        name = User.objects.filter(pk=OuterRef("actor")).values("username")
        rows = super().get_queryset(request)
        return rows.annotate(
            number=Subquery(case.values("number")[:1]),
            procedure=Subquery(case.values("procedure")[:1]),
            username=Subquery(name[:1]),
        )

    def get_search_results(self, request, queryset, search_term) -> tuple[QuerySet, bool]:
        """A case by its number; the rest as the fields say."""
        search_term = searching.typed(request, search_term)
        seen = as_admin_sees(Case.objects.all(), request.user)
        found = seen.filter(number=search_term.strip()).exclude(number="").first()
        if found is not None:
            return queryset.filter(case=found.pk), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="做了什么", ordering="verb")
    def shown_verb(self, entry) -> str:
        procedure = PROCEDURES.get(entry.procedure)
        verb = procedure and procedure.verbs.get(entry.verb)
        return verb.name if verb else entry.verb

    @admin.display(description="从哪到哪")
    def shown_move(self, entry) -> str:
        if not entry.after:
            return "—"
        states = PROCEDURES[entry.procedure].states
        before = states[entry.before].staff if entry.before else ""
        return f"{before} → {states[entry.after].staff}"

    @admin.display(description="办件或对象")
    def shown_subject(self, entry) -> str:
        return entry.number or entry.subject

    @admin.display(description="谁", ordering="actor")
    def who(self, entry) -> str:
        if entry.client:
            return f"接口客户端 {entry.client}"
        return "系统" if entry.actor is None else entry.username or f"第 {entry.actor} 号账号"

    @admin.display(description="内容")
    def shown_detail(self, entry) -> str:
        return table(["项", "值"], sorted(entry.detail.items())) if entry.detail else "—"
