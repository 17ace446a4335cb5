"""代办 in the admin: who is at the window or on the phone, and everything that can be asked for on their behalf.

What is filled in is filled in on the owners' own pages; rooms that have such pages say so (``doors``).
"""

from collections.abc import Callable

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.views.decorators.debug import sensitive_post_parameters

from businesses import assisting as helping
from businesses.models import Assistance
from core.admin import BrowseOnly
from core.errors import Invalid, Refused

from ..actions import assisting
from ..models import Case
from .remedies import say, sent

# Functions of an Assistance: ``[{title, url, group}]``, what a room lets be asked for.
DOORS: list[Callable[[Assistance], list[dict]]] = []


def doors(find: Callable[[Assistance], list[dict]]) -> Callable:
    """Make them known, in ``ready`` of the room."""
    DOORS.append(find)
    return find


class SaidAloud(forms.PasswordInput):
    """Shown while it is typed, and never sent back."""

    input_type = "text"


class BeginForm(forms.Form):
    """Fields have the names that the action gives them."""

    channel = forms.ChoiceField(
        label="店主在哪里",
        choices=Assistance.CHANNELS,
        widget=forms.RadioSelect,
        error_messages={"required": "请选店主在窗口，还是在电话上"},
    )
    credit_code = forms.CharField(
        label="统一社会信用代码", max_length=40, error_messages={"required": "请填营业执照上的代码"}
    )
    operator_name = forms.CharField(
        label="经营者姓名", max_length=40, error_messages={"required": "请填经营者的姓名"}
    )
    last_six = forms.CharField(
        label="身份证号后 6 位",
        max_length=20,
        widget=SaidAloud(attrs={"autocomplete": "off"}),
        help_text="请店主自己说。号码只用来核对，不另外保存。",
        error_messages={"required": "请填身份证号后 6 位"},
    )


@admin.register(Assistance)
class AssistanceAdmin(BrowseOnly):
    list_display = ["shop", "channel", "begun_at", "until", "ended_at"]
    list_select_related = ["business"]
    change_list_template = "admin/cases/assisting/list.html"

    @admin.display(description="商户")
    def shop(self, row) -> str:
        return row.business.name

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm(helping.ADD)

    def get_urls(self) -> list:
        end = self.admin_site.admin_view(self.end_view)
        return [path("end/", end, name="assistance-end"), *super().get_urls()]

    def changelist_view(self, request, extra_context=None) -> HttpResponse:
        """Who is being helped now, with everything that can be asked for; below, whoever was."""
        now = Assistance.objects.visible_to(request.user).standing().filter(clerk=request.user)
        row = now.select_related("business").first()
        groups = {}
        for found in (door for find in DOORS for door in find(row)) if row else ():
            groups.setdefault(found["group"], []).append(found)
        filed = Case.objects.helped_with_by(request.user).filter(begun_by=request.user)
        context = {"title": "代办", "now": row, "groups": groups, "filed": filed, **(extra_context or {})}
        return super().changelist_view(request, context)

    def add_view(self, request, form_url="", extra_context=None) -> HttpResponse:
        return sensitive_post_parameters("last_six")(self._begin)(request)

    def _begin(self, request) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = BeginForm(sent(request))
        if request.method == "POST" and form.is_valid():
            try:
                assisting.begin(by=request.user, **form.cleaned_data)
            except (Invalid, Refused) as problem:
                say(form, problem)
            else:
                messages.success(request, "核对过了。下面替店主填，两小时内有效。")
                return redirect("admin:businesses_assistance_changelist")
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "替谁办",
            "form": form,
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/cases/assisting/begin.html", context, status=status)

    def end_view(self, request) -> HttpResponse:
        """POST: the person has gone, or hung up."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            for row in Assistance.objects.visible_to(request.user).standing().filter(clerk=request.user):
                helping.end(row, by=request.user)
            messages.success(request, "这一位办完了。")
        return redirect("admin:businesses_assistance_changelist")
