"""Outside channels: where a person can be reached, what waits to be sent, what was sent, and how each channel does."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.encryption import EncryptedField
from core.models import VisibleQuerySet
from eligibility.models import bare_key

from .inbox import Change, Notification
from .letters import Letter

User = settings.AUTH_USER_MODEL
CHANNELS = (("sms", "短信"), ("email", "电子邮件"))


class ContactPoint(models.Model):
    """Where a person can be reached on an outside channel, and whether they want to be; no row: the default.

    ``address``: an e-mail address, sealed; the phone stands in User.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reaches")
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    address = EncryptedField("地址", null=True, blank=True, bound_to=["user_id", "channel"])
    confirmed_at = models.DateTimeField("确认于", null=True)
    stopped_at = models.DateTimeField("停用于", null=True)
    stopped_because = models.CharField("停用原因", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接收方式"
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="reach_once")]

    def __str__(self) -> str:
        return self.channel


class Choice(models.Model):
    """A person's own word on one kind of change on one channel, against the default."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="channel_choices")
    channel = models.CharField(max_length=10, choices=CHANNELS)
    kind = models.SmallIntegerField(choices=Change.choices)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel", "kind"], name="choice_once")]

    def __str__(self) -> str:
        return f"{self.channel} {self.kind}"


class Outbox(models.Model):
    """Outbox: this person is to be told of this message outside the portal. Written with the message, deleted when it
    has become part of deliveries, or of none."""

    user = bare_key(User)
    notification = bare_key(Notification)
    critical = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["id"], condition=Q(critical=True), name="to_tell_critical")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.notification_id}"


class DeliveryQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Staff who watch pushes. What was sent to whom shows no address."""
        if getattr(principal, "is_staff", False) and principal.has_perm("notifications.view_delivery"):
            return self
        return self.none()

    def joinable(self):
        """Digests that wait, which what comes meanwhile joins. One that was claimed before is joined no more."""
        return self.filter(status=Delivery.Status.PENDING, claimed_at=None, letter=None)

    def handed_over_since(self, moment):
        """Digests handed over since then or on their way: what is unknown counts as sent, what failed does not."""
        on_its_way = Q(status=Delivery.Status.SENDING) | Q(
            status=Delivery.Status.PENDING, claimed_at__isnull=False
        )
        counted = self.filter(Q(sent_at__gte=moment) | Q(on_its_way, sent_at=None), letter=None)
        return counted.exclude(status__in=[Delivery.Status.FAILED, Delivery.Status.DROPPED])


class Delivery(models.Model):
    """One message to one person on one outside channel: a digest of ``items``, or a ``letter``. Claimed, sent, marked.

    ``key``: the provider's idempotency key, the same on every try. ``unknown``: it may have been sent, and is not sent
    again by itself. ``sent_at``: when it was handed over, also where nobody knows whether it was taken.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "待发送"
        SENDING = "sending", "正在发送"
        SENT = "sent", "已发送"
        UNKNOWN = "unknown", "不确定是否送达"
        FAILED = "failed", "没有送达"
        DROPPED = "dropped", "不再发送"

    user = bare_key(User)
    letter = bare_key(Letter, null=True)
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
    critical = models.BooleanField("紧急", default=False)
    due_at = models.DateTimeField("最早发送")
    tries = models.PositiveSmallIntegerField("次数", default=0)
    claimed_at = models.DateTimeField(null=True)
    problem = models.CharField("原因", max_length=200, blank=True)
    sent_at = models.DateTimeField("发送于", null=True)
    created_at = models.DateTimeField("创建于", default=timezone.now)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "对外发送"
        constraints = [
            # What comes while one waits joins it: a digest, never thirty messages. One that has been claimed before
            # is joined no more: the same key says the same.
            models.UniqueConstraint(
                fields=["user", "channel"],
                condition=Q(status="pending", claimed_at=None, letter=None),
                name="one_pending_delivery",
            ),
            models.UniqueConstraint(
                fields=["letter", "user", "channel"],
                condition=Q(letter__isnull=False),
                name="letter_delivered_once",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="pending"), name="delivery_due"),
            # Few of many: what is urgent is found beside a million that are not.
            models.Index(
                fields=["channel", "due_at", "id"],
                condition=Q(status="pending", critical=True),
                name="delivery_critical_due",
            ),
            models.Index(
                fields=["channel", "due_at", "id"],
                condition=Q(status="pending", critical=False),
                name="delivery_ordinary_due",
            ),
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="delivery_claimed"),
            models.Index(
                fields=["status"], condition=Q(status__in=["failed", "unknown"]), name="delivery_dead"
            ),
            models.Index(fields=["user", "channel", "-sent_at"], name="delivery_sent"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} {self.pk}"


class DeliveryItem(models.Model):
    """A message inside a delivery. A message goes to a person on a channel once."""

    delivery = bare_key(Delivery)
    notification = bare_key(Notification)
    user = bare_key(User)
    channel = models.CharField(max_length=10, choices=CHANNELS)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notification", "user", "channel"], name="delivery_item_once")
        ]
        indexes = [models.Index(fields=["delivery"], name="item_of_delivery")]

    def __str__(self) -> str:
        return f"{self.delivery_id} {self.notification_id}"


class Withheld(models.Model):
    """How many messages were not sent outside on a day, by channel and reason (hearing.REASONS). They stand in the
    inbox all the same."""

    day = models.DateField("日期")
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    reason = models.CharField("原因", max_length=20)
    count = models.PositiveBigIntegerField("条数", default=0)

    class Meta:
        ordering = ["-day", "channel", "reason"]
        verbose_name = verbose_name_plural = "没有对外发送的消息"
        constraints = [
            models.UniqueConstraint(fields=["day", "channel", "reason"], name="withheld_counted_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.channel} {self.reason}"


class ChannelState(models.Model):
    """How a channel is doing, shared by all workers: tokens left to send, and whether it rests after failures."""

    channel = models.CharField("渠道", max_length=10, choices=CHANNELS, primary_key=True)
    tokens = models.FloatField(default=0)
    refilled_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField("连续没发出", default=0)
    rests_until = models.DateTimeField("暂停到", null=True)
    problem = models.CharField("最近的问题", max_length=200, blank=True)
    sent_at = models.DateTimeField("最近一次发出", null=True)

    class Meta:
        ordering = ["channel"]
        verbose_name = verbose_name_plural = "渠道状态"

    def __str__(self) -> str:
        return self.channel
