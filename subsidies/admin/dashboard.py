"""办件看板: how many cases wait for whom, what became of the others, and all of it as files."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.access import record
from cases import figures as case_figures
from cases.figures import DECIDED, Decided, Pace, Reason
from core.exports import KINDS, download
from notifications.admin.pushes import as_bars
from notifications.pushes import uptake

from ..money import figures
from .money import envelope_row

ROWS_SHOWN = 10
MOST_IN_A_WORKBOOK = 50_000  # a workbook is written whole before it goes out: about seven seconds for so many
TOO_MANY = f"多于 {MOST_IN_A_WORKBOOK:,} 件，做成 XLSX 太慢。请下载 CSV，或先用分类、搜索缩小范围。"
# Saved views as tiles, the most urgent first.
TILES = (
    *("overdue", "today", "mine", "corrected", "submitted", "reviewing", "recommended", "countersigning"),
    "approved",
)
CASE_HEADINGS = (
    *("编号", "事项", "商户", "信用代码", "县区", "状态", "申请日期", "承诺到期", "决定日期"),
    *("金额（元）", "经办"),
)
CASE_COLUMNS = (
    *(
        "number",
        "procedure",
        "state",
        "outcome",
        "district",
        "submitted_at",
        "due_on",
        "stopped_on",
        "decided_at",
        "amount_fen",
    ),
    *("benefit__title", "business__name", "business__credit_code", "claimed_until", "claimed_by__is_staff"),
    *("claimed_by__username", "claimed_by__first_name", "claimed_by__last_name"),
)


def period_of(request) -> int:
    """Days looked back, one of PERIODS; the usual one where something else is asked for."""
    asked = request.GET.get("days", "")
    return next((days for days in figures.PERIODS if str(days) == asked), figures.USUAL_PERIOD)


class Dashboard:
    """The page and its files, mixed into the ModelAdmin of applications."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("dashboard/", view(require_safe(self.dashboard_view)), name="case-dashboard"),
            path(
                "dashboard/<slug:name>.<slug:kind>",
                view(require_safe(self.figure_view)),
                name="case-figure",
            ),
            path("export.<slug:kind>", view(require_safe(self.export_view)), name="case-export"),
            *super().get_urls(),
        ]

    # The page

    def dashboard_view(self, request):
        self._require_view(request)
        days, today = period_of(request), localdate()
        decided = Decided(self.get_queryset(request), days, today)
        return self.show(
            request,
            "admin/subsidies/dashboard/dashboard.html",
            "办件看板",
            tiles=self._tiles(request),
            days=days,
            periods=figures.PERIODS,
            decided=decided,
            most_measured=case_figures.MOST_MEASURED,
            most_counted=self.most_counted,
            paces=pace_rows(decided.paces),
            reasons=as_bars(decided.reasons, "count"),
            year=today.year,
            envelopes=self._envelopes(request, today.year),
            unused=as_bars(figures.not_taken_up(request.user)[:ROWS_SHOWN], "shops"),
            sees_pushes=request.user.has_perm("notifications.view_pushrun"),
        )

    def _tiles(self, request):
        """The saved views with how many cases each has, counted as far as the queue counts."""
        rows, found = self.get_queryset(request), []
        labels = dict(self._saved_view(request, {}).lookup_choices)
        for key in TILES:
            inside = self._saved_view(request, {"view": [key]}).queryset(request, rows)
            count = self.paginator(inside, self.list_per_page).count
            found.append(
                {"key": key, "label": labels[key], "count": count, "late": key == "overdue" and count}
            )
        return found

    def _saved_view(self, request, asked):
        """The filter of the queue, so that what is counted and taken out is what it shows."""
        (saved_view,) = self.list_filter
        return saved_view(request, asked, self.model, self)

    def _envelopes(self, request, year) -> list | None:
        """Rows as the page of money shows them; None for who may not see money."""
        if not request.user.has_perm("subsidies.view_envelope"):
            return None
        return [envelope_row(envelope, {}) for envelope in figures.envelopes(request.user, year)]

    def _require_view(self, request) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    # Files

    def figure_view(self, request, name, kind):
        """The table of one figure."""
        self._require_view(request)
        days, today = period_of(request), localdate()
        decided = Decided(self.get_queryset(request), days, today)
        tables = {
            "pace": lambda: (Pace.HEADINGS, (row.cells for row in decided.paces)),
            "refusals": lambda: (Reason.HEADINGS, (row.cells for row in decided.reasons)),
            "money": lambda: (
                figures.MONEY_HEADINGS,
                map(figures.money_cells, figures.envelopes(request.user, today.year)),
            ),
            "uptake": lambda: (uptake.HEADINGS, (row.cells for row in figures.not_taken_up(request.user))),
        }
        if name not in tables or kind not in KINDS:
            raise Http404
        if name == "money" and not request.user.has_perm("subsidies.view_envelope"):
            raise PermissionDenied
        record(request.user, "export", f"figures {name}", kind=kind, days=days)
        return download(f"{name}-{today}", kind, *tables[name]())

    def export_view(self, request, kind):
        """The cases that the queue lists for the same address."""
        self._require_view(request)
        if kind not in KINDS:
            raise Http404
        saved_view = self._saved_view(request, dict(request.GET.lists()))
        if saved_view.value() not in (*TILES, "all"):
            raise Http404
        rows, _ = self.get_search_results(request, self.get_queryset(request), request.GET.get("q", ""))
        rows = saved_view.queryset(request, rows).order_by(*self.get_ordering(request))
        if kind == "xlsx" and rows.order_by()[MOST_IN_A_WORKBOOK:].exists():
            self.message_user(request, TOO_MANY, messages.WARNING)
            return redirect(f"{reverse('admin:subsidies_application_changelist')}?{request.GET.urlencode()}")
        record(
            request.user,
            "export",
            "applications",
            kind=kind,
            view=saved_view.value(),
            searched=bool(request.GET.get("q")),
        )
        rows = rows.select_related("business", "benefit", "claimed_by").only(*CASE_COLUMNS)
        lines = (self._case_cells(row) for row in rows.iterator(chunk_size=2_000))
        return download(f"cases-{localdate()}", kind, CASE_HEADINGS, lines)

    def _case_cells(self, row):
        return (
            row.number,
            row.benefit.title,
            row.business.name,
            row.business.credit_code,
            figures.PLACES.get(row.district, ""),
            self.state_words(row),
            localdate(row.submitted_at),
            None if row.stopped_on else row.due_on,
            localdate(row.decided_at) if row.decided_at and row.outcome in DECIDED else None,
            figures.yuan(row.amount_fen),
            self.clerk(row).replace("—", ""),
        )


# Bars: widths and places in per cent


def pace_rows(paces) -> list:
    """``[(pace, {median, ninetieth, promised})]`` on one scale for all; ``promised``: the longest promise, or None."""
    ends = [max(pace.ninetieth, *pace.promises, 1) for pace in paces]
    longest = max(ends, default=1)
    return [
        (
            pace,
            {
                "median": round(100 * pace.median / longest, 1),
                "ninetieth": round(100 * pace.ninetieth / longest, 1),
                "promised": round(100 * max(pace.promises) / longest, 1) if pace.promises else None,
            },
        )
        for pace in paces
    ]
