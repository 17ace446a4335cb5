import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("businesses", "0001_initial"),
        ("policies", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("sequence", models.PositiveBigIntegerField(default=0)),
                ("digest", models.CharField(default="", max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name="Turn",
            fields=[
                (
                    "operator",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="businesses.operator",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("procedure", models.CharField(max_length=20, verbose_name="程序")),
                ("number", models.CharField(blank=True, default="", max_length=20, verbose_name="受理编号")),
                (
                    "business",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="businesses.operator",
                        verbose_name="经营者",
                    ),
                ),
                (
                    "asker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="申请人",
                    ),
                ),
                ("person_index", models.CharField(blank=True, max_length=64)),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "benefit_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="policies.benefitversion",
                        verbose_name="按哪一版",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="cases",
                        to="accounts.department",
                        verbose_name="承办部门",
                    ),
                ),
                ("district", models.CharField(blank=True, max_length=6, verbose_name="县区")),
                (
                    "once",
                    models.CharField(
                        blank=True,
                        choices=[("person", "每人一次"), ("shop", "每店每期一次"), ("", "不限")],
                        max_length=10,
                        verbose_name="几次",
                    ),
                ),
                ("period", models.PositiveSmallIntegerField(default=0, verbose_name="年度")),
                ("state", models.CharField(default="draft", max_length=20, verbose_name="状态")),
                (
                    "phase",
                    models.CharField(default="draft", editable=False, max_length=10, verbose_name="阶段"),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=20, verbose_name="结果"
                    ),
                ),
                ("standing", models.BooleanField(default=True, editable=False)),
                ("version", models.PositiveIntegerField(default=1)),
                ("answers", models.JSONField(default=dict)),
                ("excused", models.JSONField(default=dict)),
                ("left_at", models.CharField(blank=True, max_length=100)),
                ("declared_at", models.DateTimeField(null=True, verbose_name="承诺于")),
                ("judged", models.JSONField(default=dict)),
                ("verdicts", models.JSONField(default=dict)),
                (
                    "lane",
                    models.CharField(
                        choices=[("apply", "申请"), ("confirm", "免申即享")],
                        max_length=10,
                        null=True,
                        verbose_name="方式",
                    ),
                ),
                ("category", models.CharField(max_length=10, null=True, verbose_name="种类")),
                (
                    "account",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="businesses.paymentaccount",
                        verbose_name="收款账户",
                    ),
                ),
                ("amount_fen", models.BigIntegerField(null=True, verbose_name="金额")),
                ("monthly_fen", models.BigIntegerField(null=True)),
                ("months", models.PositiveSmallIntegerField(null=True, verbose_name="月数")),
                ("starts_on", models.DateField(null=True, verbose_name="从哪个月起")),
                ("paid_at", models.DateTimeField(null=True, verbose_name="到账于")),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("web", "网上"),
                            ("api", "接口"),
                            ("window", "窗口代办"),
                            ("phone", "12345 电话代办"),
                            ("auto", "系统"),
                        ],
                        default="web",
                        max_length=10,
                        verbose_name="从哪里来",
                    ),
                ),
                (
                    "begun_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "submitter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提交人",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                    ),
                ),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审核人",
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="审批人",
                    ),
                ),
                (
                    "countersigner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="会签人",
                    ),
                ),
                (
                    "override_note",
                    models.CharField(blank=True, max_length=500, verbose_name="与自动核验不同的理由"),
                ),
                ("approved_digest", models.CharField(blank=True, max_length=64)),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="给店主的理由")),
                ("failed", models.JSONField(default=list, verbose_name="不符合的条件")),
                (
                    "claimed_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="经办",
                    ),
                ),
                ("claimed_until", models.DateTimeField(null=True)),
                ("begun_at", models.DateTimeField(auto_now_add=True)),
                ("saved_at", models.DateTimeField(auto_now=True, verbose_name="保存于")),
                ("submitted_at", models.DateTimeField(null=True, verbose_name="提交于")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="受理于")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="决定于")),
                ("due_on", models.DateField(null=True, verbose_name="最迟")),
                ("legal_due_on", models.DateField(null=True, verbose_name="法定最迟")),
                ("stopped_on", models.DateField(null=True, verbose_name="停表于")),
                ("days_left", models.SmallIntegerField(null=True)),
                ("legal_days_left", models.SmallIntegerField(null=True)),
                ("escalated_at", models.DateTimeField(null=True, verbose_name="催办于")),
                ("remedy_until", models.DateField(null=True, verbose_name="申诉到")),
                ("concluded_on", models.DateField(null=True, verbose_name="结束于")),
            ],
            options={
                "verbose_name": "办件",
                "verbose_name_plural": "办件",
                "ordering": ["-id"],
                "permissions": [
                    ("review_case", "受理、审核办件"),
                    ("approve_case", "审批办件"),
                    ("handle_appeal", "办理申诉"),
                ],
                "indexes": [
                    models.Index(
                        fields=["procedure", "department", "state", "due_on", "id"], name="case_queue"
                    ),
                    models.Index(fields=["claimed_by", "state"], name="case_claimed"),
                    models.Index(fields=["operator", "-id"], name="case_of_person"),
                    models.Index(fields=["account"], name="case_by_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phase__in", ("draft", "open", "closed")),
                            (
                                "outcome__in",
                                [
                                    "",
                                    "granted",
                                    "refused",
                                    "helped",
                                    "answered",
                                    "no_help",
                                    "unreachable",
                                    "withdrawn",
                                    "expired",
                                ],
                            ),
                        ),
                        name="case_phase_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("phase", "draft"),
                            models.Q(
                                models.Q(("number", ""), _negated=True), ("submitted_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="filed_application_has_a_number",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("number", ""), _negated=True),
                        fields=("number",),
                        name="application_numbered_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("phase", "closed"), _negated=True),
                            models.Q(("outcome", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="no_case_ends_without_an_outcome",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("business__isnull", False), ("asker__isnull", False), _connector="OR"
                        ),
                        name="case_is_about_somebody",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("submitter__isnull", True),
                                ("reviewer__isnull", True),
                                models.Q(("submitter", models.F("reviewer")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("submitter__isnull", True),
                                ("approver__isnull", True),
                                models.Q(("submitter", models.F("approver")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("submitter__isnull", True),
                                ("countersigner__isnull", True),
                                models.Q(("submitter", models.F("countersigner")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reviewer__isnull", True),
                                ("approver__isnull", True),
                                models.Q(("reviewer", models.F("approver")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reviewer__isnull", True),
                                ("countersigner__isnull", True),
                                models.Q(("reviewer", models.F("countersigner")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("approver__isnull", True),
                                ("countersigner__isnull", True),
                                models.Q(("approver", models.F("countersigner")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="application_by_different_people",
                        violation_error_message="提交、审核、审批、会签要由不同的人办。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome", "granted"), _negated=True),
                            models.Q(
                                ("approver__isnull", False),
                                ("reviewer__isnull", False),
                                models.Q(("approved_digest", ""), _negated=True),
                                models.Q(
                                    models.Q(("procedure", "subsidy"), _negated=True),
                                    models.Q(
                                        ("amount_fen__gt", 0),
                                        models.Q(
                                            ("account__isnull", False), ("category", "loan"), _connector="OR"
                                        ),
                                    ),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="granted_application_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("category__isnull", False), ("lane__isnull", False), ("procedure", "subsidy")
                            ),
                            models.Q(
                                ("account__isnull", True),
                                ("amount_fen__isnull", True),
                                ("category__isnull", True),
                                ("lane__isnull", True),
                                ("monthly_fen__isnull", True),
                                ("months__isnull", True),
                                ("paid_at__isnull", True),
                                ("starts_on__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="only_subsidies_have_money",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("outcome__in", ["refused", "no_help"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refusal_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("concluded_on", None), ("once", "person"), ("standing", True)),
                        fields=("person_index", "benefit"),
                        name="one_person_one_benefit",
                        violation_error_message="这项每人只能申请一次，您已经有一件了。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("concluded_on", None), ("once", "shop"), ("standing", True)),
                        fields=("business", "benefit", "period"),
                        name="one_shop_one_benefit_a_period",
                        violation_error_message="这家店已经申请过这一项了。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Appeal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="appeals", to="cases.case"
                    ),
                ),
                ("words", models.CharField(max_length=1000, verbose_name="理由")),
                (
                    "filed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("filed_at", models.DateTimeField(auto_now_add=True, verbose_name="提出于")),
                ("due_on", models.DateField(null=True, verbose_name="最迟")),
                (
                    "reviewer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "approver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "countersigner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "handler",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="办理人",
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("upheld", "维持原决定"),
                            ("overturned", "撤销原决定，重新审核"),
                            ("withdrawn", "店主撤回"),
                        ],
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=1000, verbose_name="答复")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="答复于")),
            ],
            options={
                "verbose_name": "申诉",
                "verbose_name_plural": "申诉",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome", "")), fields=("case",), name="one_open_appeal"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("filed_by__isnull", True),
                                ("reviewer__isnull", True),
                                models.Q(("filed_by", models.F("reviewer")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("filed_by__isnull", True),
                                ("approver__isnull", True),
                                models.Q(("filed_by", models.F("approver")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("filed_by__isnull", True),
                                ("countersigner__isnull", True),
                                models.Q(("filed_by", models.F("countersigner")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("filed_by__isnull", True),
                                ("handler__isnull", True),
                                models.Q(("filed_by", models.F("handler")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reviewer__isnull", True),
                                ("approver__isnull", True),
                                models.Q(("reviewer", models.F("approver")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reviewer__isnull", True),
                                ("countersigner__isnull", True),
                                models.Q(("reviewer", models.F("countersigner")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reviewer__isnull", True),
                                ("handler__isnull", True),
                                models.Q(("reviewer", models.F("handler")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("approver__isnull", True),
                                ("countersigner__isnull", True),
                                models.Q(("approver", models.F("countersigner")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("approver__isnull", True),
                                ("handler__isnull", True),
                                models.Q(("approver", models.F("handler")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("countersigner__isnull", True),
                                ("handler__isnull", True),
                                models.Q(("countersigner", models.F("handler")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="appeal_by_different_people",
                        violation_error_message="原来审核、审批的人不能办理申诉。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["", "withdrawn"]),
                            models.Q(("handler__isnull", False), models.Q(("answer", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="appeal_is_answered_by_somebody",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Correction",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="cases.case",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几次")),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="通知于")),
                ("due_on", models.DateField(verbose_name="最迟补齐")),
                ("answered_at", models.DateTimeField(null=True, verbose_name="补齐于")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="结束于")),
            ],
            options={
                "verbose_name": "补正",
                "verbose_name_plural": "补正",
                "ordering": ["number"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None), ("closed_at", None)),
                        fields=("case",),
                        name="one_open_correction",
                    ),
                    models.UniqueConstraint(fields=("case", "number"), name="correction_numbered_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Defect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "correction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="defects",
                        to="cases.correction",
                    ),
                ),
                ("kind", models.CharField(choices=[("fact", "信息"), ("material", "材料")], max_length=10)),
                ("name", models.CharField(max_length=80, verbose_name="哪一项")),
                ("reason", models.CharField(max_length=300, verbose_name="哪里不对")),
                ("sample", models.CharField(blank=True, max_length=300, verbose_name="怎样才对")),
                ("before", models.JSONField(null=True)),
                ("after", models.JSONField(null=True)),
                ("resolved_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(fields=("correction", "kind", "name"), name="defect_named_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="businesses.operator",
                    ),
                ),
                ("material", models.CharField(max_length=80, verbose_name="材料")),
                ("original_name", models.CharField(max_length=255, verbose_name="文件名")),
                ("stored_name", models.CharField(max_length=64, unique=True)),
                ("media_type", models.CharField(max_length=40, verbose_name="类型")),
                ("size", models.PositiveIntegerField(verbose_name="大小")),
                ("sha256", models.CharField(max_length=64)),
                ("pages", models.PositiveSmallIntegerField(default=1, verbose_name="页数")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "正在检查"),
                            ("clean", "可以用"),
                            ("infected", "有病毒，不能用"),
                            ("error", "没有检查成"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="问题")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="有效到")),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传于")),
                ("deleted_at", models.DateTimeField(null=True, verbose_name="删除于")),
            ],
            options={
                "verbose_name": "材料",
                "verbose_name_plural": "材料",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("deleted_at", None)),
                        fields=("operator", "material", "sha256"),
                        name="evidence_kept_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="files", to="cases.case"
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="cases.evidence"
                    ),
                ),
                ("material", models.CharField(max_length=80, verbose_name="材料")),
                ("added_at", models.DateTimeField(auto_now_add=True)),
                ("removed_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "办件材料",
                "verbose_name_plural": "办件材料",
                "ordering": ["material", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("removed_at", None)),
                        fields=("case", "material", "evidence"),
                        name="evidence_used_once_for_a_material",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Interest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="interests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="工作人员",
                    ),
                ),
                ("person_index", models.CharField(max_length=64)),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("self", "本人"),
                            ("spouse", "配偶"),
                            ("kin", "近亲属"),
                            ("other", "其他利害关系"),
                        ],
                        max_length=10,
                        verbose_name="关系",
                    ),
                ),
                ("declared_at", models.DateTimeField(auto_now_add=True, verbose_name="申报于")),
                ("ending_asked_at", models.DateTimeField(null=True, verbose_name="申请撤销于")),
                ("ending_because", models.CharField(blank=True, max_length=300, verbose_name="撤销的理由")),
                (
                    "ended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="同意撤销的人",
                    ),
                ),
                ("ended_at", models.DateTimeField(null=True, verbose_name="撤销于")),
            ],
            options={
                "verbose_name": "回避申报",
                "verbose_name_plural": "回避申报",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("user", "person_index"),
                        name="interest_declared_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ended_by", None),
                            models.Q(("ended_by", models.F("user")), _negated=True),
                            _connector="OR",
                        ),
                        name="interest_ended_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Part",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="parts", to="cases.case"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("kind", models.CharField(choices=[("review", "审核"), ("decide", "审批")], max_length=10)),
                ("had_at", models.DateTimeField(auto_now_add=True)),
                ("undone_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("case", "user", "kind"), name="part_written_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Rating",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("token", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ratings", to="cases.case"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                    ),
                ),
                ("stage", models.CharField(max_length=20, verbose_name="环节")),
                ("asked_at", models.DateTimeField(auto_now_add=True)),
                (
                    "level",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (5, "非常满意"),
                            (4, "满意"),
                            (3, "基本满意"),
                            (2, "不满意"),
                            (1, "非常不满意"),
                        ],
                        null=True,
                        verbose_name="评价",
                    ),
                ),
                ("tags", models.JSONField(default=list, verbose_name="原因")),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="想说的话")),
                ("rated_at", models.DateTimeField(null=True, verbose_name="评价于")),
                ("contact_by", models.DateField(null=True, verbose_name="最迟联系")),
                ("contacted_at", models.DateTimeField(null=True, verbose_name="已联系")),
                ("mend_by", models.DateField(null=True, verbose_name="最迟整改")),
                ("mended_at", models.DateTimeField(null=True, verbose_name="已整改")),
                (
                    "mended_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("mended_how", models.CharField(blank=True, max_length=500, verbose_name="整改结果")),
                (
                    "second",
                    models.PositiveSmallIntegerField(
                        choices=[
                            (5, "非常满意"),
                            (4, "满意"),
                            (3, "基本满意"),
                            (2, "不满意"),
                            (1, "非常不满意"),
                        ],
                        null=True,
                        verbose_name="追评",
                    ),
                ),
            ],
            options={
                "verbose_name": "评价",
                "verbose_name_plural": "评价",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("case", "stage"), name="stage_is_rated_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("level", None), models.Q(("level__gte", 1), ("level__lte", 5)), _connector="OR"
                        ),
                        name="rating_is_one_of_five",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditEntry",
            fields=[
                ("sequence", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField(verbose_name="时间")),
                ("actor", models.BigIntegerField(db_index=True, null=True, verbose_name="谁")),
                ("client", models.CharField(blank=True, max_length=100, verbose_name="接口客户端")),
                (
                    "department",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
                ("verb", models.CharField(max_length=40, verbose_name="做了什么")),
                ("subject", models.CharField(max_length=60, verbose_name="对象")),
                ("case", models.BigIntegerField(null=True, verbose_name="办件")),
                ("before", models.CharField(blank=True, max_length=20, verbose_name="原来")),
                ("after", models.CharField(blank=True, max_length=20, verbose_name="之后")),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("detail", models.JSONField(default=dict, verbose_name="内容")),
                ("previous", models.CharField(max_length=64)),
                ("digest", models.CharField(max_length=64)),
            ],
            options={
                "verbose_name": "审计记录",
                "verbose_name_plural": "审计记录",
                "ordering": ["-sequence"],
                "indexes": [models.Index(fields=["case", "sequence"], name="audit_of_case")],
            },
        ),
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="messages", to="cases.case"
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "side",
                    models.CharField(
                        choices=[("owner", "店主"), ("office", "承办单位"), ("system", "系统")],
                        max_length=10,
                        verbose_name="哪一方",
                    ),
                ),
                ("office", models.CharField(blank=True, max_length=80, verbose_name="哪个单位")),
                ("words", models.CharField(max_length=2000, verbose_name="内容")),
                ("files", models.JSONField(default=list, verbose_name="附件")),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
            ],
            options={
                "verbose_name": "往来",
                "verbose_name_plural": "往来",
                "ordering": ["id"],
            },
        ),
    ]
    operations = [CreateModels(creations)]
