import django.db.models.deletion
import django.db.models.expressions
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.encryption
from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("businesses", "0001_initial"),
        ("cases", "0001_initial"),
        ("policies", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="Application",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
                "default_permissions": (),
                "permissions": [("view_application", "看补贴申请"), ("pay_application", "编制、审批拨付")],
                "verbose_name": "办件",
                "verbose_name_plural": "办件",
            },
            bases=("cases.case",),
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
            name="Proof",
            fields=[
                (
                    "file",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="proof",
                        serialize=False,
                        to="cases.casefile",
                    ),
                ),
                (
                    "instalment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="proofs",
                        to="subsidies.instalment",
                    ),
                ),
            ],
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
    ]
    operations = [CreateModels(creations)]
