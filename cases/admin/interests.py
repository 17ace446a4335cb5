"""回避申报: everybody sees their own and asks to take it back; who decides on cases of the bureau agrees; the
administrator and the auditor read all."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.principals import sees_all
from cases.models import Interest
from core.admin import BrowseOnly
from core.errors import Invalid, Refused

from ..actions import interests

ASKED = "已申请撤销，等同部门的审批员同意。"
ENDED = "已同意撤销。以后提交的办件，这个人可以办。"


class InterestForm(forms.Form):
    identity = forms.CharField(
        label="对方的身份证号",
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="只用来比对，号码本身不保存。您自己开店的，也请填您自己的。",
        error_messages={"required": "请填写身份证号"},
    )
    relation = forms.ChoiceField(
        label="和您的关系", choices=Interest.RELATIONS, error_messages={"required": "请选您和这个人的关系"}
    )


class EndingForm(forms.Form):
    because = forms.CharField(
        label="为什么不用再回避",
        min_length=interests.LEAST_REASON,
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="同部门的审批员看过同意以后才撤销。申报期间提交的办件，撤销以后您还是不能办。",
        error_messages={
            "required": "请写明为什么不用再回避，至少 4 个字",
            "min_length": "请写明为什么不用再回避，至少 4 个字",
            "max_length": "最多 300 个字",
        },
    )


@admin.register(Interest)
class InterestAdmin(BrowseOnly):
    list_display = ["__str__", "user", "declared_at", "ended_at", "end_link"]
    list_select_related = ["user"]
    fields = readonly_fields = [  # type: ignore[assignment]  # names, of which Django takes a list
        *("user", "relation", "declared_at", "ending_asked_at", "ending_because", "ended_by", "ended_at")
    ]
    change_list_template = "admin/cases/interests/list.html"

    def get_queryset(self, request) -> QuerySet:
        rows, user = super().get_queryset(request), request.user
        if sees_all(user):
            return rows
        return rows.filter(Q(user=user) | Q(pk__in=interests.to_end(user).values("pk")))

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm("cases.add_interest")

    @admin.display(description="办理")
    def end_link(self, row) -> str:
        if row.ended_at is not None:
            return "已撤销"
        words = "等人同意撤销" if row.ending_asked_at else "查看"
        return format_html('<a href="{}">{}</a>', reverse("admin:interest-end", args=[row.pk]), words)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [path("<number:pk>/end/", view(self.end_view), name="interest-end"), *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InterestForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            try:
                interests.declare(**form.cleaned_data, by=request.user)
            except Invalid as problem:
                for fault in problem.faults:
                    form.add_error(fault.field, fault.detail)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                messages.success(request, "已申报。这个人的办件不会再分给您。")
                return redirect("admin:cases_interest_changelist")
        return self._page(request, "declare.html", "申报回避", form=form)

    def end_view(self, request, pk) -> HttpResponse:
        """Read one; ask to take back one's own, or agree to another's."""
        row = self.get_object(request, str(pk))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        own = row.user_id == request.user.pk
        form = EndingForm(request.POST if request.method == "POST" and own else None)
        if request.method == "POST" and (not own or form.is_valid()):
            try:
                if own:
                    interests.ask_to_end(row, form.cleaned_data["because"], by=request.user)
                else:
                    interests.end(row, by=request.user)
            except Invalid as problem:
                form.add_error("because", problem.faults[0].detail)
            except Refused as refusal:
                messages.warning(request, str(refusal))
                return redirect("admin:cases_interest_changelist")
            else:
                messages.success(request, ASKED if own else ENDED)
                return redirect("admin:cases_interest_changelist")
        asks = own and row.ending_asked_at is None and row.ended_at is None
        agrees = (
            row.ending_asked_at is not None and row.ended_at is None and interests.may_end(request.user, row)
        )
        context = {"row": row, "asks": asks, "agrees": agrees, "form": form}
        return self._page(request, "end.html", "撤销回避申报", **context)

    def _page(self, request, template, title, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        form = context.get("form")
        status = 400 if form is not None and form.errors else 200
        return TemplateResponse(request, f"admin/cases/interests/{template}", context, status=status)
