"""The address from which a phone reads somebody's days."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class CalendarFeed(models.Model):
    """Whoever knows the address reads the days of ``user``, until it is taken back. ``digest``: SHA-256 of its
    token."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="calendar_feed"
    )
    digest = models.CharField(max_length=64, unique=True)
    opened_at = models.DateTimeField("建立于", default=timezone.now)
    read_at = models.DateTimeField("最近读取", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "日历地址"

    def __str__(self) -> str:
        return f"{self.user_id}"
