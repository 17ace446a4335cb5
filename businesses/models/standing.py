"""How a shop stands with the market regulator: type (分型), 名特优新, credit class, repair, spot checks."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.models import VisibleQuerySet

from ..facts import BUILT_IN_REGISTRY
from .register import Business

User = settings.AUTH_USER_MODEL
TYPES = [(choice.value, choice.label) for choice in BUILT_IN_REGISTRY["business_type"].choices]
CLASSES = [(choice.value, choice.label) for choice in BUILT_IN_REGISTRY["distinctive_classes"].choices]


class MarketQuerySet(VisibleQuerySet):
    """Rows of the market regulator: its own staff with the view permission, the auditor, the administrator."""

    def visible_to(self, principal):
        if not getattr(principal, "is_active", False) or not principal.is_staff:
            return self.none()
        permission = f"{self.model._meta.app_label}.view_{self.model._meta.model_name}"
        return self if principal.has_perm(permission) else self.none()


class TypeThresholds(models.Model):
    """Where one type ends and the next begins. The newest row stands; a change is a new row.

    Neither the state nor Guizhou has published figures, so the first row is a placeholder and says so
    (国市监注发〔2024〕10号 names the indicators only).
    """

    growth_years = models.PositiveSmallIntegerField("成长型：登记满几年", default=1)
    growth_insured = models.PositiveIntegerField("成长型：或参保几人以上", default=1)
    growth_tax = models.DecimalField(
        "成长型：或上年缴税几元以上", max_digits=14, decimal_places=2, default="0.01"
    )
    development_years = models.PositiveSmallIntegerField("发展型：登记满几年", default=2)
    development_insured = models.PositiveIntegerField("发展型：参保几人以上", default=8)
    development_tax = models.DecimalField(
        "发展型：或上年缴税几元以上", max_digits=14, decimal_places=2, default=30000
    )
    placeholder = models.BooleanField("暂定数值，还没有公布的标准", default=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    set_by = models.ForeignKey(
        User, verbose_name="设定人", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    set_at = models.DateTimeField("设定于", auto_now_add=True)

    objects = MarketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        get_latest_by = "id"
        verbose_name = verbose_name_plural = "分型标准"

    def __str__(self) -> str:
        return f"{self.set_at:%Y-%m-%d} 的标准"


class TypeVerdict(models.Model):
    """The type of a shop today (empty: untyped) and the deciding reason as a code (words: business_types.py)."""

    business = models.OneToOneField(
        Business, on_delete=models.CASCADE, primary_key=True, related_name="type_verdict"
    )
    type = models.CharField("分型", max_length=20, choices=TYPES, blank=True, default="")
    reason = models.CharField("理由", max_length=30)
    thresholds = models.ForeignKey(
        TypeThresholds, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    on = models.DateField("判定于")

    class Meta:
        verbose_name = verbose_name_plural = "分型结果"

    def __str__(self) -> str:
        return self.get_type_display() or "未分型"


class TypeChange(models.Model):
    """One move of one shop from a type to another; empty is untyped."""

    business = models.ForeignKey(
        Business, on_delete=models.CASCADE, related_name="type_changes", db_constraint=False
    )
    before = models.CharField(max_length=20, choices=TYPES, blank=True)
    after = models.CharField(max_length=20, choices=TYPES, blank=True)
    reason = models.CharField(max_length=30)
    on = models.DateField("判定于")

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "分型变动"

    def __str__(self) -> str:
        return f"{self.get_before_display() or '未分型'} → {self.get_after_display() or '未分型'}"


class DistinctiveListing(models.Model):
    """名特优新: a shop on the list, in one class, from 1 January, for three years."""

    business = models.ForeignKey(
        Business, verbose_name="商户", on_delete=models.PROTECT, related_name="distinctive_listings"
    )
    listed_as = models.CharField("类别", max_length=20, choices=CLASSES)
    since = models.DateField("列入")
    until = models.DateField("有效到")
    recommended_by = models.ForeignKey(
        "accounts.Department",
        verbose_name="推荐部门",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    basis = models.CharField("依据", max_length=200)
    added_by = models.ForeignKey(
        User, verbose_name="登记人", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    added_at = models.DateTimeField("登记于", auto_now_add=True)
    ended_on = models.DateField("移出", null=True, blank=True)
    ended_because = models.CharField("移出原因", max_length=200, blank=True)

    objects = MarketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "名特优新名录"
        constraints = [
            models.UniqueConstraint(
                fields=["business", "listed_as"],
                condition=Q(ended_on=None),
                name="one_standing_listing_per_business_and_class",
            ),
            models.CheckConstraint(
                condition=Q(until__gt=models.F("since")), name="listing_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business} {self.get_listed_as_display()}"


class CreditRating(models.Model):
    """The risk class of a shop: a tool of supervision (国市监信发〔2024〕72号), never a public label, and no fact.

    The owner sees it as guidance only; it may not decide a benefit.
    """

    CLASSES = (("A", "A 风险低"), ("B", "B 风险一般"), ("C", "C 风险较高"), ("D", "D 风险高"))

    business = models.OneToOneField(
        Business,
        verbose_name="商户",
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="credit_rating",
    )
    rated = models.CharField("信用风险类别", max_length=1, choices=CLASSES)
    on = models.DateField("评定于")

    objects = MarketQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "信用风险分类"
        constraints = [
            models.CheckConstraint(condition=Q(rated__in=["A", "B", "C", "D"]), name="credit_class_a_to_d")
        ]

    def __str__(self) -> str:
        return self.rated


class RepairCase(models.Model):
    """信用修复，免申即享: opened and closed by itself when a late annual report arrives. No application."""

    business = models.ForeignKey(
        Business, verbose_name="商户", on_delete=models.CASCADE, related_name="repair_cases"
    )
    cause = models.CharField("原因", max_length=30, default="annual_report")
    opened_at = models.DateTimeField("开始于", auto_now_add=True)
    closed_at = models.DateTimeField("办结于", null=True)
    result = models.CharField("结果", max_length=200, blank=True)
    seen_at = models.DateTimeField("店主已读", null=True)
    run_id = models.BigIntegerField("导入批次", null=True, editable=False)

    objects = MarketQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "信用修复"

    def __str__(self) -> str:
        return f"repair {self.pk}"
