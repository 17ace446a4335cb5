"""检查计划: the visits of one's own bureau, the form by which one is planned, and the page on which its verbs are done.

Of other bureaus' visits to the same shop it shows when they may be and what is looked at, and no more.
"""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import path

from businesses.identifiers import read_credit_code
from businesses.models import Business
from cases.admin.case_page import DISTRICT_NAMES, CasePage
from cases.admin.one_case import OneCaseAdmin
from core.errors import Invalid, Refused
from core.facts import Misread
from core.fields import Day
from core.wording import day_text

from ..models import LONGEST_NOTE, Visit, VisitCase
from ..permissions import keeps_away, may_plan
from ..planning import MOST_ITEMS, Plan, plan
from ..procedure import VISIT
from ..sight import Elsewhere, elsewhere

NO_SUCH_SHOP = "登记里没有这家店，请核对信用代码。"


class PlanForm(forms.Form):
    credit_code = forms.CharField(label="商户的信用代码", max_length=40, help_text="18 位，要写全。")
    items = forms.CharField(
        label="查什么",
        required=False,  # what is wrong with it the verb says
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text=f"一行一项，最多 {MOST_ITEMS} 项。别的单位和店主都看得到。",
    )
    from_on = Day(label="最早哪天", widget=forms.DateInput(attrs={"type": "date"}))
    until_on = Day(label="最晚哪天", widget=forms.DateInput(attrs={"type": "date"}))
    because = forms.ChoiceField(label="原因", choices=Visit.Because.choices)
    note = forms.CharField(
        label="为什么要去",
        required=False,
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="不是日常检查的要写。只有本单位看得到。",
    )

    def clean_credit_code(self) -> Business:
        """The shop itself."""
        try:
            code = read_credit_code(self.cleaned_data["credit_code"])
        except Misread as problem:
            raise forms.ValidationError(f"{problem.detail}。") from None
        found = Business.objects.select_related("operator").filter(credit_code=code).first()
        if found is None:
            raise forms.ValidationError(NO_SUCH_SHOP)
        return found

    def planned(self) -> Plan:
        said = self.cleaned_data
        items = said["items"].splitlines()
        return Plan(items, said["from_on"], said["until_on"], said["because"], said["note"])


class VisitPage(CasePage):
    """One visit as ``user`` sees it."""

    @property
    def visit(self) -> Visit:
        return self.case.visit

    @property
    def district(self) -> str:
        return DISTRICT_NAMES.get(self.case.district, "未登记")

    @property
    def others(self) -> list[Elsewhere]:
        """What other bureaus plan for the same shop."""
        return elsewhere(self.case.business_id, self.case.department_id)

    @property
    def is_barred(self) -> bool:
        return may_plan(self.user) and keeps_away(self.user, self.case.business_id)

    @property
    def results(self) -> list:
        return list(self.case.messages.all())


@admin.register(VisitCase)
class VisitCaseAdmin(OneCaseAdmin):
    list_display = ["shown_number", "shop", "items", "window", "day", "state_words"]
    list_select_related = ["business__type_verdict", "visit", "benefit"]
    change_list_template = "admin/visits/list.html"
    actions = None
    page, page_template, page_related = VisitPage, "admin/visits/visit.html", ("visit",)

    def saved_views(self) -> dict[str, str]:
        return {key: says.view for key, says in VISIT.states.items() if says.view} | {"all": "全部"}

    def usual_view(self, user) -> str:
        return "all"

    def has_work_permission(self, request) -> bool:
        """Nobody takes the next of them: each belongs to whoever goes there."""
        return False

    @admin.display(description="查什么")
    def items(self, row) -> str:
        return "、".join(row.visit.items)

    @admin.display(description="可以去的日子")
    def window(self, row) -> str:
        return f"{row.visit.from_on:%Y-%m-%d} 到 {row.visit.until_on:%Y-%m-%d}"

    @admin.display(description="检查日期")
    def day(self, row) -> str:
        return f"{row.visit.on:%Y-%m-%d}" if row.visit.on else "—"

    def changelist_view(self, request, extra_context=None) -> HttpResponse:
        return super().changelist_view(
            request, {"title": "检查计划", "may_plan": may_plan(request.user), **(extra_context or {})}
        )

    # Planning one

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.plan_view)
        return [path("plan/", view, name="visitcase-plan"), *super().get_urls()]

    def plan_view(self, request) -> HttpResponse:
        """GET asks for what is planned, POST plans it; what cannot be is said beside its box, and nothing is lost."""
        if not may_plan(request.user):
            raise PermissionDenied
        form = PlanForm(request.POST if request.method == "POST" else None)
        status = 200
        if form.is_bound:
            case, status = self._planned(request, form)
            if case is not None:
                messages.success(request, f"{case} 列入计划了。{_said(case)}")
                return redirect("admin:visits_visitcase_change", case.pk)
        return self.show(request, "admin/visits/plan.html", "安排检查", status=status, form=form)

    def _planned(self, request, form) -> tuple[VisitCase | None, int]:
        """The visit, or None and the status of the page that says why there is none."""
        if not form.is_valid():
            return None, 400
        try:
            return plan(form.cleaned_data["credit_code"], form.planned(), by=request.user), 302
        except Invalid as problem:
            for fault in problem.faults:
                form.add_error(fault.field, f"{fault.detail}。")
            return None, 400
        except Refused as refusal:
            form.add_error(None, str(refusal))
            return None, 409


def _said(case) -> str:
    if case.state != "proposed":
        return "请定日期。"
    return f"别的单位也要去这家店，建议 {day_text(case.visit.on)}一起去。"
