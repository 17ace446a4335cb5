"""A visit that a bureau means to pay a shop: the columns that its case has besides."""

from django.db import models
from django.db.models import F, Q

from cases.models import Case

LONGEST_ITEM, LONGEST_NOTE = 30, 500


class VisitCase(Case):
    """The visits among the cases. The department of the case is the bureau that plans it."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "检查计划"
        default_permissions = ()


class Visit(models.Model):
    """``items``: what is looked at, words. It is to be between ``from_on`` and ``until_on``; ``on``: the day that is
    proposed, or set. ``merged_into``: the visit with which it is paid at once, on the same day. ``alone``: its bureau
    has declined to merge it. ``because``: what brings it about; whatever is not routine has a ``note``, which only its
    bureau sees. ``arrived_at``: when somebody stood at the door (pages/arriving.py). ``reminded_for``: the day of which
    its owner has been reminded.
    """

    class Because(models.TextChoices):
        NORMAL = "normal", "日常检查"
        COMPLAINT = "complaint", "接到投诉"
        ACCIDENT = "accident", "出了事故"
        ORDERED = "ordered", "上级交办"

    case = models.OneToOneField(Case, primary_key=True, on_delete=models.CASCADE, related_name="visit")
    items = models.JSONField("查什么", default=list)
    from_on = models.DateField("最早哪天")
    until_on = models.DateField("最晚哪天")
    on = models.DateField("检查日期", null=True)
    merged_into = models.ForeignKey(
        "self", verbose_name="合并到", null=True, on_delete=models.PROTECT, related_name="joined"
    )
    alone = models.BooleanField("单独去", default=False)
    because = models.CharField("原因", max_length=10, choices=Because.choices, default=Because.NORMAL)
    note = models.CharField("为什么要去", max_length=LONGEST_NOTE, blank=True)
    arrived_at = models.DateTimeField("到店于", null=True)
    reminded_for = models.DateField(null=True)

    class Meta:
        verbose_name = verbose_name_plural = "检查"
        permissions = [("plan_visit", "安排检查")]
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="visit_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(on=None) | Q(on__gte=F("from_on"), on__lte=F("until_on")),
                name="visit_is_on_a_day_of_its_own",
            ),
            models.CheckConstraint(
                condition=Q(because="normal") | ~Q(note=""), name="visit_out_of_turn_says_why"
            ),
            models.CheckConstraint(
                condition=Q(because__in=["normal", "complaint", "accident", "ordered"]),
                name="visit_has_a_known_cause",
            ),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("case")) & Q(on__isnull=False),
                name="merged_visit_is_on_a_day",
            ),
        ]
        indexes = [models.Index(fields=["on"], name="visits_by_day")]

    def __str__(self) -> str:
        return f"visit {self.pk}"

    @property
    def is_routine(self) -> bool:
        return self.because == self.Because.NORMAL
