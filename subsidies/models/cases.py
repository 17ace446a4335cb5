"""Applications: what somebody asked for, what was looked at, who decided, and by when."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from businesses.models import Business, Operator, PaymentAccount
from core.models import VisibleQuerySet
from policies.models import Benefit, BenefitVersion

from ..enums import GRANTED, OPEN, RUNNING, STANDING, State
from .evidence import Evidence, people_of

User = settings.AUTH_USER_MODEL
LANES = (("apply", "申请"), ("confirm", "免申即享"))


def different(*names):
    """A condition that no two of these people are the same; who is not known yet is nobody."""
    condition = Q()
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            condition &= (
                Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})
            )
    return condition


class ApplicationQuerySet(VisibleQuerySet):
    def open(self):
        """Filed, and not decided."""
        return self.filter(state__in=OPEN)

    def standing(self):
        """Those beside which the same benefit is not applied for again."""
        return self.filter(state__in=STANDING, concluded_on=None)

    def granted(self):
        return self.filter(state__in=GRANTED)

    def running(self):
        """Those for which the bureau's time runs."""
        return self.filter(state__in=RUNNING)

    def filed(self):
        return self.exclude(state=State.DRAFT)

    def of_people(self, operators):
        """Those of these operators, ids."""
        return self.filter(operator__in=operators)

    def visible_to(self, principal):
        """People: those of the operators they are or may apply for. Staff: filed ones of their own department.
        Programs: those of shops that gave them a mandate to apply."""
        if getattr(principal, "source", None) is not None:  # an ApiClient
            from businesses.models import Mandate

            shops = Mandate.objects.standing().filter(client=principal).shops_within("apply")
            return self.filter(business__in=shops)
        if not getattr(principal, "is_active", False):
            return self.none()
        if not principal.is_staff:
            return self.of_people(people_of(principal))
        if not principal.has_perm("subsidies.view_application"):
            return self.none()
        if principal.is_superuser or principal.has_perm("accounts.audit_accessevent"):
            return self.filed()
        return self.filed().filter(department=principal.department_id or 0)


class Application(models.Model):
    """One application for one benefit. It keeps the version it was filed under.

    ``number`` is a label (受理编号), given when it is filed; ``version`` counts its changes, for who acts on what they
    saw. ``person_index``: blind index of the operator's identity number, by which a benefit once per person is held
    across shops and spellings. ``period``: the year it is for, of what is had every year; 0 else. ``category``: cash,
    or loan, of which the portal pays nothing. Amounts in fen: ``amount_fen`` is the whole that would be paid; of a
    monthly benefit ``monthly_fen`` × ``months`` from ``starts_on``. ``answers``: facts said for this application, in
    JSON spelling. ``judged``: {as_of, state, criteria, amount} as evaluated when filed. ``verdicts``: {criterion id:
    {"verdict": pass|fail|correct, "note"}}, the reviewer's. ``approved_digest`` is what approval binds
    (actions/approving.py). Moved by subsidies/moving.py alone.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField("受理编号", max_length=20, default="", blank=True)
    business = models.ForeignKey(
        Business, verbose_name="商户", on_delete=models.PROTECT, related_name="applications"
    )
    operator = models.ForeignKey(
        Operator, verbose_name="经营者", on_delete=models.PROTECT, related_name="applications"
    )
    person_index = models.CharField(max_length=64)
    benefit = models.ForeignKey(
        Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="applications"
    )
    benefit_version = models.ForeignKey(
        BenefitVersion, verbose_name="按哪一版", on_delete=models.PROTECT, related_name="applications"
    )
    department = models.ForeignKey(
        Department, verbose_name="承办部门", on_delete=models.PROTECT, related_name="applications"
    )
    district = models.CharField("县区", max_length=6, blank=True)
    lane = models.CharField("方式", max_length=10, choices=LANES, default="apply")
    once_per_person = models.BooleanField(default=False)
    period = models.PositiveSmallIntegerField("年度", default=0)
    state = models.CharField("状态", max_length=20, choices=State.choices, default=State.DRAFT)
    version = models.PositiveIntegerField(default=1)

    answers = models.JSONField(default=dict)
    # Why a material is not handed in, in the owner's words, by its name.
    excused = models.JSONField(default=dict)
    # The page of the form that was looked at last, such as materials#material-2, to go on from there.
    left_at = models.CharField(max_length=30, blank=True)
    declared_at = models.DateTimeField("承诺于", null=True)
    account = models.ForeignKey(
        PaymentAccount, verbose_name="收款账户", null=True, on_delete=models.PROTECT, related_name="+"
    )
    judged = models.JSONField(default=dict)
    verdicts = models.JSONField(default=dict)

    category = models.CharField("种类", max_length=10, default="cash")
    amount_fen = models.BigIntegerField("金额", null=True)
    monthly_fen = models.BigIntegerField(null=True)
    months = models.PositiveSmallIntegerField("月数", null=True)
    starts_on = models.DateField("从哪个月起", null=True)

    begun_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitter = models.ForeignKey(
        User, verbose_name="提交人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    client = models.ForeignKey(
        settings.OAUTH2_PROVIDER_APPLICATION_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    reviewer = models.ForeignKey(
        User, verbose_name="审核人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        User, verbose_name="审批人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    countersigner = models.ForeignKey(
        User, verbose_name="会签人", null=True, on_delete=models.PROTECT, related_name="+"
    )
    override_note = models.CharField("与自动核验不同的理由", max_length=500, blank=True)
    approved_digest = models.CharField(max_length=64, blank=True)
    reason = models.CharField("给店主的理由", max_length=1000, blank=True)
    failed = models.JSONField("不符合的条件", default=list)

    claimed_by = models.ForeignKey(
        User, verbose_name="经办", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    claimed_until = models.DateTimeField(null=True)

    begun_at = models.DateTimeField(auto_now_add=True)
    saved_at = models.DateTimeField("保存于", auto_now=True)
    submitted_at = models.DateTimeField("提交于", null=True)
    accepted_at = models.DateTimeField("受理于", null=True)
    decided_at = models.DateTimeField("决定于", null=True)
    paid_at = models.DateTimeField("到账于", null=True)
    # The clock (subsidies/clock.py). due_on: last working day of the promise, None while none is promised;
    # days_left: working days that were left when it stopped.
    due_on = models.DateField("最迟", null=True)
    legal_due_on = models.DateField("法定最迟", null=True)
    stopped_on = models.DateField("停表于", null=True)
    days_left = models.SmallIntegerField(null=True)
    legal_days_left = models.SmallIntegerField(null=True)
    escalated_at = models.DateTimeField("催办于", null=True)
    remedy_until = models.DateField("申诉到", null=True)
    concluded_on = models.DateField("结束于", null=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "办件"
        permissions = [
            ("review_application", "受理、审核办件"),
            ("approve_application", "审批办件"),
            ("pay_application", "编制、审批拨付"),
            ("handle_appeal", "办理申诉"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=State.values), name="application_state_is_known"),
            models.CheckConstraint(
                condition=Q(state=State.DRAFT) | ~Q(number="") & Q(submitted_at__isnull=False),
                name="filed_application_has_a_number",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="application_numbered_once"
            ),
            # Four eyes: nobody does two of these for one application.
            models.CheckConstraint(
                condition=different("submitter", "reviewer", "approver", "countersigner"),
                name="application_by_different_people",
                violation_error_message="提交、审核、审批、会签要由不同的人办。",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=GRANTED)
                | Q(amount_fen__gt=0, reviewer__isnull=False, approver__isnull=False)
                & (Q(account__isnull=False) | Q(category="loan"))
                & ~Q(approved_digest=""),
                name="granted_application_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.REFUSED) | ~Q(reason=""), name="refusal_says_why"
            ),
            models.UniqueConstraint(
                fields=["person_index", "benefit"],
                condition=Q(once_per_person=True, state__in=STANDING, concluded_on=None),
                name="one_person_one_benefit",
                violation_error_message="这项每人只能申请一次，您已经有一件了。",
            ),
            models.UniqueConstraint(
                fields=["business", "benefit", "period"],
                condition=Q(once_per_person=False, state__in=STANDING, concluded_on=None),
                name="one_shop_one_benefit_a_period",
                violation_error_message="这家店已经申请过这一项了。",
            ),
        ]
        indexes = [
            # Queues: by department and state, the earliest due first.
            models.Index(fields=["department", "state", "due_on", "id"], name="application_queue"),
            models.Index(fields=["claimed_by", "state"], name="application_claimed"),
            models.Index(fields=["operator", "-id"], name="application_of_person"),
            models.Index(fields=["account"], name="application_by_account"),
        ]

    def __str__(self):
        return self.number or f"草稿 {self.pk}"

    @property
    def people(self):
        """Ids of those who have had a part in it."""
        return {
            pk for pk in (self.submitter_id, self.reviewer_id, self.approver_id, self.countersigner_id) if pk
        }


class CaseFile(models.Model):
    """A piece of evidence used for one material of an application. Replaced files stay, with the day they went.

    ``instalment``: the one for which it is proof; None of what the application itself rests on.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="files")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="uses")
    instalment = models.ForeignKey(
        "subsidies.Instalment", null=True, on_delete=models.PROTECT, related_name="proofs"
    )
    material = models.CharField("材料", max_length=80)
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["material", "id"]
        verbose_name = verbose_name_plural = "办件材料"
        constraints = [
            models.UniqueConstraint(
                fields=["application", "material", "evidence"],
                condition=Q(removed_at=None, instalment=None),
                name="evidence_used_once_for_a_material",
            ),
            models.UniqueConstraint(
                fields=["instalment", "evidence"],
                condition=Q(removed_at=None, instalment__isnull=False),
                name="evidence_used_once_for_an_instalment",
            ),
        ]

    def __str__(self):
        return f"{self.material} {self.evidence_id}"


class Correction(models.Model):
    """补正: everything that was wrong, told at once. At most one of an application is open."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="corrections")
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
                fields=["application"],
                condition=Q(answered_at=None, closed_at=None),
                name="one_open_correction",
            ),
            models.UniqueConstraint(fields=["application", "number"], name="correction_numbered_once"),
        ]

    def __str__(self):
        return f"{self.application_id} 第 {self.number} 次补正"


class Defect(models.Model):
    """One thing wrong: a fact of the application (``fact``), or a material (``material``). Old and new stay side by
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

    def __str__(self):
        return f"{self.kind} {self.name}"
