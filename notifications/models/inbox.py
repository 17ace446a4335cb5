"""What an operator is told, and what they do not want to hear of."""

from collections.abc import Collection
from typing import NamedTuple, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.principals import is_program
from businesses.models import Binding, Business, Mandate, Operator, entrusted_shops, operators_of
from core.models import VisibleQuerySet
from eligibility.matches import match_store
from eligibility.models import bare_key
from policies.models import Benefit, BenefitVersion

from .pushes import PushRun

User = settings.AUTH_USER_MODEL


class Change(models.IntegerChoices):
    """What changed for an operator, in the digit that is stored."""

    NEW = match_store.NEW, "新的政策"
    SOON = match_store.SOON, "再等等就可以"
    AMOUNT = match_store.AMOUNT, "金额有变化"
    ENDED = match_store.ENDED, "不再符合"
    REMINDER = 5, "快到期提醒"


class Reader(NamedTuple):
    """Whom a reader of an inbox has shown to be, and the people and shops that they may view by mandate: ids."""

    mine: Collection[int]
    people: Collection[int]
    shops: Collection[int]


def reader(user) -> Reader:
    """Somebody signed in who is no staff."""
    shops = entrusted_shops(user, "view")
    return Reader(operators_of(user), {operator for operator in shops.values() if operator}, set(shops))


class ToldQuerySet(VisibleQuerySet):
    """What was told to an ``operator`` about a ``business``."""

    def for_person(self, user):
        """What is for whom ``user`` has shown to be."""
        bound = Binding.objects.filter(user=user, ended_at=None, operator__isnull=False)
        return self._with_shop().filter(operator__in=bound.values("operator"))

    def _with_shop(self):
        """Those whose shop still stands: an import that is taken back takes the shops away that it brought."""
        return self.filter(Exists(Business.objects.filter(pk=OuterRef("business"))))

    def visible_to(self, principal):
        """Owners: what is for the person they have shown to be. Agents and programs: what is about the shops they may
        view by mandate, as far as it is for who stands behind them today."""
        if is_program(principal):
            shops = Mandate.objects.standing().filter(client=principal).shops_within("view")
            behind = Business.objects.filter(pk__in=shops, operator__isnull=False)
            people = set(behind.values_list("operator", flat=True)) if shops else ()
            return self.told_to(Reader((), people, shops))
        if getattr(principal, "is_active", False) and not principal.is_staff:
            return self.told_to(reader(principal))
        return self.none()

    def told_to(self, reader: "Reader") -> Self:
        """What a reader may see, by ids. Not by subqueries: the index leads with the operator, and an OR of subqueries
        would read the whole table."""
        theirs = self.filter(operator__in={*reader.mine, *reader.people})
        return theirs.filter(Q(operator__in=reader.mine) | Q(business__in=reader.shops))._with_shop()


class Notification(models.Model):
    """An inbox row, one per (operator, benefit version, change); waits where nobody has bound the shop yet.

    Its words are made when it is read. ``business``: the shop it is about, the first of several. ``day``: on which the
    decision changed. ``before_fen``: what the amount was, where that changed.
    """

    operator = bare_key(Operator)
    business = bare_key(Business)
    benefit = bare_key(Benefit)
    version = bare_key(BenefitVersion)
    run = bare_key(PushRun)
    kind = models.SmallIntegerField("内容", choices=Change.choices)
    day = models.DateField("日期")
    before_fen = models.BigIntegerField(null=True)
    created_at = models.DateTimeField("时间", default=timezone.now)
    opened_at = models.DateTimeField("打开于", null=True)
    acted_at = models.DateTimeField("去办于", null=True)

    objects = ToldQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "消息"
        constraints = [
            models.UniqueConstraint(fields=["operator", "version", "kind", "day"], name="notification_once")
        ]
        indexes = [
            # The funnel counts what was opened; until then a row costs this index nothing.
            models.Index(fields=["version"], condition=Q(opened_at__isnull=False), name="notification_opened")
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.version_id} {self.kind}"


class OptOut(models.Model):
    """An operator does not want to be told: of a benefit, of a kind of change, or of anything (both null).

    Rows, not flags, because pushes leave these operators out in one statement. Ended, not deleted.
    """

    REASONS = (
        ("not_needed", "用不上"),
        ("not_mine", "和我的情况不符"),
        ("too_much_trouble", "办起来太麻烦"),
        ("done_elsewhere", "已经办过了"),
        ("too_many", "消息太多"),
        ("other", "其他"),
    )

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="silences")
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", null=True, on_delete=models.CASCADE, related_name="silences"
    )
    kind = models.SmallIntegerField("内容", choices=Change.choices, null=True)
    reason = models.CharField("原因", max_length=20, choices=REASONS, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField("时间", default=timezone.now)
    ended_at = models.DateTimeField("恢复于", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "不再推送"
        constraints = [
            models.UniqueConstraint(
                fields=["operator", "benefit", "kind"],
                condition=Q(benefit__isnull=False, kind__isnull=False, ended_at=None),
                name="silence_once",
            ),
            models.UniqueConstraint(
                fields=["operator", "benefit"],
                condition=Q(benefit__isnull=False, kind=None, ended_at=None),
                name="silence_of_a_benefit_once",
            ),
            models.UniqueConstraint(
                fields=["operator", "kind"],
                condition=Q(benefit=None, kind__isnull=False, ended_at=None),
                name="silence_of_a_kind_once",
            ),
            models.UniqueConstraint(
                fields=["operator"],
                condition=Q(benefit=None, kind=None, ended_at=None),
                name="silence_of_all_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator_id} {self.benefit_id} {self.kind}"
