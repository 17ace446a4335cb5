"""Importing on the screen: send a file, say what its columns are, look at the dry run, confirm, watch."""

import re
from pathlib import Path

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.views.decorators.http import require_POST

from accounts import access
from core.addresses import whole_number
from core.admin import BrowseOnly
from core.errors import Refused
from core.exports import csv_lines
from core.fields import Day
from core.log import masked

from ..identifiers import mask_identity
from ..importing import files, mapping, runs
from ..importing.values import narrow
from ..models import ImportRun, Source
from ..registry import business_registry

SHOWN_ISSUES = 50
SAMPLES = 3
_IDENTITY = re.compile(r"[0-9]{17}[0-9Xx]")

# What may be pressed in each status: (verb, words on the button).
BUTTONS = {
    "uploaded": [("columns", "核对列对应"), ("cancel", "取消")],
    "checking": [("cancel", "取消")],
    "checked": [("confirm", "确认导入"), ("columns", "改列对应"), ("cancel", "取消")],
    "applying": [("pause", "暂停")],
    "paused": [("resume", "继续"), ("roll_back", "撤回")],
    "done": [("roll_back", "撤回")],
}
VERBS = {
    "confirm": runs.confirm,
    "cancel": runs.cancel,
    "pause": runs.pause,
    "resume": runs.resume,
    "roll_back": runs.roll_back,
}


@admin.register(Source)
class SourceAdmin(BrowseOnly):
    """A mapping changes when somebody confirms another one for a file."""

    list_display = ["label", "code", "department_code"]
    fields = readonly_fields = ["label", "code", "department_code", "shown_columns"]

    @admin.display(description="列对应")
    def shown_columns(self, source):
        fields = mapping.fields_of(source.code, business_registry())
        rows = ((heading, fields.get(field, field)) for heading, field in source.columns.items())
        return format_html_join("", "<div>{} → {}</div>", rows) or "-"


class UploadForm(forms.Form):
    source = forms.ModelChoiceField(Source.objects.none(), label="来源", empty_label=None)
    as_of = Day(
        label="数据日期",
        help_text="这批数据统计到哪一天，例如 2026-01-15。",
        widget=forms.DateInput(format="%Y-%m-%d"),
    )
    file = forms.FileField(label="文件", help_text="CSV 或 XLSX，第 1 行是表头。", allow_empty_file=True)

    def __init__(self, *args, user, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        offered = [source.pk for source in Source.objects.visible_to(user) if runs.may_import(user, source)]
        self.fields["source"].queryset = Source.objects.filter(pk__in=offered)
        self.fields["as_of"].initial = timezone.localdate()


@admin.register(ImportRun)
class ImportRunAdmin(BrowseOnly):
    list_display = [
        "file_name",
        "source",
        "status",
        "rows",
        "created",
        "updated",
        "unchanged",
        "wrong",
        "uploaded_at",
    ]
    list_filter = ["source", "status"]
    list_select_related = ["source"]
    search_fields = ["file_name"]

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm("businesses.run_import")

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/columns/", view(self.columns_view), name="import-columns"),
            path("<number:pk>/wrong-rows.csv", view(self.wrong_rows_view), name="import-wrong-rows"),
            path("<number:pk>/act/<slug:verb>/", view(require_POST(self.verb_view)), name="import-act"),
            *super().get_urls(),
        ]

    # Sending a file

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None, user=request.user)
        if request.method == "POST" and form.is_valid():
            try:
                run = self._receive(form.cleaned_data, request.user)
            except runs.AlreadyHere as known:
                self.message_user(request, str(known), messages.WARNING)
                return self._to(known.run)
            except Refused as problem:
                form.add_error("file", str(problem))
            else:
                return redirect("admin:import-columns", run.pk)
        return self._page(request, "upload", "导入数据", form=form)

    def _receive(self, sent, user):
        file = sent["file"]
        return runs.receive(file, sent["source"], by=user, as_of=sent["as_of"], name=file.name)

    # Saying what its columns are

    def columns_view(self, request, pk):
        run = self._run(request, pk)
        if not runs.may_import(request.user, run.source):
            raise PermissionDenied
        fields = mapping.fields_of(run.source_id, business_registry())
        headings = run.checked.get("headings", [])
        chosen, problem = run.columns, ""
        if request.method == "POST":
            chosen = {
                heading: request.POST.get(f"column-{place}", "") for place, heading in enumerate(headings)
            }
            try:
                runs.set_columns(run, chosen, by=request.user)
            except Refused as refusal:
                problem = str(refusal)
            else:
                return self._to(run)
        samples = _samples(run, len(headings))
        columns = [
            {
                "name": f"column-{place}",
                "heading": heading,
                "field": chosen.get(heading, ""),
                "samples": "、".join(filter(None, (row[place] for row in samples))),
            }
            for place, heading in enumerate(headings)
        ]
        choices = [("", "忽略这一列"), *fields.items()]
        return self._page(
            request, "columns", "核对列对应", run=run, columns=columns, choices=choices, problem=problem
        )

    # Watching, and pressing

    def change_view(self, request, object_id, form_url="", extra_context=None):
        run = self._run(request, object_id)
        may = runs.may_import(request.user, run.source)
        response = self._page(
            request,
            "run",
            str(run),
            run=run,
            buttons=BUTTONS.get(run.status, []) if may else [],
            working=run.status in ImportRun.WORKING,
            progress=_progress(run),
            issues=list(run.issues.order_by("row", "id")[:SHOWN_ISSUES]),
            more_issues=max(run.issues.count() - SHOWN_ISSUES, 0),
            back=run.checked.get("back") or {},
            mark=run.checked.get("mark", ""),
        )
        if run.status in ImportRun.WORKING:
            response["Refresh"] = "2"
        return response

    def verb_view(self, request, pk, verb):
        run = self._run(request, pk)
        if verb not in VERBS:
            raise Http404
        expected = {"expected": request.POST.get("expected", "")} if verb == "confirm" else {}
        try:
            VERBS[verb](run, by=request.user, **expected)
        except Refused as problem:
            self.message_user(request, str(problem), messages.WARNING)
        return self._to(run)

    def wrong_rows_view(self, request, pk):
        run = self._run(request, pk)
        access.record(request.user, "import_findings_exported", f"import {run.pk}")
        rows = run.issues.order_by("row", "id").values_list("row", "line", "column", "code", "detail")
        response = StreamingHttpResponse(
            csv_lines(("数据行", "文件行", "列", "代码", "问题"), rows.iterator(chunk_size=2_000)),
            content_type="text/csv; charset=utf-8",
        )
        response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-wrong-rows.csv"'
        return response

    def _run(self, request, pk):
        """One that this person may see; anything else is not there."""
        rows = self.get_queryset(request).select_related("source", "by")
        run = rows.filter(pk=whole_number(pk)).first()
        if run is None or not self.has_view_permission(request, run):
            raise Http404
        return run

    def _to(self, run) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:businesses_importrun_change", args=[run.pk]))

    def _page(self, request, name, title, **context) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **context}
        return render(request, f"admin/businesses/importrun/{name}.html", context)


def _progress(run) -> dict:
    """``{"rate", "left"}``: rows a second, and about how many seconds remain; None where that is not known yet."""
    done = run.row - run.checked.get("since", 0)
    if run.started_at is None or run.status not in ("checking", "applying") or done <= 0:
        return {"rate": None, "left": None}
    rate = done / max((timezone.now() - run.started_at).total_seconds(), 0.1)
    return {"rate": round(rate), "left": round(max(run.rows - run.row, 0) / rate) if run.rows else None}


def _samples(run, width):
    """The first rows, so that columns are known by what is in them. Identity numbers are masked."""
    if not run.path or not Path(run.path).exists():
        return []
    rows = files.read_table(Path(run.path), files.Form(*run.checked["form"]), width)
    samples = []
    for row in rows:
        if isinstance(row, files.Row):
            samples.append([_masked(cell)[:40] for cell in row.cells[:width]])
        if len(samples) == SAMPLES:
            break
    rows.close()
    return samples


def _masked(cell):
    return masked(_IDENTITY.sub(lambda found: mask_identity(found[0]), narrow(cell)))
