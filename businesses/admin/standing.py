"""How shops stand with the market regulator: read in lists, changed by verbs with a form of their own."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.access import record
from accounts.models import Department, User
from core.admin import BrowseOnly, table
from core.errors import Refused
from core.facts import Misread

from .. import business_types, distinctive, inspections
from ..facts import DISTRICTS
from ..identifiers import read_credit_code
from ..models import (
    Business,
    CreditRating,
    DistinctiveListing,
    InspectionDraw,
    RepairCase,
    TypeChange,
    TypeThresholds,
    TypeVerdict,
)
from ..models.standing import CLASSES

# More picks than this are read in the exported file.
SHOWN = 200


def _sent(request):
    """What a form is bound to: also an empty POST is one."""
    return request.POST if request.method == "POST" else None


class ByVerb(BrowseOnly):
    """Rows that come about by a verb: the add view asks for its arguments, and nothing is edited in place."""

    def has_add_permission(self, request):
        return request.user.has_perm(f"{self.opts.app_label}.add_{self.opts.model_name}")

    def can_change(self, request):
        return request.user.has_perm(f"{self.opts.app_label}.change_{self.opts.model_name}")

    def ask(self, request, form, *, title, button, explained="", moves=None):
        """The page of a verb."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": title,
            "form": form,
            "button": button,
            "explained": explained,
            "moves": moves,
        }
        return render(request, "admin/businesses/standing/verb.html", context)

    def done(self, request, row, sentence):
        """Say so, and show the row."""
        messages.success(request, sentence)
        return HttpResponseRedirect(
            reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[row.pk])
        )

    def one(self, request, pk):
        """The row, or None where this person may not see it."""
        return self.get_queryset(request).filter(pk=pk).first()


class VerdictInline(admin.TabularInline):
    """Why a shop is of its type, on its page. It tells of tax, so it is for those who see the thresholds."""

    model = TypeVerdict
    fields = readonly_fields = ["type", "why", "on"]
    verbose_name_plural = "分型"
    can_delete = False
    max_num = 0

    @admin.display(description="理由")
    def why(self, verdict):
        return business_types.reason_text(verdict)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("businesses.view_typethresholds")

    def get_queryset(self, request):
        shops = Business.objects.visible_to(request.user)
        return super().get_queryset(request).filter(business__in=shops).select_related("thresholds")


class ChangeInline(admin.TabularInline):
    """What type a shop had before."""

    model = TypeChange
    fields = readonly_fields = ["on", "from_type", "to_type"]
    verbose_name_plural = "分型变动"
    can_delete = False
    max_num = 0

    @admin.display(description="之前")
    def from_type(self, change):
        return business_types.label(change.before)

    @admin.display(description="之后")
    def to_type(self, change):
        return business_types.label(change.after)

    def has_view_permission(self, request, obj=None):
        return request.user.has_perm("businesses.view_typethresholds")

    def get_queryset(self, request):
        return super().get_queryset(request).filter(business__in=Business.objects.visible_to(request.user))


class ThresholdsForm(forms.ModelForm):
    class Meta:
        model = TypeThresholds
        fields = [
            "growth_years",
            "growth_tax",
            "growth_insured",
            "development_years",
            "development_insured",
            "development_tax",
            "placeholder",
            "basis",
        ]

    def clean(self):
        cleaned = super().clean()
        for name in ("growth_years", "development_years"):
            if (cleaned.get(name) or 0) > 100:
                self.add_error(name, "年数最多 100。")
        if not cleaned.get("placeholder") and not (cleaned.get("basis") or "").strip():
            self.add_error("basis", "不是暂定数值，就要写明依据，例如文件的文号。")
        for name in ("growth_tax", "development_tax"):
            if cleaned.get(name) is not None and cleaned[name] < 0:
                self.add_error(name, "金额不能是负数。")
        return cleaned


@admin.register(TypeThresholds)
class TypeThresholdsAdmin(ByVerb):
    list_display = ["__str__", "is_placeholder", "figures", "basis", "set_by"]
    list_select_related = ["set_by"]

    @admin.display(description="性质")
    def is_placeholder(self, thresholds):
        return "暂定" if thresholds.placeholder else "已公布"

    @admin.display(description="数值")
    def figures(self, thresholds):
        return format_html(
            "成长型：满 {} 年，缴税 {} 元以上或参保 {} 人以上。<br>"
            "发展型：满 {} 年，缴税 {} 元以上、参保 {} 人以上或一般纳税人。",
            thresholds.growth_years,
            thresholds.growth_tax,
            thresholds.growth_insured,
            thresholds.development_years,
            thresholds.development_tax,
            thresholds.development_insured,
        )

    def add_view(self, request, form_url="", extra_context=None):
        """First what would move, then 确认: a new row, and everyone is judged again."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        now = business_types.thresholds_in_force()
        initial = {name: getattr(now, name) for name in ThresholdsForm.Meta.fields if name != "basis"}
        form, moves = ThresholdsForm(_sent(request), initial=initial), None
        if request.method == "POST" and form.is_valid():
            if "confirm" in request.POST:
                saved = business_types.set_thresholds(form.save(commit=False), by=request.user)
                self.log_addition(request, saved, "设定分型标准")
                return self.done(request, saved, "新标准已生效，正在重新分型。")
            moves = self._moves(form.save(commit=False))
        return self.ask(
            request,
            form,
            title="设定分型标准",
            button="看看会怎样变",
            explained="国家和贵州都还没有公布数值。有依据的，请写明依据。",
            moves=moves,
        )

    def _moves(self, thresholds):
        label = business_types.label
        found = sorted(business_types.moves_under(thresholds).items())
        return [(label(before), label(after), count) for (before, after), count in found if before != after]


class ListingForm(forms.Form):
    credit_code = forms.CharField(label="统一社会信用代码", max_length=40)
    listed_as = forms.ChoiceField(label="类别", choices=CLASSES)
    year = forms.TypedChoiceField(label="列入哪一年的名录", coerce=int)
    recommended_by = forms.ModelChoiceField(
        Department.objects.all(),
        label="推荐部门",
        required=False,
        help_text="有部门推荐的，不要求成长型或发展型。",
    )
    basis = forms.CharField(label="依据", max_length=200, help_text="例如认定文件的文号。")

    def __init__(self, *args, shops, today, **kwargs):
        super().__init__(*args, **kwargs)
        self.shops = shops
        self.fields["year"].choices = [(year, f"{year} 年") for year in (today.year + 1, today.year)]

    def clean_credit_code(self):
        try:
            code = read_credit_code(self.cleaned_data["credit_code"])
        except Misread as problem:
            raise forms.ValidationError(problem.detail) from None
        self.business = self.shops.filter(credit_code=code).first()
        if self.business is None:
            raise forms.ValidationError("登记里没有这家店，请核对代码。")
        return code


class ReasonForm(forms.Form):
    reason = forms.CharField(label="原因", max_length=200)


@admin.register(DistinctiveListing)
class DistinctiveListingAdmin(ByVerb):
    list_display = ["business", "listed_as", "since", "until", "recommended_by", "ended_on"]
    list_select_related = ["business", "recommended_by"]
    list_filter = ["listed_as", "since", "ended_on"]
    search_fields = ["business__name", "business__credit_code"]
    change_form_template = "admin/businesses/standing/listing.html"

    def add_view(self, request, form_url="", extra_context=None):
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ListingForm(
            _sent(request), shops=Business.objects.visible_to(request.user), today=timezone.localdate()
        )
        if request.method == "POST" and form.is_valid():
            given = {
                name: form.cleaned_data[name] for name in ("listed_as", "year", "recommended_by", "basis")
            }
            try:
                listing = distinctive.list_business(form.business, **given, by=request.user)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_addition(request, listing, "列入名特优新名录")
                return self.done(request, listing, f"已列入名录，从 {listing.since} 起有效。")
        return self.ask(request, form, title="列入名特优新名录", button="列入")

    def change_view(self, request, object_id, form_url="", extra_context=None):
        listing = self.get_object(request, object_id)
        can_act = listing is not None and listing.ended_on is None and self.can_change(request)
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "can_act": can_act}
        )

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/extend/", view(self.extend), name="listing-extend"),
            path("<int:pk>/remove/", view(self.remove), name="listing-remove"),
            *super().get_urls(),
        ]

    def extend(self, request, pk):
        return self._act(
            request,
            pk,
            forms.Form(_sent(request)),
            lambda listing, form: distinctive.extend(listing, by=request.user),
            title="延长 3 年",
            button="延长",
            explained="只能延长一次，在最后一年内办理，条件与列入时相同。",
        )

    def remove(self, request, pk):
        return self._act(
            request,
            pk,
            ReasonForm(_sent(request)),
            lambda listing, form: distinctive.remove(
                listing, by=request.user, reason=form.cleaned_data["reason"]
            ),
            title="移出名录",
            button="移出",
        )

    def _act(self, request, pk, form, act, *, title, button, explained=""):
        listing = self.one(request, pk)
        if listing is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if not self.can_change(request):
            raise PermissionDenied
        if request.method == "POST" and form.is_valid():
            try:
                listing = act(listing, form)
            except Refused as refusal:
                form.add_error(None, str(refusal))
            else:
                self.log_change(request, listing, title)
                return self.done(request, listing, f"已办理：{title}。")
        return self.ask(request, form, title=f"{title}：{listing}", button=button, explained=explained)


@admin.register(CreditRating)
class CreditRatingAdmin(BrowseOnly):
    list_display = ["business", "rated", "on"]
    list_select_related = ["business"]
    list_filter = ["rated"]
    search_fields = ["business__name", "business__credit_code"]
    show_full_result_count = False


@admin.register(RepairCase)
class RepairCaseAdmin(BrowseOnly):
    list_display = ["business", "opened_at", "closed_at", "seen_at"]
    list_select_related = ["business"]
    search_fields = ["business__name", "business__credit_code"]


def _weight(label):
    return forms.IntegerField(label=label, min_value=0, max_value=inspections.HEAVIEST)


class DrawForm(forms.Form):
    name = forms.CharField(label="名称", max_length=80, help_text="例如：2026 年第四季度食品店抽查。")
    seed = forms.CharField(
        label="种子", max_length=64, help_text="抽取前当众定下，例如当天的开奖号码。种子相同，结果就相同。"
    )
    size = forms.IntegerField(label="抽取户数", min_value=1, max_value=100_000)
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

    def __init__(self, *args, colleagues, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["inspectors"].queryset = colleagues

    def clean(self):
        cleaned = super().clean()
        cleaned["weights"] = {
            letter: cleaned.get(f"weight_{letter or 'unrated'}", 0) for letter in inspections.DEFAULT_WEIGHTS
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
    def shown_weights(self, drawn):
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
            f"weight_{letter or 'unrated'}": weight for letter, weight in inspections.DEFAULT_WEIGHTS.items()
        }
        form = DrawForm(_sent(request), initial=weights, colleagues=self._colleagues(request))
        if request.method == "POST" and form.is_valid():
            names = ("name", "seed", "size", "weights", "district", "industry", "inspectors")
            try:
                drawn = inspections.draw(**{name: form.cleaned_data[name] for name in names}, by=request.user)
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

    def get_urls(self):
        view = self.admin_site.admin_view
        return [
            path("<int:pk>/result.csv", view(self.result_csv), name="draw-csv"),
            path("<int:pk>/list.csv", view(self.list_csv), name="draw-list-csv"),
            path("<int:pk>/verify/", view(self.verify), name="draw-verify"),
            *super().get_urls(),
        ]

    def result_csv(self, request, pk):
        return self._file(request, pk, "result", inspections.as_csv)

    def list_csv(self, request, pk):
        return self._file(request, pk, "list", lambda drawn: inspections.list_as_csv(drawn, by=request.user))

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
        found = inspections.verify(drawn, by=request.user)
        tell = messages.success if found.same_draw else messages.warning
        tell(request, str(found))
        return HttpResponseRedirect(reverse("admin:businesses_inspectiondraw_change", args=[pk]))
