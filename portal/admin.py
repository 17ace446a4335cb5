"""What concerns every room in the admin: the working days that all periods are counted in."""

from django.contrib import admin
from django.db import transaction

from accounts.access import record
from core.admin import OwnRowsAdmin
from core.models import WORKDAYS_EDITION, CalendarDay, Edition

HINT = (
    "国家已公布的节假日和调休不用填，系统自带。这里只填和它不同的日子：本地另外放的假，或者刚公布的调休。"
    "保存后，新算的期限马上按它算；已经算好的到期日不变。"
)


@admin.register(CalendarDay)
class CalendarDayAdmin(OwnRowsAdmin):
    list_display = ["day", "is_workday", "note"]
    list_filter = ["is_workday"]
    fieldsets = [(None, {"fields": ["day", "is_workday", "note"], "description": HINT})]

    def get_readonly_fields(self, request, obj=None):
        """Another day is another row."""
        return ["day"] if obj else []

    def save_model(self, request, day, form, change) -> None:
        super().save_model(request, day, form, change)
        self._record(request, "workday_changed" if change else "workday_added", day)

    def delete_model(self, request, day) -> None:
        self._record(request, "workday_removed", day)
        super().delete_model(request, day)

    @transaction.atomic
    def delete_queryset(self, request, queryset) -> None:
        """Several at once, which no row hears of by itself."""
        for day in queryset:
            self._record(request, "workday_removed", day)
        super().delete_queryset(request, queryset)
        Edition.objects.bump(WORKDAYS_EDITION)

    def _record(self, request, action, day) -> None:
        record(request.user, action, f"day {day.day}", is_workday=day.is_workday)
