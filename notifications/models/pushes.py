"""Push runs with their ledger, what waits to be looked at again, and the switch that stops everything."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.models import VisibleQuerySet
from policies.models import BenefitVersion

User = settings.AUTH_USER_MODEL


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

    # Scopes of a day's runs that are done in one transaction and keep no ledger.
    FEW, REMINDERS = "few", "reminders"
    WITHOUT_LEDGER = (FEW, REMINDERS)

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

    def __str__(self) -> str:
        return f"{self.version} {self.get_cause_display()} {self.day}"


WITHOUT_OPERATOR, EVERYBODY = -1, -2


class PushChunk(models.Model):
    """The ledger: operators with ``lo`` ≤ id < ``hi`` (``hi`` null: no end), done whole or not at all.

    ``lo`` WITHOUT_OPERATOR stands for shops that nobody is known to stand behind, EVERYBODY for these and all others:
    where few decisions are likely to change, until they turn out to be many.
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

    def __str__(self) -> str:
        return f"run {self.run_id} from {self.lo}"


class Touched(models.Model):
    """Outbox: facts of these shops have changed. Written with the change, deleted in the transaction of its effect.

    ``facts``: names, null for all (new shops). ``benefits``: ids that are to be judged anew whatever they read.
    """

    shops = models.JSONField()
    facts = models.JSONField(null=True)
    benefits = models.JSONField(default=list)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"{len(self.shops)} shops"


class KillSwitch(models.Model):
    """One row at most: while it stands no push goes on, inside or outside."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField("时间", default=timezone.now)

    class Meta:
        verbose_name = verbose_name_plural = "推送总开关"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_kill_switch")]

    def __str__(self) -> str:
        return self.reason
