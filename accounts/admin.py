from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as StockGroupAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from oauth2_provider.models import AccessToken, Grant, IDToken, RefreshToken

from core.admin import BrowseOnly, OwnRowsAdmin
from core.errors import Refused

from . import clients, people
from .access import CITY, may_manage
from .client_forms import ApiClientForm
from .models import AccessEvent, ApiClient, Department, User, phone_index
from .people_forms import PersonForm
from .signing_in import fresh, second_factors

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(OwnRowsAdmin, StockGroupAdmin):
    """Roles, searched as every other list is."""


@admin.register(User)
class UserAdmin(OwnRowsAdmin):
    """People: whom somebody sees (User.visible_to), may change and give which role (accounts/access.py)."""

    form = PersonForm
    list_display = ["username", "first_name", "department", "shown_roles", "is_active"]
    list_select_related = ["department"]
    list_filter = ["is_staff", "is_active", "groups", "department"]
    search_fields = ["username", "first_name"]
    ordering = ["username"]
    actions = ["reset_second_factors"]

    @admin.display(description="手机号")
    def masked_phone(self, user):
        return user.masked_phone or "没有登记"

    @admin.display(description="职责")
    def shown_roles(self, user):
        if user.is_superuser:
            return "超级管理员"
        return "、".join(group.name for group in user.groups.all()) or "—"

    @admin.display(description="登录密码")
    def password_link(self, user):
        return format_html(
            '<a href="{}">发送设置密码的链接</a>', reverse("admin:accounts_user_password", args=[user.pk])
        )

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("groups")

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and (obj is None or may_manage(request.user, obj))

    def get_fieldsets(self, request, obj=None) -> list:
        user = request.user
        everywhere = user.is_superuser or user.has_perm(CITY)
        department = ["department"] if everywhere or (obj and not may_manage(user, obj)) else []
        if obj is None:
            fields = ["username", "first_name", "mobile", "email", *department, "roles"]
        elif not obj.is_staff:  # an owner, who has no role
            fields = ["username", "masked_phone", "is_active", "last_login"]
        elif may_manage(user, obj):
            fields = [
                "username",
                "first_name",
                "masked_phone",
                "email",
                "password_link",
                *department,
                "roles",
            ]
            fields += ["is_active", "last_login"]
        else:
            fields = [
                "username",
                "first_name",
                "masked_phone",
                "email",
                "department",
                "shown_roles",
                "is_active",
            ]
        return [(None, {"fields": fields})]

    def get_readonly_fields(self, request, obj=None):
        """Where somebody is reached stays as it is: whoever changes that and sends a link would become them."""
        if obj is None:
            return []
        fixed = ["username", "masked_phone", "shown_roles", "password_link", "last_login"]
        return fixed if request.user.is_superuser else [*fixed, "email"]

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        form.actor = request.user
        return form

    def add_view(self, request, form_url="", extra_context=None):
        return self._asking_who(request, super().add_view, form_url, extra_context)

    def change_view(self, request, object_id, form_url="", extra_context=None):
        return self._asking_who(request, super().change_view, object_id, form_url, extra_context)

    def _asking_who(self, request, view, *arguments):
        if request.method == "POST" and self.has_change_permission(request):
            fresh.require(request)
        return view(request, *arguments)

    def save_model(self, request, user, form, change) -> None:
        if change:
            people.change(user, form.role_names(), by=request.user, fields=form.changed_data)
            return
        if phone := form.cleaned_data["mobile"]:
            user.phone, user.phone_index = phone, phone_index(phone)
        people.take_in(user, form.role_names(), by=request.user)

    def response_add(self, request, obj, post_url_continue=None) -> HttpResponse:
        """The next thing is the link by which the person sets a password."""
        self.message_user(request, f"已添加 {obj}。现在把设置密码的链接发过去。", messages.SUCCESS)
        return redirect("admin:accounts_user_password", obj.pk)

    def get_urls(self) -> list:
        view = self.admin_site.admin_view(self.password_view)
        return [path("<number:pk>/password/", view, name="accounts_user_password"), *super().get_urls()]

    def password_view(self, request, pk):
        """Ask, then send the link. Nobody sets the password of somebody else."""
        user = self.get_object(request, str(pk))
        if user is None and self.has_view_permission(request):
            return self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))
        if user is None or not self.has_change_permission(request, user):
            raise PermissionDenied
        if request.method == "POST":
            fresh.require(request)
            try:
                where = people.send_password_link(user, by=request.user)
            except Refused as refusal:
                self.message_user(request, f"{refusal}。", messages.WARNING)
            else:
                self.message_user(request, f"链接已发到 {where}，24 小时内有效。", messages.SUCCESS)
            return redirect("admin:accounts_user_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"发送设置密码的链接：{user}",
            "person": user,
        }
        return render(request, "admin/accounts/password_link.html", context)

    @admin.action(description="清除第二重验证（手机丢了时），并退出所有登录", permissions=["change"])
    def reset_second_factors(self, request, queryset) -> None:
        fresh.require(request)
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
    def is_in_use(self, client) -> bool:
        return client.disabled_at is None

    def has_view_permission(self, request, obj=None):
        return clients.may_manage(request.user)

    has_module_permission = has_add_permission = has_view_permission

    def has_change_permission(self, request, obj=None):
        return clients.may_manage(request.user)

    def has_delete_permission(self, request, obj=None) -> bool:
        return False  # What it wrote names it. Disable it instead.

    def get_readonly_fields(self, request, obj=None):
        return ["client_id"] if obj else []

    def save_model(self, request, client, form, change) -> None:
        if change:
            clients.change(client, by=request.user)
        else:
            self._show(request, client, clients.let_in(client, by=request.user))

    def _show(self, request, client, secret) -> None:
        self.message_user(
            request, f"{client.client_id} 的密钥：{secret}。只显示这一次，请马上保存。", messages.WARNING
        )

    @admin.action(description="换新密钥，旧密钥和令牌马上失效", permissions=["change"])
    def give_new_secrets(self, request, queryset) -> None:
        for client in queryset:
            self._show(request, client, clients.give_new_secret(client, by=request.user))

    @admin.action(description="停用，令牌马上失效", permissions=["change"])
    def disable(self, request, queryset) -> None:
        self._each(request, queryset, clients.disable, "已停用")

    @admin.action(description="恢复使用", permissions=["change"])
    def enable(self, request, queryset) -> None:
        self._each(request, queryset, clients.enable, "已恢复")

    def _each(self, request, queryset, verb, done) -> None:
        for client in queryset:
            try:
                verb(client, by=request.user)
            except Refused as refusal:
                self.message_user(request, f"{client}：{refusal}", messages.WARNING)
            else:
                self.message_user(request, f"{client}：{done}。", messages.SUCCESS)
