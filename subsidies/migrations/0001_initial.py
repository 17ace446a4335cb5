import uuid

import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.encryption


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("businesses", "0001_initial"),
        ("policies", "0001_initial"),
    ]

    operations = [
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
            name="Application",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("number", models.CharField(blank=True, default="", max_length=20, verbose_name="受理编号")),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="businesses.operator",
                        verbose_name="经营者",
                    ),
                ),
                ("person_index", models.CharField(max_length=64)),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "benefit_version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="policies.benefitversion",
                        verbose_name="按哪一版",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="applications",
                        to="accounts.department",
                        verbose_name="承办部门",
                    ),
                ),
                ("district", models.CharField(blank=True, max_length=6, verbose_name="县区")),
                (
                    "lane",
                    models.CharField(
                        choices=[("apply", "申请"), ("confirm", "免申即享")],
                        default="apply",
                        max_length=10,
                        verbose_name="方式",
                    ),
                ),
                ("once_per_person", models.BooleanField(default=False)),
                ("period", models.PositiveSmallIntegerField(default=0, verbose_name="年度")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("draft", "没填完"),
                            ("submitted", "待受理"),
                            ("reviewing", "审核中"),
                            ("correcting", "等您补材料"),
                            ("recommended", "待审批"),
                            ("countersigning", "待会签"),
                            ("approved", "已批准，待拨付"),
                            ("paid", "已到账"),
                            ("refused", "未批准"),
                            ("appealed", "申诉中"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="draft",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("answers", models.JSONField(default=dict)),
                ("excused", models.JSONField(default=dict)),
                ("left_at", models.CharField(blank=True, max_length=30)),
                ("declared_at", models.DateTimeField(null=True, verbose_name="承诺于")),
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
                ("judged", models.JSONField(default=dict)),
                ("verdicts", models.JSONField(default=dict)),
                ("category", models.CharField(default="cash", max_length=10, verbose_name="种类")),
                ("amount_fen", models.BigIntegerField(null=True, verbose_name="金额")),
                ("monthly_fen", models.BigIntegerField(null=True)),
                ("months", models.PositiveSmallIntegerField(null=True, verbose_name="月数")),
                ("starts_on", models.DateField(null=True, verbose_name="从哪个月起")),
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
                ("paid_at", models.DateTimeField(null=True, verbose_name="到账于")),
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
                    ("review_application", "受理、审核办件"),
                    ("approve_application", "审批办件"),
                    ("pay_application", "编制、审批拨付"),
                    ("handle_appeal", "办理申诉"),
                ],
                "indexes": [
                    models.Index(fields=["department", "state", "due_on", "id"], name="application_queue"),
                    models.Index(fields=["claimed_by", "state"], name="application_claimed"),
                    models.Index(fields=["operator", "-id"], name="application_of_person"),
                    models.Index(fields=["account"], name="application_by_account"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state__in",
                                [
                                    "draft",
                                    "submitted",
                                    "reviewing",
                                    "correcting",
                                    "recommended",
                                    "countersigning",
                                    "approved",
                                    "paid",
                                    "refused",
                                    "appealed",
                                    "withdrawn",
                                ],
                            )
                        ),
                        name="application_state_is_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("state", "draft"),
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
                            models.Q(("state__in", ("approved", "paid")), _negated=True),
                            models.Q(
                                ("amount_fen__gt", 0),
                                ("approver__isnull", False),
                                ("reviewer__isnull", False),
                                models.Q(("account__isnull", False), ("category", "loan"), _connector="OR"),
                                models.Q(("approved_digest", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="granted_application_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "refused"), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="refusal_says_why",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("concluded_on", None),
                            ("once_per_person", True),
                            (
                                "state__in",
                                (
                                    "draft",
                                    "submitted",
                                    "reviewing",
                                    "correcting",
                                    "recommended",
                                    "countersigning",
                                    "approved",
                                    "paid",
                                    "appealed",
                                ),
                            ),
                        ),
                        fields=("person_index", "benefit"),
                        name="one_person_one_benefit",
                        violation_error_message="这项每人只能申请一次，您已经有一件了。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("concluded_on", None),
                            ("once_per_person", False),
                            (
                                "state__in",
                                (
                                    "draft",
                                    "submitted",
                                    "reviewing",
                                    "correcting",
                                    "recommended",
                                    "countersigning",
                                    "approved",
                                    "paid",
                                    "appealed",
                                ),
                            ),
                        ),
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appeals",
                        to="subsidies.application",
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
                        condition=models.Q(("outcome", "")), fields=("application",), name="one_open_appeal"
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
                ("application", models.BigIntegerField(null=True, verbose_name="办件")),
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
                "indexes": [models.Index(fields=["application", "sequence"], name="audit_of_application")],
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="corrections",
                        to="subsidies.application",
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
                        fields=("application",),
                        name="one_open_correction",
                    ),
                    models.UniqueConstraint(
                        fields=("application", "number"), name="correction_numbered_once"
                    ),
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
                        to="subsidies.correction",
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
            name="Envelope",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="envelopes",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="envelopes",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("district", models.CharField(blank=True, max_length=6, verbose_name="县区")),
                ("cap_fen", models.BigIntegerField(null=True, verbose_name="总额")),
                ("reserved_fen", models.BigIntegerField(default=0, verbose_name="已预留")),
                ("granted_fen", models.BigIntegerField(default=0, verbose_name="已批准")),
                ("paid_fen", models.BigIntegerField(default=0, verbose_name="已拨付")),
                ("recovered_fen", models.BigIntegerField(default=0, verbose_name="已追回")),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("set_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "资金",
                "verbose_name_plural": "资金",
                "ordering": ["-year", "benefit__code", "district"],
                "constraints": [
                    models.UniqueConstraint(fields=("benefit", "year", "district"), name="envelope_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("granted_fen__gte", 0),
                            ("paid_fen__gte", 0),
                            ("recovered_fen__gte", 0),
                            ("reserved_fen__gte", 0),
                            ("recovered_fen__lte", models.F("paid_fen")),
                        ),
                        name="envelope_holds_nothing_negative",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("cap_fen", None),
                            (
                                "cap_fen__gte",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        django.db.models.expressions.CombinedExpression(
                                            models.F("reserved_fen"), "+", models.F("granted_fen")
                                        ),
                                        "+",
                                        models.F("paid_fen"),
                                    ),
                                    "-",
                                    models.F("recovered_fen"),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="envelope_is_not_overdrawn",
                        violation_error_message="资金不够了。",
                    ),
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
            name="Grant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="subsidies.application",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "发放中"),
                            ("finished", "已发完"),
                            ("stopped", "已停发"),
                            ("void", "已作废"),
                        ],
                        default="active",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("total_fen", models.BigIntegerField(verbose_name="总额")),
                ("monthly_fen", models.BigIntegerField(null=True)),
                ("months", models.PositiveSmallIntegerField(null=True, verbose_name="月数")),
                ("starts_on", models.DateField(null=True, verbose_name="从哪个月起")),
                ("stopped_on", models.DateField(null=True, verbose_name="停发日")),
                ("stopped_because", models.CharField(blank=True, max_length=200, verbose_name="停发原因")),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "批准的补贴",
                "verbose_name_plural": "批准的补贴",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "void"), _negated=True),
                        fields=("application",),
                        name="one_grant_an_application",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("monthly_fen", None), ("months", None), ("starts_on", None)),
                            models.Q(
                                ("monthly_fen__gt", 0),
                                ("months__gt", 0),
                                ("starts_on__isnull", False),
                                (
                                    "total_fen",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("monthly_fen"), "*", models.F("months")
                                    ),
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="grant_is_one_sum_or_monthly",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Instalment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="subsidies.grant",
                    ),
                ),
                (
                    "envelope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="instalments",
                        to="subsidies.envelope",
                    ),
                ),
                ("number", models.PositiveSmallIntegerField(verbose_name="第几期")),
                ("from_month", models.DateField(null=True, verbose_name="从")),
                ("months", models.PositiveSmallIntegerField(null=True, verbose_name="月数")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "到时凭房租凭证领"),
                            ("claimed", "凭证待核"),
                            ("due", "待拨付"),
                            ("paid", "已到账"),
                            ("cancelled", "不再发放"),
                        ],
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "claimed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("claimed_at", models.DateTimeField(null=True, verbose_name="申领于")),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True, verbose_name="核对于")),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="凭证哪里不对")),
                ("paid_at", models.DateTimeField(null=True, verbose_name="到账于")),
                ("recovered_fen", models.BigIntegerField(default=0, verbose_name="已追回")),
            ],
            options={
                "verbose_name": "分期",
                "verbose_name_plural": "分期",
                "ordering": ["grant", "number"],
                "constraints": [
                    models.UniqueConstraint(fields=("grant", "number"), name="instalment_numbered_once"),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="instalment_is_something"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("recovered_fen__gte", 0), ("recovered_fen__lte", models.F("amount_fen"))
                        ),
                        name="no_more_recovered_than_paid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("claimed_by__isnull", True),
                            ("checked_by__isnull", True),
                            models.Q(("claimed_by", models.F("checked_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="instalment_by_different_people",
                    ),
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="subsidies.application",
                    ),
                ),
                (
                    "evidence",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="uses",
                        to="subsidies.evidence",
                    ),
                ),
                (
                    "instalment",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="subsidies.instalment",
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
                        condition=models.Q(("instalment", None), ("removed_at", None)),
                        fields=("application", "material", "evidence"),
                        name="evidence_used_once_for_a_material",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("instalment__isnull", False), ("removed_at", None)),
                        fields=("instalment", "evidence"),
                        name="evidence_used_once_for_an_instalment",
                    ),
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
            name="LedgerEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "envelope",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="subsidies.envelope",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ledger_entries",
                        to="subsidies.application",
                    ),
                ),
                ("key", models.CharField(max_length=80, unique=True)),
                ("reserved_fen", models.BigIntegerField(default=0)),
                ("granted_fen", models.BigIntegerField(default=0)),
                ("paid_fen", models.BigIntegerField(default=0)),
                ("recovered_fen", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField(auto_now_add=True, verbose_name="时间")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "资金流水",
                "verbose_name_plural": "资金流水",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="OfferList",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                ("benefit_version_id", models.BigIntegerField()),
                ("period", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("day", models.DateField(verbose_name="按哪一天")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "待确认"),
                            ("confirmed", "已确认，等店主确认账户"),
                            ("cancelled", "已取消"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("count", models.PositiveIntegerField(default=0, verbose_name="户数")),
                ("total_fen", models.BigIntegerField(default=0, verbose_name="总额")),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="编制",
                    ),
                ),
                ("prepared_at", models.DateTimeField(auto_now_add=True, verbose_name="编制于")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="确认",
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认于")),
            ],
            options={
                "verbose_name": "免申即享名单",
                "verbose_name_plural": "免申即享名单",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("prepared_by__isnull", True),
                            ("confirmed_by__isnull", True),
                            models.Q(("prepared_by", models.F("confirmed_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="offers_by_different_people",
                        violation_error_message="编制名单的人不能自己确认。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "offer_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offers",
                        to="subsidies.offerlist",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offers",
                        to="businesses.business",
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="policies.benefit"
                    ),
                ),
                ("period", models.PositiveSmallIntegerField()),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                ("judged", models.JSONField(default=dict)),
                (
                    "application",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offer",
                        to="subsidies.application",
                    ),
                ),
                (
                    "withdrawn_because",
                    models.CharField(blank=True, max_length=200, verbose_name="不再给的原因"),
                ),
                ("withdrawn_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "免申即享",
                "verbose_name_plural": "免申即享",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn_at", None)),
                        fields=("business", "benefit", "period"),
                        name="offered_once",
                    )
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parts",
                        to="subsidies.application",
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
                    models.UniqueConstraint(fields=("application", "user", "kind"), name="part_written_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="批次号")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prepared", "待复核"),
                            ("approved", "已批准，待导出"),
                            ("exported", "已导出，等银行结果"),
                            ("settled", "已对账"),
                            ("cancelled", "已取消"),
                        ],
                        default="prepared",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("count", models.PositiveIntegerField(verbose_name="笔数")),
                ("total_fen", models.BigIntegerField(verbose_name="总额")),
                ("content", core.encryption.EncryptedField(editable=False, null=True, verbose_name="文件")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="文件指纹")),
                (
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="编制",
                    ),
                ),
                ("prepared_at", models.DateTimeField(auto_now_add=True, verbose_name="编制于")),
                (
                    "approved_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="复核",
                    ),
                ),
                ("approved_at", models.DateTimeField(null=True, verbose_name="复核于")),
                ("exported_at", models.DateTimeField(null=True, verbose_name="首次导出于")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="对账于")),
            ],
            options={
                "verbose_name": "拨付批次",
                "verbose_name_plural": "拨付批次",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("prepared_by__isnull", True),
                            ("approved_by__isnull", True),
                            models.Q(("prepared_by", models.F("approved_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="batch_by_different_people",
                        violation_error_message="编制批次的人不能自己复核。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["prepared", "cancelled"]),
                            ("approved_by__isnull", False),
                            _connector="OR",
                        ),
                        name="batch_goes_out_approved",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Payment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "instalment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="subsidies.instalment",
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="payments",
                        to="subsidies.paymentbatch",
                    ),
                ),
                ("reference", models.CharField(max_length=30, unique=True, verbose_name="流水号")),
                ("amount_fen", models.BigIntegerField(verbose_name="金额")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="businesses.paymentaccount",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("batched", "已编入批次"),
                            ("sent", "已交银行"),
                            ("paid", "已到账"),
                            ("returned", "被退回"),
                            ("cancelled", "已取消"),
                        ],
                        default="batched",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="退回原因")),
                ("bank_reference", models.CharField(blank=True, max_length=60, verbose_name="银行流水号")),
                ("settled_at", models.DateTimeField(null=True, verbose_name="结果于")),
                (
                    "submitter",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
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
                    "prepared_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paid_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "拨付",
                "verbose_name_plural": "拨付",
                "ordering": ["id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status__in", ["batched", "sent", "paid"])),
                        fields=("instalment",),
                        name="instalment_is_paid_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_fen__gt", 0)), name="payment_is_something"
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
                                ("prepared_by__isnull", True),
                                models.Q(("submitter", models.F("prepared_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("submitter__isnull", True),
                                ("paid_by__isnull", True),
                                models.Q(("submitter", models.F("paid_by")), _negated=True),
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
                                ("prepared_by__isnull", True),
                                models.Q(("reviewer", models.F("prepared_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("reviewer__isnull", True),
                                ("paid_by__isnull", True),
                                models.Q(("reviewer", models.F("paid_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("approver__isnull", True),
                                ("prepared_by__isnull", True),
                                models.Q(("approver", models.F("prepared_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("approver__isnull", True),
                                ("paid_by__isnull", True),
                                models.Q(("approver", models.F("paid_by")), _negated=True),
                                _connector="OR",
                            ),
                            models.Q(
                                ("prepared_by__isnull", True),
                                ("paid_by__isnull", True),
                                models.Q(("prepared_by", models.F("paid_by")), _negated=True),
                                _connector="OR",
                            ),
                        ),
                        name="payment_by_different_people",
                        violation_error_message="审核、审批过这件的人不能经办它的拨付。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("bank_reference", ""), _negated=True),
                        fields=("bank_reference",),
                        name="bank_reference_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BankAnswer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answers",
                        to="subsidies.paymentbatch",
                    ),
                ),
                ("rows", models.JSONField(default=list)),
                ("outcomes", models.JSONField(default=list)),
                ("count", models.PositiveIntegerField(verbose_name="行数")),
                ("done", models.PositiveIntegerField(default=0, verbose_name="已办")),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="导入于")),
                ("held_until", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="办完于")),
            ],
            options={
                "verbose_name": "银行结果",
                "verbose_name_plural": "银行结果",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("done__lte", models.F("count"))), name="answer_is_done_row_by_row"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicNotice",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=20, unique=True, verbose_name="公示号")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                ("from_on", models.DateField(verbose_name="从")),
                ("until_on", models.DateField(verbose_name="到")),
                ("rows", models.JSONField(default=list)),
                (
                    "published_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("published_at", models.DateTimeField(auto_now_add=True)),
                ("taken_down_at", models.DateTimeField(null=True, verbose_name="撤下于")),
                ("applications", models.ManyToManyField(related_name="notices", to="subsidies.application")),
            ],
            options={
                "verbose_name": "公示",
                "verbose_name_plural": "公示",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="notice_ends_after_it_begins",
                    )
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
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="ratings",
                        to="subsidies.application",
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
                    models.UniqueConstraint(fields=("application", "stage"), name="stage_is_rated_once"),
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
            name="Recheck",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                ("size", models.PositiveIntegerField(verbose_name="抽几件")),
                ("decided_from", models.DateField(verbose_name="决定日期从")),
                ("decided_to", models.DateField(verbose_name="到")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="名单指纹")),
                ("population", models.PositiveIntegerField(verbose_name="名单件数")),
                (
                    "drawn_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("drawn_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="抽取于")),
            ],
            options={
                "verbose_name": "抽查",
                "verbose_name_plural": "抽查",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="RecheckPick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "recheck",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picks",
                        to="subsidies.recheck",
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rechecks",
                        to="subsidies.application",
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                (
                    "result",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("right", "没有问题"),
                            ("minor", "有小问题，已提醒"),
                            ("wrong", "不该给，要追回"),
                        ],
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                (
                    "checked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("checked_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("recheck", "application"), name="file_is_drawn_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RiskFlag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "application",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="risks",
                        to="subsidies.application",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("account", "同一账户"),
                            ("address", "同址"),
                            ("person", "同一个人"),
                            ("changed", "提交后变了"),
                        ],
                        max_length=10,
                        verbose_name="种类",
                    ),
                ),
                ("other", models.CharField(max_length=60)),
                (
                    "other_case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="subsidies.application",
                        verbose_name="另一件",
                    ),
                ),
                ("stands", models.BooleanField(default=True, verbose_name="现在还是这样")),
                ("found_at", models.DateTimeField(auto_now_add=True, verbose_name="发现于")),
                ("outcome", models.CharField(blank=True, max_length=20, verbose_name="结论")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                (
                    "cleared_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="核对人",
                    ),
                ),
                ("cleared_at", models.DateTimeField(null=True, verbose_name="核对于")),
                (
                    "confirmed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="复核人",
                    ),
                ),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="复核于")),
            ],
            options={
                "verbose_name": "风险提示",
                "verbose_name_plural": "风险提示",
                "ordering": ["application", "kind", "other"],
                "constraints": [
                    models.UniqueConstraint(fields=("application", "kind", "other"), name="risk_found_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("cleared_at", None), ("cleared_by", None), ("outcome", "")),
                            models.Q(
                                ("cleared_at__isnull", False),
                                ("cleared_by__isnull", False),
                                models.Q(("outcome", ""), _negated=True),
                                models.Q(("note", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="risk_cleared_by_somebody_who_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by", None),
                            models.Q(
                                ("cleared_by__isnull", False),
                                ("confirmed_at__isnull", False),
                                models.Q(("confirmed_by", models.F("cleared_by")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="risk_confirmed_by_a_second_person",
                    ),
                ],
            },
        ),
    ]
