"""Draws of shops and inspectors for 双随机 inspections: drawn, exported, verified."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.html import format_html

from accounts.access import record
from accounts.models import User
from businesses.admin.by_verb import ByVerb, sent
from businesses.facts import DISTRICTS
from core.admin import table
from core.errors import Refused
from core.fields import Whole

from .. import draws
from ..models import InspectionDraw

# More picks than this are read in the exported file.
SHOWN = 200


def _weight(label):
    return Whole(label=label, min_value=0, max_value=draws.HEAVIEST)


class DrawForm(forms.Form):
    name = forms.CharField(label="名称", max_length=80, help_text="例如：2026 年第四季度食品店抽查。")
    seed = forms.CharField(
        label="种子", max_length=64, help_text="抽取前当众定下，例如当天的开奖号码。种子相同，结果就相同。"
    )
    size = Whole(label="抽取户数", min_value=1, max_value=100_000)
    district = forms.ChoiceField(
        label="县区", required=False, choices=[("", "全市"), *((row.value, row.label) for row in DISTRICTS)]
    )
    industry = forms.RegexField(
        r"^([A-T]([0-9]{2,4})?)?$",
        label="行业代码",
        required=False,
        help_text="一个大写字母 A 到 T，后面可跟 2 到 4 位数字；不填就是全部行业。",
        error_messages={"invalid": "行业代码是一个大写字母 A 到 T，后面可跟 2 到 4 位数字，例如 F5212。"},
    )
    weight_A, weight_B, weight_C, weight_D = (_weight(f"{letter} 类的权重") for letter in "ABCD")
    weight_unrated = _weight("没有评定的权重")
    inspectors = forms.ModelMultipleChoiceField(
        User.objects.none(),
        label="检查人员",
        required=False,
        help_text="选 2 人以上，每户随机派 2 人；不选就只抽店。",
    )

    def __init__(self, *args, colleagues, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["inspectors"].queryset = colleagues

    def clean(self):
        cleaned = super().clean()
        cleaned["weights"] = {
            letter: cleaned.get(f"weight_{letter or 'unrated'}", 0) for letter in draws.DEFAULT_WEIGHTS
        }
        return cleaned


@admin.register(InspectionDraw)
class InspectionDrawAdmin(ByVerb):
    list_display = ["name", "size", "population", "drawn_by", "drawn_at"]
    list_select_related = ["drawn_by"]
    search_fields = ["name"]
    change_form_template = "admin/businesses/standing/draw.html"
    fields = readonly_fields = [
        "name",
        "seed",
        "size",
        "district_name",
        "industry",
        "shown_weights",
        "population",
        "fingerprint",
        "drawn_by",
        "drawn_at",
        "results",
    ]

    @admin.display(description="县区")
    def district_name(self, drawn):
        return dict(DISTRICTS).get(drawn.district, "全市")

    @admin.display(description="各类权重")
    def shown_weights(self, drawn) -> str:
        return "，".join(f"{letter or '未评定'} {weight}" for letter, weight in drawn.weights.items())

    @admin.display(description="抽取结果")
    def results(self, drawn):
        names = {person.username: person.shown_name for person in drawn.inspectors.all()}
        rows = (
            (
                pick.place,
                pick.business.name,
                pick.business.credit_code,
                "、".join(names.get(username, username) for username in pick.inspectors),
            )
            for pick in drawn.picks.select_related("business").order_by("place")[:SHOWN]
        )
        drawn_shops = table(["序号", "名称", "代码", "检查人员"], rows)
        return (
            format_html("{}<p>这里最多列 {} 户，全部请导出。</p>", drawn_shops, SHOWN)
            if drawn.size > SHOWN
            else drawn_shops
        )

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        weights = {
            f"weight_{letter or 'unrated'}": weight for letter, weight in draws.DEFAULT_WEIGHTS.items()
        }
        form = DrawForm(sent(request), initial=weights, colleagues=self._colleagues(request))
        if request.method == "POST" and form.is_valid():
            names = ("name", "seed", "size", "weights", "district", "industry", "inspectors")
            try:
                drawn = draws.draw(**{name: form.cleaned_data[name] for name in names}, by=request.user)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_addition(request, drawn, "双随机抽取")
                return self.done(request, drawn, f"已从 {drawn.population} 户里抽取 {drawn.size} 户。")
        return self.ask(
            request,
            form,
            title="双随机抽取",
            button="抽取",
            explained="风险高的类别权重大，抽中的机会多。权重可以改，会和结果一起保存。",
        )

    def _colleagues(self, request):
        """Staff of the same department; the administrator has all."""
        staff = User.objects.filter(is_staff=True, is_active=True).order_by("username")
        if request.user.is_superuser:
            return staff
        return (
            staff.filter(department=request.user.department_id)
            if request.user.department_id
            else staff.none()
        )

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("<number:pk>/result.csv", view(self.result_csv), name="draw-csv"),
            path("<number:pk>/list.csv", view(self.list_csv), name="draw-list-csv"),
            path("<number:pk>/verify/", view(self.verify), name="draw-verify"),
            *super().get_urls(),
        ]

    def result_csv(self, request, pk):
        return self._file(request, pk, "result", draws.as_csv)

    def list_csv(self, request, pk):
        return self._file(request, pk, "list", lambda drawn: draws.list_as_csv(drawn, by=request.user))

    def _file(self, request, pk, kind, lines):
        drawn = self.one(request, pk)
        if drawn is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        record(request.user, "export", f"draw {pk}", kind=kind)
        return StreamingHttpResponse(
            lines(drawn),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="draw-{pk}-{kind}.csv"'},
        )

    def verify(self, request, pk):
        """Drawn again from today's list, and compared."""
        drawn = self.one(request, pk)
        if drawn is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        found = draws.verify(drawn, by=request.user)
        tell = messages.success if found.same_draw else messages.warning
        tell(request, str(found))
        return HttpResponseRedirect(reverse("admin:visits_inspectiondraw_change", args=[pk]))
