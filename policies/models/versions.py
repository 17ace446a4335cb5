"""The versions of each benefit."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q

from accounts.principals import sees_all
from core.models import Edition, VisibleQuerySet

from .documents import CATALOGUE_EDITION, Benefit, Measure


class BenefitVersionQuerySet(VisibleQuerySet):
    def published(self):
        """Those that decide on some day: published, and not withdrawn since."""
        return self.filter(status=BenefitVersion.Status.PUBLISHED)

    def fixed(self):
        """Those whose content never changes again."""
        return self.filter(status__in=[BenefitVersion.Status.PUBLISHED, BenefitVersion.Status.WITHDRAWN])

    def visible_to(self, principal):
        """Staff who read the catalogue: what is published, and the drafts of their own department's measures."""
        if not getattr(principal, "is_staff", False) or not principal.has_perm(
            "policies.view_benefitversion"
        ):
            return self.none()
        if sees_all(principal):
            return self
        own = Measure.objects.of_department(principal.department_id)
        fixed = [BenefitVersion.Status.PUBLISHED, BenefitVersion.Status.WITHDRAWN]
        return self.filter(Q(status__in=fixed) | Q(benefit__measure__in=own))

    def in_force_on(self, day):
        """The versions that decide on ``day``, at most one per benefit: the latest that is effective by then."""
        effective = Q(effective_from=None) | Q(effective_from__lte=day)
        by_then = self.published().filter(effective, benefit=models.OuterRef("benefit"))
        newest = by_then.order_by(models.F("effective_from").desc(nulls_last=True), "-number").values("pk")[
            :1
        ]
        return self.published().filter(pk=models.Subquery(newest))

    def update(self, **values):
        if self.fixed().exists():
            raise ValidationError("已经发布的版本不能修改，请另起一个新版本。")
        return super().update(**values)

    def delete(self):
        if self.fixed().exists():
            raise ValidationError("已经发布的版本不能删除。")
        return super().delete()


class BenefitVersion(models.Model):
    """One state of a benefit's content: rule, amount, window, materials, process, texts and golden cases.

    ``content`` has the shape of one benefit in data/measures.yaml, with the named conditions it uses. Immutable once
    published. ``effective_from``: the day from which it decides, None for ever since; ``content_digest`` is set on what
    ``load_measures`` published.
    """

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        PROPOSED = "proposed", "待第二人发布"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤回"

    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField("版本号")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.DRAFT)
    effective_from = models.DateField("生效日期", null=True, blank=True, help_text="空着表示一直有效。")
    content = models.JSONField("内容")
    content_digest = models.CharField(max_length=64, editable=False, blank=True)
    based_on = models.ForeignKey(
        "self",
        verbose_name="从哪一版起草",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )
    change_note = models.CharField("改了什么", max_length=300, blank=True)
    golden_reasons = models.JSONField(default=dict, editable=False)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name="提请人",
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    proposed_at = models.DateTimeField("提请时间", null=True, blank=True, editable=False)
    publisher = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    published_by = models.CharField("发布人", max_length=150, blank=True, editable=False)
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True, editable=False)
    withdrawn_because = models.CharField("撤回原因", max_length=300, blank=True, editable=False)
    created_at = models.DateTimeField("创建时间", auto_now_add=True)

    objects = BenefitVersionQuerySet.as_manager()

    class Meta:
        ordering = ["benefit__code", "-number"]
        verbose_name = verbose_name_plural = "事项版本"
        permissions = [("publish_benefitversion", "发布、撤回事项版本")]
        constraints = [
            models.UniqueConstraint(fields=["benefit", "number"], name="benefit_version_number_once"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "proposed"])
                | (Q(published_at__isnull=False) & ~Q(published_by="")),
                name="published_version_says_who_and_when",
                violation_error_message="发布的版本要有发布人和发布时间。",
            ),
            # Four eyes: whoever proposed a version does not publish it. The measures file is the system's.
            models.CheckConstraint(
                condition=Q(status__in=["draft", "proposed"])
                | Q(published_by="system")
                | Q(proposed_by__isnull=False, publisher__isnull=False)
                & ~Q(proposed_by=models.F("publisher")),
                name="version_published_by_a_second_person",
                violation_error_message="提请发布的人不能自己发布，请另一位同事发布。",
            ),
            models.CheckConstraint(
                condition=~Q(status="proposed") | Q(proposed_by__isnull=False, proposed_at__isnull=False),
                name="proposed_version_says_by_whom",
            ),
            models.CheckConstraint(
                condition=~Q(status="withdrawn")
                | (Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False) & ~Q(withdrawn_because="")),
                name="withdrawn_version_says_by_whom_and_why",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit.code} 第 {self.number} 版"

    def save(self, *args, **kwargs) -> None:
        if self.pk and type(self).objects.fixed().filter(pk=self.pk).exists():
            raise ValidationError("已经发布的版本不能修改，请另起一个新版本。")
        super().save(*args, **kwargs)
        Edition.objects.bump(CATALOGUE_EDITION)

    def delete(self, *args, **kwargs):
        if type(self).objects.fixed().filter(pk=self.pk).exists():
            raise ValidationError("已经发布的版本不能删除。")
        return super().delete(*args, **kwargs)
