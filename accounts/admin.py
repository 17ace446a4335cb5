from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm

from .models import Department, User


class PersonChangeForm(UserChangeForm):
    def clean_phone(self):
        return self.cleaned_data["phone"] or None


@admin.register(User)
class UserAdmin(StockUserAdmin):
    form = PersonChangeForm
    add_form = AdminUserCreationForm
    list_display = ["username", "department", "is_staff", "is_active"]
    list_select_related = ["department"]
    fieldsets = [*StockUserAdmin.fieldsets, ("单位", {"fields": ["department", "phone"]})]


@admin.register(Department)
class DepartmentAdmin(admin.ModelAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]
