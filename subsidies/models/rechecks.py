"""抽查: granted files looked into again."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.models import Department
from core.models import VisibleQuerySet

from .application import Application
from .money import of_own_department

User = settings.AUTH_USER_MODEL


class RecheckQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return of_own_department(self, principal, "subsidies.view_recheck")


class Recheck(models.Model):
    """抽查: granted files drawn by a seed from a list that can be drawn again (visits/draws.py)."""

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

    def __str__(self) -> str:
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

    def __str__(self) -> str:
        return f"{self.recheck_id} {self.position}"
