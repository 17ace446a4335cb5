"""答复公开: what was answered is written anew for everybody, by one who prepares it and another who publishes it."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.http import require_POST

from cases.models import Case
from core.admin import BrowseOnly
from core.errors import Invalid, Refused

from . import answers
from .models import Answer
from .routing import topics


class AnswerForm(forms.Form):
    number = forms.CharField(label="哪一件", max_length=20, help_text="受理编号，例如 LPS-2026-00000012")
    question = forms.CharField(
        label="问题",
        max_length=answers.LONGEST_QUESTION,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
        help_text="改写成谁都可能问的话，不留店名、姓名、号码、地址。",
    )
    answer = forms.CharField(
        label="答复",
        required=False,
        max_length=answers.LONGEST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 8, "cols": 80}),
        help_text="空着表示先公开问题：有同样问题的店选“我也是”，一起等这一件的答复。",
    )
    topic = forms.ChoiceField(label="主题", required=False)

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.fields["topic"].choices = [("", "按原来的")] + [
            (row.key, row.title) for row in topics().values()
        ]

    def clean_number(self) -> str:
        number = self.cleaned_data["number"].strip().upper()
        self.case = Case.objects.visible_to(self.user).filter(number=number).exclude(request=None).first()
        if self.case is None:
            raise forms.ValidationError("没有这一件，或者不归您的单位。请核对编号。")
        return number


@admin.register(Answer)
class AnswerAdmin(BrowseOnly):
    list_display = ["question", "office", "shown_state", "helped", "prepared_by", "published_by"]
    list_select_related = ["prepared_by", "published_by"]
    list_filter = ["topic"]
    search_fields = ["question", "answer"]
    fields = readonly_fields = [
        *("question", "answer", "topic", "benefit", "office", "helped", "prepared_by", "prepared_at"),
        *("published_by", "published_at", "withdrawn_at"),
    ]
    change_list_template = "admin/needs/list.html"
    change_form_template = "admin/needs/answer.html"

    @admin.display(description="状态")
    def shown_state(self, row) -> str:
        if row.withdrawn_at:
            return "已撤下"
        if row.published_at:
            return "已公开" if row.answer else "已公开，等答复"
        return "待公开"

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm(answers.PREPARE)

    def get_urls(self) -> list:
        verbs = [
            path(
                f"<number:pk>/{verb}/", self.admin_site.admin_view(require_POST(page)), name=f"answer-{verb}"
            )
            for verb, page in (("publish", self.publish_view), ("withdraw", self.withdraw_view))
        ]
        return [*verbs, *super().get_urls()]

    def add_view(self, request, form_url="", extra_context=None) -> HttpResponse:
        """Prepare one, of a request that the department answers."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.POST if request.method == "POST" else None
        form = AnswerForm(sent, user=request.user, initial={"number": request.GET.get("number", "")})
        if sent is not None and form.is_valid() and (row := self._prepared(request, form)):
            messages.success(request, "起草好了。请另一位同事看过再公开。")
            return redirect("admin:needs_answer_change", row.pk)
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": "起草公开的答复"}
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/needs/prepare.html", {**context, "form": form}, status=status)

    def _prepared(self, request, form) -> Answer | None:
        said = form.cleaned_data
        try:
            return answers.prepare(
                form.case, said["question"], said["answer"], topic=said["topic"], by=request.user
            )
        except Invalid as problem:
            for fault in problem.faults:
                form.add_error(fault.field, fault.detail)
        except Refused as refusal:
            form.add_error(None, str(refusal))
        return None

    def change_view(self, request, object_id, form_url="", extra_context=None) -> HttpResponse:
        row, may = self.get_object(request, object_id), request.user.has_perm(answers.PUBLISH)
        stands = row is not None and row.withdrawn_at is None
        context = {
            "may_publish": may and stands and not row.published_at and row.prepared_by_id != request.user.pk,
            "may_withdraw": may and stands,
        }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def publish_view(self, request, pk) -> HttpResponse:
        return self._act(request, pk, answers.publish, "公开了，谁都能看到。")

    def withdraw_view(self, request, pk) -> HttpResponse:
        return self._act(request, pk, answers.withdraw, "撤下了。")

    def _act(self, request, pk, verb, done) -> HttpResponse:
        row = self.get_object(request, str(pk))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        try:
            verb(row, by=request.user)
        except Refused as refusal:
            messages.warning(request, str(refusal))
        else:
            messages.success(request, done)
        return redirect("admin:needs_answer_change", pk)
