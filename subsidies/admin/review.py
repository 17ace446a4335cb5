"""The queue of applications and the case page: stock list, own page, every button one verb."""

import re
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.http import Http404, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.views.decorators.http import require_POST

from accounts import fresh
from accounts.access import record
from accounts.refusals import write_down
from businesses.identifiers import read_credit_code
from cases import queue
from cases.admin.verbs import ByProcedure
from cases.assessment import judge_each
from cases.models import Correction
from cases.procedure import DECIDE, OPEN, REVIEW
from cases.transitions import CHANGED_SINCE
from core import searching
from core.addresses import whole_number
from core.admin import BrowseOnly
from core.errors import Invalid, Refused
from core.facts import Misread
from core.money import yuan_text

from .. import risks
from ..actions import reviewing
from ..actions.passing import pass_on
from ..models import Application
from ..procedure import STATES, State
from .case_page import CasePage, days_left_text
from .dashboard import Dashboard
from .decisions import Decisions, version_sent

MOST_COUNTED = 1_000
NUMBER = re.compile(r"LPS-[0-9]{4}-(?P<id>[0-9]{8,18})")
CLEAR = re.compile("clear-(?P<flag>[0-9]{1,18})")
SIGNS = {"pass": "✓", "fail": "✕"}


def _views():
    """``{key: words}`` of the stretches of the queue that staff look at: states, and what crosses them."""
    found = {}
    for key, says in STATES.items():
        found |= {key.value: says.view} if says.view else {}
        if key == State.REVIEWING:
            found["corrected"] = "补正回"
    return found | {"today": "今天到期", "overdue": "已超期", "mine": "我的"}


VIEWS = _views()


class BoundedPaginator(Paginator):
    """Counts no further than MOST_COUNTED rows, so that a page costs the same however long the table is."""

    @cached_property
    def count(self):
        return len(self.object_list.order_by().values_list("pk", flat=True)[:MOST_COUNTED])


class SavedView(admin.SimpleListFilter):
    """What somebody wants before them, as links above the list. Each is one stretch of the queue's index."""

    title = "分类"
    parameter_name = "view"

    def lookups(self, request, model_admin):
        return list(VIEWS.items())

    def value(self):
        """The view asked for; else what the person's role begins with. A search looks everywhere."""
        return super().value() or self.usual

    def __init__(self, request, params, model, model_admin):
        self.usual = "all" if request.GET.get("q") else usual_view(request.user)
        super().__init__(request, params, model, model_admin)

    def queryset(self, request, rows):
        return narrowed(rows, self.value(), request.user)

    def choices(self, changelist):
        for key, label in self.lookup_choices:
            yield {
                "selected": self.value() == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}, ["p", "q"]),
                "display": label,
            }


def usual_view(user):
    for permission, view in (
        ("cases.review_case", "submitted"),
        ("cases.approve_case", "recommended"),
        ("subsidies.pay_application", "approved"),
    ):
        if user.has_perm(permission):
            return view
    return "submitted"


def narrowed(rows, view, user):
    """The rows of a saved view. Raises nothing: an unknown one is empty."""
    today = timezone.localdate()
    running = rows.running()
    answered = Correction.objects.filter(case=OuterRef("pk"), answered_at__isnull=False)
    if view in STATES:
        return rows.filter(state=view)
    views = {
        "corrected": lambda: rows.filter(Exists(answered), state=State.REVIEWING),
        "today": lambda: running.filter(due_on=today),
        "overdue": lambda: running.filter(due_on__lt=today),
        "mine": lambda: rows.filter(claimed_by=user, claimed_until__gte=timezone.now()),
        "all": lambda: rows,
    }
    return views[view]() if view in views else rows.none()


def judge_what_waits(applications):
    """Give each ``judged_now``: what is known of it today where a decision is still to come, else None."""
    now = judge_each([row for row in applications if row.phase == OPEN and not row.outcome])
    for row in applications:
        row.judged_now = now.get(row.pk)


@admin.register(Application)
class ApplicationAdmin(Dashboard, Decisions, ByProcedure, BrowseOnly):
    list_display = [
        "shown_number", "shop", "shown_benefit", "amount", "machine", "state_words", "time_left", "clerk",
    ]  # fmt: skip
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
    change_list_template = "admin/subsidies/review/queue.html"
    actions = ["take_these", "pass_these"]

    # It is a case: the rights to it are those to cases.

    def has_module_permission(self, request):
        return request.user.has_perm("cases.view_case")

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("cases.view_case")

    # The queue

    def lookup_allowed(self, lookup, value, request=None):
        return lookup == SavedView.parameter_name or super().lookup_allowed(lookup, value, request)

    def get_ordering(self, request):
        """By due date; what a search finds by number, the newest first."""
        view = request.GET.get("view") or ("all" if request.GET.get("q") else usual_view(request.user))
        return ["-id"] if view == "all" else [F("due_on").asc(nulls_last=True), "id"]

    def get_search_results(self, request, rows, term):
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
    def shown_number(self, row):
        return row.number

    @admin.display(description="商户")
    def shop(self, row):
        return row.business.name

    @admin.display(description="事项")
    def shown_benefit(self, row):
        return row.benefit.title

    @admin.display(description="金额")
    def amount(self, row):
        return "—" if row.amount_fen is None else f"{yuan_text(row.amount_fen)} 元"

    @admin.display(description="自动核验")
    def machine(self, row):
        """How many criteria the machine passes, fails, and leaves to people, by what is known now."""
        results = [criterion["result"] for criterion in self._criteria_of(row)]
        counts = [(SIGNS.get(one, "?"), one) for one in results]
        return " ".join(
            f"{sign}{sum(found == sign for found, _ in counts)}"
            for sign in ("✓", "✕", "?")
            if any(found == sign for found, _ in counts)
        )

    @staticmethod
    def _criteria_of(row):
        """As they are now while somebody has to look at them; as they were decided afterwards."""
        return row.judged_now.criteria if row.judged_now else row.judged.get("criteria", ())

    @admin.display(description="状态")
    def state_words(self, row):
        return row.stage.staff

    @admin.display(description="剩余工作日")
    def time_left(self, row):
        return days_left_text(row, timezone.localdate())

    @admin.display(description="经办")
    def clerk(self, row):
        held = row.claimed_by and row.claimed_until and row.claimed_until > timezone.now()
        return row.claimed_by.shown_name if held else "—"

    def changelist_view(self, request, extra_context=None):
        response = super().changelist_view(
            request,
            {
                "title": "办件",
                "works": self.has_work_permission(request),
                "most_counted": MOST_COUNTED,
                **(extra_context or {}),
            },
        )
        context = getattr(response, "context_data", None)
        if context and (found := context.get("cl")):
            judge_what_waits(found.result_list)
            context["saved_views"] = [one for spec in found.filter_specs for one in spec.choices(found)]
            context["previous_page"] = found.get_query_string({"p": found.page_num - 1})
            context["next_page"] = found.get_query_string({"p": found.page_num + 1})
        return response

    def has_work_permission(self, request):
        return any(map(request.user.has_perm, ("cases.review_case", "cases.approve_case")))

    @admin.action(description="分派给我", permissions=["work"])
    def take_these(self, request, rows):
        return self._each(
            request, rows, lambda row: queue.claim(row, by=request.user) and "已分派给您", "分派给我"
        )

    @admin.action(description="全绿的批量建议批准或批准", permissions=["work"])
    def pass_these(self, request, rows):
        fresh.require(request)

        def act(row):
            done = pass_on(row, by=request.user, only_clean=True, expected_version=row.version)
            return done.stage.reached

        return self._each(request, rows, act, "批量通过")

    def _each(self, request, rows, act, title):
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

    # The case page

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("next/", view(require_POST(self.next_view)), name="review-next"),
            path("<number:pk>/act/", view(require_POST(self.act_view)), name="review-act"),
            path("<number:pk>/refuse/", view(self.refuse_view), name="review-refuse"),
            path("<number:pk>/correct/", view(self.correct_view), name="review-correct"),
            path("<number:pk>/send-back/", view(self.send_back_view), name="review-send-back"),
            *super().get_urls(),
        ]

    def case(self, request, pk):
        """The application, with all that its page shows of it, or None where this person may not see it."""
        rows = self.get_queryset(request).select_related(
            *("business", "operator", "benefit", "benefit_version__benefit", "department", "account"),
            *("reviewer", "approver", "countersigner", "claimed_by"),
        )
        return rows.filter(pk=pk).first()

    def show(self, request, template, title, *, status=200, **context):
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

    def change_view(self, request, object_id, form_url="", extra_context=None):
        application = self.case(request, whole_number(object_id))
        if application is None:
            raise Http404
        if request.method != "GET":
            raise PermissionDenied
        record(request.user, "see_application", f"application {application.pk}")
        return self._case_page(request, CasePage(application, request.user))

    def _case_page(self, request, page, *, status=200, problems=(), changed=()):
        if page.elsewhere:
            whose = f"operator {page.application.operator_id}"
            others = [row.pk for row in page.elsewhere]
            record(
                request.user, "see_same_kind_elsewhere", whose, application=page.application.pk, cases=others
            )
        return self.show(
            request,
            "admin/subsidies/review/case.html",
            f"{page.application} {page.application.benefit.title}",
            status=status,
            page=page,
            application=page.application,
            problems=problems,
            changed=changed,
        )

    def next_view(self, request):
        if not self.has_work_permission(request):
            raise PermissionDenied
        return self.open_next(request)

    def act_view(self, request, pk):
        """The buttons of the case page. Whatever is pressed, the verdicts that were filled in are kept first."""
        application = self.case(request, pk)
        if application is None:
            raise Http404
        act = {
            "save": self._save,
            "pass": self._pass,
            "refuse": self._write_decision,
            "correct": self._write_decision,
            "claim": self._claim,
            "put_back": self._put_back,
        }.get(request.POST.get("do"))
        if found := CLEAR.fullmatch(request.POST.get("do", "")):
            act = partial(self._clear, flag_id=int(found["flag"]))
        if act is None:
            raise Http404
        try:
            return act(request, application)
        except (Refused, Invalid) as problem:
            return self._refused(request, pk, str(problem))

    def _refused(self, request, pk, problem):
        """The page as it is now, with the reason, what has changed since it was shown, and what was typed."""
        page = CasePage(self.case(request, pk), request.user, typed=request.POST.dict())
        changed = page.changes_since(request.POST.get("seen", "")) if problem == CHANGED_SINCE else ()
        if request.headers.get("X-Review"):
            return JsonResponse({"problem": problem}, status=409)
        return self._case_page(request, page, status=409, problems=[problem], changed=changed)

    def _verdicts(self, request, application):
        """The verdicts as sent; a criterion without one is left as it is."""
        sent = {
            row["id"]: {
                "verdict": request.POST[f"verdict-{row['id']}"],
                "note": request.POST.get(f"note-{row['id']}", ""),
            }
            for row in application.judged["criteria"]
            if request.POST.get(f"verdict-{row['id']}")
        }
        return sent if application.stage.turn == REVIEW else {}

    def _save(self, request, application):
        kept = reviewing.set_verdicts(
            application,
            self._verdicts(request, application),
            by=request.user,
            expected_version=version_sent(request),
        )
        if not request.headers.get("X-Review"):
            self.message_user(request, "结论已保存。", messages.SUCCESS)
            return redirect("admin:subsidies_application_change", kept.pk)
        page = CasePage(self.case(request, kept.pk), request.user)
        return JsonResponse(
            {
                "version": kept.version,
                "seen": page.seen,
                "clean": page.is_clean,
                "overridden": len(page.overridden),
                "unmet": page.unmet,
                "saved": f"{timezone.localtime():%H:%M}",
            }
        )

    def _pass(self, request, application):
        if application.stage.turn == DECIDE:
            fresh.require(request)
        done = pass_on(
            application,
            by=request.user,
            verdicts=self._verdicts(request, application),
            override_note=request.POST.get("override_note", ""),
            confirmed=[whole_number(pk) for pk in request.POST.getlist("confirmed")],
            expected_version=version_sent(request),
        )
        return self._go_on(request, f"{done} {done.business.name}：{done.stage.reached}。")

    def _clear(self, request, application, flag_id):
        """Write down what came of one flag. The verdicts that were filled in are kept with it."""
        typed = request.POST
        with transaction.atomic():
            version = version_sent(request)
            if application.stage.turn == REVIEW:
                verdicts = self._verdicts(request, application)
                reviewing.set_verdicts(application, verdicts, by=request.user, expected_version=version)
            flag = risks.clear(
                application,
                flag_id,
                typed.get(f"risk-{flag_id}", ""),
                typed.get(f"risk-{flag_id}-note", ""),
                by=request.user,
            )
        self.message_user(request, f"已记下：{flag.get_kind_display()}。", messages.SUCCESS)
        address = reverse("admin:subsidies_application_change", args=[application.pk])
        return redirect(f"{address}#risk-{flag_id}")

    def _write_decision(self, request, application):
        """Keep the verdicts, then to the page on which the decision is written."""
        if application.stage.turn == REVIEW:
            verdicts = self._verdicts(request, application)
            version = version_sent(request)
            reviewing.set_verdicts(application, verdicts, by=request.user, expected_version=version)
        return redirect(f"admin:review-{request.POST['do']}", application.pk)

    def _claim(self, request, application):
        queue.claim(application, by=request.user)
        self.message_user(request, "这一件由您来办。", messages.SUCCESS)
        return redirect("admin:subsidies_application_change", application.pk)

    def _put_back(self, request, application):
        queue.put_back(application, by=request.user)
        self.message_user(request, "已放回队列，别人可以办了。", messages.SUCCESS)
        return redirect("admin:subsidies_application_changelist")
