"""双随机: draws that were kept, each with what it takes to draw again (core/sampling.py)."""

from django.conf import settings
from django.db import models

from businesses.models import Business, MarketQuerySet

User = settings.AUTH_USER_MODEL


class InspectionDraw(models.Model):
    """双随机: a sample of shops and the inspectors for each, drawn by a seed so that anyone can draw it again."""

    name = models.CharField("名称", max_length=80)
    seed = models.CharField("种子", max_length=64)
    size = models.PositiveIntegerField("抽取户数")
    weights = models.JSONField("各类权重", default=dict)
    district = models.CharField("县区", max_length=6, blank=True)
    industry = models.CharField("行业", max_length=5, blank=True)
    population = models.PositiveIntegerField("名单总数", default=0)
    fingerprint = models.CharField("名单指纹", max_length=64, blank=True)
    drawn_by = models.ForeignKey(
        User, verbose_name="抽取人", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    drawn_at = models.DateTimeField("抽取于", auto_now_add=True)
    inspectors = models.ManyToManyField(User, verbose_name="检查人员", blank=True, related_name="+")

    objects = MarketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "双随机抽查"

    def __str__(self) -> str:
        return self.name


class InspectionPick(models.Model):
    """One shop of a draw, in the order drawn, with the people who are to go there."""

    draw = models.ForeignKey(InspectionDraw, on_delete=models.CASCADE, related_name="picks", db_index=False)
    place = models.PositiveIntegerField("序号")
    business = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="+")
    rated = models.CharField("抽取时类别", max_length=1, blank=True)
    inspectors = models.JSONField("检查人员", default=list)

    class Meta:
        ordering = ["draw", "place"]
        constraints = [
            models.UniqueConstraint(fields=["draw", "place"], name="one_pick_per_place"),
            models.UniqueConstraint(fields=["draw", "business"], name="one_pick_per_business"),
        ]

    def __str__(self) -> str:
        return f"{self.place}"
