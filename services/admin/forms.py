"""Forms of services and their times. A list of data is written as JSON; what is wrong with it is said by its line."""

import orjson
from django import forms
from django.utils import timezone

from accounts.models import Department, User
from accounts.phones import normal_phone
from businesses.facts import DISTRICTS
from core.errors import Refused
from core.fields import Day, Whole
from policies.models import Benefit

from ..catalogue.faults import faults_of
from ..kinds import KINDS
from ..models import Offering, Slot
from ..slots.series import DAYS

ROWS = {"criteria": 6, "relevance": 4, "questions": 8, "steps": 6, "shares": 2, "terms": 4}
EMPTY = {"criteria": None, "relevance": None, "questions": [], "steps": [], "shares": [], "terms": {}}
HELP = {
    "criteria": '和政策条件一样写，例如 {"all": [{"use": "live"}]}。空着就是都可以。',
    "questions": "一列问题：key、type、label。选填 choices、required、fact、hint、unit。",
    "steps": "逐项办才写，一列步骤：key、title、department（部门代码）。选填 needs、sets、effect。",
    "shares": '店主同意后机构能看的信息，写信息的名称，例如 ["district"]。',
    "terms": "例如 rate、limit_fen、months、fee、link。没有定的写 null。",
}
WEEKDAYS = tuple(zip(DAYS, ("周一", "周二", "周三", "周四", "周五", "周六", "周日"), strict=True))


class Json(forms.CharField):
    """Data as JSON, shown with one thing to a line."""

    def __init__(self, *, rows, empty, **options) -> None:
        self.empty = empty
        widget = forms.Textarea(attrs={"rows": rows, "cols": 80, "spellcheck": "false"})
        super().__init__(widget=widget, required=False, **options)

    def prepare_value(self, value) -> str:
        if isinstance(value, str):
            return value
        return "" if value in (None, [], {}) else orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()

    def clean(self, value) -> object:
        text = super().clean(value)
        if not text:
            return self.empty
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as problem:
            raise forms.ValidationError(f"第 {problem.lineno} 行写得不对，请核对引号、逗号和括号。") from None


class OfferingForm(forms.ModelForm):
    """One service. A mentor is named by the phone with which they sign in."""

    kind = forms.ChoiceField(label="种类", choices=[])
    district = forms.ChoiceField(label="县区", required=False, choices=[("", "全市"), *DISTRICTS])
    mentor_phone = forms.CharField(
        label="导师的手机号",
        required=False,
        max_length=20,
        help_text="由导师给的服务才填，要用他登录的手机号。填了就不选提供单位。",
    )

    class Meta:
        model = Offering
        fields = (
            *("code", "kind", "benefit", "title", "summary", "words", "topic", "provider", "mentor_phone"),
            *("mentor_name", "handler", "district", "place", "contact", "opens_on", "closes_on", "criteria"),
            *("relevance", "questions", "steps", "shares", "promise_days", "promise_basis", "terms"),
            *("max_open", "max_month"),
        )

    def __init__(self, *arguments, user, **options) -> None:
        super().__init__(*arguments, **options)
        self.user = user
        self.fields["kind"].choices = [(key, kind.title) for key, kind in KINDS.items()]
        self.fields["benefit"].queryset = Benefit.objects.order_by("code")
        own = Department.objects.all()
        if not user.is_superuser:
            own = own.filter(pk=user.department_id or 0)
        for name in ("provider", "handler"):
            self.fields[name].queryset = own
        for name, rows in ROWS.items():
            label = Offering._meta.get_field(name).verbose_name
            self.fields[name] = Json(label=label, rows=rows, empty=EMPTY[name], help_text=HELP.get(name, ""))
        if self.instance.mentor_id:
            self.fields[
                "mentor_phone"
            ].help_text += f"现在是 {self.instance.mentor.masked_phone}，不改就空着。"

    def clean_mentor_phone(self) -> User | None:
        """The person, or None where nobody is named."""
        typed = self.cleaned_data["mentor_phone"]
        if not typed:
            return None
        try:
            found = User.objects.with_phone(normal_phone(typed))
        except Refused as problem:
            raise forms.ValidationError(f"{problem}。") from None
        if found is None or found.is_staff or not found.is_active:
            raise forms.ValidationError("没有人用这个手机号登录过。请导师先登录一次。")
        return found

    def clean(self) -> dict:
        given = super().clean()
        if mentor := given.get("mentor_phone"):
            self.instance.mentor = mentor
        elif given.get("provider"):
            self.instance.mentor = None
        if bool(given.get("provider")) == bool(self.instance.mentor_id):
            self.add_error("provider", "请选提供单位，或者填导师的手机号，只能填一个。")
        if not self.errors:
            self._say_faults(given)
        return given

    def _say_faults(self, given) -> None:
        row = Offering(**{name: given[name] for name in ("kind", "benefit", *EMPTY)})
        for fault in faults_of(row):
            self.add_error(fault.field, f"{fault.detail}。")


class PauseForm(forms.Form):
    until = Day(label="暂停到（那天再开）")
    reason = forms.CharField(label="为什么暂停", max_length=200, help_text="大家会看到。")


class ReasonForm(forms.Form):
    reason = forms.CharField(label="取消的原因", max_length=200, help_text="约了的人都会看到。")


class SeriesForm(forms.Form):
    """The same times week after week. The fields have the names that a series gives its lines (slots/series.py)."""

    on = forms.MultipleChoiceField(label="星期几", choices=WEEKDAYS, widget=forms.CheckboxSelectMultiple)
    until = forms.CharField(label="到几点", max_length=5, help_text="例如 11:00")
    minutes = Whole(label="每场几分钟", required=False, help_text="空着就是从头到尾一场。")
    capacity = Whole(label="每场名额", initial=1)
    weeks = Whole(label="几周", initial=4)
    place = forms.CharField(label="地点", max_length=200, required=False)
    as_one = forms.BooleanField(label="一周几次算一个班", required=False)
    minimum = Whole(label="最少几人开班", required=False)
    decide_days = Whole(label="提前几天定开不开班", required=False)
    field_order = ("on", "from")

    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.fields["from"] = forms.CharField(label="从几点", max_length=5, help_text="例如 09:00")
        self.order_fields(self.field_order)

    @property
    def said(self) -> dict:
        """As make_slots takes it."""
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", False)}


class SlotForm(forms.ModelForm):
    """One slot. Once somebody has booked it, when it is does not change: it is cancelled and another is made."""

    class Meta:
        model = Slot
        fields = ("offering", "starts_at", "ends_at", "place", "capacity", "minimum", "decide_at")
        field_classes = {"capacity": Whole, "minimum": Whole}

    def __init__(self, *arguments, offerings=None, **options) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk:
            for name in ("offering", "starts_at", "ends_at"):
                del self.fields[name]
        else:
            self.fields["offering"].queryset = offerings
        for name in {"starts_at", "ends_at", "decide_at"} & set(self.fields):
            self.fields[name].help_text = "例如 2026-12-03 19:00"

    def clean_starts_at(self) -> object:
        moment = self.cleaned_data["starts_at"]
        if moment <= timezone.now():
            raise forms.ValidationError("开始时间要在现在以后。")
        return moment

    def clean_capacity(self) -> int:
        capacity = self.cleaned_data["capacity"]
        if capacity < 1:
            raise forms.ValidationError("名额至少 1 个。")
        if self.instance.pk and capacity < self.instance.taken:
            taken = self.instance.taken
            raise forms.ValidationError(f"已经约了 {taken} 人，名额不能少于 {taken} 个。")
        return capacity

    def clean(self) -> dict:
        given = super().clean()
        starts_at = given.get("starts_at") or self.instance.starts_at
        if given.get("decide_at") and starts_at and given["decide_at"] >= starts_at:
            self.add_error("decide_at", "要在开始以前定。")
        return given
