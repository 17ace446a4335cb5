"""Work that a shop offers."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.principals import is_program, sees_all
from businesses.models import Business, Mandate
from core.models import VisibleQuerySet

from ..trades import counties, trades

User = settings.AUTH_USER_MODEL
EVERY_DAY = 0b1111111
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")


class PostQuerySet(VisibleQuerySet):
    def open(self) -> Self:
        """Those that take people on now."""
        return self.filter(state=Post.State.OPEN)

    def of_shops_of(self, principal) -> Self:
        """Those of the shops that ``principal`` may act for."""
        if is_program(principal):
            shops = Mandate.objects.standing().filter(client=principal).shops_within("apply")
        else:
            shops = Business.objects.acted_for_by(principal).values("pk")
        return self.filter(business__in=shops)

    def visible_to(self, principal) -> Self:
        """What is open everybody sees, also whoever has not signed in; the rest those whose shop it is, and staff who
        read what is held back."""
        shown = Q(state=Post.State.OPEN)
        if is_program(principal):
            return self.filter(shown | Q(pk__in=self.of_shops_of(principal).values("pk")))
        if not getattr(principal, "is_active", False):
            return self.filter(shown)
        if principal.is_staff:
            return self if principal.has_perm("jobs.view_post") or sees_all(principal) else self.filter(shown)
        return self.filter(shown | Q(pk__in=self.of_shops_of(principal).values("pk")))


class Post(models.Model):
    """``trade``: a key of data/trades.yaml; ``county``: where the work is. ``days``: bit mask of the days of the
    week, 1 is Monday. Pay in fen per ``unit``; ``day_fen``: what a day comes to, by which posts are compared.
    ``hours``: a day. ``night``: work between 22 and 6. ``people``: how many are wanted. ``requirements``: a tree
    over facts of workers, ``{"all": []}`` where nothing is asked; ``rule_key``: the same for the same tree, empty
    where nothing is. ``because``: why it is held back, paused or closed, for its owner."""

    class State(models.TextChoices):
        OPEN = "open", "招人中"
        HELD = "held", "等工作人员看"
        PAUSED = "paused", "暂停"
        CLOSED = "closed", "已结束"
        REMOVED = "removed", "已下架"

    class Unit(models.TextChoices):
        HOUR = "hour", "每小时"
        DAY = "day", "每天"
        PIECE = "piece", "每件"
        MONTH = "month", "每月"

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    business = models.ForeignKey(
        Business, verbose_name="商户", on_delete=models.CASCADE, related_name="posts"
    )
    by = models.ForeignKey(User, verbose_name="发布人", null=True, on_delete=models.PROTECT, related_name="+")
    trade = models.CharField("工种", max_length=20)
    title = models.CharField("标题", max_length=30)
    words = models.CharField("说明", max_length=500, blank=True)
    county = models.CharField("县区", max_length=6)
    place = models.CharField("地点", max_length=60, blank=True)
    from_on = models.DateField("从哪天")
    until_on = models.DateField("到哪天")
    days = models.PositiveSmallIntegerField("一周哪几天", default=EVERY_DAY)
    hours = models.PositiveSmallIntegerField("一天几小时", default=8)
    night = models.BooleanField("上夜班", default=False)
    pay_fen = models.BigIntegerField("工钱")
    unit = models.CharField("怎么算", max_length=10, choices=Unit.choices)
    pieces = models.PositiveIntegerField("一天大约多少件", null=True)
    day_fen = models.BigIntegerField("折合一天")
    people = models.PositiveSmallIntegerField("要几个人", default=1)
    lodging = models.BooleanField("包住", default=False)
    meals = models.BooleanField("包吃", default=False)
    season = models.BooleanField("季节性", default=False)
    is_hard = models.BooleanField("未满 18 岁不能做", default=False, editable=False)
    requirements = models.JSONField("要求", default=dict)
    rule_key = models.CharField(max_length=64, blank=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.OPEN)
    because = models.CharField("原因", max_length=200, blank=True)
    version = models.PositiveIntegerField(default=1)
    posted_at = models.DateTimeField("发布于", auto_now_add=True)
    told_at = models.DateTimeField(null=True, editable=False)
    handled_by = models.ForeignKey(
        User, verbose_name="处理人", null=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = PostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "招工"
        default_permissions = ("view",)
        permissions = [("moderate_post", "审核招工信息")]
        constraints = [
            models.CheckConstraint(condition=Q(pay_fen__gt=0, day_fen__gt=0), name="work_is_paid"),
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="work_ends_after_it_begins"),
            models.CheckConstraint(condition=Q(people__range=(1, 200)), name="post_wants_1_to_200_people"),
            models.CheckConstraint(condition=Q(days__range=(1, EVERY_DAY)), name="work_is_on_some_day"),
            models.CheckConstraint(condition=Q(hours__range=(1, 24)), name="work_has_hours"),
            models.CheckConstraint(
                condition=~Q(state__in=("held", "paused", "removed")) | ~Q(because=""),
                name="post_held_back_says_why",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "trade", "county", "-day_fen"], name="posts_by_trade_and_place"),
            models.Index(fields=["state", "until_on"], name="posts_by_last_day"),
        ]

    def __str__(self) -> str:
        return f"post {self.pk}"

    @property
    def subject(self) -> str:
        return f"post {self.pk}"

    @property
    def trade_label(self) -> str:
        return trades()[self.trade].label

    @property
    def place_label(self) -> str:
        return counties()[self.county].label + self.place

    @property
    def days_label(self) -> str:
        if self.days == EVERY_DAY:
            return "每天"
        return "、".join(label for place, label in enumerate(WEEKDAYS) if self.days >> place & 1)


class Report(models.Model):
    """Somebody says that a post is not right: once each."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")
    by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    words = models.CharField("哪里不对", max_length=200)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "举报"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["post", "by"], name="reported_once_each")]

    def __str__(self) -> str:
        return f"report {self.pk}"
