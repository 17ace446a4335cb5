"""What publishing a draft would change, worked out over the whole register."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from core.models import VisibleQuerySet
from policies.models import BenefitVersion


class ImpactRunQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Those of the versions somebody may see."""
        return self.filter(version__in=BenefitVersion.objects.visible_to(principal))


class ImpactRun(models.Model):
    """What publishing a draft would change over the whole register, worked out chunk by chunk (authoring/impact.py).

    ``digest``: of the draft's content and day when it was worked out; another content needs another run. ``found``:
    the figures, added up chunk by chunk.
    """

    STATUSES = (("running", "正在计算"), ("done", "已算完"), ("failed", "没有算完"))

    version = models.ForeignKey(BenefitVersion, on_delete=models.CASCADE, related_name="impact_runs")
    digest = models.CharField(max_length=64)
    day = models.DateField("按哪一天")
    status = models.CharField("状态", max_length=10, choices=STATUSES, default="running")
    cursor = models.BigIntegerField(default=0)
    last = models.BigIntegerField(default=0)
    found = models.JSONField(default=dict)
    problem = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    started_at = models.DateTimeField("开始于", auto_now_add=True)
    beat_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField("完成于", null=True)

    objects = ImpactRunQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "影响测算"

    def __str__(self) -> str:
        return f"impact of version {self.version_id}"
