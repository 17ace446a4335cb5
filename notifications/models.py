"""政策直通车: what is to be told to whom, because of what, and how far that has come.

Rows written by the hundred thousand (PushChunk's inserts, Notification, ToTell) are narrow and without triggers.
"""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from businesses.models import Binding, Business, Mandate, Operator
from core.encryption import EncryptedField
from core.models import VisibleQuerySet
from eligibility import deciding
from eligibility.models import bare_key
from policies.models import Benefit, BenefitVersion

User = settings.AUTH_USER_MODEL


class Change(models.IntegerChoices):
    """What changed for an operator, in the digit that is stored."""

    NEW = deciding.NEW, "新的政策"
    SOON = deciding.SOON, "再等等就可以"
    AMOUNT = deciding.AMOUNT, "金额有变化"
    ENDED = deciding.ENDED, "不再符合"
    REMINDER = 5, "快到期提醒"


class PushRunQuerySet(VisibleQuerySet):
    def unfinished(self):
        """Those with work left that may be done."""
        return self.filter(finished_at=None, status__in=[PushRun.Status.RUNNING, PushRun.Status.CANCELLED])

    def visible_to(self, principal):
        """Staff who watch pushes: those of the versions they may see."""
        if not getattr(principal, "is_staff", False) or not principal.has_perm("notifications.view_pushrun"):
            return self.none()
        return self.filter(version__in=BenefitVersion.objects.visible_to(principal))


class PushRun(models.Model):
    """One sweep over the register for one version and cause. Its chunks are its ledger.

    ``day``: the day as of which shops are judged. ``scope``: tells sweeps of the same day apart. ``ends``: the version
    is no longer in force and nothing takes its place, so its decisions are closed. ``first``: nothing was stored of the
    benefit when the run began. ``quiet``: decisions are stored and
    nobody is told. ``critical``: quiet hours and monthly caps do not hold it back.
    """

    class Cause(models.TextChoices):
        POLICY = "policy", "政策变化"
        PROFILE = "profile", "店铺信息变化"
        CALENDAR = "calendar", "日子到了"

    class Status(models.TextChoices):
        RUNNING = "running", "进行中"
        PAUSED = "paused", "已暂停"
        CANCELLED = "cancelled", "已取消"
        STOPPED = "stopped", "版本失效，已停"
        FAILED = "failed", "有批次没有完成"
        DONE = "done", "已完成"

    version = models.ForeignKey(
        BenefitVersion, verbose_name="版本", on_delete=models.PROTECT, related_name="push_runs"
    )
    cause = models.CharField("起因", max_length=10, choices=Cause.choices)
    day = models.DateField("按哪一天")
    scope = models.CharField("范围", max_length=60, blank=True, default="")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.RUNNING)
    ends = models.BooleanField(default=False)
    first = models.BooleanField(default=False)
    quiet = models.BooleanField("只匹配，不推送", default=False)
    critical = models.BooleanField("紧急", default=False)
    matched = models.PositiveBigIntegerField("符合", default=0)
    changed = models.PositiveBigIntegerField("变动", default=0)
    closed = models.PositiveBigIntegerField("不再符合", default=0)
    told = models.PositiveBigIntegerField("写入消息", default=0)
    removed = models.PositiveBigIntegerField("随撤回的店删去", default=0)
    created_at = models.DateTimeField("开始于", default=timezone.now)
    finished_at = models.DateTimeField("完成于", null=True, blank=True)

    objects = PushRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "推送批次"
        permissions = [("control_pushrun", "暂停、继续、取消推送，使用总开关")]
        constraints = [
            models.UniqueConstraint(fields=["version", "cause", "day", "scope"], name="push_run_once")
        ]

    def __str__(self):
        return f"{self.version} {self.get_cause_display()} {self.day}"


WITHOUT_OPERATOR = -1


class PushChunk(models.Model):
    """The ledger: operators with ``lo`` ≤ id < ``hi`` (``hi`` null: no end), done whole or not at all.

    ``lo`` WITHOUT_OPERATOR stands for shops that nobody is known to stand behind.
    """

    run = models.ForeignKey(PushRun, on_delete=models.CASCADE, related_name="chunks")
    lo = models.BigIntegerField()
    hi = models.BigIntegerField(null=True)
    done_at = models.DateTimeField(null=True)
    matched = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    told = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["lo"]
        constraints = [models.UniqueConstraint(fields=["run", "lo"], name="push_chunk_once")]

    def __str__(self):
        return f"run {self.run_id} from {self.lo}"


class Touched(models.Model):
    """Outbox: facts of these shops have changed. Written with the change, deleted in the transaction of its effect.

    ``facts``: names, null for all (new shops). ``benefits``: ids that are to be judged anew whatever they read.
    """

    shops = models.JSONField()
    facts = models.JSONField(null=True)
    benefits = models.JSONField(default=list)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self):
        return f"{len(self.shops)} shops"


class NotificationQuerySet(VisibleQuerySet):
    def for_person(self, user):
        """What is for whom ``user`` has shown to be."""
        bound = Binding.objects.filter(user=user, ended_at=None, operator__isnull=False)
        return self._with_shop().filter(operator__in=bound.values("operator"))

    def _with_shop(self):
        """Those whose shop still stands: an import that is taken back takes the shops away that it brought."""
        return self.filter(Exists(Business.objects.filter(pk=OuterRef("business"))))

    def visible_to(self, principal):
        """Owners: what is for the person they have shown to be. Agents and programs: what is about the shops they may
        view by mandate, as far as it is for who stands behind them today."""
        if getattr(principal, "source", None) is not None:  # an ApiClient
            mine, holder = [], {"client": principal}
        elif getattr(principal, "is_active", False) and not principal.is_staff:
            bound = Binding.objects.filter(user=principal, ended_at=None, operator__isnull=False)
            mine, holder = list(bound.values_list("operator", flat=True)), {"agent": principal}
        else:
            return self.none()
        shops = Mandate.objects.standing().filter(**holder).shops_within("view")
        behind = Business.objects.filter(pk__in=shops, operator__isnull=False)
        people = list(behind.values_list("operator", flat=True)) if shops else []
        # Ids, not subqueries: the index leads with the operator, and an OR of subqueries would read the whole table.
        found = self.filter(operator__in={*mine, *people}).filter(
            Q(operator__in=mine) | Q(business__in=shops)
        )
        return found._with_shop()


class Notification(models.Model):
    """An inbox row, one per (operator, benefit version, change); waits where nobody has bound the shop yet.

    Its words are made when it is read. ``business``: the shop it is about, the first of several. ``day``: on which the
    decision changed. ``before_fen``: what the amount was, where that changed.
    """

    operator = bare_key(Operator)
    business = bare_key(Business)
    benefit = bare_key(Benefit)
    version = bare_key(BenefitVersion)
    run = bare_key(PushRun)
    kind = models.SmallIntegerField("内容", choices=Change.choices)
    day = models.DateField("日期")
    before_fen = models.BigIntegerField(null=True)
    created_at = models.DateTimeField("时间", default=timezone.now)
    opened_at = models.DateTimeField("打开于", null=True)
    acted_at = models.DateTimeField("去办于", null=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "消息"
        constraints = [
            models.UniqueConstraint(fields=["operator", "version", "kind", "day"], name="notification_once")
        ]
        indexes = [
            # The funnel counts what was opened; until then a row costs this index nothing.
            models.Index(fields=["version"], condition=Q(opened_at__isnull=False), name="notification_opened")
        ]

    def __str__(self):
        return f"{self.operator_id} {self.version_id} {self.kind}"


class Silence(models.Model):
    """An operator does not want to be told: of a benefit, of a kind of change, or of anything (both null).

    Rows, not flags, because pushes leave these operators out in one statement. Ended, not deleted.
    """

    REASONS = (
        ("not_needed", "用不上"),
        ("not_mine", "和我的情况不符"),
        ("too_much_trouble", "办起来太麻烦"),
        ("done_elsewhere", "已经办过了"),
        ("too_many", "消息太多"),
        ("other", "其他"),
    )

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="silences")
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", null=True, on_delete=models.CASCADE, related_name="silences"
    )
    kind = models.SmallIntegerField("内容", choices=Change.choices, null=True)
    reason = models.CharField("原因", max_length=20, choices=REASONS, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField("时间", default=timezone.now)
    ended_at = models.DateTimeField("恢复于", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "不再推送"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "benefit", "kind"],
                condition=Q(benefit__isnull=False, kind__isnull=False, ended_at=None),
                name="silence_once",
            ),
            models.UniqueConstraint(
                fields=["operator", "benefit"],
                condition=Q(benefit__isnull=False, kind=None, ended_at=None),
                name="silence_of_a_benefit_once",
            ),
            models.UniqueConstraint(
                fields=["operator", "kind"],
                condition=Q(benefit=None, kind__isnull=False, ended_at=None),
                name="silence_of_a_kind_once",
            ),
            models.UniqueConstraint(
                fields=["operator"],
                condition=Q(benefit=None, kind=None, ended_at=None),
                name="silence_of_all_once",
            ),
        ]

    def __str__(self):
        return f"{self.operator_id} {self.benefit_id} {self.kind}"


class KillSwitch(models.Model):
    """One row at most: while it stands no push goes on, inside or outside."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "推送总开关"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_kill_switch")]

    def __str__(self):
        return self.reason


# Outside channels


CHANNELS = (("sms", "短信"), ("email", "电子邮件"), ("wechat", "微信"))


class Reach(models.Model):
    """Where a person can be reached on an outside channel, and whether they want to be; no row: the default.

    ``address``: an e-mail address or the id of a WeChat account, sealed; the phone stands in User.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reaches")
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    address = EncryptedField("地址", null=True, blank=True)
    confirmed_at = models.DateTimeField("确认于", null=True)
    stopped_at = models.DateTimeField("停用于", null=True)
    stopped_because = models.CharField("停用原因", max_length=40, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "接收方式"
        constraints = [models.UniqueConstraint(fields=["user", "channel"], name="reach_once")]

    def __str__(self):
        return self.channel


class Choice(models.Model):
    """A person's own word on one kind of change on one channel, against the default."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="channel_choices")
    channel = models.CharField(max_length=10, choices=CHANNELS)
    kind = models.SmallIntegerField(choices=Change.choices)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "channel", "kind"], name="choice_once")]

    def __str__(self):
        return f"{self.channel} {self.kind}"


class ToTell(models.Model):
    """Outbox: this person is to be told of this message outside the portal. Written with the message, deleted when it
    has become part of deliveries, or of none."""

    user = bare_key(User)
    notification = bare_key(Notification)
    critical = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.user_id} {self.notification_id}"


class DeliveryQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Staff who watch pushes. What was sent to whom shows no address."""
        if getattr(principal, "is_staff", False) and principal.has_perm("notifications.view_delivery"):
            return self
        return self.none()


class Delivery(models.Model):
    """One message to one person on one outside channel: a digest of ``items``. Claimed, sent, marked.

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
                condition=Q(status="pending", claimed_at=None),
                name="one_pending_delivery",
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(status="pending"), name="delivery_due"),
            models.Index(fields=["claimed_at"], condition=Q(status="sending"), name="delivery_claimed"),
            models.Index(fields=["user", "channel", "-sent_at"], name="delivery_sent"),
        ]

    def __str__(self):
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

    def __str__(self):
        return f"{self.delivery_id} {self.notification_id}"


class Withheld(models.Model):
    """How many messages were not sent outside on a day, by channel and reason (recipients.REASONS). They stand in the
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

    def __str__(self):
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

    def __str__(self):
        return self.channel


from .webhook_models import WebhookDelivery, WebhookEndpoint  # noqa: E402, F401  the same room's other tables
