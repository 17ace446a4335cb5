"""After the decision: appeals, ratings and what is mended because of them."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

from accounts.models import Department
from core.models import VisibleQuerySet

from .audit import AuditEntry
from .case import Case, different

User = settings.AUTH_USER_MODEL


class OfCases(VisibleQuerySet):
    def visible_to(self, principal) -> Self:
        """Those of the cases somebody may see."""
        return self.filter(case__in=Case.objects.visible_to(principal))


class Appeal(models.Model):
    """申诉: a case of its own, for staff who had no part in the decision. Those who decided are copied from the
    case, so that the database itself can keep them apart from ``handler``."""

    OUTCOMES = (("upheld", "维持原决定"), ("overturned", "撤销原决定，重新审核"), ("withdrawn", "店主撤回"))

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="appeals")
    words = models.CharField("理由", max_length=1000)
    filed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    filed_at = models.DateTimeField("提出于", auto_now_add=True)
    due_on = models.DateField("最迟", null=True)
    reviewer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    countersigner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    handler = models.ForeignKey(
        User, verbose_name="办理人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField("结果", max_length=10, choices=OUTCOMES, blank=True)
    answer = models.CharField("答复", max_length=1000, blank=True)
    decided_at = models.DateTimeField("答复于", null=True)

    objects = OfCases.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "申诉"
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(outcome=""), name="one_open_appeal"),
            models.CheckConstraint(
                condition=different("filed_by", "reviewer", "approver", "countersigner", "handler"),
                name="appeal_by_different_people",
                violation_error_message="原来审核、审批的人不能办理申诉。",
            ),
            models.CheckConstraint(
                condition=Q(outcome__in=["", "withdrawn"]) | Q(handler__isnull=False) & ~Q(answer=""),
                name="appeal_is_answered_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"appeal {self.pk}"


class RatingQuerySet(OfCases):
    def visible_to(self, principal) -> Self:
        """Of those, none of a case in which they did anything themselves: who was rated does not learn by whom."""
        rows = super().visible_to(principal)
        if not getattr(principal, "is_staff", False):
            return rows
        own = AuditEntry.objects.filter(case=OuterRef("case_id"), actor=principal.pk)
        return rows.exclude(Exists(own))


class Rating(models.Model):
    """好差评: one for each stage of a case, given by whoever has the address with the token. A bad one is
    answered (``contact_by``) and mended (``mend_by``), and may then be rated once more (``second``)."""

    LEVELS = ((5, "非常满意"), (4, "满意"), (3, "基本满意"), (2, "不满意"), (1, "非常不满意"))
    BAD = 2

    token = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="ratings")
    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField("环节", max_length=20)
    asked_at = models.DateTimeField(auto_now_add=True)
    level = models.PositiveSmallIntegerField("评价", choices=LEVELS, null=True)
    tags = models.JSONField("原因", default=list)
    words = models.CharField("想说的话", max_length=500, blank=True)
    rated_at = models.DateTimeField("评价于", null=True)
    contact_by = models.DateField("最迟联系", null=True)
    contacted_at = models.DateTimeField("已联系", null=True)
    mend_by = models.DateField("最迟整改", null=True)
    mended_at = models.DateTimeField("已整改", null=True)
    mended_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    mended_how = models.CharField("整改结果", max_length=500, blank=True)
    second = models.PositiveSmallIntegerField("追评", choices=LEVELS, null=True)

    objects = RatingQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "评价"
        constraints = [
            models.UniqueConstraint(fields=["case", "stage"], name="stage_is_rated_once"),
            models.CheckConstraint(
                condition=Q(level=None) | Q(level__gte=1, level__lte=5), name="rating_is_one_of_five"
            ),
        ]

    def __str__(self) -> str:
        return f"rating {self.pk}"

    @property
    def is_bad(self) -> bool:
        return self.level is not None and self.level <= self.BAD
