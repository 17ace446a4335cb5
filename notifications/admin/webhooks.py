"""Endpoints of programs and what was sent to them. The administrator registers them; each secret is shown once."""

from django import forms
from django.contrib import admin, messages

from accounts.clients import may_manage
from core.admin import BrowseOnly
from core.errors import Invalid, Refused

from ..models import WebhookDelivery, WebhookEndpoint
from ..models.webhooks import EVENTS
from ..webhooks import endpoints, sending
from ..webhooks.addresses import read_url


class EndpointForm(forms.ModelForm):
    events = forms.MultipleChoiceField(
        label="事件",
        choices=EVENTS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "请至少选一种事件。"},
    )

    class Meta:
        model = WebhookEndpoint
        fields = ["client", "url", "events"]
        help_texts = {"url": "https 网址，端口 443 或 8443。内网网段要先写进 WEBHOOK_ALLOW_NETS。"}

    def clean_url(self):
        try:
            return read_url(self.cleaned_data["url"])
        except Invalid as problem:
            raise forms.ValidationError(problem.faults[0].detail) from None


class ForAdministrators(BrowseOnly):
    """Rows that only who manages programs sees."""

    def has_view_permission(self, request, obj=None):
        return may_manage(request.user)

    has_module_permission = has_view_permission

    def has_act_permission(self, request):
        return may_manage(request.user)

    def each(self, request, rows, verb, said) -> None:
        """Call ``verb`` on every row; ``said`` makes the sentence of what it returned."""
        for row in rows:
            try:
                outcome = verb(row, by=request.user)
            except Refused as refusal:
                self.message_user(request, f"{row}：{refusal}", messages.WARNING)
            else:
                self.message_user(request, f"{row}：{said(outcome)}", messages.SUCCESS)


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(ForAdministrators):
    form = EndpointForm
    list_display = ["__str__", "client", "url", "shown_events", "is_in_use", "answered_at", "reason"]
    list_select_related = ["client"]
    list_filter = [("disabled_at", admin.EmptyFieldListFilter)]
    search_fields = ["url", "client__name"]
    actions = ["rotate", "retire", "disable", "enable"]

    def has_add_permission(self, request):
        return may_manage(request.user)

    @admin.display(description="事件")
    def shown_events(self, endpoint) -> str:
        names = dict(EVENTS)
        return "、".join(names[event] for event in endpoint.events)

    @admin.display(description="在用", boolean=True)
    def is_in_use(self, endpoint) -> bool:
        return endpoint.disabled_at is None

    def get_fields(self, request, obj=None) -> list:
        if obj is None:
            return ["client", "url", "events"]
        return ["client", "url", "shown_events", "is_in_use", "reason", "answered_at", "created_at"]

    def save_model(self, request, endpoint, form, change) -> None:
        secret = endpoints.register(endpoint, by=request.user)
        self.message_user(request, shown_once(secret), messages.WARNING)

    @admin.action(description="换新密钥，旧密钥暂时还能用", permissions=["act"])
    def rotate(self, request, rows) -> None:
        self.each(request, rows, endpoints.rotate, shown_once)

    @admin.action(description="停用旧密钥", permissions=["act"])
    def retire(self, request, rows) -> None:
        self.each(request, rows, endpoints.retire, lambda _: "旧密钥已停用。")

    @admin.action(description="停用", permissions=["act"])
    def disable(self, request, rows) -> None:
        self.each(request, rows, endpoints.disable, lambda _: "已停用。")

    @admin.action(description="恢复使用", permissions=["act"])
    def enable(self, request, rows) -> None:
        self.each(request, rows, endpoints.enable, lambda _: "已恢复。")


def shown_once(secret) -> str:
    return f"密钥：{secret}。只显示这一次，请马上保存。"


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(ForAdministrators):
    list_display = ["event", "event_id", "endpoint", "status", "tries", "answer", "problem", "created_at"]
    list_select_related = ["endpoint"]
    list_filter = ["status", "event", "endpoint"]
    search_fields = ["event_id"]
    actions = ["redrive"]

    def get_fields(self, request, obj=None) -> list:
        return [*self.list_display, "payload", "due_at", "sent_at"]

    @admin.action(description="再发一次", permissions=["act"])
    def redrive(self, request, rows) -> None:
        self.each(request, rows, sending.redrive, lambda _: "排进去了，马上再发。")
