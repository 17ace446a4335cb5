"""The people around a case: who of the bureau had a part in it, who must keep away, and the turn of each applicant."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from businesses.models import Operator

from .case import Case

User = settings.AUTH_USER_MODEL


class Part(models.Model):
    """Somebody of the bureau has had a part in a case, once for each kind of part (cases/rights/parts.py).

    ``undone_at``: since when the decision that it led to is undone after an appeal; they keep away from then on.
    """

    class Kind(models.TextChoices):
        REVIEW = "review", "审核"
        DECIDE = "decide", "审批"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="parts")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    had_at = models.DateTimeField(auto_now_add=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "user", "kind"], name="part_written_once")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.case_id}"


class Interest(models.Model):
    """回避: a member of staff says whose cases they must not touch, their own included.

    ``person_index``: blind index of that person's identity number; the number itself is not kept. Taking it back takes
    two: ``ending_asked_at`` by whoever declared it, ``ended_by`` by somebody else.
    """

    RELATIONS = (("self", "本人"), ("spouse", "配偶"), ("kin", "近亲属"), ("other", "其他利害关系"))

    user = models.ForeignKey(
        User, verbose_name="工作人员", on_delete=models.CASCADE, related_name="interests"
    )
    person_index = models.CharField(max_length=64)
    relation = models.CharField("关系", max_length=10, choices=RELATIONS)
    declared_at = models.DateTimeField("申报于", auto_now_add=True)
    ending_asked_at = models.DateTimeField("申请撤销于", null=True)
    ending_because = models.CharField("撤销的理由", max_length=300, blank=True)
    ended_by = models.ForeignKey(
        User, verbose_name="同意撤销的人", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField("撤销于", null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "回避申报"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "person_index"], condition=Q(ended_at=None), name="interest_declared_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_by=None) | ~Q(ended_by=models.F("user")), name="interest_ended_by_another"
            ),
        ]

    def __str__(self) -> str:
        return self.get_relation_display()


class Turn(models.Model):
    """One row for each applicant, locked by whoever changes a case of theirs: two of their cases that exclude each
    other are never filed or approved at once (cases/transitions.py)."""

    operator = models.OneToOneField(
        Operator, on_delete=models.CASCADE, primary_key=True, related_name="+", db_constraint=False
    )

    def __str__(self) -> str:
        return f"turn {self.operator_id}"
