"""Watching pushes: runs with their ledger, funnels, what nobody has taken up, the kill switch, who would be told."""

from contextlib import suppress

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST

from accounts.access import record
from core.addresses import whole_number
from core.admin import BrowseOnly
from core.errors import Refused
from core.exports import csv_lines
from policies.models import BenefitVersion

from ..models import Delivery, DeliveryItem, KillSwitch, Letter, PushRun
from ..outside import delivering
from ..pushes import audience, monitoring, runs
from ..pushes.uptake import HEADINGS, uptake

REFRESH_SECONDS = 3
MOST_AT_ONCE = 500
AGAIN = (Delivery.Status.FAILED, Delivery.Status.UNKNOWN)  # what may be sent again
Status = PushRun.Status
WORKING = (Status.RUNNING, Status.CANCELLED)
# What may be pressed in each status: (verb, words on the button, what it means where that has to be thought over).
BUTTONS = {
    Status.RUNNING: [("pause", "暂停", ""), ("cancel", "取消推送", "cancel")],
    Status.PAUSED: [("resume", "继续", ""), ("cancel", "取消推送", "cancel")],
    Status.FAILED: [("resume", "继续，没做完的再做一次", ""), ("cancel", "取消推送", "cancel")],
}
VERBS = {"pause": runs.pause, "resume": runs.resume, "cancel": runs.cancel}
SAID = {
    "pause": "已暂停。正在写的一段写完就停。",
    "resume": "已继续。",
    "cancel": "已取消。不再告诉任何人，匹配结果还会在后台更新。",
}


@admin.register(PushRun)
class PushRunAdmin(BrowseOnly):
    list_display = ["__str__", "shown_status", "chunks_done", "matched", "changed", "told", "created_at"]
    list_filter = ["status", "cause", "day"]
    search_fields = ["version__benefit__code", "version__benefit__title"]
    list_select_related = ["version__benefit"]
    change_list_template = "admin/notifications/runs.html"

    def get_queryset(self, request):
        done = Count("chunks", filter=Q(chunks__done_at__isnull=False))
        return super().get_queryset(request).annotate(chunks_all=Count("chunks"), chunks_finished=done)

    @admin.display(description="状态", ordering="status")
    def shown_status(self, run):
        words = run.get_status_display()
        return f"{words}（只匹配，不推送）" if run.quiet else words

    @admin.display(description="进度")
    def chunks_done(self, run) -> str:
        return f"{run.chunks_finished} / {run.chunks_all} 段" if run.chunks_all else "随时更新"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("switch/", view(self.switch_view), name="push-switch"),
            path("uptake/", view(self.uptake_view), name="push-uptake"),
            path("uptake.csv", view(self.uptake_csv), name="push-uptake-csv"),
            path("funnels/", view(self.funnels_view), name="push-funnels"),
            path("version/<number:pk>/", view(self.version_view), name="version-pushes"),
            path("audience/<number:pk>/", view(self.audience_view), name="version-audience"),
            path("<number:pk>/act/<slug:verb>/", view(require_POST(self.verb_view)), name="push-act"),
            *super().get_urls(),
        ]

    # One run

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self._run(request, object_id)
        working = run.status in WORKING and run.finished_at is None
        response = self._page(
            request,
            "run",
            str(run),
            run=run,
            status=self.shown_status(run),
            working=working,
            stopped=working and runs.everything_is_stopped(),
            progress=monitoring.progress(run),
            buttons=BUTTONS.get(run.status, [])
            if runs.may_control(request.user, run) and not run.finished_at
            else [],
            failures=monitoring.failures(run),
            stages=[] if working else as_bars(monitoring.as_stages(monitoring.funnel_of_run(run)), "count"),
            deliveries=[]
            if working or not self._sees_deliveries(request)
            else monitoring.deliveries(run=run),
        )
        if working:
            response["Refresh"] = str(REFRESH_SECONDS)
        return response

    def verb_view(self, request, pk, verb) -> HttpResponse:
        run = self._run(request, pk)
        if verb not in VERBS:
            raise Http404
        try:
            VERBS[verb](run, by=request.user)
        except Refused as problem:
            self.message_user(request, str(problem), messages.WARNING)
        else:
            self.message_user(request, SAID[verb], messages.SUCCESS)
        return redirect("admin:notifications_pushrun_change", run.pk)

    # The kill switch

    def switch_view(self, request):
        self._require_view(request)
        if request.method == "POST":
            try:
                if request.POST.get("verb") == "release":
                    runs.release_everything(by=request.user)
                    self.message_user(request, "推送已恢复，从停下的地方继续。", messages.SUCCESS)
                else:
                    runs.stop_everything(request.POST.get("reason", ""), by=request.user)
                    self.message_user(request, "全部推送已停。", messages.WARNING)
            except Refused as problem:
                self.message_user(request, str(problem), messages.WARNING)
            return redirect("admin:push-switch")
        return self._page(
            request,
            "switch",
            "推送总开关",
            switch=KillSwitch.objects.select_related("by").first(),
            may=self._controls(request),
            waiting=PushRun.objects.unfinished().count(),
        )

    # Funnels

    def funnels_view(self, request):
        self._require_view(request)
        pushed = PushRun.objects.visible_to(request.user).order_by().values("version")
        versions = list(self._versions(request).filter(pk__in=pushed))
        counts = monitoring.funnels(version.pk for version in versions)
        rows = [(version, list(counts[version.pk].values())) for version in versions]
        headings = list(monitoring.STAGES.values())
        withheld = monitoring.withheld() if self._sees_deliveries(request) else []
        return self._page(request, "funnels", "推送漏斗", rows=rows, headings=headings, withheld=withheld)

    def version_view(self, request, pk):
        """The funnel of one version, with its runs and what was sent because of it."""
        version = self._version(request, pk)
        stages = monitoring.as_stages(monitoring.funnels([version.pk])[version.pk])
        pushes = self.get_queryset(request).filter(version=version).select_related("version__benefit")
        return self._page(
            request,
            "version",
            f"{version} 推送效果",
            version=version,
            stages=as_bars(stages, "count"),
            unknown=monitoring.shops_without_operator([version.pk]).get(version.pk, 0),
            runs=[(run, self.shown_status(run), self.chunks_done(run)) for run in pushes],
            deliveries=monitoring.deliveries(version=version) if self._sees_deliveries(request) else [],
        )

    # 应享未享

    def uptake_view(self, request):
        self._require_view(request)
        rows = uptake()
        return self._page(request, "uptake", "应享未享", rows=as_bars(rows, "shops"))

    def uptake_csv(self, request):
        self._require_view(request)
        record(request.user, "export", "uptake")
        response = StreamingHttpResponse(
            csv_lines(HEADINGS, (row.cells for row in uptake())),
            content_type="text/csv; charset=utf-8",
        )
        response["Content-Disposition"] = f'attachment; filename="uptake-{timezone.localdate()}.csv"'
        return response

    # Who would be told

    def audience_view(self, request, pk):
        version = self._version(request, pk)
        today = timezone.localdate()
        day = max(today, version.effective_from or today)
        preview, problem = None, ""
        try:
            preview = audience.audience_of(audience.rule_of(version), version, day)
        except Refused as refusal:
            problem = str(refusal)
        return self._page(
            request,
            "audience",
            f"{version} 会告诉谁",
            version=version,
            day=day,
            preview=preview,
            messages_shown=audience.renderings(preview, version, request.user) if preview else [],
            problem=problem,
        )

    # Shared

    def _controls(self, request) -> bool:
        return request.user.has_perm("notifications.control_pushrun")

    def _sees_deliveries(self, request) -> bool:
        return request.user.has_perm("notifications.view_delivery")

    def _require_view(self, request) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _run(self, request, pk):
        """One that this person may see; anything else is not there."""
        rows = self.get_queryset(request).select_related("version__benefit")
        run = rows.filter(pk=whole_number(pk)).first()
        if run is None:
            raise Http404
        return run

    def _versions(self, request):
        return BenefitVersion.objects.visible_to(request.user).select_related(
            "benefit__measure", "benefit__document"
        )

    def _version(self, request, pk):
        self._require_view(request)
        version = self._versions(request).filter(pk=pk).first()
        if version is None:
            raise Http404
        return version

    def _page(self, request, name, title, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return render(request, f"admin/notifications/{name}.html", context)


def as_bars(rows, name) -> list:
    """[(row, per cent of the longest bar)]."""
    longest = max((getattr(row, name) for row in rows), default=0)
    return [(row, round(100 * getattr(row, name) / longest, 1) if longest else 0) for row in rows]


@admin.register(Delivery)
class DeliveryAdmin(BrowseOnly):
    """What was sent outside. To whom and where stands on no page."""

    list_display = ["__str__", "channel", "status", "problem", "tries", "due_at", "sent_at"]
    list_filter = ["channel", "status", "problem", "critical"]
    change_list_template = "admin/notifications/runs.html"
    change_form_template = "admin/notifications/delivery.html"
    actions = ["redrive_chosen"]
    fields = readonly_fields = [
        "channel",
        "status",
        "problem",
        "tries",
        "critical",
        "created_at",
        "due_at",
        "sent_at",
        "number",
        "about",
    ]

    @admin.display(description="给服务商的编号")
    def number(self, delivery):
        return delivery.key

    @admin.display(description="因为")
    def about(self, delivery):
        """The runs that its messages come from. Which case a letter is about is not theirs who watch pushes."""
        if delivery.letter_id:
            return Letter.LABEL
        asked = DeliveryItem.objects.filter(delivery=delivery).values("notification__run")
        marked = PushRun.objects.filter(pk__in=asked).select_related("version__benefit")
        links = ((reverse("admin:notifications_pushrun_change", args=[run.pk]), run) for run in marked)
        return format_html_join("", '<div><a href="{}">{}</a></div>', links) or "-"

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(require_POST(self.redrive_view))
        return [path("<number:pk>/redrive/", view, name="delivery-redrive"), *super().get_urls()]

    def change_view(self, request, object_id, form_url="", extra_context=None):
        delivery = self.get_object(request, object_id)
        can = delivery is not None and delivery.status in AGAIN and self.has_redrive_permission(request)
        return super().change_view(request, object_id, form_url, {"can_redrive": can})

    def has_redrive_permission(self, request) -> bool:
        return request.user.has_perm("notifications.control_pushrun")

    def redrive_view(self, request, pk) -> HttpResponse:
        delivery = self.get_queryset(request).filter(pk=pk).first()
        if delivery is None:
            raise Http404
        try:
            delivering.redrive(delivery, by=request.user)
        except Refused as problem:
            self.message_user(request, str(problem), messages.WARNING)
        else:
            self.message_user(request, "已排进发送。", messages.SUCCESS)
        return redirect("admin:notifications_delivery_change", pk)

    @admin.action(description="再发一次", permissions=["redrive"])
    def redrive_chosen(self, request, chosen) -> None:
        """Each by the same verb as one alone; those in another state are left as they are."""
        sent = 0
        for delivery in chosen.filter(status__in=AGAIN)[:MOST_AT_ONCE]:
            with suppress(Refused):  # somebody else was faster
                delivering.redrive(delivery, by=request.user)
                sent += 1
        self.message_user(request, f"{sent} 条已排进发送。", messages.SUCCESS)
        if left := chosen.count() - sent:
            text = f"{left} 条没有动：只有“不确定是否送达”和“没有送达”的能再发，一次最多 {MOST_AT_ONCE} 条。"
            self.message_user(request, text, messages.WARNING)
