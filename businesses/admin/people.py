"""Who may act for shops, and what owners dispute: lists to read, and pages for the verbs of the department."""

from functools import partial

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Value, When
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html

from core.admin import BrowseOnly
from core.errors import Invalid, Refused
from core.fields import Spelled, Whole
from core.typed import read_day, read_yuan
from core.wording import value_text

from .. import merge
from ..actions import decide_correction, revoke_mandate, unbind
from ..models import Binding, CorrectionRequest, Mandate
from ..register import known_of
from ..registry import business_registry

DECIDE = "businesses.change_correctionrequest"


class DecisionForm(forms.Form):
    """Accept with the value found to be right, or refuse with an answer. The value is asked as its fact is typed."""

    accept = forms.ChoiceField(
        label="核实结果",
        choices=[("yes", "确实不对，更正为下面的内容"), ("no", "核实无误，不更正")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选核实结果"},
    )
    answer = forms.CharField(
        label="答复店主",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="店主会看到。不更正时必须写明理由。",
        error_messages={"max_length": "答复最多 500 个字"},
    )

    field_order = ["accept", "value", "answer"]

    def __init__(self, *args, fact=None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fact = fact
        if fact is not None:
            self.fields["value"] = _value_field(fact)
            self.order_fields(self.field_order)

    def value(self):
        """What was filled in, in JSON spelling; None where nothing was."""
        given = self.cleaned_data.get("value")
        if self.fact is None or given in ("", None):
            return None
        return given == "true" if self.fact.type == "bool" else given


def _value_field(fact):
    options = {"label": f"核实后的{fact.label}", "required": False}
    if fact.type == "bool":
        return forms.ChoiceField(choices=[("", "—"), ("true", "是"), ("false", "否")], **options)
    if fact.type == "choice":
        return forms.ChoiceField(choices=[("", "—"), *fact.choices], **options)
    if fact.type == "set":
        return forms.MultipleChoiceField(
            choices=fact.choices,
            widget=forms.CheckboxSelectMultiple,
            **options,
            help_text="一个都不是就都不勾。",
        )
    if fact.type == "integer":
        return Whole(unit=fact.unit, **options)
    if fact.type == "date":
        return Spelled(read_day, widget=forms.TextInput(attrs={"type": "date"}), **options)
    if fact.type == "money":
        return Spelled(partial(read_yuan, signed=fact.signed), **options)
    return forms.CharField(**options)


@admin.register(CorrectionRequest)
class CorrectionRequestAdmin(BrowseOnly):
    """The queue of a department: what is open first, the oldest on top."""

    list_display = ["label", "business", "source", "shown", "note", "asked_at", "status", "decide_link"]
    list_filter = ["status", "source"]
    list_select_related = ["business"]
    search_fields = ["business__name", "business__credit_code", "note"]
    fields = readonly_fields = [
        "label", "business", "source", "shown", "note", "asked_at", "status", "answer", "decided_by", "decided_at",
    ]  # fmt: skip

    def get_queryset(self, request):
        waiting = Case(When(status="open", then=Value(0)), default=Value(1))
        return super().get_queryset(request).order_by(waiting, "asked_at", "pk")

    @admin.display(description="哪一项")
    def label(self, row):
        fact = business_registry().get(row.fact)
        return fact.label if fact else row.fact

    @admin.display(description="办理")
    def decide_link(self, row):
        if row.status != "open":
            return "—"
        return format_html('<a href="{}">核实并答复</a>', reverse("admin:decide-correction", args=[row.pk]))

    def get_urls(self) -> list:
        decide = self.admin_site.admin_view(self.decide)
        return [path("<number:pk>/decide/", decide, name="decide-correction"), *super().get_urls()]

    def decide(self, request, pk):
        """The page on which the department answers one request."""
        if not request.user.has_perm(DECIDE):
            raise PermissionDenied
        row = self.get_object(request, str(pk))
        if row is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        fact = business_registry().get(row.fact)
        found = known_of(row.business)[0].get(row.fact)
        form = DecisionForm(request.POST or None, fact=fact, initial=_initial(fact, found))
        if request.method == "POST" and form.is_valid():
            try:
                decide_correction(
                    row,
                    accept=form.cleaned_data["accept"] == "yes",
                    value=form.value(),
                    answer=form.cleaned_data["answer"],
                    by=request.user,
                )
            except (Invalid, Refused) as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, f"已答复“{row.business}”的更正申请。")
                return redirect("admin:businesses_correctionrequest_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": f"核实：{self.label(row)}",
            "opts": self.opts,
            "row": row,
            "label": self.label(row),
            "now_shown": value_text(fact, merge.inside(fact, found.value)) if fact and found else "—",
            "form": form,
        }
        status = 400 if form.errors else 200
        return TemplateResponse(request, "admin/businesses/decide_correction.html", context, status=status)


def _initial(fact, found) -> dict:
    if fact is None or found is None:
        return {}
    if fact.type == "set":
        return {"value": found.value["yes"]}
    if fact.type == "bool":
        return {"value": "true" if found.value else "false"}
    return {"value": found.value}


class EndedByStaff(BrowseOnly):
    """Rows to read, with one action: ending them. ``may_end``: the permission it takes."""

    may_end = ""

    def has_end_permission(self, request) -> bool:
        return request.user.has_perm(self.may_end)

    def end_each(self, request, rows, end) -> None:
        ended = 0
        for row in rows:
            try:
                end(row)
                ended += 1
            except Refused as refusal:
                messages.warning(request, f"{row.business}：{refusal}")
        if ended:
            messages.success(request, f"办好了 {ended} 件。")


@admin.register(Binding)
class BindingAdmin(EndedByStaff):
    list_display = ["business", "user", "bound_at", "ended_at", "ended_because"]
    list_select_related = ["business", "user"]
    list_filter = ["bound_at"]
    search_fields = ["business__name", "business__credit_code"]
    ordering = ["-pk"]
    actions = ["unbind"]
    may_end = "businesses.change_binding"

    @admin.action(description="解除所选的绑定", permissions=["end"])
    def unbind(self, request, rows) -> None:
        self.end_each(request, rows, lambda row: unbind(row, by=request.user, reason="工作人员核实后解除"))


@admin.register(Mandate)
class MandateAdmin(EndedByStaff):
    list_display = ["business", "holder", "relation", "shown_scopes", "given_at", "until", "revoked_at"]
    list_select_related = ["business", "agent", "client"]
    search_fields = ["business__name", "business__credit_code"]
    actions = ["revoke"]
    may_end = "businesses.change_mandate"

    @admin.display(description="授权给")
    def holder(self, mandate):
        return mandate.client.name if mandate.client else mandate.agent.shown_name

    @admin.display(description="范围")
    def shown_scopes(self, mandate) -> str:
        return "、".join(mandate.scope_labels)

    @admin.action(description="撤销所选的授权", permissions=["end"])
    def revoke(self, request, rows) -> None:
        self.end_each(request, rows, lambda row: revoke_mandate(row, by=request.user))
