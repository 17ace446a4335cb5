from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm

from core.admin import OwnRowsAdmin

from .models import Department, User


@admin.register(User)
class UserAdmin(StockUserAdmin):
    add_form = AdminUserCreationForm
    list_display = ["username", "department", "is_staff", "is_active"]
    list_select_related = ["department"]
    readonly_fields = ["masked_phone"]
    fieldsets = [*StockUserAdmin.fieldsets, ("单位", {"fields": ["department", "masked_phone"]})]

    @admin.display(description="手机号")
    def masked_phone(self, user):
        return user.masked_phone


@admin.register(Department)
class DepartmentAdmin(OwnRowsAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
