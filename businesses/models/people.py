"""Who may act for a shop, what they dispute, and where money goes."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.principals import sees_all
from core.encryption import EncryptedField
from core.models import VisibleQuerySet
from core.once import once
from core.prepared import prepared

from ..facts import SOURCES
from .assistance import Assistance
from .register import Business, Operator

User = settings.AUTH_USER_MODEL


class BindingQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        if not getattr(principal, "is_active", False):
            return self.none()
        if principal.is_staff:
            return self if principal.has_perm("businesses.view_binding") else self.none()
        return self.filter(user=principal)


class Binding(models.Model):
    """An owner has shown with code, name and identity number that the shop is theirs.

    ``operator``: the person they have shown to be, also once somebody else stands behind the shop.
    """

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="bindings")
    operator = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="bindings")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="bindings")
    bound_at = models.DateTimeField("绑定于", auto_now_add=True)
    ended_at = models.DateTimeField("解除于", null=True, blank=True)
    ended_because = models.CharField("解除原因", max_length=80, blank=True)

    objects = BindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "店铺绑定"
        constraints = [
            # One person one shop one account: a second phone has to be a mandate.
            models.UniqueConstraint(
                fields=["business"], condition=Q(ended_at=None), name="one_standing_binding_per_business"
            )
        ]

    def __str__(self) -> str:
        return f"binding {self.pk}"

    def save(self, *args, **kwargs) -> None:
        if self._state.adding:
            self.operator_id = self.business.operator_id
        super().save(*args, **kwargs)


class MandateQuerySet(VisibleQuerySet):
    def standing(self, today=None):
        """Not revoked, not past the last day, from somebody whose account is open, for no program switched off."""
        usable, today = Q(client=None) | Q(client__disabled_at=None), today or timezone.localdate()
        return self.filter(usable, revoked_at=None, until__gte=today, given_by__is_active=True)

    def shops_within(self, scope) -> set:
        """Ids of the shops for which one of these mandates allows ``scope``."""
        # Scopes are compared here: the two engines do not search JSON lists alike.
        return {shop for shop, scopes in self.values_list("business", "scopes") if scope in scopes}

    def visible_to(self, principal):
        if not getattr(principal, "is_active", False):
            return self.none()
        if principal.is_staff:
            return self if principal.has_perm("businesses.view_mandate") else self.none()
        return self.of_person(principal)

    def of_person(self, user):
        """Those that somebody who is no staff has given or holds."""
        return self.filter(Q(given_by=user) | Q(agent=user))


class Mandate(models.Model):
    """授权: the owner lets a relative, an agent or a bank's program act for one shop, within scopes, until a day."""

    SCOPES = (("view", "查看店铺信息和结果"), ("answer", "代填信息"), ("apply", "代办申请（含登记收款账户）"))

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="mandates")
    given_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mandates_given")
    agent = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.CASCADE, related_name="mandates_held"
    )
    client = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
        verbose_name="接口客户端",
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="mandates",
    )
    relation = models.CharField("关系", max_length=20, blank=True)
    scopes = models.JSONField("范围", default=list)
    given_at = models.DateTimeField("授权于", auto_now_add=True)
    until = models.DateField("有效到")
    revoked_at = models.DateTimeField("撤销于", null=True, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "授权"
        constraints = [
            models.CheckConstraint(
                condition=Q(agent__isnull=False, client__isnull=True)
                | Q(agent__isnull=True, client__isnull=False),
                name="mandate_is_for_a_person_or_a_program",
            )
        ]

    def __str__(self) -> str:
        return f"mandate {self.pk}"

    @property
    def scope_labels(self) -> list:
        return [label for scope, label in self.SCOPES if scope in self.scopes]


@once
def bound_by(user) -> dict:
    """``{shop: whom user has shown to be, None where that is nobody}``, ids, of the shops that are ``user``'s own."""
    return dict(_bound_by(user.pk))


@prepared
def _bound_by(user):
    return Binding.objects.filter(user=user, ended_at=None).values_list("business", "operator")


@once
def entrusted_to(user) -> list:
    """``[(shop, its operator or None, scopes)]``, ids, of the mandates that ``user`` holds today."""
    return _entrusted_to(user.pk, timezone.localdate())


@prepared
def _entrusted_to(agent, today):
    held = Mandate.objects.standing(today).filter(agent=agent)
    return held.order_by().values_list("business", "business__operator", "scopes")


def shops_acted_for(user) -> set:
    """Ids of the shops that ``user`` has bound, or holds a mandate for today."""
    return {*bound_by(user), *(shop for shop, _, _ in entrusted_to(user))}


def operators_of(user) -> frozenset:
    """Ids of those whom ``user`` has shown to be."""
    return frozenset(operator for operator in bound_by(user).values() if operator)


def entrusted_shops(user, scope) -> dict:
    """``{shop: its operator or None}``, ids, of the shops for which ``user`` holds a mandate for ``scope`` today."""
    return {shop: operator for shop, operator, scopes in entrusted_to(user) if scope in scopes}


class CorrectionRequestQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Staff: requests to their own department. Owners: those of the shops they act for."""
        if not getattr(principal, "is_active", False):
            return self.none()
        if not (principal.is_staff or principal.is_superuser):
            return self.filter(business__in=shops_acted_for(principal))
        if sees_all(principal):
            return self
        if not principal.has_perm("businesses.view_correctionrequest"):
            return self.none()
        return self.filter(source__in=sources_of(principal))

    def open(self):
        return self.filter(status="open")


def sources_of(user):
    """Codes of the sources that the department of ``user`` answers for."""
    from .imports import Source

    code = getattr(user.department, "code", None)
    return Source.objects.filter(department_code=code).values("code") if code else []


class CorrectionRequest(models.Model):
    """不对？: an owner says that a fact is wrong; the department it came from looks into it and answers."""

    STATUSES = (("open", "等待核实"), ("accepted", "已更正"), ("refused", "核实无误"))

    business = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="correction_requests")
    fact = models.CharField("哪一项", max_length=40)
    shown = models.CharField("当时显示", max_length=200)
    source = models.CharField(
        "来源", max_length=20, choices=[pair for pair in SOURCES.items() if pair[0] != "default"]
    )
    note = models.CharField("店主说明", max_length=500)
    asked_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_at = models.DateTimeField("提出于", auto_now_add=True)
    status = models.CharField("状态", max_length=10, choices=STATUSES, default="open")
    answer = models.CharField("答复", max_length=500, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    decided_at = models.DateTimeField("答复于", null=True)

    objects = CorrectionRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "信息更正"
        constraints = [
            models.UniqueConstraint(
                fields=["business", "fact"],
                condition=Q(status="open"),
                name="one_open_request_per_business_and_fact",
            )
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.get_status_display()}"


@once
def _paid_for(user) -> set:
    """Ids of those whose shops ``user`` has bound, or may apply for."""
    shops = {*bound_by(user), *entrusted_shops(user, "apply")}
    return {operator for (operator,) in _behind(shops)}


@prepared
def _behind(shops):
    """Ids of whom shops belong to now."""
    return Business.objects.filter(pk__in=shops, operator__isnull=False).values_list("operator")


def account_paid(user, operator: int | None) -> "PaymentAccount | None":
    """Where an operator is paid now, for whom ``visible_to`` shows it; with who registered it."""
    if user.is_staff:
        rows = PaymentAccount.objects.visible_to(user).standing().filter(operator=operator)
        return rows.select_related("added_by").first()
    return account_standing(operator) if operator in _paid_for(user) else None


def account_standing(operator: int | None) -> "PaymentAccount | None":
    """Where an operator is paid now, whoever asks; nowhere where nobody stands behind a shop."""
    return next(iter(_account_of(operator)), None) if operator else None


@prepared
def _account_of(operator):
    return PaymentAccount.objects.standing().filter(operator=operator).select_related("added_by")


class PaymentAccountQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """Staff who read operators, sealed ones the auditor alone, and of whoever they fill in for; those of the
        operators whose shops one has bound, or may apply for."""
        if not getattr(principal, "is_active", False):
            return self.none()
        if principal.is_staff:
            helped = Assistance.objects.standing().filter(clerk=principal).values("operator")
            rows = (
                self if principal.has_perm("businesses.view_operator") else self.filter(operator__in=helped)
            )
            audits = sees_all(principal)
            return rows if audits else rows.filter(sealed_until=None)
        return self.filter(operator__in=_paid_for(principal))

    def standing(self):
        return self.filter(ended_at=None)


class PaymentAccount(models.Model):
    """Where an operator's subsidies are paid to. A change makes a new row; the newest stands.

    ``owner`` agreed to its being kept and has a right to it, also after the shop is another's; ``added_by`` is whoever
    typed it in, an agent at times. ``is_change``: there was another before, so that money waits before it goes here.
    ``sealed_until``: nobody agrees to its being kept any more, but money went there; it
    has ended, and is kept for the accounts to that day (会计档案管理办法 §14) for no eyes but the auditor's.
    """

    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="payment_accounts")
    holder = models.CharField("户名", max_length=80)
    bank = models.CharField("开户银行", max_length=80)
    number = EncryptedField("账号", bound_to=["operator_id", "number_index"])
    number_index = models.CharField(max_length=64, db_index=True)
    last_four = models.CharField("尾号", max_length=4)
    owner = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    added_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField("登记于", auto_now_add=True)
    ended_at = models.DateTimeField("停用于", null=True)
    sealed_until = models.DateField("封存到", null=True)
    is_change = models.BooleanField(default=False)

    objects = PaymentAccountQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "收款账户"
        constraints = [
            models.UniqueConstraint(
                fields=["operator"], condition=Q(ended_at=None), name="one_standing_account_per_operator"
            ),
            models.CheckConstraint(
                condition=Q(sealed_until=None) | Q(ended_at__isnull=False), name="sealed_account_has_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank} 尾号 {self.last_four}"
