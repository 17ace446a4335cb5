"""Shops, people, and what is known of them: read here, never typed here."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from accounts.signing_in import fresh
from core.admin import BrowseOnly, OwnRowsAdmin, table
from core.errors import Invalid, Refused
from core.wording import value_text

from .. import merge
from ..facts import SOURCES
from ..models import AddedFact, Business, Change, Operator, PaymentAccount
from ..needs import needs
from ..register import known_of
from ..registry import business_registry
from ..visibility import may_see_fact
from .types import ChangeInline, VerdictInline


@admin.register(AddedFact)
class AddedFactAdmin(OwnRowsAdmin):
    list_display = ["label", "name", "type", "ask", "source"]
    search_fields = ["label", "name"]
    list_filter = ["type", "ask"]

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # Rules and stored data lean on it. Set it to 不提问 instead.


class RevealForm(forms.Form):
    reason = forms.CharField(
        label="查看理由", min_length=4, max_length=200, help_text="会记入访问记录，例如：核对付款户名。"
    )


NOT_NEEDED = "您部门现在没有这个人要办的件，不显示号码。"


def _whole(operator, kind, pk, words):
    """The way to a whole number, for whoever may go it."""
    if not operator.may_unmask:
        return ""
    return format_html("，<a href='{}'>{}</a>", reverse("admin:reveal", args=[kind, pk]), words)


@admin.register(Operator)
class OperatorAdmin(BrowseOnly):
    list_display = ["name", "has_identity"]
    search_fields = ["name"]
    fields = ["name", "shown_identity", "accounts", "shops"]
    readonly_fields = fields

    def get_object(self, request, object_id, from_field=None):
        operator = super().get_object(request, object_id, from_field)
        if operator is not None:  # read-only columns are given the row alone
            operator.is_needed = needs(request.user, operator)
            operator.may_unmask = operator.is_needed and request.user.has_perm("accounts.unmask")
        return operator

    @admin.display(description="身份证号")
    def has_identity(self, operator) -> str:
        return "已登记" if operator.identity else "未登记"

    @admin.display(description="身份证号")
    def shown_identity(self, operator):
        if not operator.identity:
            return "未登记"
        if not operator.is_needed:
            return f"已登记。{NOT_NEEDED}"
        return format_html("已登记{}", _whole(operator, "operator", operator.pk, "查看完整号码"))

    @admin.display(description="收款账户")
    def accounts(self, operator):
        if not operator.is_needed:
            return NOT_NEEDED
        rows = operator.payment_accounts.filter(ended_at=None)
        return format_html_join(
            "",
            "<p>{} 尾号 {}{}</p>",
            ((row.bank, row.last_four, _whole(operator, "account", row.pk, "查看完整账号")) for row in rows),
        )

    @admin.display(description="名下店铺")
    def shops(self, operator):
        return format_html_join(
            "",
            "<p><a href='{}'>{}</a> {}</p>",
            (
                (reverse("admin:businesses_business_change", args=[shop.pk]), shop.name, shop.credit_code)
                for shop in operator.businesses.order_by("pk")
            ),
        )

    def get_urls(self) -> list:
        reveal = self.admin_site.admin_view(self.reveal)
        return [path("reveal/<slug:kind>/<number:pk>/", reveal, name="reveal"), *super().get_urls()]

    def reveal(self, request, kind, pk):
        """Ask for a reason, then show one number once. What is shown is logged by the verb."""
        from ..actions import reveal

        subject, field = self._subject(request, kind, pk)
        if subject is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not request.user.has_perm("accounts.unmask") or not needs(request.user, subject):
            raise PermissionDenied
        if request.method == "POST":
            fresh.require(request)
        form, number = RevealForm(request.POST or None), ""
        if request.method == "POST" and form.is_valid():
            try:
                number = reveal(subject, field, by=request.user, reason=form.cleaned_data["reason"])
            except (Refused, Invalid) as problem:
                messages.error(request, str(problem))
        context = {
            **self.admin_site.each_context(request),
            "title": "查看完整号码",
            "form": form,
            "number": number,
        }
        return render(request, "admin/businesses/reveal.html", context)

    def _subject(self, request, kind, pk):
        people = Operator.objects.visible_to(request.user)
        if kind == "operator":
            return people.filter(pk=pk).first(), "identity"
        if kind == "account":
            return PaymentAccount.objects.filter(pk=pk, operator__in=people).first(), "number"
        return None, ""


@admin.register(Business)
class BusinessAdmin(BrowseOnly):
    """What the register knows of a shop, each fact with its source and day, and what has changed."""

    list_display = ["name", "credit_code", "operator", "district", "operating_status", "business_type"]
    list_select_related = ["operator"]
    list_filter = ["district", "operating_status", "business_type"]
    search_fields = ["name", "credit_code"]
    show_full_result_count = False  # counting 300,000 rows a second time tells nobody anything
    fields = ["name", "credit_code", "operator", "address", "updated_at", "facts", "history"]
    readonly_fields = fields
    inlines = [VerdictInline, ChangeInline]

    @admin.display(description="已知信息")
    def facts(self, business):
        registry, (found, _) = business_registry(), known_of(business)
        rows = (
            (registry[name].label, _shown(registry[name], part.value), SOURCES[part.source], part.on)
            for name, best in found.items()
            for part in merge.parts(best)
            if may_see_fact(business.reader, registry[name])
        )
        return table(["项目", "内容", "来源", "日期"], rows)

    @admin.display(description="变更记录（最近 50 条）")
    def history(self, business):
        registry = business_registry()
        changes = Change.objects.filter(business=business)
        if business.operator_id:
            changes = changes | Change.objects.filter(operator=business.operator_id)
        rows = []
        for change in changes.select_related("by")[:50]:
            for name, (before, _, after, source) in change.facts.items():
                fact = registry.get(name)
                if fact is not None and not may_see_fact(business.reader, fact):
                    continue
                label = fact.label if fact else _ATTRIBUTES.get(name, name)
                shown = [_shown(fact, value) for value in (before, after)]
                by = change.by or SOURCES.get(source or change.source, "")
                rows.append((f"{change.at:%Y-%m-%d %H:%M}", label, *shown, by))
        return table(["时间", "项目", "之前", "之后", "由谁"], rows) if rows else "没有变更。"

    def get_object(self, request, object_id, from_field=None):
        business = super().get_object(request, object_id, from_field)
        if business is not None:
            business.reader = request.user  # read-only columns are given the row alone
        return business


def _shown(fact, value):
    """A value of a record or a change in words; ``fact`` is None for a name or an address."""
    if value is None:
        return "不知道"
    return value_text(fact, merge.inside(fact, value)) if fact else value


_ATTRIBUTES = {"name": "名称", "address": "经营场所", "abnormal_reason": "经营异常原因"}
