from django.contrib import admin

from .models import AddedFact, Business, Operator


@admin.register(AddedFact)
class AddedFactAdmin(admin.ModelAdmin):
    list_display = ["label", "name", "type", "ask", "source"]
    search_fields = ["label", "name"]
    list_filter = ["type", "ask"]

    def has_delete_permission(self, request, obj=None):
        return False  # Rules and stored data lean on it. Set it to 不提问 instead.


@admin.register(Operator)
class OperatorAdmin(admin.ModelAdmin):
    search_fields = ["name"]


@admin.register(Business)
class BusinessAdmin(admin.ModelAdmin):
    list_display = ["name", "credit_code", "operator", "district"]
    list_select_related = ["operator"]
    search_fields = ["name", "credit_code"]
    autocomplete_fields = ["operator"]
