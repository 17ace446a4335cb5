from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as StockUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from core.admin import BrowseOnly, OwnRowsAdmin
from core.errors import Refused

from . import clients, second_factors
from .access import record
from .client_forms import ApiClientForm
from .models import AccessEvent, ApiClient, Department, User


@admin.register(User)
class UserAdmin(OwnRowsAdmin, StockUserAdmin):
    """People. Only a superuser makes superusers or touches one; nobody else changes themselves here."""

    add_form = AdminUserCreationForm
    list_display = ["username", "department", "is_staff", "is_active"]
    list_select_related = ["department"]
    readonly_fields = ["masked_phone"]
    fieldsets = [*StockUserAdmin.fieldsets, ("单位", {"fields": ["department", "masked_phone"]})]
    actions = ["reset_second_factors"]

    @admin.display(description="手机号")
    def masked_phone(self, user):
        return user.masked_phone

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self._may_touch(request.user, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self._may_touch(request.user, obj)

    def _may_touch(self, user, other):
        return user.is_superuser or other is None or (not other.is_superuser and other.pk != user.pk)

    def get_readonly_fields(self, request, obj=None):
        fixed = [*super().get_readonly_fields(request, obj), "username"] if obj else self.readonly_fields
        return fixed if request.user.is_superuser else [*fixed, "is_superuser", "user_permissions"]

    def save_model(self, request, user, form, change):
        super().save_model(request, user, form, change)
        record(
            request.user,
            "user_changed" if change else "user_added",
            f"user {user.pk}",
            fields=form.changed_data,
        )

    def user_change_password(self, request, id, form_url=""):
        response = super().user_change_password(request, id, form_url)
        if request.method == "POST" and response.status_code == 302:
            record(request.user, "password_set", f"user {id}")
        return response

    @admin.action(description="清除第二重验证（手机丢了时），并退出所有登录", permissions=["change"])
    def reset_second_factors(self, request, queryset):
        for user in queryset:
            try:
                second_factors.reset(user, by=request.user)
            except Refused as refusal:
                self.message_user(request, f"{user}：{refusal}。", messages.WARNING)
            else:
                self.message_user(request, f"{user}：已清除第二重验证。", messages.SUCCESS)


@admin.register(Department)
class DepartmentAdmin(OwnRowsAdmin):
    list_display = ["name", "code"]
    search_fields = ["name", "code"]


@admin.register(AccessEvent)
class AccessEventAdmin(BrowseOnly):
    """Who saw or took out what: the auditor reads all of it, staff that of their own department."""

    list_display = ["at", "user", "department", "action", "subject", "reason"]
    list_select_related = ["user", "department"]
    list_filter = ["action", "department"]
    search_fields = ["subject", "action", "user__username"]
    date_hierarchy = "at"


# The toolkit brings pages for every kind of grant. Here only programs are managed, and never their tokens by hand.
admin.site.unregister([ApiClient, AccessToken, Grant, IDToken, RefreshToken])
# allauth's pages would show and change secrets and sign-ins past our verbs.
admin.site.unregister([Authenticator, EmailAddress, UserSession])


@admin.register(ApiClient)
class ApiClientAdmin(OwnRowsAdmin):
    """Programs of bureaus and banks. The administrator lets them in; each secret is shown once."""

    form = ApiClientForm
    list_display = ["name", "client_id", "department", "source", "scopes", "is_in_use"]
    list_select_related = ["department"]
    list_filter = ["department", ("disabled_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "client_id"]
    actions = ["give_new_secrets", "disable", "enable"]

    @admin.display(description="在用", boolean=True)
    def is_in_use(self, client):
        return client.disabled_at is None

    def has_view_permission(self, request, obj=None):
        return clients.may_manage(request.user)

    has_module_permission = has_add_permission = has_view_permission

    def has_change_permission(self, request, obj=None):
        return clients.may_manage(request.user)

    def has_delete_permission(self, request, obj=None):
        return False  # What it wrote names it. Disable it instead.

    def get_readonly_fields(self, request, obj=None):
        return ["client_id"] if obj else []

    def save_model(self, request, client, form, change):
        if change:
            clients.change(client, by=request.user)
        else:
            self._show(request, client, clients.let_in(client, by=request.user))

    def _show(self, request, client, secret):
        self.message_user(
            request, f"{client.client_id} 的密钥：{secret}。只显示这一次，请马上保存。", messages.WARNING
        )

    @admin.action(description="换新密钥，旧密钥和令牌马上失效", permissions=["change"])
    def give_new_secrets(self, request, queryset):
        for client in queryset:
            self._show(request, client, clients.give_new_secret(client, by=request.user))

    @admin.action(description="停用，令牌马上失效", permissions=["change"])
    def disable(self, request, queryset):
        self._each(request, queryset, clients.disable, "已停用")

    @admin.action(description="恢复使用", permissions=["change"])
    def enable(self, request, queryset):
        self._each(request, queryset, clients.enable, "已恢复")

    def _each(self, request, queryset, verb, done):
        for client in queryset:
            try:
                verb(client, by=request.user)
            except Refused as refusal:
                self.message_user(request, f"{client}：{refusal}", messages.WARNING)
            else:
                self.message_user(request, f"{client}：{done}。", messages.SUCCESS)
