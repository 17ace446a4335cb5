from django.contrib import admin

from core.admin import OwnRowsAdmin

from ..models import AddedFact, Business, Operator


@admin.register(AddedFact)
class AddedFactAdmin(OwnRowsAdmin):
    list_display = ["label", "name", "type", "ask", "source"]
    search_fields = ["label", "name"]
    list_filter = ["type", "ask"]

    def has_delete_permission(self, request, obj=None):
        return False  # Rules and stored data lean on it. Set it to 不提问 instead.


@admin.register(Operator)
class OperatorAdmin(OwnRowsAdmin):
    search_fields = ["name"]


@admin.register(Business)
class BusinessAdmin(OwnRowsAdmin):
    list_display = ["name", "credit_code", "operator", "district"]
    list_select_related = ["operator"]
    search_fields = ["name", "credit_code"]
    autocomplete_fields = ["operator"]
