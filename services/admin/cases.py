"""服务办件: what was asked for, as bureaus and whoever offers it work on it, and the auditor reads."""

from django.contrib import admin

from cases.admin.case_page import CasePage
from cases.admin.one_case import OneCaseAdmin

from ..catalogue.questions import said_lines
from ..legs import legs_of
from ..models import Leg, ServiceCase

VIEWS = {
    "open": "待接办",
    "taken": "办理中",
    "deciding": "等我认定",
    "today": "今天到期",
    "overdue": "已超期",
    "mine": "我的",
    "all": "全部",
}


class ServiceCasePage(CasePage):
    """One request as ``user`` sees it."""

    def __init__(self, case, user) -> None:
        super().__init__(case, user)
        self.request = case.request

    @property
    def legs(self) -> list[Leg]:
        return legs_of(self.case)

    @property
    def said(self) -> list[dict]:
        return said_lines(self.request.offering, self.request.said)

    @property
    def thread(self) -> list:
        return list(self.case.messages.select_related("author"))


@admin.register(ServiceCase)
class ServiceCaseAdmin(OneCaseAdmin):
    list_display = ["shown_number", "shop", "offering", "state_words", "time_left", "clerk"]
    list_select_related = ["business__type_verdict", "benefit", "request__offering", "claimed_by"]
    actions = None
    page, page_template = ServiceCasePage, "admin/services/case.html"
    page_related = ("request__offering", "request__slot")

    def saved_views(self) -> dict[str, str]:
        return VIEWS

    def usual_view(self, user) -> str:
        if user.has_perm("cases.review_case"):
            return "open"
        return "deciding" if user.has_perm("cases.approve_case") else "all"

    @admin.display(description="服务")
    def offering(self, row) -> str:
        return row.request.offering.title
