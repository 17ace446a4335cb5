"""People and the departments they work for; what they agreed to and looked at; programs that act for a bureau."""

from datetime import timedelta
from uuid import uuid4

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import Q
from django.utils import timezone
from oauth2_provider.models import AbstractApplication

from core.encryption import EncryptedField, blind_index
from core.models import VisibleQuerySet

from .principals import sees_all


class Department(models.Model):
    """A bureau named in a policy as lead or responsible unit, or an institution that gives a service. ``code`` is the
    key in files and URLs. Staff of an institution see what was sent to it, and nothing else."""

    class Kind(models.TextChoices):
        BUREAU = "bureau", "政府部门"
        BANK = "bank", "银行"
        INSURER = "insurer", "保险公司"
        SCHOOL = "school", "院校"
        ASSOCIATION = "association", "协会"
        MARKET = "market", "市场"

    code = models.SlugField("代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=80, unique=True)
    kind = models.CharField("种类", max_length=20, choices=Kind.choices, default=Kind.BUREAU)

    class Meta:
        ordering = ["code"]
        verbose_name = verbose_name_plural = "部门"

    def __str__(self) -> str:
        return self.name


def phone_index(phone: str) -> str:
    """The blind index a User is found by."""
    return blind_index(phone, "phone")


class PersonQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """The city's administrators: all staff. A bureau's: those of the bureau. Superusers: owners as well."""
        if not getattr(principal, "is_staff", False) or not principal.has_perm("accounts.view_user"):
            return self.none()
        if principal.is_superuser:
            return self
        if principal.has_perm("accounts.administer_city"):
            return self.filter(is_staff=True)
        return self.filter(is_staff=True, department=principal.department_id or 0)


class PersonManager(UserManager.from_queryset(PersonQuerySet)):
    def with_phone(self, phone):
        """The user of this phone number, or None."""
        return self.filter(phone_index=phone_index(phone)).first()

    def begin_with_phone(self, phone):
        """The user of this phone number; a new one, who has proved nothing yet, where there is none."""
        index = phone_index(phone)
        user, _ = self.get_or_create(
            phone_index=index,
            # No word of the number in a name that logs and admin lists show.
            defaults={"username": f"owner-{index[:16]}", "phone": phone, "password": "!"},
        )
        return user


class User(AbstractUser):
    """Anyone who signs in. Staff belong to a department; an owner is known by phone. A shop is optional."""

    phone = EncryptedField("手机号", null=True, blank=True, editable=False, bound_to=["phone_index"])
    phone_index = models.CharField(max_length=64, unique=True, null=True, blank=True, editable=False)
    phone_verified_at = models.DateTimeField("手机号验证于", null=True, blank=True, editable=False)
    department = models.ForeignKey(
        Department, verbose_name="部门", null=True, blank=True, on_delete=models.PROTECT, related_name="staff"
    )
    closed_at = models.DateTimeField("注销于", null=True, blank=True, editable=False)

    objects = PersonManager()

    class Meta(AbstractUser.Meta):
        permissions = [("administer_city", "管理全市各部门的人员")]
        constraints = [
            models.CheckConstraint(
                condition=Q(phone__isnull=True, phone_index__isnull=True)
                | Q(phone__isnull=False, phone_index__isnull=False),
                name="phone_and_its_index_go_together",
            )
        ]

    @property
    def masked_phone(self) -> str:
        """138****1234, or empty."""
        if not self.phone:
            return ""
        number = self.phone if isinstance(self.phone, str) else self.phone.reveal()
        return f"{number[:3]}****{number[-4:]}"

    @property
    def shown_name(self):
        """What pages and histories call this person."""
        return self.get_full_name() or (self.masked_phone if not self.is_staff else self.username)

    def __str__(self) -> str:
        return self.shown_name or self.username


class LoginCode(models.Model):
    """One code sent to one phone. Only the browser session that asked knows its id, so only that one can try it.

    ``digest`` is a keyed hash: whoever reads the table cannot sign in with it.
    """

    VALID = timedelta(minutes=5)
    TRIES = 5

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="login_codes")
    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField(default=timezone.now)
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["sent_at"], name="login_code_by_age")]

    def __str__(self) -> str:
        return f"code {self.pk}"

    @property
    def is_fresh(self) -> bool:
        """Still within its five minutes, and not used."""
        return self.used_at is None and timezone.now() - self.sent_at <= self.VALID


class ConsentQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """What somebody agreed to is theirs to see."""
        return self.filter(user=principal) if getattr(principal, "is_active", False) else self.none()

    def standing(self, user, kind):
        return self.filter(user=user, kind=kind, withdrawn_at=None)


class Consent(models.Model):
    """One agreement of a person to one notice (个人信息保护法 §§13–15, 29). Withdrawn, not deleted."""

    KINDS = (
        ("service", "处理个人信息，用来查政策、办理申请"),
        ("sensitive", "处理身份证号和银行账户（敏感个人信息）"),
        ("push", "按我的情况推送政策（个性化推送）"),
    )

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="consents")
    kind = models.CharField("内容", max_length=20, choices=KINDS)
    notice = models.CharField("告知书版本", max_length=20)
    given_at = models.DateTimeField("同意于", auto_now_add=True)
    withdrawn_at = models.DateTimeField("撤回于", null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "个人信息同意"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(withdrawn_at=None), name="one_standing_consent_per_kind"
            )
        ]

    def __str__(self) -> str:
        return self.get_kind_display()


class AccessEventQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        """The auditor and the administrator see all; staff see what their own department did."""
        if not getattr(principal, "is_active", False):
            return self.none()
        if sees_all(principal):
            return self
        if principal.has_perm("accounts.view_accessevent") and principal.department_id:
            return self.filter(department_id=principal.department_id)
        return self.none()


class AccessEvent(models.Model):
    """Who saw, changed or took out what: unmasking, exports, mandates, sign-ins. Written once, never changed.

    ``detail`` never holds the thing itself, only its name.
    """

    at = models.DateTimeField("时间", auto_now_add=True)
    # Who it was stays written down, whatever becomes of the account.
    user = models.ForeignKey(
        User, verbose_name="谁", null=True, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False
    )
    department = models.ForeignKey(
        Department, verbose_name="部门", null=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField("做了什么", max_length=40)
    subject = models.CharField("对象", max_length=80)
    reason = models.CharField("理由", max_length=200, blank=True)
    detail = models.JSONField("说明", default=dict, blank=True)

    objects = AccessEventQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "访问记录"
        permissions = [
            ("audit_accessevent", "查看所有部门的访问记录"),
            ("unmask", "查看完整的身份证号和账号"),
        ]
        indexes = [models.Index(fields=["subject", "-id"], name="access_by_subject")]

    def __str__(self) -> str:
        return f"{self.action} {self.subject}"

    def save(self, *args, **kwargs) -> None:
        if self.pk:
            raise TypeError("An access event is written once.")
        super().save(*args, **kwargs)

    def delete(self, *args, **kwargs):
        raise TypeError("An access event is never deleted.")


class ApiClient(AbstractApplication):
    """A program of a bureau or a bank (OAuth2 client credentials). Its secret is kept as a hash.

    ``source``: the facts it may write, and then it sees the whole register; without one it sees only shops whose owner
    has given it a mandate. ``scopes``: what its tokens may be asked for at most.
    """

    is_program = True

    SCOPES = (
        ("businesses:read", "读取商户"),
        ("businesses:write", "写入本部门提供的信息"),
        ("evaluations", "评估"),
        ("applications:read", "查看申请"),
        ("applications:write", "代办申请"),
        ("requests:read", "查看服务办件"),
        ("requests:write", "代办服务"),
        ("legs:read", "查看发给本单位的单子"),
        ("legs:write", "替本单位接单、答复"),
        ("visits:read", "查看检查计划"),
        ("visits:write", "替本单位列检查计划"),
        ("posts:read", "查看招工和用工对接"),
        ("posts:write", "替店铺招工、回话"),
    )

    department = models.ForeignKey(
        Department, verbose_name="部门", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    source = models.CharField("提供哪一来源的信息", max_length=20, blank=True)
    scopes = models.CharField("允许的范围", max_length=200, default="businesses:read")
    disabled_at = models.DateTimeField("停用于", null=True, blank=True, editable=False)

    class Meta(AbstractApplication.Meta):
        verbose_name = verbose_name_plural = "接口客户端"

    def is_usable(self, request) -> bool:
        """Asked by the toolkit before it gives a token, and by us for every token shown."""
        return self.disabled_at is None

    @property
    def allowed_scopes(self):
        return frozenset(self.scopes.split())
