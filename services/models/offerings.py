"""What is offered, and when."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Department
from accounts.principals import is_program, sees_all
from core.models import Edition, VisibleQuerySet
from core.wording import moment_text
from policies.models import Benefit

User = settings.AUTH_USER_MODEL


OFFERINGS_EDITION = "offerings"
MENTOR = "导师"  # who gives no name
COUNTED = {"month", "month_count"}  # a change of anything else is another edition


class OfferingQuerySet(VisibleQuerySet):
    def known(self) -> Self:
        """Those that anybody may look at: published, and those that are over."""
        return self.exclude(status=Offering.Status.DRAFT)

    def shown(self) -> Self:
        """Those that anybody sees: published, and not over."""
        today = timezone.localdate()
        return self.filter(status=Offering.Status.PUBLISHED).filter(
            Q(closes_on=None) | Q(closes_on__gte=today)
        )

    def visible_to(self, principal) -> Self:
        """Staff: those that their department provides or handles, or of measures that it leads; the auditor all.
        Anybody else: what is published."""
        staff = not is_program(principal) and getattr(principal, "is_staff", False)
        if not staff:
            return self.shown()
        if not principal.has_perm("services.view_offering"):
            return self.none()
        if sees_all(principal):
            return self
        own = principal.department_id or 0
        led = Benefit.objects.filter(measure__lead=own).order_by()
        return self.filter(Q(provider=own) | Q(handler=own) | Q(benefit__in=led))

    def update(self, **values) -> int:
        if values.keys() - COUNTED:
            Edition.objects.bump(OFFERINGS_EDITION)
        return super().update(**values)

    def bulk_create(self, rows, *args, **kwargs) -> list:
        Edition.objects.bump(OFFERINGS_EDITION)
        return super().bulk_create(rows, *args, **kwargs)


class Offering(models.Model):
    """One thing that can be asked for, as data: a row is a service (data/offerings.yaml, or 服务 in the admin).

    ``kind``: what becomes of a request (services/kinds). ``provider`` gives it, a department, which may be a bank or
    a school, or ``mentor``, a person whom owners know by ``mentor_name``; ``handler`` answers requests, the provider
    where nobody else does. ``criteria``: who it is for, a tree over the facts of shops, and ``relevance``, by which
    it is sorted: those of the benefit where it has none of its own. ``questions``: ``[{key, type, label, choices?,
    required?, fact?}]``; ``steps`` of a checklist: ``[{key, title, department, needs, sets?}]``. ``promise_days``:
    working days, None while nobody has stated them (时限待公布); ``promise_basis``: who did. ``terms``: ``{rate,
    limit_fen, months, pledges, fee, link}``, each null where the provider decides or has not said. ``shares``: names
    of what an institution may be shown of the shop, where its owner agrees (businesses/sharing.py). At most
    ``max_open`` requests are open at once and ``max_month`` come in a month, of which ``month`` (YYYYMM) had
    ``month_count``; ``paused_until``: nobody asks before that day.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PUBLISHED = "published", "已发布"
        CLOSED = "closed", "已停办"

    code = models.SlugField("代码", max_length=60, unique=True)
    kind = models.CharField("种类", max_length=20)
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="offerings"
    )
    title = models.CharField("名称", max_length=60)
    summary = models.CharField("一句话说明", max_length=200)
    words = models.TextField("详细说明", blank=True)
    topic = models.CharField("主题", max_length=40, blank=True)
    provider = models.ForeignKey(
        Department,
        verbose_name="谁提供",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="offerings",
    )
    mentor = models.ForeignKey(
        User,
        verbose_name="哪位导师",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="mentored_offerings",
    )
    mentor_name = models.CharField("导师怎么称呼", max_length=20, blank=True)
    handler = models.ForeignKey(
        Department, verbose_name="谁答复", on_delete=models.PROTECT, related_name="handled_offerings"
    )
    district = models.CharField("县区", max_length=6, blank=True)
    place = models.CharField("地点", max_length=200, blank=True)
    contact = models.CharField("联系方式", max_length=200, blank=True)
    opens_on = models.DateField("从哪天起", null=True, blank=True)
    closes_on = models.DateField("到哪天止", null=True, blank=True)
    criteria = models.JSONField("谁可以", null=True, blank=True)
    relevance = models.JSONField("谁用得上", null=True, blank=True)
    questions = models.JSONField("要问什么", default=list, blank=True)
    steps = models.JSONField("办理步骤", default=list, blank=True)
    promise_days = models.PositiveSmallIntegerField("承诺几个工作日", null=True, blank=True)
    promise_basis = models.CharField("承诺的依据", max_length=200, blank=True)
    terms = models.JSONField("条件和价格", default=dict, blank=True)
    shares = models.JSONField("可以给机构看的信息", default=list, blank=True)
    max_open = models.PositiveIntegerField("最多同时办几件", null=True, blank=True)
    max_month = models.PositiveIntegerField("每月最多收几件", null=True, blank=True)
    month = models.PositiveIntegerField(default=0, editable=False)
    month_count = models.PositiveIntegerField(default=0, editable=False)
    paused_until = models.DateField("暂停到", null=True, blank=True)
    paused_because = models.CharField("为什么暂停", max_length=200, blank=True)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    prepared_by = models.ForeignKey(
        User, verbose_name="起草人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    published_by = models.ForeignKey(
        User, verbose_name="发布人", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_demo = models.BooleanField("演示数据", default=False, editable=False)

    objects = OfferingQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "服务"
        permissions = [("publish_offering", "发布服务")]
        constraints = [
            models.CheckConstraint(
                condition=Q(provider__isnull=False, mentor__isnull=True)
                | Q(provider__isnull=True, mentor__isnull=False),
                name="offering_is_given_by_one",
                violation_error_message="请选提供单位或导师，只能选一个。",
            ),
            models.CheckConstraint(
                condition=Q(max_month=None) | Q(month_count__lte=F("max_month")),
                name="offering_within_its_month",
            ),
            models.CheckConstraint(
                condition=Q(promise_days=None) | ~Q(promise_basis=""),
                name="promise_has_a_basis",
                violation_error_message="写了承诺时限，就要写依据。",
            ),
            models.CheckConstraint(
                condition=Q(published_by=None) | Q(prepared_by=None) | ~Q(published_by=F("prepared_by")),
                name="offering_published_by_another",
                violation_error_message="发布要由起草人以外的人来办。",
            ),
            models.CheckConstraint(
                condition=Q(opens_on=None) | Q(closes_on=None) | Q(opens_on__lte=F("closes_on")),
                name="offering_closes_after_it_opens",
                violation_error_message="停止日期不能早于开始日期。",
            ),
        ]
        indexes = [models.Index(fields=["status", "benefit"], name="offering_of_benefit")]

    def __str__(self) -> str:
        return self.title

    def save(self, *args, **kwargs) -> None:
        super().save(*args, **kwargs)
        Edition.objects.bump(OFFERINGS_EDITION)

    def delete(self, *args, **kwargs) -> tuple:
        Edition.objects.bump(OFFERINGS_EDITION)
        return super().delete(*args, **kwargs)

    @property
    def given_by(self) -> str:
        """Who gives it, as owners read it."""
        return (
            self.provider.name
            if self.provider_id
            else self.mentor_name or self.mentor.get_full_name() or MENTOR
        )


class SlotQuerySet(VisibleQuerySet):
    def visible_to(self, principal) -> Self:
        return self.filter(offering__in=Offering.objects.visible_to(principal))

    def ahead(self) -> Self:
        """Those that can still be booked or waited for."""
        return self.filter(status=Slot.Status.OPEN, starts_at__gt=timezone.now())


class Slot(models.Model):
    """A time with seats: an hour with a mentor, or a class, whose several evenings are one slot (``sessions``:
    ``[[begin, end]]`` in ISO spelling). ``taken`` counts the requests that hold a seat, and is changed by
    services/slots/seats.py alone. Below ``minimum`` at ``decide_at`` it is cancelled. ``series``: slots made together.
    """

    class Status(models.TextChoices):
        OPEN = "open", "可以约"
        CANCELLED = "cancelled", "已取消"
        DONE = "done", "已结束"

    offering = models.ForeignKey(Offering, on_delete=models.PROTECT, related_name="slots")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    sessions = models.JSONField("每次的时间", default=list, blank=True)
    place = models.CharField("地点", max_length=200, blank=True)
    capacity = models.PositiveIntegerField("名额")
    taken = models.PositiveIntegerField("已约", default=0, editable=False)
    minimum = models.PositiveIntegerField("最少几人开班", default=0)
    decide_at = models.DateTimeField("何时定开不开班", null=True, blank=True)
    decided_at = models.DateTimeField("定了开班于", null=True, editable=False)
    series = models.UUIDField(null=True, editable=False)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.OPEN)
    because = models.CharField("取消的原因", max_length=200, blank=True)

    objects = SlotQuerySet.as_manager()

    class Meta:
        ordering = ["starts_at", "id"]
        verbose_name = verbose_name_plural = "时间和名额"
        constraints = [
            models.CheckConstraint(
                condition=Q(taken__lte=F("capacity")),
                name="no_more_taken_than_there_are",
                violation_error_message="名额不能少于已经约了的人数。",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="slot_ends_after_it_starts",
                violation_error_message="结束时间要晚于开始时间。",
            ),
            models.CheckConstraint(
                condition=Q(minimum=0) | Q(decide_at__isnull=False),
                name="slot_minimum_has_a_day",
                violation_error_message="写了最少几人开班，就要写何时定。",
            ),
            models.CheckConstraint(
                condition=Q(minimum__lte=F("capacity")),
                name="slot_minimum_fits",
                violation_error_message="最少开班人数不能多于名额。",
            ),
        ]
        indexes = [models.Index(fields=["offering", "status", "starts_at"], name="slot_of_offering")]

    def __str__(self) -> str:
        return f"{self.offering_id} {timezone.localtime(self.starts_at):%Y-%m-%d %H:%M}"

    @property
    def when(self) -> str:
        """12 月 3 日 19:00."""
        return moment_text(self.starts_at)

    @property
    def day_text(self) -> str:
        """12 月 3 日."""
        return self.when.removesuffix(f" {self.clock}")

    @property
    def clock(self) -> str:
        """19:00."""
        return f"{timezone.localtime(self.starts_at):%H:%M}"

    @property
    def left(self) -> int:
        return self.capacity - self.taken
