"""代办: a clerk fills in for a person who is at the window or on the phone, for a while."""

from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from accounts.principals import sees_all
from core.models import VisibleQuerySet

from .register import Business, Operator

User = settings.AUTH_USER_MODEL


class AssistanceQuerySet(VisibleQuerySet):
    def standing(self) -> Self:
        """Those that are not over."""
        return self.filter(ended_at=None, until__gt=timezone.now())

    def visible_to(self, principal) -> Self:
        """Whoever helps: their own. The auditor: all."""
        if not getattr(principal, "is_staff", False) or not principal.has_perm("businesses.view_assistance"):
            return self.none()
        return self if sees_all(principal) else self.filter(clerk=principal)


class Assistance(models.Model):
    """``clerk`` may apply for ``business`` until ``until``: its operator has shown who they are, with the end of their
    identity number. ``channel``: where they are."""

    CHANNELS = (("window", "在窗口"), ("phone", "在电话上（12345）"))

    business = models.ForeignKey(
        Business, verbose_name="商户", on_delete=models.CASCADE, related_name="assistances"
    )
    operator = models.ForeignKey(
        Operator, verbose_name="经营者", on_delete=models.PROTECT, related_name="assistances"
    )
    clerk = models.ForeignKey(User, verbose_name="谁代办", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField("店主在哪里", max_length=10, choices=CHANNELS)
    begun_at = models.DateTimeField("开始于", auto_now_add=True)
    until = models.DateTimeField("最迟到")
    ended_at = models.DateTimeField("结束于", null=True)

    objects = AssistanceQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "代办"
        default_permissions = ("view", "add")
        indexes = [models.Index(fields=["clerk", "business", "until"], name="assistance_of_clerk")]

    def __str__(self) -> str:
        return f"{self.business_id} {self.get_channel_display()}"
