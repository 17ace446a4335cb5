"""Cases: what somebody asked for, what was looked at, who decided, and by when. One table for every procedure."""

import uuid
from typing import TYPE_CHECKING, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Department
from accounts.principals import is_program, sees_all
from businesses.models import Assistance, Business, Operator, PaymentAccount
from core.models import VisibleQuerySet
from policies.models import Benefit, BenefitVersion

from ..procedure import (
    CLOSED,
    CORRECTING,
    DRAFT,
    GRANTED,
    OPEN,
    OUTCOMES,
    PHASES,
    PROCEDURES,
    REFUSED,
    RUNS,
    Procedure,
    State,
)
from .evidence import Evidence, people_of

if TYPE_CHECKING:
    from .corrections import Correction

User = settings.AUTH_USER_MODEL
LANES = (("apply", "申请"), ("confirm", "免申即享"))
# Of what is asked for: once for a person, in whatever shop; once for a shop and period; or as often as one likes.
# How it came to us.
CHANNELS = (
    ("web", "网上"),
    ("api", "接口"),
    ("window", "窗口代办"),
    ("phone", "12345 电话代办"),
    ("auto", "系统"),
)
ONCE = (("person", "每人一次"), ("shop", "每店每期一次"), ("", "不限"))
SUBSIDY = "subsidy"  # the procedure that has money
MONEY = ("lane", "category", "account", "amount_fen", "monthly_fen", "months", "starts_on", "paid_at")
KINDS: dict[str, type["Case"]] = {}  # {procedure: the proxy for its cases}


def different(*names) -> Q:
    """A condition that no two of these people are the same; who is not known yet is nobody."""
    condition = Q()
    for place, one in enumerate(names):
        for other in names[place + 1 :]:
            condition &= (
                Q(**{f"{one}__isnull": True}) | Q(**{f"{other}__isnull": True}) | ~Q(**{one: F(other)})
            )
    return condition


class CaseQuerySet(VisibleQuerySet):
    def open(self) -> Self:
        """Filed, and not decided."""
        return self.filter(phase=OPEN, outcome="")

    def standing(self) -> Self:
        """Those beside which the same is not asked for again."""
        return self.filter(standing=True, concluded_on=None)

    def granted(self) -> Self:
        return self.filter(outcome=GRANTED)

    def running(self) -> Self:
        """Those for which the bureau's time runs."""
        return self.filter(self.model.in_states(clock=RUNS))

    def at_turn(self, *turns) -> Self:
        """Those that wait for who reviews, or for who decides."""
        return self.filter(self.model.at_turn(*turns))

    def filed(self) -> Self:
        return self.exclude(phase=DRAFT)

    def of_people(self, operators) -> Self:
        """Those of these operators, ids."""
        return self.filter(operator__in=operators)

    def asked_by(self, user) -> Self:
        """Those of the operators that a person is or may apply for, and what they asked for themselves."""
        return self.of_person(people_of(user), user.pk)

    def of_person(self, operators, user) -> Self:
        """The same by ids: those of ``operators``, and what ``user`` asked for."""
        return self.filter(Q(operator__in=operators) | Q(asker=user))

    def helped_with_by(self, clerk) -> Self:
        """Those of whoever a clerk fills in for now, at the window or on the phone."""
        now = Assistance.objects.standing().filter(clerk=clerk)
        return self.filter(business__in=now.values("business"), operator__in=now.values("operator"))

    def visible_to(self, principal) -> Self:
        """People: those of the operators they are or may apply for. Staff: filed ones of their own department, and what
        a procedure shows them besides. Programs: those of shops that gave them a mandate to apply."""
        if is_program(principal):
            from businesses.models import Mandate

            shops = Mandate.objects.standing().filter(client=principal).shops_within("apply")
            return self.filter(business__in=shops)
        if not getattr(principal, "is_active", False):
            return self.none()
        if not principal.is_staff:
            return self.asked_by(principal)
        every = self.model.only or tuple(PROCEDURES)
        keys = [key for key in every if principal.has_perm(PROCEDURES[key].right)]
        if not keys:
            return self.none()
        rows = self.filed() if len(keys) == len(every) else self.filed().filter(procedure__in=keys)
        if sees_all(principal):
            return rows
        own = Q(department=principal.department_id or 0)
        for sees in dict.fromkeys(PROCEDURES[key].sees for key in keys):
            own |= sees(principal)
        return rows.filter(own)

    def update(self, **values) -> int:
        """A state brings what follows from it (phase, outcome, standing) along."""
        if "state" in values and "phase" not in values:
            (key,) = self.model.only
            values |= PROCEDURES[key].states[values["state"]].columns
        return super().update(**values)

    def bulk_create(self, rows, *args, **kwargs) -> list:
        for row in rows:
            row.follow_state()
        return super().bulk_create(rows, *args, **kwargs)


class CaseManager(models.Manager.from_queryset(CaseQuerySet)):  # type: ignore[misc]  # as Django's manual has it
    def get_queryset(self) -> CaseQuerySet:
        rows = super().get_queryset()
        return rows.filter(procedure__in=self.model.only) if self.model.only else rows


class Case(models.Model):
    """One case: an application, an enquiry, a visit. What its state means stands in its ``procedure``
    (cases/procedure.py); ``phase``, ``outcome`` and ``standing`` follow the state, so that SQL can ask for them.

    ``number`` is a label (受理编号), given when it is filed; ``version`` counts its changes, for who acts on what they
    saw. Who asks is a shop and its ``operator``, or a person without one, ``asker``. ``person_index``: blind index of
    the operator's identity number, by which a benefit once per person is held across shops and spellings. ``period``:
    the year it is for, of what is had every year; 0 else. It keeps the version of the rule it was filed under.
    ``channel``: how it came to us; ``begun_by`` is whoever filled it in, for a person at a window or on the phone the
    clerk. ``answers``: facts said for this case, in JSON spelling. ``judged``: {as_of, state, criteria, amount} as
    evaluated when filed. ``verdicts``: {criterion id: {"verdict": pass|fail|correct, "note"}}, the reviewer's.
    ``approved_digest`` is what approval binds (subsidies/actions/approving.py). Moved by cases/transitions.py alone.

    Columns of money are those of subsidies and null elsewhere. ``category``: cash, or loan, of which the portal pays
    nothing. Amounts in fen: ``amount_fen`` is the whole that would be paid; of a monthly benefit ``monthly_fen`` ×
    ``months`` from ``starts_on``.
    """

    # Of a proxy: the procedures whose cases it is, all where none is named, and what a new one begins with.
    only: tuple[str, ...] = ()
    begins_with: ClassVar[dict] = {}

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    procedure = models.CharField("程序", max_length=20)
    number = models.CharField("受理编号", max_length=20, default="", blank=True)
    business = models.ForeignKey(
        Business, verbose_name="商户", null=True, on_delete=models.PROTECT, related_name="cases"
    )
    operator = models.ForeignKey(
        Operator, verbose_name="经营者", null=True, on_delete=models.PROTECT, related_name="cases"
    )
    asker = models.ForeignKey(
        User, verbose_name="申请人", null=True, on_delete=models.PROTECT, related_name="cases"
    )
    person_index = models.CharField(max_length=64, blank=True)
    benefit = models.ForeignKey(Benefit, verbose_name="事项", on_delete=models.PROTECT, related_name="cases")
    benefit_version = models.ForeignKey(
        BenefitVersion, verbose_name="按哪一版", on_delete=models.PROTECT, related_name="cases"
    )
    department = models.ForeignKey(
        Department, verbose_name="承办部门", on_delete=models.PROTECT, related_name="cases"
    )
    district = models.CharField("县区", max_length=6, blank=True)
    once = models.CharField("几次", max_length=10, choices=ONCE, blank=True)
    period = models.PositiveSmallIntegerField("年度", default=0)
    state = models.CharField("状态", max_length=20, default="draft")
    phase = models.CharField("阶段", max_length=10, default=DRAFT, editable=False)
    outcome = models.CharField("结果", max_length=20, default="", blank=True, editable=False)
    standing = models.BooleanField(default=True, editable=False)
    version = models.PositiveIntegerField(default=1)

    answers = models.JSONField(default=dict)
    # Why a material is not handed in, in the owner's words, by its name.
    excused = models.JSONField(default=dict)
    # The page of the form that was looked at last, such as materials#material-2, to go on from there.
    left_at = models.CharField(max_length=100, blank=True)
    declared_at = models.DateTimeField("承诺于", null=True)
    judged = models.JSONField(default=dict)
    verdicts = models.JSONField(default=dict)

    lane = models.CharField("方式", max_length=10, choices=LANES, null=True)  # noqa: DJ001 - null elsewhere
    category = models.CharField("种类", max_length=10, null=True)  # noqa: DJ001
    account = models.ForeignKey(
        PaymentAccount, verbose_name="收款账户", null=True, on_delete=models.PROTECT, related_name="+"
    )
    amount_fen = models.BigIntegerField("金额", null=True)
    monthly_fen = models.BigIntegerField(null=True)
    months = models.PositiveSmallIntegerField("月数", null=True)
    starts_on = models.DateField("从哪个月起", null=True)
    paid_at = models.DateTimeField("到账于", null=True)

    channel = models.CharField("从哪里来", max_length=10, choices=CHANNELS, default="web")
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
    # The clock (cases/clock.py). due_on: last working day of the promise, None while none is promised;
    # days_left: working days that were left when it stopped.
    due_on = models.DateField("最迟", null=True)
    legal_due_on = models.DateField("法定最迟", null=True)
    stopped_on = models.DateField("停表于", null=True)
    days_left = models.SmallIntegerField(null=True)
    legal_days_left = models.SmallIntegerField(null=True)
    escalated_at = models.DateTimeField("催办于", null=True)
    remedy_until = models.DateField("申诉到", null=True)
    concluded_on = models.DateField("结束于", null=True)

    objects = CaseManager()

    class Meta:
        ordering = ["-id"]
        verbose_name = verbose_name_plural = "办件"
        permissions = [
            ("review_case", "受理、审核办件"),
            ("approve_case", "审批办件"),
            ("handle_appeal", "办理申诉"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(phase__in=PHASES) & Q(outcome__in=["", *OUTCOMES]), name="case_phase_is_known"
            ),
            models.CheckConstraint(
                condition=Q(phase=DRAFT) | ~Q(number="") & Q(submitted_at__isnull=False),
                name="filed_application_has_a_number",
            ),
            models.UniqueConstraint(
                fields=["number"], condition=~Q(number=""), name="application_numbered_once"
            ),
            models.CheckConstraint(
                condition=~Q(phase=CLOSED) | ~Q(outcome=""), name="no_case_ends_without_an_outcome"
            ),
            models.CheckConstraint(
                condition=Q(business__isnull=False) | Q(asker__isnull=False), name="case_is_about_somebody"
            ),
            # Four eyes: nobody does two of these for one case.
            models.CheckConstraint(
                condition=different("submitter", "reviewer", "approver", "countersigner"),
                name="application_by_different_people",
                violation_error_message="提交、审核、审批、会签要由不同的人办。",
            ),
            models.CheckConstraint(
                condition=~Q(outcome=GRANTED)
                | Q(reviewer__isnull=False, approver__isnull=False)
                & ~Q(approved_digest="")
                & (
                    ~Q(procedure=SUBSIDY)
                    | Q(amount_fen__gt=0) & (Q(account__isnull=False) | Q(category="loan"))
                ),
                name="granted_application_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(procedure=SUBSIDY, lane__isnull=False, category__isnull=False)
                | Q(**{f"{name}__isnull": True for name in MONEY}),
                name="only_subsidies_have_money",
            ),
            models.CheckConstraint(
                condition=~Q(outcome__in=[REFUSED, "no_help"]) | ~Q(reason=""), name="refusal_says_why"
            ),
            models.UniqueConstraint(
                fields=["person_index", "benefit"],
                condition=Q(once="person", standing=True, concluded_on=None),
                name="one_person_one_benefit",
                violation_error_message="这项每人只能申请一次，您已经有一件了。",
            ),
            models.UniqueConstraint(
                fields=["business", "benefit", "period"],
                condition=Q(once="shop", standing=True, concluded_on=None),
                name="one_shop_one_benefit_a_period",
                violation_error_message="这家店已经申请过这一项了。",
            ),
        ]
        indexes = [
            # Queues: by procedure, department and state, the earliest due first.
            models.Index(fields=["procedure", "department", "state", "due_on", "id"], name="case_queue"),
            models.Index(fields=["claimed_by", "state"], name="case_claimed"),
            models.Index(fields=["operator", "-id"], name="case_of_person"),
            models.Index(fields=["account"], name="case_by_account"),
        ]

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **(kwargs if args else self.begins_with | kwargs))

    def __init_subclass__(cls, **kwargs) -> None:
        super().__init_subclass__(**kwargs)
        KINDS.update(dict.fromkeys(cls.only, cls))

    def __str__(self) -> str:
        return self.number or f"草稿 {self.pk}"

    def save(self, *args, **kwargs) -> None:
        if kwargs.get("update_fields") is None:
            self.follow_state()
        super().save(*args, **kwargs)

    @classmethod
    def from_db(cls, db, field_names, values) -> "Case":
        """A row comes as what it is: an application as one, whoever asked for it."""
        said = dict(zip(field_names, values, strict=True))
        kind = KINDS.get(said.get("procedure"), cls)
        if kind is not cls:
            return kind.from_db(db, field_names, values)
        return super().from_db(db, field_names, values)

    @classmethod
    def holds(cls, procedure: str) -> None:
        """Of a proxy: it has the cases of this procedure as well."""
        cls.only = (*cls.only, procedure)
        KINDS[procedure] = cls

    @classmethod
    def in_states(cls, **said) -> Q:
        """The cases in states of which all this is said, as a condition. Each procedure is named, so that the index of
        the queue is used."""
        condition = Q(pk__in=[])
        for key in cls.only or PROCEDURES:
            condition |= Q(procedure=key, state__in=PROCEDURES[key].where(**said))
        return condition

    @classmethod
    def at_turn(cls, *turns) -> Q:
        """The cases that wait for who reviews, or for who decides, as a condition."""
        condition = Q(pk__in=[])
        for turn in turns:
            condition |= cls.in_states(turn=turn)
        return condition

    def follow_state(self) -> None:
        """Set what the state says besides."""
        for name, value in self.stage.columns.items():
            setattr(self, name, value)

    @property
    def life(self) -> Procedure:
        return PROCEDURES[self.procedure]

    @property
    def title(self) -> str:
        """What it is about, in the words under which it was asked for."""
        return self.life.titled(self)

    @property
    def detail(self) -> models.Model | None:
        """The row with the columns that only cases of its procedure have; None where it needs none."""
        return getattr(self, self.life.detail) if self.life.detail else None

    @property
    def stage(self) -> State:
        """Where it stands, with all that is said of that."""
        return self.life.states[self.state]

    def label_for(self, principal) -> str:
        """Where it stands, in official words for staff and in plain ones for whoever asked."""
        return self.stage.staff if getattr(principal, "is_staff", False) else self.stage.owner

    @property
    def open_correction(self) -> "Correction | None":
        """The correction that waits for the owner, or None. Looks at prefetched rows."""
        rows = self.corrections.all() if self.stage.step == CORRECTING else ()
        return next((row for row in rows if row.answered_at is None and row.closed_at is None), None)

    @property
    def subject(self) -> str:
        """What the audit calls it: ``application 12``."""
        return f"{self.life.called} {self.pk}"

    @property
    def people(self) -> set:
        """Ids of those who have had a part in it."""
        return {
            pk for pk in (self.submitter_id, self.reviewer_id, self.approver_id, self.countersigner_id) if pk
        }


class CaseFile(models.Model):
    """A piece of evidence used for one material of a case. Replaced files stay, with the day they went."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="files")
    evidence = models.ForeignKey(Evidence, on_delete=models.PROTECT, related_name="uses")
    material = models.CharField("材料", max_length=80)
    added_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["material", "id"]
        verbose_name = verbose_name_plural = "办件材料"
        constraints = [
            models.UniqueConstraint(
                fields=["case", "material", "evidence"],
                condition=Q(removed_at=None),
                name="evidence_used_once_for_a_material",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.material} {self.evidence_id}"
