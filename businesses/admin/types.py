"""Types of shops: what type each is and was, and the thresholds by which they are told apart."""

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.utils.html import format_html

from .. import business_types
from ..models import Business, TypeChange, TypeThresholds, TypeVerdict
from .by_verb import ByVerb, sent


class OfOneShop(admin.TabularInline):
    """On the page of a shop. It tells of tax, so it is for those who see the thresholds."""

    can_delete = False
    max_num = 0

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.has_perm("businesses.view_typethresholds")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(business__in=Business.objects.visible_to(request.user))


class VerdictInline(OfOneShop):
    """Why a shop is of its type."""

    model = TypeVerdict
    fields = readonly_fields = ["type", "why", "on"]
    verbose_name_plural = "分型"

    @admin.display(description="理由")
    def why(self, verdict):
        return business_types.reason_text(verdict)

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("thresholds")


class ChangeInline(OfOneShop):
    """What type a shop had before."""

    model = TypeChange
    fields = readonly_fields = ["on", "from_type", "to_type"]
    verbose_name_plural = "分型变动"

    @admin.display(description="之前")
    def from_type(self, change):
        return business_types.label(change.before)

    @admin.display(description="之后")
    def to_type(self, change):
        return business_types.label(change.after)


class ThresholdsForm(forms.ModelForm):
    class Meta:
        model = TypeThresholds
        fields = [
            "growth_years",
            "growth_tax",
            "growth_insured",
            "development_years",
            "development_insured",
            "development_tax",
            "placeholder",
            "basis",
        ]

    def clean(self):
        cleaned = super().clean()
        for name in ("growth_years", "development_years"):
            if (cleaned.get(name) or 0) > 100:
                self.add_error(name, "年数最多 100。")
        if not cleaned.get("placeholder") and not (cleaned.get("basis") or "").strip():
            self.add_error("basis", "不是暂定数值，就要写明依据，例如文件的文号。")
        for name in ("growth_tax", "development_tax"):
            if cleaned.get(name) is not None and cleaned[name] < 0:
                self.add_error(name, "金额不能是负数。")
        return cleaned


@admin.register(TypeThresholds)
class TypeThresholdsAdmin(ByVerb):
    list_display = ["__str__", "is_placeholder", "figures", "basis", "set_by"]
    list_select_related = ["set_by"]

    @admin.display(description="性质")
    def is_placeholder(self, thresholds) -> str:
        return "暂定" if thresholds.placeholder else "已公布"

    @admin.display(description="数值")
    def figures(self, thresholds):
        return format_html(
            "成长型：满 {} 年，缴税 {} 元以上或参保 {} 人以上。<br>"
            "发展型：满 {} 年，缴税 {} 元以上、参保 {} 人以上或一般纳税人。",
            thresholds.growth_years,
            thresholds.growth_tax,
            thresholds.growth_insured,
            thresholds.development_years,
            thresholds.development_tax,
            thresholds.development_insured,
        )

    def add_view(self, request, form_url="", extra_context=None):
        """First what would move, then 确认: a new row, and everyone is judged again."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = business_types.thresholds_in_force()
        initial = {name: getattr(now, name) for name in ThresholdsForm.Meta.fields if name != "basis"}
        form, moves = ThresholdsForm(sent(request), initial=initial), None
        if request.method == "POST" and form.is_valid():
            if "confirm" in request.POST:
                saved = business_types.set_thresholds(form.save(commit=False), by=request.user)
                self.log_addition(request, saved, "设定分型标准")
                return self.done(request, saved, "新标准已生效，正在重新分型。")
            moves = self._moves(form.save(commit=False))
        return self.ask(
            request,
            form,
            title="设定分型标准",
            button="看看会怎样变",
            explained="国家和贵州都还没有公布数值。有依据的，请写明依据。",
            moves=moves,
        )

    def _moves(self, thresholds) -> list:
        label = business_types.label
        found = sorted(business_types.moves_under(thresholds).items())
        return [(label(before), label(after), count) for (before, after), count in found if before != after]
