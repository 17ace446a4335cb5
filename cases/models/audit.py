"""Who did what to which case and which money: rows that are only ever added, each chained to the one before."""

from typing import Self

from django.db import models

from accounts.models import Department
from accounts.principals import sees_all
from core.models import VisibleQuerySet


class AuditQuerySet(VisibleQuerySet):
    def visible_to(self, principal) -> Self:
        """The auditor and the administrator see all; staff see what concerns their own department."""
        if not getattr(principal, "is_active", False) or not principal.is_staff:
            return self.none()
        if sees_all(principal):
            return self
        if principal.has_perm("cases.view_auditentry") and principal.department_id:
            return self.filter(department=principal.department_id)
        return self.none()


class AuditEntry(models.Model):
    """One thing done. ``digest`` is the SHA-256 of this row's content and of ``previous``, the digest of the row before
    it; ``sequence`` has no gaps. A trigger refuses every change (core/guards.py).

    ``actor``: a user's id, None for the system or a program (``client``). ``detail`` holds no name and no number.
    """

    sequence = models.PositiveBigIntegerField(primary_key=True)
    at = models.DateTimeField("时间")
    actor = models.BigIntegerField("谁", null=True, db_index=True)
    client = models.CharField("接口客户端", max_length=100, blank=True)
    department = models.ForeignKey(
        Department,
        verbose_name="部门",
        null=True,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
    )
    verb = models.CharField("做了什么", max_length=40)
    subject = models.CharField("对象", max_length=60)
    case = models.BigIntegerField("办件", null=True)
    before = models.CharField("原来", max_length=20, blank=True)
    after = models.CharField("之后", max_length=20, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    detail = models.JSONField("内容", default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-sequence"]
        verbose_name = verbose_name_plural = "审计记录"
        indexes = [models.Index(fields=["case", "sequence"], name="audit_of_case")]

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.subject}"


class AuditHead(models.Model):
    """The end of the chain: one row, locked while the next is added."""

    sequence = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, default="")

    def __str__(self) -> str:
        return str(self.sequence)
