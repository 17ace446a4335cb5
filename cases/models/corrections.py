"""What a bureau asks an owner to put right, and each thing that is wrong."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from .case import Case

User = settings.AUTH_USER_MODEL


class Correction(models.Model):
    """补正: everything that was wrong, told at once. At most one of a case is open."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="corrections")
    number = models.PositiveSmallIntegerField("第几次")
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("通知于", auto_now_add=True)
    due_on = models.DateField("最迟补齐")
    answered_at = models.DateTimeField("补齐于", null=True)
    closed_at = models.DateTimeField("结束于", null=True)

    class Meta:
        ordering = ["number"]
        verbose_name = verbose_name_plural = "补正"
        constraints = [
            models.UniqueConstraint(
                fields=["case"],
                condition=Q(answered_at=None, closed_at=None),
                name="one_open_correction",
            ),
            models.UniqueConstraint(fields=["case", "number"], name="correction_numbered_once"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} 第 {self.number} 次补正"


class Defect(models.Model):
    """One thing wrong: a fact of the case (``fact``), or a material (``material``). Old and new stay side by
    side: values in JSON spelling, files as lists of evidence ids."""

    KINDS = (("fact", "信息"), ("material", "材料"))

    correction = models.ForeignKey(Correction, on_delete=models.CASCADE, related_name="defects")
    kind = models.CharField(max_length=10, choices=KINDS)
    name = models.CharField("哪一项", max_length=80)
    reason = models.CharField("哪里不对", max_length=300)
    sample = models.CharField("怎样才对", max_length=300, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["correction", "kind", "name"], name="defect_named_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
