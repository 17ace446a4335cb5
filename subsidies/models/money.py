"""Money: yearly envelopes and their ledger, grants in instalments, payments in batches, what is paid back, 公示."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from accounts.principals import sees_all
from businesses.models import PaymentAccount
from cases.models import CaseFile, different
from core.encryption import EncryptedField
from core.models import VisibleQuerySet
from policies.models import Benefit

from .application import Application

User = settings.AUTH_USER_MODEL
COLUMNS = ("reserved", "granted", "paid", "recovered")


def of_own_department(queryset, principal, permission):
    """Rows with a ``department`` as staff see them: auditor and administrator all, others their own bureau's."""
    if not getattr(principal, "is_active", False) or not principal.is_staff:
        return queryset.none()
    if not principal.has_perm(permission):
        return queryset.none()
    if sees_all(principal):
        return queryset
    return queryset.filter(department=principal.department_id or 0)


class EnvelopeQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return of_own_department(self, principal, "subsidies.view_envelope")


class Envelope(models.Model):
    """资金: what a benefit may cost in a year, in one district or (empty) the whole city. Amounts in fen.

    ``cap_fen`` null: not fixed yet, as for years to come. ``reserved``: promised for instalments not yet claimed;
    ``granted``: approved and not yet paid; ``paid``; ``recovered``: of what was paid, what came back. The columns are
    sums of the ledger rows, kept so that one conditional UPDATE can hold the cap (subsidies/money/budgets.py).
    """

    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="envelopes"
    )
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="envelopes"
    )
    year = models.PositiveSmallIntegerField("年度")
    district = models.CharField("县区", max_length=6, blank=True)
    cap_fen = models.BigIntegerField("总额", null=True)
    reserved_fen = models.BigIntegerField("已预留", default=0)
    granted_fen = models.BigIntegerField("已批准", default=0)
    paid_fen = models.BigIntegerField("已拨付", default=0)
    recovered_fen = models.BigIntegerField("已追回", default=0)
    set_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(null=True)

    objects = EnvelopeQuerySet.as_manager()

    class Meta:
        ordering = ["-year", "benefit__code", "district"]
        verbose_name = verbose_name_plural = "资金"
        constraints = [
            models.UniqueConstraint(fields=["benefit", "year", "district"], name="envelope_once"),
            models.CheckConstraint(
                condition=Q(reserved_fen__gte=0, granted_fen__gte=0, paid_fen__gte=0, recovered_fen__gte=0)
                & Q(recovered_fen__lte=F("paid_fen")),
                name="envelope_holds_nothing_negative",
            ),
            models.CheckConstraint(
                condition=Q(cap_fen=None)
                | Q(cap_fen__gte=F("reserved_fen") + F("granted_fen") + F("paid_fen") - F("recovered_fen")),
                name="envelope_is_not_overdrawn",
                violation_error_message="资金不够了。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit.code} {self.year} 年 {self.district or '全市'}"

    @property
    def committed_fen(self):
        return self.reserved_fen + self.granted_fen + self.paid_fen - self.recovered_fen

    @property
    def left_fen(self):
        """What is left to give; None where no cap is fixed."""
        return None if self.cap_fen is None else self.cap_fen - self.committed_fen


class LedgerEntry(models.Model):
    """One movement in an envelope, as changes of its four columns. Only ever added; ``key`` keeps it from being added
    twice (``approve application 12``)."""

    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="entries")
    application = models.ForeignKey(
        Application, null=True, on_delete=models.PROTECT, related_name="ledger_entries"
    )
    key = models.CharField(max_length=80, unique=True)
    reserved_fen = models.BigIntegerField(default=0)
    granted_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    recovered_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField("时间", auto_now_add=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "资金流水"

    def __str__(self) -> str:
        return self.key


class Grant(models.Model):
    """What an approved application gives: one sum, or so much a month. Ends early when the shop closes."""

    class Status(models.TextChoices):
        ACTIVE = "active", "发放中"
        FINISHED = "finished", "已发完"
        STOPPED = "stopped", "已停发"
        VOID = "void", "已作废"  # the approval was taken back before anything was paid

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="grants")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.ACTIVE)
    total_fen = models.BigIntegerField("总额")
    monthly_fen = models.BigIntegerField(null=True)
    months = models.PositiveSmallIntegerField("月数", null=True)
    starts_on = models.DateField("从哪个月起", null=True)
    stopped_on = models.DateField("停发日", null=True)
    stopped_because = models.CharField("停发原因", max_length=200, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = verbose_name_plural = "批准的补贴"
        constraints = [
            models.UniqueConstraint(
                fields=["application"], condition=~Q(status="void"), name="one_grant_an_application"
            ),
            models.CheckConstraint(
                condition=Q(monthly_fen=None, months=None, starts_on=None)
                | Q(monthly_fen__gt=0, months__gt=0, starts_on__isnull=False)
                & Q(total_fen=F("monthly_fen") * F("months")),
                name="grant_is_one_sum_or_monthly",
            ),
        ]

    def __str__(self) -> str:
        return f"grant {self.pk}"


class Instalment(models.Model):
    """A part of a grant that is paid at once: the whole, or up to half a year of months within one year's envelope.

    ``planned``: reserved in the envelope of its year; ``claimed``: proof is handed in and waits for review; ``due``:
    granted, may be paid; ``paid``; ``cancelled``: given back to the envelope.
    """

    class Status(models.TextChoices):
        PLANNED = "planned", "到时凭房租凭证领"
        CLAIMED = "claimed", "凭证待核"
        DUE = "due", "待拨付"
        PAID = "paid", "已到账"
        CANCELLED = "cancelled", "不再发放"

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="instalments")
    envelope = models.ForeignKey(Envelope, on_delete=models.PROTECT, related_name="instalments")
    number = models.PositiveSmallIntegerField("第几期")
    from_month = models.DateField("从", null=True)
    months = models.PositiveSmallIntegerField("月数", null=True)
    amount_fen = models.BigIntegerField("金额")
    status = models.CharField("状态", max_length=10, choices=Status.choices)
    claimed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    claimed_at = models.DateTimeField("申领于", null=True)
    checked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    checked_at = models.DateTimeField("核对于", null=True)
    problem = models.CharField("凭证哪里不对", max_length=300, blank=True)
    paid_at = models.DateTimeField("到账于", null=True)
    recovered_fen = models.BigIntegerField("已追回", default=0)

    class Meta:
        ordering = ["grant", "number"]
        verbose_name = verbose_name_plural = "分期"
        constraints = [
            models.UniqueConstraint(fields=["grant", "number"], name="instalment_numbered_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="instalment_is_something"),
            models.CheckConstraint(
                condition=Q(recovered_fen__gte=0, recovered_fen__lte=F("amount_fen")),
                name="no_more_recovered_than_paid",
            ),
            models.CheckConstraint(
                condition=different("claimed_by", "checked_by"), name="instalment_by_different_people"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} 第 {self.number} 期"


class Proof(models.Model):
    """A file of the case that is proof for one instalment: that its rent was paid."""

    file = models.OneToOneField(CaseFile, on_delete=models.CASCADE, primary_key=True, related_name="proof")
    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="proofs")

    def __str__(self) -> str:
        return f"{self.instalment_id} {self.file_id}"


class PaymentBatchQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return of_own_department(self, principal, "subsidies.view_paymentbatch")


class PaymentBatch(models.Model):
    """拨付批次: prepared by one, approved by another, given out as a file that never changes, settled by the bank's
    answer. ``content`` is the file, sealed; ``sha256`` that of its bytes."""

    class Status(models.TextChoices):
        PREPARED = "prepared", "待复核"
        APPROVED = "approved", "已批准，待导出"
        EXPORTED = "exported", "已导出，等银行结果"
        SETTLED = "settled", "已对账"
        CANCELLED = "cancelled", "已取消"

    number = models.CharField("批次号", max_length=20, unique=True)
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PREPARED)
    count = models.PositiveIntegerField("笔数")
    total_fen = models.BigIntegerField("总额")
    content = EncryptedField("文件", null=True, editable=False, bound_to=["number"])
    sha256 = models.CharField("文件指纹", max_length=64, blank=True)
    prepared_by = models.ForeignKey(User, verbose_name="编制", on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField("编制于", auto_now_add=True)
    approved_by = models.ForeignKey(
        User, verbose_name="复核", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField("复核于", null=True)
    exported_at = models.DateTimeField("首次导出于", null=True)
    settled_at = models.DateTimeField("对账于", null=True)

    objects = PaymentBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "拨付批次"
        constraints = [
            models.CheckConstraint(
                condition=different("prepared_by", "approved_by"),
                name="batch_by_different_people",
                violation_error_message="编制批次的人不能自己复核。",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["prepared", "cancelled"]) | Q(approved_by__isnull=False),
                name="batch_goes_out_approved",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Payment(models.Model):
    """One transfer of one instalment to one account. A returned one is followed by another, never changed.

    The people are copied from application and batch, so that the database itself can keep them apart.
    """

    class Status(models.TextChoices):
        BATCHED = "batched", "已编入批次"
        SENT = "sent", "已交银行"
        PAID = "paid", "已到账"
        RETURNED = "returned", "被退回"
        CANCELLED = "cancelled", "已取消"

    instalment = models.ForeignKey(Instalment, on_delete=models.PROTECT, related_name="payments")
    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="payments")
    reference = models.CharField("流水号", max_length=30, unique=True)
    amount_fen = models.BigIntegerField("金额")
    account = models.ForeignKey(PaymentAccount, on_delete=models.PROTECT, related_name="+")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.BATCHED)
    reason = models.CharField("退回原因", max_length=200, blank=True)
    bank_reference = models.CharField("银行流水号", max_length=60, blank=True)
    settled_at = models.DateTimeField("结果于", null=True)
    submitter = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    reviewer = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approver = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    prepared_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    paid_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "拨付"
        constraints = [
            models.UniqueConstraint(
                fields=["instalment"],
                condition=Q(status__in=["batched", "sent", "paid"]),
                name="instalment_is_paid_once",
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="payment_is_something"),
            models.CheckConstraint(
                condition=different("submitter", "reviewer", "approver", "prepared_by", "paid_by"),
                name="payment_by_different_people",
                violation_error_message="审核、审批过这件的人不能经办它的拨付。",
            ),
            models.UniqueConstraint(
                fields=["bank_reference"], condition=~Q(bank_reference=""), name="bank_reference_once"
            ),
        ]

    def __str__(self) -> str:
        return self.reference


class PublicNoticeQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return of_own_department(self, principal, "subsidies.view_publicnotice")

    def standing_on(self, day):
        """Those that the public may read on ``day``."""
        return self.filter(from_on__lte=day, until_on__gte=day, taken_down_at=None)


class PublicNotice(models.Model):
    """公示: a list of grants, masked, that anybody may read from one day to another."""

    number = models.CharField("公示号", max_length=20, unique=True)
    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    benefit = models.ForeignKey(Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="+")
    from_on = models.DateField("从")
    until_on = models.DateField("到")
    rows = models.JSONField(default=list)
    published_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    published_at = models.DateTimeField(auto_now_add=True)
    taken_down_at = models.DateTimeField("撤下于", null=True)
    applications = models.ManyToManyField(Application, related_name="notices")

    objects = PublicNoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "公示"
        constraints = [
            models.CheckConstraint(
                condition=Q(until_on__gte=F("from_on")), name="notice_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return self.number


class OfferListQuerySet(VisibleQuerySet):
    def visible_to(self, principal):
        return of_own_department(self, principal, "subsidies.view_offerlist")


class OfferList(models.Model):
    """免申即享: a list of shops that fit by certified data alone, drawn up by one and confirmed by another."""

    class Status(models.TextChoices):
        PREPARED = "prepared", "待确认"
        CONFIRMED = "confirmed", "已确认，等店主确认账户"
        CANCELLED = "cancelled", "已取消"

    department = models.ForeignKey(
        Department, verbose_name="部门", on_delete=models.PROTECT, related_name="+"
    )
    benefit = models.ForeignKey(Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="+")
    benefit_version_id = models.BigIntegerField()
    period = models.PositiveSmallIntegerField("年度")
    day = models.DateField("按哪一天")
    status = models.CharField("状态", max_length=10, choices=Status.choices, default=Status.PREPARED)
    count = models.PositiveIntegerField("户数", default=0)
    total_fen = models.BigIntegerField("总额", default=0)
    prepared_by = models.ForeignKey(User, verbose_name="编制", on_delete=models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField("编制于", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        User, verbose_name="确认", null=True, on_delete=models.PROTECT, related_name="+"
    )
    confirmed_at = models.DateTimeField("确认于", null=True)

    objects = OfferListQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "免申即享名单"
        constraints = [
            models.CheckConstraint(
                condition=different("prepared_by", "confirmed_by"),
                name="offers_by_different_people",
                violation_error_message="编制名单的人不能自己确认。",
            )
        ]

    def __str__(self) -> str:
        return f"{self.benefit.code} {self.period} 年名单 {self.pk}"


class Offer(models.Model):
    """One shop on a list: 您符合，确认收款账户. ``judged``: as in Application, from certified facts."""

    offer_list = models.ForeignKey(OfferList, on_delete=models.CASCADE, related_name="offers")
    business = models.ForeignKey("businesses.Business", on_delete=models.PROTECT, related_name="offers")
    benefit = models.ForeignKey(Benefit, on_delete=models.PROTECT, related_name="+")
    period = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField("金额")
    judged = models.JSONField(default=dict)
    application = models.OneToOneField(Application, null=True, on_delete=models.PROTECT, related_name="offer")
    withdrawn_because = models.CharField("不再给的原因", max_length=200, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["id"]
        verbose_name = verbose_name_plural = "免申即享"
        constraints = [
            models.UniqueConstraint(
                fields=["business", "benefit", "period"],
                condition=Q(withdrawn_at=None),
                name="offered_once",
            )
        ]

    def __str__(self) -> str:
        return f"offer {self.pk}"
