import uuid

import django.db.models.deletion
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
        ("policies", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="ChannelState",
            fields=[
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("email", "电子邮件")],
                        max_length=10,
                        primary_key=True,
                        serialize=False,
                        verbose_name="渠道",
                    ),
                ),
                ("tokens", models.FloatField(default=0)),
                ("refilled_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0, verbose_name="连续没发出")),
                ("rests_until", models.DateTimeField(null=True, verbose_name="暂停到")),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="最近的问题")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="最近一次发出")),
            ],
            options={
                "verbose_name": "渠道状态",
                "verbose_name_plural": "渠道状态",
                "ordering": ["channel"],
            },
        ),
        migrations.CreateModel(
            name="Touched",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shops", models.JSONField()),
                ("facts", models.JSONField(null=True)),
                ("benefits", models.JSONField(default=list)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="Letter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True)),
                (
                    "operator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="businesses.operator",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="businesses.business",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("sentence", models.TextField(verbose_name="内容")),
                ("action_label", models.CharField(max_length=40, verbose_name="按钮")),
                ("action_path", models.CharField(max_length=200, verbose_name="去哪里")),
                ("rate_path", models.CharField(blank=True, max_length=200, verbose_name="去评价")),
                ("sms", models.CharField(blank=True, max_length=70, verbose_name="短信")),
                ("urgent", models.BooleanField(default=False, verbose_name="紧急")),
                ("needs_action", models.BooleanField(default=False, verbose_name="要您处理")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("opened_at", models.DateTimeField(null=True, verbose_name="打开于")),
                ("acted_at", models.DateTimeField(null=True, verbose_name="去办于")),
            ],
            options={
                "verbose_name": "办件进度",
                "verbose_name_plural": "办件进度",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["operator", "-id"], name="letter_of_operator"),
                    models.Index(
                        condition=models.Q(("user__isnull", False)),
                        fields=["user", "-id"],
                        name="letter_of_user",
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("business__isnull", False), ("operator__isnull", False), ("user", None)
                            ),
                            models.Q(("business", None), ("operator", None), ("user__isnull", False)),
                            _connector="OR",
                        ),
                        name="letter_is_told_to_one",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "letter",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="notifications.letter",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("email", "电子邮件")], max_length=10, verbose_name="渠道"
                    ),
                ),
                ("key", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "待发送"),
                            ("sending", "正在发送"),
                            ("sent", "已发送"),
                            ("unknown", "不确定是否送达"),
                            ("failed", "没有送达"),
                            ("dropped", "不再发送"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("critical", models.BooleanField(default=False, verbose_name="紧急")),
                ("due_at", models.DateTimeField(verbose_name="最早发送")),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发送于")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="创建于"),
                ),
            ],
            options={
                "verbose_name": "对外发送",
                "verbose_name_plural": "对外发送",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "pending")), fields=["due_at"], name="delivery_due"
                    ),
                    models.Index(
                        condition=models.Q(("critical", True), ("status", "pending")),
                        fields=["channel", "due_at", "id"],
                        name="delivery_critical_due",
                    ),
                    models.Index(
                        condition=models.Q(("critical", False), ("status", "pending")),
                        fields=["channel", "due_at", "id"],
                        name="delivery_ordinary_due",
                    ),
                    models.Index(
                        condition=models.Q(("status", "sending")),
                        fields=["claimed_at"],
                        name="delivery_claimed",
                    ),
                    models.Index(
                        condition=models.Q(("status__in", ["failed", "unknown"])),
                        fields=["status"],
                        name="delivery_dead",
                    ),
                    models.Index(fields=["user", "channel", "-sent_at"], name="delivery_sent"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("claimed_at", None), ("letter", None), ("status", "pending")),
                        fields=("user", "channel"),
                        name="one_pending_delivery",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("letter__isnull", False)),
                        fields=("letter", "user", "channel"),
                        name="letter_delivered_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PushRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="push_runs",
                        to="policies.benefitversion",
                        verbose_name="版本",
                    ),
                ),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("policy", "政策变化"),
                            ("profile", "店铺信息变化"),
                            ("calendar", "日子到了"),
                        ],
                        max_length=10,
                        verbose_name="起因",
                    ),
                ),
                ("day", models.DateField(verbose_name="按哪一天")),
                ("scope", models.CharField(blank=True, default="", max_length=60, verbose_name="范围")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("running", "进行中"),
                            ("paused", "已暂停"),
                            ("cancelled", "已取消"),
                            ("stopped", "版本失效，已停"),
                            ("failed", "有批次没有完成"),
                            ("done", "已完成"),
                        ],
                        default="running",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("ends", models.BooleanField(default=False)),
                ("first", models.BooleanField(default=False)),
                ("quiet", models.BooleanField(default=False, verbose_name="只匹配，不推送")),
                ("critical", models.BooleanField(default=False, verbose_name="紧急")),
                ("matched", models.PositiveBigIntegerField(default=0, verbose_name="符合")),
                ("changed", models.PositiveBigIntegerField(default=0, verbose_name="变动")),
                ("closed", models.PositiveBigIntegerField(default=0, verbose_name="不再符合")),
                ("told", models.PositiveBigIntegerField(default=0, verbose_name="写入消息")),
                ("removed", models.PositiveBigIntegerField(default=0, verbose_name="随撤回的店删去")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="开始于"),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="完成于")),
            ],
            options={
                "verbose_name": "推送批次",
                "verbose_name_plural": "推送批次",
                "ordering": ["-id"],
                "permissions": [("control_pushrun", "暂停、继续、取消推送，使用总开关")],
                "constraints": [
                    models.UniqueConstraint(fields=("version", "cause", "day", "scope"), name="push_run_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="businesses.operator",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="businesses.business",
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.benefit",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.benefitversion",
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="notifications.pushrun",
                    ),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "新的政策"),
                            (2, "再等等就可以"),
                            (3, "金额有变化"),
                            (4, "不再符合"),
                            (5, "快到期提醒"),
                        ],
                        verbose_name="内容",
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                ("before_fen", models.BigIntegerField(null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("opened_at", models.DateTimeField(null=True, verbose_name="打开于")),
                ("acted_at", models.DateTimeField(null=True, verbose_name="去办于")),
            ],
            options={
                "verbose_name": "消息",
                "verbose_name_plural": "消息",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("opened_at__isnull", False)),
                        fields=["version"],
                        name="notification_opened",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("operator", "version", "kind", "day"), name="notification_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DeliveryItem",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="notifications.delivery",
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="notifications.notification",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("sms", "短信"), ("email", "电子邮件")], max_length=10),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["delivery"], name="item_of_delivery")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("notification", "user", "channel"), name="delivery_item_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PushChunk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "run",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="chunks",
                        to="notifications.pushrun",
                    ),
                ),
                ("lo", models.BigIntegerField()),
                ("hi", models.BigIntegerField(null=True)),
                ("done_at", models.DateTimeField(null=True)),
                ("matched", models.PositiveIntegerField(default=0)),
                ("changed", models.PositiveIntegerField(default=0)),
                ("closed", models.PositiveIntegerField(default=0)),
                ("told", models.PositiveIntegerField(default=0)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "ordering": ["lo"],
                "constraints": [models.UniqueConstraint(fields=("run", "lo"), name="push_chunk_once")],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
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
                        related_name="reaches",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("email", "电子邮件")], max_length=10, verbose_name="渠道"
                    ),
                ),
                ("address", core.encryption.EncryptedField(blank=True, null=True, verbose_name="地址")),
                ("confirmed_at", models.DateTimeField(null=True, verbose_name="确认于")),
                ("stopped_at", models.DateTimeField(null=True, verbose_name="停用于")),
                ("stopped_because", models.CharField(blank=True, max_length=40, verbose_name="停用原因")),
            ],
            options={
                "verbose_name": "接收方式",
                "verbose_name_plural": "接收方式",
                "constraints": [models.UniqueConstraint(fields=("user", "channel"), name="reach_once")],
            },
        ),
        migrations.CreateModel(
            name="OptOut",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="silences",
                        to="businesses.operator",
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="silences",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "新的政策"),
                            (2, "再等等就可以"),
                            (3, "金额有变化"),
                            (4, "不再符合"),
                            (5, "快到期提醒"),
                        ],
                        null=True,
                        verbose_name="内容",
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("not_needed", "用不上"),
                            ("not_mine", "和我的情况不符"),
                            ("too_much_trouble", "办起来太麻烦"),
                            ("done_elsewhere", "已经办过了"),
                            ("too_many", "消息太多"),
                            ("other", "其他"),
                        ],
                        max_length=20,
                        verbose_name="原因",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="说明")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="恢复于")),
            ],
            options={
                "verbose_name": "不再推送",
                "verbose_name_plural": "不再推送",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("benefit__isnull", False), ("ended_at", None), ("kind__isnull", False)
                        ),
                        fields=("operator", "benefit", "kind"),
                        name="silence_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("benefit__isnull", False), ("ended_at", None), ("kind", None)),
                        fields=("operator", "benefit"),
                        name="silence_of_a_benefit_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("benefit", None), ("ended_at", None), ("kind__isnull", False)),
                        fields=("operator", "kind"),
                        name="silence_of_a_kind_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("benefit", None), ("ended_at", None), ("kind", None)),
                        fields=("operator",),
                        name="silence_of_all_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Outbox",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="notifications.notification",
                    ),
                ),
                ("critical", models.BooleanField(default=False)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("critical", True)), fields=["id"], name="to_tell_critical"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookEndpoint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="webhook_endpoints",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="接口客户端",
                    ),
                ),
                ("url", models.CharField(max_length=500, verbose_name="网址")),
                ("events", models.JSONField(default=list, verbose_name="事件")),
                ("secret", core.encryption.EncryptedField(editable=False, verbose_name="密钥")),
                (
                    "old_secret",
                    core.encryption.EncryptedField(editable=False, null=True, verbose_name="旧密钥"),
                ),
                (
                    "disabled_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="停用于"),
                ),
                (
                    "reason",
                    models.CharField(blank=True, editable=False, max_length=200, verbose_name="停用原因"),
                ),
                ("answered_at", models.DateTimeField(editable=False, null=True, verbose_name="最近一次收下")),
                ("looked_at", models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="登记于"
                    ),
                ),
            ],
            options={
                "verbose_name": "事件通知地址",
                "verbose_name_plural": "事件通知地址",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("client", "url"), name="webhook_endpoint_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "endpoint",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deliveries",
                        to="notifications.webhookendpoint",
                        verbose_name="地址",
                    ),
                ),
                (
                    "event",
                    models.CharField(
                        choices=[
                            ("policy.published", "政策发布"),
                            ("match.changed", "店铺的匹配结果有变化"),
                            ("case.moved", "代办的办件有进展"),
                        ],
                        max_length=30,
                        verbose_name="事件",
                    ),
                ),
                ("event_id", models.UUIDField(default=uuid.uuid4, editable=False, verbose_name="编号")),
                ("payload", models.JSONField(verbose_name="内容")),
                ("version", models.BigIntegerField(null=True)),
                ("notification", models.BigIntegerField(null=True)),
                (
                    "business",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="businesses.business",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("pending", "待发送"),
                            ("sending", "正在发送"),
                            ("sent", "已收下"),
                            ("dead", "没有送达"),
                            ("dropped", "不再发送"),
                        ],
                        default="pending",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("tries", models.PositiveSmallIntegerField(default=0, verbose_name="次数")),
                ("due_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="最早发送")),
                ("claimed_at", models.DateTimeField(null=True)),
                ("answer", models.PositiveSmallIntegerField(null=True, verbose_name="回答")),
                ("problem", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="创建于"),
                ),
                ("sent_at", models.DateTimeField(null=True, verbose_name="收下于")),
            ],
            options={
                "verbose_name": "事件通知",
                "verbose_name_plural": "事件通知",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status", "pending")), fields=["due_at"], name="webhook_due"
                    ),
                    models.Index(
                        condition=models.Q(("status", "sending")),
                        fields=["claimed_at"],
                        name="webhook_claimed",
                    ),
                    models.Index(
                        condition=models.Q(("status", "dead")), fields=["status"], name="webhook_dead"
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("endpoint", "notification"), name="webhook_of_a_change_once"
                    ),
                    models.UniqueConstraint(fields=("endpoint", "version"), name="webhook_of_a_version_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Withheld",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("day", models.DateField(verbose_name="日期")),
                (
                    "channel",
                    models.CharField(
                        choices=[("sms", "短信"), ("email", "电子邮件")], max_length=10, verbose_name="渠道"
                    ),
                ),
                ("reason", models.CharField(max_length=20, verbose_name="原因")),
                ("count", models.PositiveBigIntegerField(default=0, verbose_name="条数")),
            ],
            options={
                "verbose_name": "没有对外发送的消息",
                "verbose_name_plural": "没有对外发送的消息",
                "ordering": ["-day", "channel", "reason"],
                "constraints": [
                    models.UniqueConstraint(fields=("day", "channel", "reason"), name="withheld_counted_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Choice",
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
                        related_name="channel_choices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "channel",
                    models.CharField(choices=[("sms", "短信"), ("email", "电子邮件")], max_length=10),
                ),
                (
                    "kind",
                    models.SmallIntegerField(
                        choices=[
                            (1, "新的政策"),
                            (2, "再等等就可以"),
                            (3, "金额有变化"),
                            (4, "不再符合"),
                            (5, "快到期提醒"),
                        ]
                    ),
                ),
                ("wanted", models.BooleanField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "channel", "kind"), name="choice_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="KillSwitch",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
            ],
            options={
                "verbose_name": "推送总开关",
                "verbose_name_plural": "推送总开关",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="one_kill_switch")
                ],
            },
        ),
        migrations.CreateModel(
            name="CalendarFeed",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("digest", models.CharField(max_length=64, unique=True)),
                (
                    "opened_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="建立于"),
                ),
                ("read_at", models.DateTimeField(null=True, verbose_name="最近读取")),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="calendar_feed",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "日历地址",
                "verbose_name_plural": "日历地址",
            },
        ),
    ]
    operations = [CreateModels(creations)]
