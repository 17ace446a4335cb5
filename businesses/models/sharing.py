"""信息授权: what of a shop's facts its operator lets one institution read, and how often it was read."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import Department
from core.encryption import EncryptedField
from core.models import VisibleQuerySet

from .people import operators_of
from .register import Business, Operator

User = settings.AUTH_USER_MODEL


class SharingQuerySet(VisibleQuerySet):
    def standing(self) -> Self:
        """Not revoked, and not past the last day."""
        return self.filter(revoked_at=None, until__gte=timezone.localdate())

    def visible_to(self, principal) -> Self:
        """The operator's own. Staff see none: what they may read is read through a leg."""
        if not getattr(principal, "is_active", False) or getattr(principal, "is_staff", False):
            return self.none()
        return self.filter(operator__in=operators_of(principal))


class Sharing(models.Model):
    """``facts``: names; ``preview``: their values in JSON spelling as the operator saw them when agreeing, sealed.
    ``used`` of ``uses`` times read. After ``until`` nothing is read any more, and ``receiver`` deletes what it keeps
    within ``keep_days``. ``notice``: SHA-256 of the words agreed to."""

    MOST_DAYS = 180

    operator = models.ForeignKey(Operator, on_delete=models.PROTECT, related_name="sharings")
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="sharings")
    given_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey(
        Department, verbose_name="给谁看", on_delete=models.PROTECT, related_name="sharings"
    )
    purpose = models.CharField("用来做什么", max_length=200)
    facts = models.JSONField("看哪些", default=list)
    preview = EncryptedField("当时的内容", bound_to=["operator_id", "receiver_id"])
    until = models.DateField("有效到")
    uses = models.PositiveSmallIntegerField("最多看几次", default=3)
    used = models.PositiveSmallIntegerField("已看几次", default=0, editable=False)
    keep_days = models.PositiveSmallIntegerField("最多保存几天", default=30)
    notice = models.CharField(max_length=64)
    given_at = models.DateTimeField("同意于", auto_now_add=True)
    revoked_at = models.DateTimeField("撤回于", null=True)

    objects = SharingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "信息授权"
        constraints = [
            models.CheckConstraint(condition=Q(used__lte=F("uses")), name="sharing_read_no_oftener"),
        ]

    def __str__(self) -> str:
        return f"sharing {self.pk}"
