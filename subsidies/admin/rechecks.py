"""Re-checks of what was granted: drawn here, looked into by somebody else, given out as files."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.access import record
from accounts.models import Department
from cases.admin.remedies import ByRemedy, say, sent
from core.admin import table
from core.errors import Invalid, Refused
from core.fields import Day, Whole

from ..actions import rechecking
from ..models import Recheck, RecheckPick

# More than this are read in the exported file.
SHOWN = 200


class DrawForm(forms.Form):
    department = forms.ModelChoiceField(Department.objects.none(), label="部门")
    decided_from = Day(label="决定日期从", help_text="例如 2026-10-01。")
    decided_to = Day(label="到")
    size = Whole(label="抽几件", min_value=1, max_value=rechecking.LARGEST)
    seed = forms.CharField(
        label="种子",
        max_length=64,
        required=False,
        help_text="抽取前当众定下，例如当天的开奖号码。不填就随机生成并保存。",
    )

    def __init__(self, *args, departments, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = departments


class ResultForm(forms.Form):
    result = forms.ChoiceField(label="结果", choices=RecheckPick.RESULTS, widget=forms.RadioSelect)
    note = forms.CharField(
        label="查到什么",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text="没有问题的可以不写。",
    )


@admin.register(Recheck)
class RecheckAdmin(ByRemedy):
    list_display = ["__str__", "department", "decided_from", "decided_to", "size", "population", "drawn_at"]
    list_select_related = ["department"]
    list_filter = ["department"]
    change_form_template = "admin/subsidies/remedies/recheck.html"
    fields = readonly_fields = [
        "department",
        "decided_from",
        "decided_to",
        "size",
        "seed",
        "population",
        "fingerprint",
        "drawer",
        "drawn_at",
        "files",
    ]

    def has_add_permission(self, request) -> bool:
        return request.user.has_perm("subsidies.add_recheck")

    @admin.display(description="抽取人")
    def drawer(self, recheck):
        return recheck.drawn_by.shown_name

    @admin.display(description="抽到的办件")
    def files(self, recheck):
        picks = recheck.picks.select_related("application__benefit", "checked_by")
        rows = [
            (
                pick.position,
                pick.application.number,
                pick.application.benefit.code,
                self._result(pick),
                pick.note,
                pick.checked_by.shown_name if pick.checked_by else "",
            )
            for pick in picks[:SHOWN]
        ]
        shown = table(["序号", "受理编号", "事项", "结果", "说明", "复查人"], rows)
        if recheck.size <= SHOWN:
            return shown
        return format_html("{}<p>这里最多列 {} 件，全部请导出。</p>", shown, SHOWN)

    def _result(self, pick):
        if pick.result:
            return pick.get_result_display()
        return format_html('<a href="{}">写结果</a>', reverse("admin:recheck-result", args=[pick.pk]))

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = DrawForm(sent(request), departments=rechecking.departments_for(request.user))
        if request.method == "POST" and form.is_valid():
            given = {**form.cleaned_data, "seed": form.cleaned_data["seed"] or None}
            try:
                drawn = rechecking.draw(**given, by=request.user)
            except (Invalid, Refused) as problem:
                say(form, problem)
            else:
                self.log_addition(request, drawn, "抽查")
                return self.done(request, drawn, f"已从 {drawn.population} 件里抽取 {drawn.size} 件。")
        return self.ask(
            request,
            form,
            title="抽查已批准的办件",
            button="抽取",
            explained="从这些日子批准的办件里抽，每件机会一样。种子和名单指纹一起保存，谁都能复核。",
        )

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/result.csv", view(self.result_csv), name="recheck-csv"),
            path("<number:pk>/list.csv", view(self.list_csv), name="recheck-list-csv"),
            path("<number:pk>/verify/", view(self.verify), name="recheck-verify"),
            path("picks/<number:pk>/", view(self.result), name="recheck-result"),
            *super().get_urls(),
        ]

    def result_csv(self, request, pk):
        return self._file(request, pk, "result", rechecking.as_csv)

    def list_csv(self, request, pk):
        return self._file(request, pk, "list", rechecking.list_as_csv)

    def _file(self, request, pk, kind, lines):
        recheck = self.one(request, pk)
        if recheck is None or not self.has_view_permission(request, recheck):
            return self.missing(request, pk)
        record(request.user, "export", f"recheck {pk}", kind=kind)
        return StreamingHttpResponse(
            lines(recheck),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="recheck-{pk}-{kind}.csv"'},
        )

    def verify(self, request, pk):
        """Drawn again from today's list, and compared."""
        recheck = self.one(request, pk)
        if recheck is None:
            return self.missing(request, pk)
        found = rechecking.verify(recheck)
        tell = messages.success if found.same_draw else messages.warning
        tell(request, str(found))
        return HttpResponseRedirect(reverse("admin:subsidies_recheck_change", args=[pk]))

    def result(self, request, pk):
        seen = self.get_queryset(request)
        pick = (
            RecheckPick.objects.filter(pk=pk, recheck__in=seen)
            .select_related("application", "recheck")
            .first()
        )
        if pick is None:
            return self.missing(request, pk)
        return self.act(
            request,
            pick.recheck,
            ResultForm(sent(request)),
            lambda form: rechecking.set_result(pick, **form.cleaned_data, by=request.user),
            title="写结果",
            about=pick.application.number,
            button="保存结果",
            explained="选“不该给，要追回”的，会列到财务的追回页面。",
            may=rechecking.may_check(request.user, pick),
        )
