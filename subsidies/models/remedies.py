"""After the decision: appeals, ratings and what is mended because of them, re-checks of what was granted."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Department
from core.models import VisibleQuerySet

from .cases import Application, different
from .money import of_own_department

User = settings.AUTH_USER_MODEL


class OfApplications(VisibleQuerySet):
    def visible_to(self, principal):
        """Those of the applications somebody may see."""
        return self.filter(application__in=Application.objects.visible_to(principal))


class Appeal(models.Model):
    """申诉: a case of its own, for staff who had no part in the decision. Those who decided are copied from the
    application, so that the database itself can keep them apart from ``handler``."""

    OUTCOMES = (("upheld", "维持原决定"), ("overturned", "撤销原决定，重新审核"), ("withdrawn", "店主撤回"))

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="appeals")
    words = models.CharField("理由", max_length=1000)
    filed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField("提出于", auto_now_add=True)
    due_on = models.DateField("最迟", null=True)
    reviewer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    countersigner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(
        User, verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField("结果", max_length=10, choices=OUTCOMES, blank=True)
    answer = models.CharField("答复", max_length=1000, blank=True)
    decided_at = models.DateTimeField("答复于", null=True)

    objects = OfApplications.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "申诉"
        constraints = [
            models.UniqueConstraint(fields=["application"], condition=Q(outcome=""), name="one_open_appeal"),
            models.CheckConstraint(
                condition=different("filed_by", "reviewer", "approver", "countersigner", "handler"),
                name="appeal_by_different_people",
                violation_error_message="原来审核、审批的人不能办理申诉。",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "withdrawn"]) | Q(handler__isnull=False) & ~Q(answer=""),
                name="appeal_is_answered_by_somebody",
            ),
        ]

    def __str__(self):
        return f"appeal {self.pk}"


class Rating(models.Model):
    """好差评: one for each stage of an application, given by whoever has the address with the token. A bad one is
    answered (``contact_by``) and mended (``mend_by``), and may then be rated once more (``second``)."""

    LEVELS = ((5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意"))
    BAD = 2

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="ratings")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField("环节", max_length=20)
    asked_at = models.DateTimeField(auto_now_add=True)
    level = models.PositiveSmallIntegerField("评价", choices=LEVELS, null=True)
    tags = models.JSONField("原因", default=list)
    words = models.CharField("想说的话", max_length=500, blank=True)
    rated_at = models.DateTimeField("评价于", null=True)
    contact_by = models.DateField("最迟联系", null=True)
    contacted_at = models.DateTimeField("已联系", null=True)
    mend_by = models.DateField("最迟整改", null=True)
    mended_at = models.DateTimeField("已整改", null=True)
    mended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    mended_how = models.CharField("整改结果", max_length=500, blank=True)
    second = models.PositiveSmallIntegerField("追评", choices=LEVELS, null=True)

    objects = OfApplications.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "评价"
        constraints = [
            models.UniqueConstraint(fields=["application", "stage"], name="stage_is_rated_once"),
            models.CheckConstraint(
                condition=Q(level=None) | Q(level__gte=1, level__lte=5), name="rating_is_one_of_five"
            ),
        ]

    def __str__(self):
        return f"rating {self.pk}"

    @property
    def is_bad(self):
        return self.level is not None and self.level <= self.BAD


class RecheckQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return of_own_department(self, principal, "subsidies.view_recheck")


class Recheck(models.Model):
    """抽查: granted files drawn by a seed from a list that can be drawn again (businesses/inspections.py)."""

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    seed = models.CharField("种子", max_length=64)
    size = models.PositiveIntegerField("抽几件")
    decided_from = models.DateField("决定日期从")
    decided_to = models.DateField("到")
    fingerprint = models.CharField("名单指纹", max_length=64)
    population = models.PositiveIntegerField("名单件数")
    drawn_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField("抽取于", default=timezone.now)

    objects = RecheckQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "抽查"

    def __str__(self):
        return f"抽查 {self.pk}"


class RecheckPick(models.Model):
    """One file drawn, and what came of looking into it again. By somebody who had no part in the decision."""

    RESULTS = (("right", "没有问题"), ("minor", "有小问题，已提醒"), ("wrong", "不该给，要追回"))

    recheck = models.ForeignKey(Recheck, on_delete=models.CASCADE, related_name="picks")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="rechecks")
    position = models.PositiveIntegerField()
    result = models.CharField("结果", max_length=10, choices=RESULTS, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    checked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["recheck", "application"], name="file_is_drawn_once")]

    def __str__(self):
        return f"{self.recheck_id} {self.position}"
