"""Credit ratings of shops, and the repair of their credit."""

from django.contrib import admin

from core.admin import BrowseOnly

from ..models import CreditRating, RepairCase


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
