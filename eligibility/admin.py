"""The catalogue in the admin: browse all of it, write drafts, and see what a rule says in Chinese while writing."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.http import HttpResponseRedirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from businesses.registry import business_registry
from core.admin import BrowseOnly, OwnRowsAdmin
from policies import strict_yaml
from policies.content import check_content, check_shape, in_order
from policies.criteria.golden import failures
from policies.criteria.sentence import sentence
from policies.models import Benefit, BenefitVersion, Measure, PolicyDocument, Topic

from .catalogue import catalogue


@admin.register(PolicyDocument)
class PolicyDocumentAdmin(OwnRowsAdmin):
    """Its legal status is the one thing staff change here; every page shows it at once."""

    list_display = ["title", "status", "dated_on", "effective_from", "effective_to"]
    readonly_fields = ["code", "title", "issuer", "dated_on", "preamble"]
    fields = [
        "title",
        "status",
        "number",
        "issuer",
        "dated_on",
        "effective_from",
        "effective_to",
        "preamble",
        "code",
    ]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Topic)
class TopicAdmin(BrowseOnly):
    list_display = ["name", "code"]


class BenefitInline(admin.TabularInline):
    model = Benefit
    fields = ["code", "title", "kind", "delivery"]
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Measure)
class MeasureAdmin(BrowseOnly):
    list_display = ["code", "title", "clause", "chapter"]
    list_filter = ["lead", "topics"]
    search_fields = ["code", "title", "search_text"]
    exclude = ["search_text"]
    inlines = [BenefitInline]


class VersionInline(admin.TabularInline):
    model = BenefitVersion

    def get_queryset(self, request):
        return super().get_queryset(request).visible_to(request.user)

    fields = readonly_fields = ["number", "status", "effective_from", "published_by", "published_at"]
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False


@admin.register(Benefit)
class BenefitAdmin(BrowseOnly):
    list_display = ["code", "title", "kind", "delivery", "measure"]
    list_select_related = ["measure"]
    list_filter = ["kind", "delivery"]
    search_fields = ["code", "title"]
    inlines = [VersionInline]


class VersionForm(forms.ModelForm):
    """A draft: its whole content as text, checked on save with the line or the node that is wrong."""

    text = forms.CharField(
        label="内容",
        widget=forms.Textarea(attrs={"rows": 40, "cols": 90, "spellcheck": "false"}),
        help_text="写法与 policies/data/measures.yaml 里的一个事项相同。保存时逐项核对，旁边是规则的白话。",
    )

    class Meta:
        model = BenefitVersion
        fields = ["effective_from"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "text" in self.fields:
            self.initial["text"] = strict_yaml.dump(in_order(self.instance.content))

    def clean_text(self):
        try:
            located = strict_yaml.load(self.cleaned_data["text"])
        except strict_yaml.YamlError as problem:
            raise forms.ValidationError(str(problem)) from None
        faults = check_shape(located.data, "benefit")
        if not faults:
            code = self.instance.benefit.code
            _, faults = check_content(located.data, registry=business_registry(), code=code)
        if faults:
            raise forms.ValidationError(
                [f"第 {located.line_of(fault.path)} 行：{fault.detail}" for fault in faults]
            )
        self.instance.content = located.data
        return self.cleaned_data["text"]


@admin.register(BenefitVersion)
class BenefitVersionAdmin(OwnRowsAdmin):
    form = VersionForm
    list_display = ["__str__", "benefit_title", "status", "effective_from", "published_by", "published_at"]
    list_select_related = ["benefit"]
    list_filter = ["status", "benefit__measure"]
    search_fields = ["benefit__code", "benefit__title"]
    change_form_template = "admin/eligibility/version_change_form.html"

    @admin.display(description="事项")
    def benefit_title(self, version):
        return version.benefit.title

    def has_add_permission(self, request):
        return False  # A draft starts from a version that exists: see start_draft.

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or not _is_published(obj))

    def has_change_permission(self, request, obj=None):
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or (not _is_published(obj) and _is_own(obj, request.user)))

    def get_fields(self, request, obj=None):
        content = "text" if self.has_change_permission(request, obj) else "content_text"
        return ["benefit", "number", "status", "effective_from", "in_chinese", "golden_cases", content]

    def get_readonly_fields(self, request, obj=None):
        fixed = ["benefit", "number", "status", "in_chinese", "golden_cases"]
        return (
            fixed if self.has_change_permission(request, obj) else [*fixed, "effective_from", "content_text"]
        )

    def get_actions(self, request):
        """Nothing is done to many versions at once."""
        return {}

    @admin.display(description="内容")
    def content_text(self, version):
        return format_html("<pre>{}</pre>", strict_yaml.dump(in_order(version.content)))

    @admin.display(description="规则的白话")
    def in_chinese(self, version):
        rule = _rule(version)
        if rule is None:
            return "规则读不出来，请看内容里的错误。"
        today = timezone.localdate()
        rows = ((node.id, sentence(node, today)) for node in rule.criteria.children)
        return format_html_join("", "<p>{}　{}</p>", rows) or "没有条件，人人都可以。"

    @admin.display(description="样例")
    def golden_cases(self, version):
        rule, cases = _rule(version), version.content.get("golden") or ()
        if rule is None:
            return "—"
        others = [other for other in catalogue().rules_on(timezone.localdate()) if other.code != rule.code]
        failed = [detail for _, detail in failures(rule.code, cases, [*others, rule], business_registry())]
        passed = f"{len(cases)} 个样例，{len(cases) - len(failed)} 个通过。"
        return format_html(
            "<p>{}</p>{}", passed, format_html_join("", "<p>{}</p>", ((text,) for text in failed))
        )

    def get_urls(self):
        start = self.admin_site.admin_view(self.start_draft)
        return [path("<int:pk>/draft/", start, name="start-draft"), *super().get_urls()]

    def start_draft(self, request, pk):
        """POST: a draft with the content of this version, numbered next."""
        if request.method != "POST" or not self.has_change_permission(request):
            raise PermissionDenied
        version = self.get_object(request, pk)
        if version is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not _is_own(version, request.user):
            raise PermissionDenied
        last = version.benefit.versions.aggregate(last=Max("number"))["last"]
        draft = BenefitVersion.objects.create(
            benefit=version.benefit,
            number=last + 1,
            content=version.content,
            effective_from=timezone.localdate(),
        )
        self.log_addition(request, draft, f"从第 {version.number} 版起草")
        messages.success(request, f"已起草 {draft}。改好后保存，正式版本不受影响。")
        return HttpResponseRedirect(reverse("admin:policies_benefitversion_change", args=[draft.pk]))


def _is_own(version, user):
    """Whether the benefit is of a measure that the person's department leads or is responsible for."""
    own = Measure.objects.of_department(user.department_id)
    return user.is_superuser or own.filter(pk=version.benefit.measure_id).exists()


def _is_published(version):
    return version.status == BenefitVersion.Status.PUBLISHED


def _rule(version):
    benefit = version.benefit
    rule, _ = check_content(
        version.content,
        registry=business_registry(),
        code=benefit.code,
        measure=benefit.measure_id and benefit.measure.code,
        number=version.number,
    )
    return rule
