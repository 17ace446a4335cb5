"""The catalogue in the admin: all of it is browsed; benefits are added to a measure of the own department."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import ModelChoiceField
from django.shortcuts import redirect, render
from django.urls import path

from core.addresses import whole_number
from core.admin import BrowseOnly, OwnRowsAdmin
from core.errors import Refused
from eligibility import publishing
from policies.criteria.rules import DELIVERIES, KINDS
from policies.models import Benefit, BenefitVersion, Measure, PolicyDocument, SearchWord, Topic


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(OwnRowsAdmin):
    """Its legal status is the one thing staff change here; every page shows it at once. What rests on it closes with
    it, and nothing else."""

    list_display = ["title", "status", "dated_on", "effective_from", "effective_to"]
    readonly_fields = ["code", "title", "issuer", "dated_on", "preamble", "what_rests_on_it"]
    fields = [
        "title",
        "status",
        "number",
        "issuer",
        "dated_on",
        "effective_from",
        "effective_to",
        "what_rests_on_it",
        "preamble",
        "code",
    ]

    @admin.display(description="以它为依据的事项")
    def what_rests_on_it(self, document):
        return "、".join(map(str, document.benefits.all())) or "没有"

    def has_add_permission(self, request) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Topic)
class TopicAdmin(BrowseOnly):
    list_display = ["name", "code"]


class BenefitForm(forms.Form):
    code = forms.CharField(label="编号", max_length=10, help_text="措施编号加一个小写字母，例如 M05d。")
    title = forms.CharField(label="名称", max_length=80)
    kind = forms.ChoiceField(label="种类", choices=list(KINDS.items()))
    delivery = forms.ChoiceField(label="办理方式", choices=list(DELIVERIES.items()))


class BenefitInline(admin.TabularInline):
    model = Benefit
    fields = ["code", "title", "kind", "delivery"]
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Measure)
class MeasureAdmin(BrowseOnly):
    list_display = ["code", "title", "clause", "chapter"]
    list_filter = ["lead", "topics"]
    search_fields = ["code", "title", "search_text"]
    exclude = ["search_text"]
    inlines = [BenefitInline]
    change_form_template = "admin/eligibility/measure_change_form.html"

    def get_urls(self) -> list:
        add = self.admin_site.admin_view(self.add_benefit)
        return [path("<number:pk>/benefit/", add, name="add-benefit"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        pk = whole_number(object_id)
        may_add = pk is not None and publishing.may_add(request.user, pk)
        return super().change_view(request, object_id, form_url, {"may_add_benefit": may_add})

    def add_benefit(self, request, pk):
        """A new benefit of this measure: what it is called, then on to its first draft."""
        measure = self.get_object(request, pk)
        if measure is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not publishing.may_add(request.user, measure.pk):
            raise PermissionDenied
        form = BenefitForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                draft = publishing.add_benefit(measure, **form.cleaned_data, by=request.user)
            except Refused as refusal:
                form.add_error("code", str(refusal))
            else:
                self.log_addition(request, draft.benefit, "新增事项")
                messages.success(request, f"已新增 {draft.benefit}，并起草了第 1 版。写好后提请发布。")
                return redirect("admin:policies_benefitversion_change", draft.pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "measure": measure,
            "form": form,
        }
        return render(request, "admin/eligibility/add_benefit.html", {**context, "title": "新增事项"})


class VersionInline(admin.TabularInline):
    model = BenefitVersion

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    fields = readonly_fields = ["number", "status", "effective_from", "published_by", "published_at"]
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Benefit)
class BenefitAdmin(BrowseOnly):
    list_display = ["code", "title", "kind", "delivery", "measure", "document"]
    list_select_related = ["measure", "document"]
    list_filter = ["kind", "delivery"]
    search_fields = ["code", "title"]
    inlines = [VersionInline]


@admin.register(SearchWord)
class SearchWordAdmin(OwnRowsAdmin):
    """Officers write the words of their own department's benefits. A word that misleads is switched off."""

    list_display = ["word", "benefit", "is_used"]
    list_select_related = ["benefit"]
    list_filter = ["is_used"]
    search_fields = ["word", "benefit__code", "benefit__title"]
    search_help_text = "写词，或者事项的名称、编号"
    fields = ["word", "benefit", "is_used"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs) -> ModelChoiceField | None:
        own = Benefit.objects.filter(measure__in=publishing.own_measures(request.user))
        return super().formfield_for_foreignkey(db_field, request, queryset=own, **kwargs)

    def has_change_permission(self, request, obj=None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or publishing.may_add(request.user, obj.benefit.measure_id))

    def has_delete_permission(self, request, obj=None) -> bool:
        return False
