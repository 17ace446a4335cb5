"""The evidence wallet: what an operator has uploaded once, and may use for every case."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from businesses.models import Assistance, Operator, entrusted_shops, operators_of
from core.models import VisibleQuerySet

User = settings.AUTH_USER_MODEL


def people_of(user) -> set:
    """Ids of the operators whose evidence and cases ``user`` may reach: their own, and by mandate to apply."""
    helped = entrusted_shops(user, "apply").values()
    return {*operators_of(user), *(operator for operator in helped if operator)}


class EvidenceQuerySet(VisibleQuerySet):
    def kept(self) -> Self:
        return self.filter(deleted_at=None)

    def usable(self) -> Self:
        """What may be shown: looked through by the scanner, and not deleted."""
        return self.kept().filter(status=Evidence.Status.CLEAN)

    def visible_to(self, principal) -> Self:
        """People: their own, and by mandate. Staff with the right to it: what the cases they may see
        hold, and of whoever they fill in for."""
        if not getattr(principal, "is_active", False):
            return self.none()
        if principal.is_staff:
            if not principal.has_perm("cases.view_evidence"):
                return self.none()
            from .case import Case

            seen = Case.objects.visible_to(principal)
            now = Assistance.objects.standing().filter(clerk=principal).values("operator")
            return self.filter(Q(uses__case__in=seen) | Q(operator__in=now)).distinct()
        return self.filter(operator__in=people_of(principal))


class Evidence(models.Model):
    """One file: an image as we wrote it anew, or a PDF that was looked into. Served through a view alone.

    ``stored_name`` is a random key in settings.PRIVATE_FOLDER/evidence; ``original_name`` is shown, never a path.
    ``material``: what it was uploaded as, by which it is offered again.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "正在检查"
        CLEAN = "clean", "可以用"
        INFECTED = "infected", "有病毒，不能用"
        ERROR = "error", "没有检查成"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="evidence")
    material = models.CharField("材料", max_length=80)
    original_name = models.CharField("文件名", max_length=255)
    stored_name = models.CharField(max_length=64, unique=True)
    media_type = models.CharField("类型", max_length=40)
    size = models.PositiveIntegerField("大小")
    sha256 = models.CharField(max_length=64)
    pages = models.PositiveSmallIntegerField("页数", default=1)
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PENDING)
    problem = models.CharField("问题", max_length=200, blank=True)
    expires_on = models.DateField("有效到", null=True, blank=True)
    uploaded_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField("上传于", auto_now_add=True)
    deleted_at = models.DateTimeField("删除于", null=True)

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "材料"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "material", "sha256"],
                condition=Q(deleted_at=None),
                name="evidence_kept_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.material} {self.pk}"
