"""资金测算: what all could have on a day to come, beside today and what is left to spend."""

from datetime import date

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import path
from django.utils.timezone import localdate
from django.views.decorators.http import require_safe

from accounts.access import record
from core.exports import KINDS, download
from core.fields import Day
from core.money import yuan_text
from core.wording import number_text
from policies.criteria.durations import Duration

from ..money import figures
from ..money.forecasts import HEADINGS, Row, forecasts

MOST_YEARS = 10
USUAL = Duration("years", 1)
DAYS = {"3 个月后": Duration("months", 3), "半年后": Duration("months", 6), "一年后": USUAL}


class DayForm(forms.Form):
    """A day within MOST_YEARS of today."""

    day = Day(
        label="哪一天",
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        error_messages={"required": "请选要测算的那一天。"},
    )

    def __init__(self, today, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self.today = today

    def clean_day(self):
        day = self.cleaned_data["day"]
        if abs(day.year - self.today.year) > MOST_YEARS:
            raise forms.ValidationError(f"只能测算前后 {MOST_YEARS} 年以内的日子，请换一天。")
        return day


class ForecastPage:
    """The page and its file, mixed into the ModelAdmin of 资金."""

    def get_urls(self) -> list:
        view = self.admin_site.admin_view
        return [
            path("forecast/", view(require_safe(self.forecast_view)), name="money-forecast"),
            path("forecast.<slug:kind>", view(require_safe(self.forecast_file)), name="money-forecast-file"),
            *super().get_urls(),
        ]

    def forecast_view(self, request):
        self._require_forecast(request)
        today = localdate()
        day, form = self._day(request, today)
        found = forecasts(request.user, day, today)
        left = self._left(request, day.year)
        longest = max((max(row.now.shops, row.then.shops) for row, _ in found), default=0) or 1
        return self.page(
            request,
            "forecast",
            "资金测算",
            form=form,
            day=day,
            today=today,
            days=[(words, period.after(today)) for words, period in DAYS.items()],
            rows=[
                (shown(row, longest), [shown(place, longest) for place in places], (left or {}).get(row.code))
                for row, places in found
            ],
            sees_money=left is not None,
        )

    def forecast_file(self, request, kind):
        self._require_forecast(request)
        if kind not in KINDS:
            raise Http404
        today = localdate()
        day, _ = self._day(request, today)
        record(request.user, "export", "money forecast", kind=kind, day=day.isoformat())
        rows = (
            row.cells for whole, places in forecasts(request.user, day, today) for row in (whole, *places)
        )
        return download(f"forecast-{day}", kind, HEADINGS, rows)

    def _require_forecast(self, request) -> None:
        """Those who see money, and those who publish what costs it."""
        user = request.user
        if not (self.has_view_permission(request) or user.has_perm("policies.publish_benefitversion")):
            raise PermissionDenied

    def _day(self, request, today) -> tuple[date, DayForm]:
        """The day asked for, a year on where none is or it cannot be; and the form, which says so."""
        usual = USUAL.after(today)
        form = DayForm(today, request.GET if "day" in request.GET else {"day": usual.isoformat()})
        return (form.cleaned_data["day"] if form.is_valid() else usual), form

    def _left(self, request, year) -> dict | None:
        """What is left to spend in a year, by benefit; None for who may not see money."""
        if not self.has_view_permission(request):
            return None
        left = {}
        for envelope in figures.envelopes(request.user, year):
            if envelope.left_fen is not None:
                left[envelope.benefit.code] = left.get(envelope.benefit.code, 0) + envelope.left_fen
        return {code: yuan_text(fen) for code, fen in left.items()}


def shown(row: Row, longest: int) -> dict:
    """A row with its bars in per cent of the longest, and sums as people read them."""
    return {
        "row": row,
        "now": round(100 * row.now.shops / longest, 1),
        "then": round(100 * row.then.shops / longest, 1),
        "note": row.unit_words.removeprefix("元").strip("（）"),
        **{
            name: "" if yuan is None else number_text(yuan)
            for name, yuan in (("yuan", row.then_yuan), ("monthly", row.monthly_yuan))
        },
    }
