"""Programs that are told of events by HTTP (Standard Webhooks): where to, and every message with its schedule."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from businesses.models import Business
from core.encryption import EncryptedField
from core.models import VisibleQuerySet
from eligibility.models import bare_key

POLICY_PUBLISHED, MATCH_CHANGED, CASE_MOVED = "policy.published", "match.changed", "case.moved"
EVENTS = (
    (POLICY_PUBLISHED, "政策发布"),
    (MATCH_CHANGED, "店铺的匹配结果有变化"),
    (CASE_MOVED, "代办的办件有进展"),
)


def _may_manage(principal) -> bool:
    return bool(getattr(principal, "is_active", False) and getattr(principal, "is_superuser", False))


class WebhookEndpointQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Programs are the administrator's."""
        return self if _may_manage(principal) else self.none()

    def in_use(self):
        """Not disabled, and of no program switched off."""
        return self.filter(disabled_at=None, client__disabled_at=None)


class WebhookEndpoint(models.Model):
    """An address of a program. ``old_secret``: signs as well while the program changes over to ``secret``.

    ``looked_at``: up to when changes for its shops have been looked for.
    """

    client = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
        verbose_name="接口客户端",
        on_delete=models.CASCADE,
        related_name="webhook_endpoints",
    )
    url = models.CharField("网址", max_length=500)
    events = models.JSONField("事件", default=list)
    secret = EncryptedField("密钥", editable=False, bound_to=["client_id", "url"])
    old_secret = EncryptedField("旧密钥", null=True, editable=False, bound_to=["client_id", "url"])
    disabled_at = models.DateTimeField("停用于", null=True, blank=True, editable=False)
    reason = models.CharField("停用原因", max_length=200, blank=True, editable=False)
    answered_at = models.DateTimeField("最近一次收下", null=True, editable=False)
    looked_at = models.DateTimeField(default=timezone.now, editable=False)
    created_at = models.DateTimeField("登记于", default=timezone.now, editable=False)

    objects = WebhookEndpointQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "事件通知地址"
        constraints = [models.UniqueConstraint(fields=["client", "url"], name="webhook_endpoint_once")]

    def __str__(self) -> str:
        return f"事件通知地址 {self.pk}"


class WebhookDeliveryQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return self if _may_manage(principal) else self.none()


class WebhookDelivery(models.Model):
    """One event for one endpoint, tried until it is taken or the schedule is over. ``payload``: ids and state alone.

    ``event_id``: the same on every try. ``version`` or ``notification``: what it is about, once per endpoint, save of
    a case that has moved;
    ``business``: the shop whose mandate it leans on.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "待发送"
        SENDING = "sending", "正在发送"
        SENT = "sent", "已收下"
        DEAD = "dead", "没有送达"
        DROPPED = "dropped", "不再发送"

    endpoint = models.ForeignKey(
        WebhookEndpoint, verbose_name="地址", on_delete=models.CASCADE, related_name="deliveries"
    )
    event = models.CharField("事件", max_length=30, choices=EVENTS)
    event_id = models.UUIDField("编号", default=uuid.uuid4, editable=False)
    payload = models.JSONField("内容")
    version = models.BigIntegerField(null=True)
    notification = models.BigIntegerField(null=True)
    business = bare_key(Business, null=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
    tries = models.PositiveSmallIntegerField("次数", default=0)
    due_at = models.DateTimeField("最早发送", default=timezone.now)
    claimed_at = models.DateTimeField(null=True)
    answer = models.PositiveSmallIntegerField("回答", null=True)
    problem = models.CharField("原因", max_length=200, blank=True)
    created_at = models.DateTimeField("创建于", default=timezone.now)
    sent_at = models.DateTimeField("收下于", null=True)

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "事件通知"
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "notification"], name="webhook_of_a_change_once"),
            models.UniqueConstraint(fields=["endpoint", "version"], name="webhook_of_a_version_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="pending"), name="webhook_due"),
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="webhook_claimed"),
            models.Index(fields=["status"], condition=Q(status="dead"), name="webhook_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.event_id}"
