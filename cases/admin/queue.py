"""The queue of a bureau in the admin: lists of what waits, each a stretch of an index, and the way from one file to the
next. The ModelAdmin of a procedure's cases is built on CaseAdmin."""

import re
from collections.abc import Iterator

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Exists, F, OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from accounts.refusals import write_down
from businesses.identifiers import read_credit_code
from core import searching
from core.admin import BrowseOnly
from core.errors import Invalid, Refused
from core.facts import Misread

from .. import queue
from ..models import Case, Correction
from ..procedure import DECIDE, PROCEDURES, REVIEW, Procedure
from .case_page import days_left_text
from .remedies import address_of
from .verbs import ByProcedure

MOST_COUNTED = 1_000
NUMBER = re.compile(r"LPS-[0-9]{4}-(?P<id>[0-9]{8,18})")


def views_of(procedure: Procedure) -> dict[str, str]:
    """``{key: words}`` of the stretches of the queue that staff look at: states, and what crosses them."""
    mended = [end for ends in procedure.moves.get("correct", {}).values() for end in ends]
    found = {}
    for key, says in procedure.states.items():
        found |= {str(key): says.view} if says.view else {}
        found |= {"corrected": "补正回"} if key in mended else {}
    return found | {"today": "今天到期", "overdue": "已超期", "mine": "我的"}


class BoundedPaginator(Paginator):
    """Counts no further than MOST_COUNTED rows, so that a page costs the same however long the table is."""

    @cached_property
    def count(self) -> int:
        return len(self.object_list.order_by().values_list("pk", flat=True)[:MOST_COUNTED])


class SavedView(admin.SimpleListFilter):
    """What somebody wants before them, as links above the list. Each is one stretch of the queue's index."""

    title = "分类"
    parameter_name = "view"

    def lookups(self, request, model_admin) -> list:
        return list(model_admin.saved_views().items())

    def value(self) -> str:
        """The view asked for; else what the person's role begins with. A search looks everywhere."""
        return super().value() or self.usual

    def __init__(self, request, params, model, model_admin) -> None:
        self.usual = "all" if request.GET.get("q") else model_admin.usual_view(request.user)
        super().__init__(request, params, model, model_admin)

    def queryset(self, request, rows) -> QuerySet:
        return narrowed(rows, self.value(), request.user)

    def choices(self, changelist) -> Iterator[dict]:
        for key, label in self.lookup_choices:
            yield {
                "selected": self.value() == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p", "q"]),
                "display": label,
            }


def narrowed(rows, view, user) -> QuerySet:
    """The rows of a saved view. Raises nothing: an unknown one is empty."""
    if any(view in PROCEDURES[key].states for key in rows.model.only):
        return rows.filter(state=view)
    today, running = timezone.localdate(), rows.running()
    answered = Correction.objects.filter(case=OuterRef("pk"), answered_at__isnull=False)
    views = {
        "corrected": lambda: rows.filter(
            rows.model.in_states(step="reviewing", turn=REVIEW), Exists(answered)
        ),
        "today": lambda: running.filter(due_on=today),
        "overdue": lambda: running.filter(due_on__lt=today),
        "mine": lambda: rows.filter(claimed_by=user, claimed_until__gte=timezone.now()),
        "all": lambda: rows,
    }
    return views[view]() if view in views else rows.none()


class CaseAdmin(ByProcedure, BrowseOnly):
    """``case_page(request, case)``, the page of one, is the room's own."""

    list_display = ["shown_number", "shop", "shown_benefit", "state_words", "time_left", "clerk"]
    list_display_links = ["shown_number"]
    list_select_related = ["business__type_verdict", "benefit", "benefit_version__benefit", "claimed_by"]
    list_filter = [SavedView]
    list_per_page = 50
    list_max_show_all = 0
    show_full_result_count = False
    paginator, most_counted = BoundedPaginator, MOST_COUNTED
    sortable_by = ()
    search_fields = ["number"]
    search_help_text = "受理编号或信用代码要写全，店名写一部分就行。"
    change_list_template = "admin/cases/queue.html"
    actions = ["take_these"]

    def saved_views(self) -> dict[str, str]:
        """``{key: words}`` of the links above the list."""
        (key,) = self.model.only
        return views_of(PROCEDURES[key])

    # The rights are those to cases of the procedure.

    def has_module_permission(self, request) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request, obj=None) -> bool:
        return any(request.user.has_perm(PROCEDURES[key].right) for key in self.model.only)

    def has_work_permission(self, request) -> bool:
        works = any(map(request.user.has_perm, ("cases.review_case", "cases.approve_case")))
        return works and self.has_view_permission(request)

    # The list

    def usual_view(self, user) -> str:
        """What somebody's work begins with."""
        for permission, turn in (("cases.review_case", REVIEW), ("cases.approve_case", DECIDE)):
            if user.has_perm(permission):
                return str(PROCEDURES[self.model.only[0]].where(turn=turn)[0])
        return "all"

    def lookup_allowed(self, lookup, value, request=None) -> bool:
        return lookup == SavedView.parameter_name or super().lookup_allowed(lookup, value, request)

    def get_ordering(self, request) -> list:
        """By due date; what a search finds by number, the newest first."""
        view = request.GET.get("view") or ("all" if request.GET.get("q") else self.usual_view(request.user))
        return ["-id"] if view == "all" else [F("due_on").asc(nulls_last=True), "id"]

    def get_search_results(self, request, rows, term) -> tuple[QuerySet, bool]:
        term = searching.typed(request, term).strip()
        if not term:
            return rows, False
        try:
            return rows.filter(business__credit_code=read_credit_code(term)), False
        except Misread:
            pass
        if found := NUMBER.fullmatch(term.upper()):
            # A number ends in the id of its row, which finds it without looking at the others.
            return rows.filter(pk=int(found["id"]), number=found[0]), False
        return rows.filter(business__name__icontains=term), False

    @admin.display(description="编号")
    def shown_number(self, row) -> str:
        return row.number

    @admin.display(description="商户")
    def shop(self, row) -> str:
        return row.business.name

    @admin.display(description="事项")
    def shown_benefit(self, row) -> str:
        return row.benefit.title

    @admin.display(description="状态")
    def state_words(self, row) -> str:
        return row.stage.staff

    @admin.display(description="剩余工作日")
    def time_left(self, row) -> str:
        return days_left_text(row, timezone.localdate())

    @admin.display(description="经办")
    def clerk(self, row) -> str:
        held = row.claimed_by and row.claimed_until and row.claimed_until > timezone.now()
        return row.claimed_by.shown_name if held else "—"

    def look_at(self, rows: list[Case]) -> None:
        """What the list says of its rows besides their columns, in a few queries for all."""

    def changelist_view(self, request, extra_context=None) -> HttpResponse:
        response = super().changelist_view(
            request,
            {
                "title": "办件",
                "works": self.has_work_permission(request),
                "next_url": reverse(f"admin:{self.opts.model_name}-next"),
                "most_counted": MOST_COUNTED,
                **(extra_context or {}),
            },
        )
        context = getattr(response, "context_data", None)
        if context and (found := context.get("cl")):
            self.look_at(found.result_list)
            context["saved_views"] = [one for spec in found.filter_specs for one in spec.choices(found)]
            context["previous_page"] = found.get_query_string({"p": found.page_num - 1})
            context["next_page"] = found.get_query_string({"p": found.page_num + 1})
        return response

    # Several at once

    @admin.action(description="分派给我", permissions=["work"])
    def take_these(self, request, rows) -> HttpResponse:
        return self.each(
            request, rows, lambda row: queue.claim(row, by=request.user) and "已分派给您", "分派给我"
        )

    def each(self, request, rows, act, title) -> HttpResponse:
        """Every row by its verb, each in a transaction of its own, and a page with what came of each."""
        found = []
        for row in rows.select_related("business", "benefit"):
            try:
                result, done = act(row), True
            except (Refused, Invalid) as problem:
                result, done = str(problem), False
            except PermissionDenied:
                write_down(request.user, request)
                result, done = "这一件您不能办：不是您的职责，要回避，或您已经办过一步。", False
            found.append({"row": row, "result": result, "done": done})
        return self.show(
            request,
            "admin/subsidies/review/results.html",
            title,
            results=found,
            done=sum(row["done"] for row in found),
        )

    # From one file to the next

    def get_urls(self) -> list:
        next_one = self.admin_site.admin_view(require_POST(self.next_view))
        return [path("next/", next_one, name=f"{self.opts.model_name}-next"), *super().get_urls()]

    def next_view(self, request) -> HttpResponse:
        if not self.has_work_permission(request):
            raise PermissionDenied
        return self.open_next(request)

    def open_next(self, request) -> HttpResponse:
        following = queue.take_next(request.user, cases=self.model.objects)
        if following is None:
            messages.info(request, "没有等您办的件了。")
            return self.to_list()
        return redirect(address_of(following))

    def go_on(self, request, sentence) -> HttpResponse:
        """Say what was done and open the next file of the queue."""
        messages.success(request, sentence)
        return self.open_next(request)

    def to_list(self) -> HttpResponse:
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def take(self, request, case) -> HttpResponse:
        queue.claim(case, by=request.user)
        self.message_user(request, "这一件由您来办。", messages.SUCCESS)
        return redirect(address_of(case))

    def put_back(self, request, case) -> HttpResponse:
        queue.put_back(case, by=request.user)
        self.message_user(request, "已放回队列，别人可以办了。", messages.SUCCESS)
        return self.to_list()

    # One case

    def case(self, request, pk) -> Case | None:
        """The case, with all that its page shows of it, or None where this person may not see it."""
        rows = self.get_queryset(request).select_related(
            *("business", "operator", "benefit", "benefit_version__benefit", "department", "account"),
            *("reviewer", "approver", "countersigner", "claimed_by"),
        )
        return rows.filter(pk=pk).first()

    def show(self, request, template, title, *, status=200, **context) -> HttpResponse:
        return TemplateResponse(
            request,
            template,
            {
                **self.admin_site.each_context(request),
                "opts": self.opts,
                "title": title,
                "is_nav_sidebar_enabled": False,
                **context,
            },
            status=status,
        )
