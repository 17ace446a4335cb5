"""The queue of applications and the case page: stock list, own page, every button one verb."""

import re
from functools import partial

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from accounts.access import record
from accounts.signing_in import fresh
from cases.admin.queue import CaseAdmin
from cases.assessment import judge_each
from cases.procedure import DECIDE, OPEN, REVIEW
from cases.transitions import CHANGED_SINCE
from core.addresses import whole_number
from core.errors import Invalid, Refused
from core.money import yuan_text

from ..actions import reviewing
from ..actions.passing import pass_on
from ..checks import risks
from ..models import Application
from ..procedure import State
from .application_page import ApplicationPage
from .dashboard import Dashboard
from .decisions import Decisions, version_sent

CLEAR = re.compile("clear-(?P<flag>[0-9]{1,18})")
SIGNS = {"pass": "✓", "fail": "✕"}


def judge_what_waits(applications) -> None:
    """Give each ``judged_now``: what is known of it today where a decision is still to come, else None."""
    now = judge_each([row for row in applications if row.phase == OPEN and not row.outcome])
    for row in applications:
        row.judged_now = now.get(row.pk)


@admin.register(Application)
class ApplicationAdmin(Dashboard, Decisions, CaseAdmin):
    list_display = [
        "shown_number", "shop", "shown_benefit", "amount", "machine", "state_words", "time_left", "clerk",
    ]  # fmt: skip
    actions = ["take_these", "pass_these"]
    change_list_template = "admin/subsidies/review/queue.html"

    # The queue

    def usual_view(self, user):
        view = super().usual_view(user)
        if view != "all":
            return view
        return State.APPROVED if user.has_perm("subsidies.pay_application") else State.SUBMITTED

    def look_at(self, rows) -> None:
        judge_what_waits(rows)

    @admin.display(description="金额")
    def amount(self, row) -> str:
        return "—" if row.amount_fen is None else f"{yuan_text(row.amount_fen)} 元"

    @admin.display(description="自动核验")
    def machine(self, row) -> str:
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

    @admin.action(description="全绿的批量建议批准或批准", permissions=["work"])
    def pass_these(self, request, rows):
        fresh.require(request)

        def act(row):
            done = pass_on(row, by=request.user, only_clean=True, expected_version=row.version)
            return done.stage.reached

        return self.each(request, rows, act, "批量通过")

    # The case page

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/act/", view(require_POST(self.act_view)), name="review-act"),
            path("<number:pk>/refuse/", view(self.refuse_view), name="review-refuse"),
            path("<number:pk>/correct/", view(self.correct_view), name="review-correct"),
            path("<number:pk>/send-back/", view(self.send_back_view), name="review-send-back"),
            *super().get_urls(),
        ]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        application = self.case(request, whole_number(object_id))
        if application is None:
            raise Http404
        if request.method != "GET":
            raise PermissionDenied
        record(request.user, "see_application", f"application {application.pk}")
        return self._case_page(request, ApplicationPage(application, request.user))

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
            "claim": self.take,
            "put_back": self.put_back,
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
        page = ApplicationPage(self.case(request, pk), request.user, typed=request.POST.dict())
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

    def _save(self, request, application) -> HttpResponse:
        kept = reviewing.set_verdicts(
            application,
            self._verdicts(request, application),
            by=request.user,
            expected_version=version_sent(request),
        )
        if not request.headers.get("X-Review"):
            self.message_user(request, "结论已保存。", messages.SUCCESS)
            return redirect("admin:subsidies_application_change", kept.pk)
        page = ApplicationPage(self.case(request, kept.pk), request.user)
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
        return self.go_on(request, f"{done} {done.business.name}：{done.stage.reached}。")

    def _clear(self, request, application, flag_id) -> HttpResponse:
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

    def _write_decision(self, request, application) -> HttpResponse:
        """Keep the verdicts, then to the page on which the decision is written."""
        if application.stage.turn == REVIEW:
            verdicts = self._verdicts(request, application)
            version = version_sent(request)
            reviewing.set_verdicts(application, verdicts, by=request.user, expected_version=version)
        return redirect(f"admin:review-{request.POST['do']}", application.pk)
