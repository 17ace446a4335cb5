"""People who look for work."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.principals import is_program
from core.models import VisibleQuerySet

from ..trades import counties, trades
from .posts import EVERY_DAY


class WorkerQuerySet(VisibleQuerySet):
    def looking(self) -> Self:
        return self.filter(state=Worker.State.LOOKING)

    def visible_to(self, principal) -> Self:
        """Themselves. Shops see of those who fit what a card shows (JobMatch), staff nothing."""
        if is_program(principal) or not getattr(principal, "is_active", False):
            return self.none()
        return self.filter(user=principal)


class Worker(models.Model):
    """Somebody of at least 16 who looks for work, with or without a shop. ``shown_name``: what others read before the
    two talk. ``trades``, ``counties``: lists of keys. ``days``: bit mask, 1 is Monday; ``hours``: the most a day;
    ``wants_fen``: the least a day. ``needs_lodging``, ``only_season``: wishes. ``adult_on``: the 18th birthday. Facts
    that posts may ask for are columns of the names in facts.py. ``said_at``: when this was last written down;
    ``told_at``: when they last heard of work that fits."""

    class State(models.TextChoices):
        LOOKING = "looking", "在找活"
        STOPPED = "stopped", "不找了"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, verbose_name="本人", on_delete=models.CASCADE, related_name="worker"
    )
    shown_name = models.CharField("显示的称呼", max_length=12)
    born_on = models.DateField("出生日期")
    adult_on = models.DateField(editable=False)
    trades = models.JSONField("会做的活", default=list)
    counties = models.JSONField("去哪里做", default=list)
    from_on = models.DateField("从哪天有空")
    until_on = models.DateField("到哪天有空")
    days = models.PositiveSmallIntegerField("一周哪几天", default=EVERY_DAY)
    hours = models.PositiveSmallIntegerField("一天最多几小时", default=10)
    wants_fen = models.BigIntegerField("一天最少")
    experience = models.PositiveSmallIntegerField("干过几年", null=True)
    certificates_yes = models.BigIntegerField(default=0, editable=False)
    certificates_known = models.BigIntegerField(default=0, editable=False)
    has_tools = models.BooleanField("自带工具", null=True)
    needs_lodging = models.BooleanField("要包住", default=False)
    only_season = models.BooleanField("只做季节活", default=False)
    looking_until = models.DateField("找到哪天")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.LOOKING)
    said_at = models.DateTimeField("写于", auto_now_add=True)
    told_at = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "找活的人"
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=Q(wants_fen__gt=0), name="nobody_works_for_nothing"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="free_until_after_from"),
            models.CheckConstraint(condition=Q(days__range=(1, EVERY_DAY)), name="free_on_some_day"),
            models.CheckConstraint(condition=Q(hours__range=(1, 24)), name="works_some_hours"),
        ]
        indexes = [models.Index(fields=["state", "looking_until"], name="workers_by_last_day")]

    def __str__(self) -> str:
        return f"worker {self.pk}"

    @property
    def trade_labels(self) -> list[str]:
        return [trades()[key].label for key in self.trades]

    @property
    def county_labels(self) -> list[str]:
        return [counties()[code].label for code in self.counties]


class Availability(models.Model):
    """One trade of somebody who looks for work, in one county: what matching goes through. Follows Worker."""

    worker = models.ForeignKey(Worker, on_delete=models.CASCADE, related_name="availability")
    trade = models.CharField(max_length=20)
    county = models.CharField(max_length=6)
    day_fen = models.BigIntegerField()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["worker", "trade", "county"], name="available_once_for_a_trade")
        ]
        indexes = [models.Index(fields=["trade", "county", "day_fen", "worker"], name="available_by_place")]

    def __str__(self) -> str:
        return f"availability {self.pk}"
