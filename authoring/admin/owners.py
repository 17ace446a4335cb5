"""What owners meet besides the rules: where they can go, and the words with which they were not helped."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.forms import ModelChoiceField
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.models import Department
from businesses.facts import DISTRICTS
from core.admin import BrowseOnly, OwnRowsAdmin
from eligibility import publishing
from policies.models import Benefit, Desk, MissedSearch, SearchWord

SHOWN = 50
WEEKS = 8


class DeskForm(forms.ModelForm):
    district = forms.ChoiceField(
        label="县区",
        required=False,
        choices=[("", "全市"), *((choice.value, choice.label) for choice in DISTRICTS)],
    )


@admin.register(Desk)
class DeskAdmin(OwnRowsAdmin):
    """Officers write down where their own department can be found. What the bureau has not stated stays empty."""

    form = DeskForm
    list_display = ["department", "benefit", "district_name", "place", "phone", "hours", "updated_at"]
    list_select_related = ["department", "benefit"]
    list_filter = ["department"]
    search_fields = ["place", "department__name", "benefit__code", "benefit__title"]
    fields = ["department", "benefit", "district", "place", "phone", "hours", "source"]

    @admin.display(description="县区", ordering="district")
    def district_name(self, desk) -> str:
        return dict(DeskForm.base_fields["district"].choices).get(desk.district, desk.district)

    def formfield_for_foreignkey(self, db_field, request, **kwargs) -> ModelChoiceField | None:
        own = {
            "department": Department.objects.filter(pk__in=_departments(request.user)),
            "benefit": Benefit.objects.filter(measure__in=publishing.own_measures(request.user)),
        }
        return super().formfield_for_foreignkey(db_field, request, queryset=own[db_field.name], **kwargs)

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and _is_own(request.user, obj)

    def has_delete_permission(self, request, obj=None) -> bool:
        return super().has_delete_permission(request, obj) and _is_own(request.user, obj)

    def get_actions(self, request) -> dict:
        return {}  # rows of other departments could be ticked


def _departments(user) -> QuerySet:
    rows = Department.objects.order_by()
    return (rows if user.is_superuser else rows.filter(pk=user.department_id or 0)).values("pk")


def _is_own(user, desk) -> bool:
    return desk is None or user.is_superuser or desk.department_id == user.department_id


class Week(admin.SimpleListFilter):
    """One week at a time, the newest of which there is anything where none is chosen."""

    title, parameter_name = "哪一周", "week"

    def lookups(self, request, model_admin) -> list:
        today = timezone.localdate()
        monday = today - timedelta(days=today.weekday())
        weeks = [monday - timedelta(weeks=back) for back in range(WEEKS)]
        return [(week.isoformat(), f"{week:%Y-%m-%d} 起") for week in weeks]

    def queryset(self, request, queryset) -> QuerySet:
        newest = queryset.newest_week()
        asked = self.value() if self.value() in dict(self.lookup_choices) else None
        self.shown = asked or (newest and newest.isoformat())
        return queryset.filter(week=self.shown)

    def choices(self, changelist) -> Iterator[dict]:
        """Weeks alone: there is no list of all of them."""
        for week, label in self.lookup_choices:
            address = changelist.get_query_string({self.parameter_name: week})
            yield {"selected": week == self.shown, "query_string": address, "display": label}


@admin.register(MissedSearch)
class MissedSearchAdmin(BrowseOnly):
    """The words of a week, the most frequent first, each with the way to make it a word of a benefit."""

    list_display = ["shown_word", "kind", "benefit", "count", "add_word"]
    list_display_links = None
    list_filter = [Week, "kind"]
    list_per_page = SHOWN
    ordering = ["-count", "word"]
    actions = None

    @admin.display(description="词或问法", ordering="word")
    def shown_word(self, row) -> str:
        return row.word or "（问题太长，没有记）"

    @admin.display(description="日常用词")
    def add_word(self, row) -> str:
        if not row.word:
            return "—"
        if row.is_added:
            return "已经加了"
        given = {"word": row.word, **({"benefit": row.benefit_pk} if row.benefit_pk else {})}
        address = reverse("admin:policies_searchword_add")
        return format_html('<a href="{}?{}">{}</a>', address, urlencode(given), "加进日常用词")

    def get_list_display(self, request) -> list:
        """Whoever only reads has no way to a form that refuses them."""
        may_add = request.user.has_perm("policies.add_searchword")
        return self.list_display if may_add else [name for name in self.list_display if name != "add_word"]

    def get_queryset(self, request) -> QuerySet:
        used = SearchWord.objects.filter(word=OuterRef("word"), is_used=True)
        answered = Benefit.objects.filter(code=OuterRef("benefit")).values("pk")
        return super().get_queryset(request).annotate(is_added=Exists(used), benefit_pk=Subquery(answered))
