"""The register: shops and the people behind them, what each source said of them, and every change."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Replace
from django.utils import timezone

from accounts.principals import is_program
from core.encryption import EncryptedField
from core.models import VisibleQuerySet
from core.money import FEN

from ..facts import BUILT_IN, COMPUTED

# An address without its spaces, however many and of whatever width: by it the same place is found.
CLOSE_ADDRESS = Replace(Replace("address", Value(" "), Value("")), Value("\u3000"), Value(""))


class OperatorQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Staff who read the register see all; an owner sees nobody through here."""
        if getattr(principal, "is_staff", False) and principal.has_perm("businesses.view_operator"):
            return self
        return self.none()


class Operator(models.Model):
    """The natural person behind one or more businesses; the one a policy is pushed to."""

    name = models.CharField("姓名", max_length=80)
    folded_name = models.CharField(max_length=80, default="", editable=False)
    identity = EncryptedField("身份证号", null=True, blank=True, editable=False, bound_to=["identity_index"])
    identity_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    created_in = models.BigIntegerField(null=True, editable=False)

    objects = OperatorQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "经营者"
        constraints = [
            models.CheckConstraint(
                condition=Q(identity__isnull=True, identity_index__isnull=True)
                | Q(identity__isnull=False, identity_index__isnull=False),
                name="identity_and_its_index_go_together",
            )
        ]

    def __str__(self) -> str:
        return self.name


class BusinessQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Staff who read the register: all. An owner or agent: the shops they may act for. A program: see ApiClient."""
        if is_program(principal):
            return self if principal.source else self.filter(pk__in=_mandated(client=principal))
        if not getattr(principal, "is_active", False):
            return self.none()
        if principal.is_staff:
            return self if principal.has_perm("businesses.view_business") else self.none()
        return self.acted_for_by(principal)

    def acted_for_by(self, user):
        """Shops that ``user`` has bound, or holds a mandate for today."""
        from .people import Binding

        bound = Binding.objects.filter(user=user, ended_at=None).values("business")
        # Ids from two indexes. An OR over joins from the shop would read the whole register for every page.
        return self.filter(pk__in=bound.union(_mandated(agent=user)))


def _mandated(**holder):
    """Ids of the shops for which ``holder`` has a mandate today, as a subquery."""
    from .people import Mandate

    return Mandate.objects.standing().filter(**holder).order_by().values("business")


class Business(models.Model):
    """One registered shop. Its facts, and its operator's, are columns below; None is unknown, never false.

    The columns are what BusinessRecord and OperatorRecord say when merged (businesses/merge.py); they are written by
    businesses/register/ alone, so that rules can be matched in SQL on bare columns.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    operator = models.ForeignKey(
        Operator,
        verbose_name="经营者",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="businesses",
    )
    name = models.CharField("名称", max_length=120)
    credit_code = models.CharField("统一社会信用代码", max_length=18, null=True, blank=True, unique=True)
    address = models.CharField("经营场所", max_length=200, blank=True, default="")
    abnormal_reason = models.CharField("经营异常原因", max_length=20, blank=True, default="", editable=False)
    extra = models.JSONField("工作人员添加的事实", default=dict, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField("更新于", default=timezone.now, editable=False)
    created_in = models.BigIntegerField(null=True, editable=False)

    objects = BusinessQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "商户"
        indexes = [models.Index(CLOSE_ADDRESS, name="business_by_close_address")]

    def __str__(self) -> str:
        return self.name


def _columns(fact):
    """The columns of a built-in fact, by name. A set is two bit masks: the members that hold, and those known of."""
    options = {"verbose_name": fact.label, "null": True, "blank": True}
    if fact.type == "date":
        # Matching asks for the shops on a rule's threshold day.
        yield fact.name, models.DateField(db_index=True, **options)
    elif fact.type == "integer":
        yield fact.name, models.PositiveIntegerField(**options)
    elif fact.type == "money":
        places = -FEN.as_tuple().exponent
        yield fact.name, models.DecimalField(max_digits=12 + places, decimal_places=places, **options)
    elif fact.type == "bool":
        yield fact.name, models.BooleanField(**options)
    elif fact.type == "choice":
        choices = [(choice.value, choice.label) for choice in fact.choices]
        yield fact.name, models.CharField(max_length=40, choices=choices, **options)
    elif fact.type == "code":
        yield fact.name, models.CharField(max_length=5, **options)
    else:
        yield f"{fact.name}_yes", models.BigIntegerField(**options)
        yield f"{fact.name}_known", models.BigIntegerField(**options)


# The fact list is the one place where facts are named, so the columns are made from it.
for _fact in (*BUILT_IN, *COMPUTED):
    for _name, _field in _columns(_fact):
        Business.add_to_class(_name, _field)


class OperatorRecord(models.Model):
    """What each source said of an operator: a list of statements (businesses/merge.py)."""

    operator = models.OneToOneField(
        Operator, on_delete=models.CASCADE, primary_key=True, related_name="record"
    )
    said = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"operator {self.pk}"


class BusinessRecord(models.Model):
    """What each source said of a shop itself: a list of statements (businesses/merge.py)."""

    business = models.OneToOneField(
        Business, on_delete=models.CASCADE, primary_key=True, related_name="record"
    )
    said = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"business {self.pk}"


class Change(models.Model):
    """What one statement changed of one shop or operator that was there before. Written once.

    ``facts``: ``{fact: [before, its source, after, its source]}`` in JSON spelling. ``before``: what the sources of an
    import had said until then, ``{source: statements}``, so that it can be taken back; else null.
    """

    at = models.DateTimeField("时间", default=timezone.now)
    business = models.ForeignKey(
        Business, null=True, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    operator = models.ForeignKey(
        Operator, null=True, on_delete=models.CASCADE, related_name="changes", db_index=False
    )
    source = models.CharField("来源", max_length=20)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+", db_constraint=False
    )
    run_id = models.BigIntegerField("导入批次", null=True, db_index=True)
    facts = models.JSONField(default=dict)
    before = models.JSONField(null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "变更记录"
        indexes = [
            models.Index(fields=["business", "-id"], name="change_by_business"),
            models.Index(fields=["operator", "-id"], name="change_by_operator"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.at:%Y-%m-%d}"
