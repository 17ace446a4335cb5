"""Who has what and who could have what: holdings, stored decisions, how far they are up to date."""

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from businesses.models import Business, Operator
from core.models import VisibleQuerySet
from policies.models import Benefit, BenefitVersion


def bare_key(to, **options):
    """A foreign key without constraint and index: a trigger for each would make bulk matching several times slower.
    ``check_invariants`` counts the orphans."""
    return models.ForeignKey(
        to, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+", **options
    )


class HoldingQuerySet(VisibleQuerySet):
    def live(self, day=None):
        """Not declined, and not over before ``day`` (today)."""
        day = day or timezone.localdate()
        return self.exclude(kind=Holding.Kind.DECLINED).filter(Q(until=None) | Q(until__gte=day))

    def visible_to(self, principal):
        """Those of the shops somebody may see."""
        return self.filter(business__in=Business.objects.visible_to(principal))


class Holding(models.Model):
    """What an operator has applied for, been granted, enjoyed or been refused (design.md §3).

    Written through eligibility/holdings.py alone. ``for_person``: it counts for all shops of the operator.
    """

    class Kind(models.TextChoices):
        APPLIED = "applied", "办理中"
        GRANTED = "granted", "已批准"
        ENJOYED = "enjoyed", "已享受"
        DECLINED = "declined", "未批准"

    operator = models.ForeignKey(
        Operator, verbose_name="经营者", null=True, on_delete=models.PROTECT, related_name="holdings"
    )
    business = models.ForeignKey(
        Business, verbose_name="商户", on_delete=models.PROTECT, related_name="holdings"
    )
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="holdings"
    )
    kind = models.CharField("情况", max_length=10, choices=Kind.choices)
    for_person = models.BooleanField("每人一次", default=False)
    since = models.DateField("起")
    until = models.DateField("止", null=True, blank=True)

    objects = HoldingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "已办事项"
        constraints = [
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="holding_ends_after_it_begins"
            )
        ]
        indexes = [models.Index(fields=["benefit", "operator"], name="holding_by_person")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.kind}"


class MatchQuerySet(VisibleQuerySet):
    def open(self):
        """Decisions that stand."""
        return self.filter(closed_on=None)

    def visible_to(self, principal):
        return self.filter(business__in=Business.objects.visible_to(principal))


class Match(models.Model):
    """A stored decision: this shop has ``state`` for this benefit. One row for shop and benefit; closed, not deleted.

    ``version`` and ``facts_version``: the benefit version and the shop's version it was made from; it stands for as
    long as newer ones say the same. Amounts in fen; those of taxes are null, being worked out when shown. Written by
    eligibility/matches/match_store.py alone, in statements over many shops.
    """

    class State(models.IntegerChoices):
        NOW = 1, "现在可以享受"
        AUTO = 2, "自动享受"
        SOON = 3, "再等等就可以"

    benefit = bare_key(Benefit)
    business = bare_key(Business)
    operator = bare_key(Operator, null=True)
    version = bare_key(BenefitVersion)
    facts_version = models.PositiveIntegerField()
    state = models.SmallIntegerField(choices=State.choices)
    value_fen = models.BigIntegerField(null=True)
    maximum_fen = models.BigIntegerField(null=True)
    eligible_from = models.DateField(null=True)
    apply_before = models.DateField(null=True)
    decided_on = models.DateField()
    closed_on = models.DateField(null=True)

    objects = MatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "匹配结果"
        constraints = [models.UniqueConstraint(fields=["benefit", "business"], name="match_once")]
        # For reminders of days that come near. Only rows with such a day are in them, so the rest is written no slower.
        indexes = [
            models.Index(
                fields=["benefit", "apply_before"],
                condition=models.Q(closed_on=None, state=1, apply_before__isnull=False),
                name="match_closing",
            ),
            models.Index(
                fields=["benefit", "apply_before"],
                condition=models.Q(closed_on=None, state=2, apply_before__isnull=False),
                name="match_running_out",
            ),
            models.Index(
                fields=["benefit", "eligible_from"],
                condition=models.Q(closed_on=None, state=3, eligible_from__isnull=False),
                name="match_coming",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.business_id} {self.benefit_id} {self.state}"


class MatchCoverage(models.Model):
    """Up to which version and day the decisions on a benefit are brought up to date for all shops."""

    benefit = models.OneToOneField(
        Benefit, on_delete=models.CASCADE, primary_key=True, related_name="match_coverage"
    )
    version = models.ForeignKey(BenefitVersion, null=True, on_delete=models.PROTECT, related_name="+")
    day = models.DateField()

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.day}"
