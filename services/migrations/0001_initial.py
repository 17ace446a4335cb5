import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        ("accounts", "__first__"),
        ("businesses", "0001_initial"),
        ("cases", "0001_initial"),
        ("policies", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="ServiceCase",
            fields=[],
            options={
                "verbose_name": "服务办件",
                "verbose_name_plural": "服务办件",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("cases.case",),
        ),
        migrations.CreateModel(
            name="Offering",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="代码")),
                ("kind", models.CharField(max_length=20, verbose_name="种类")),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offerings",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                ("title", models.CharField(max_length=60, verbose_name="名称")),
                ("summary", models.CharField(max_length=200, verbose_name="一句话说明")),
                ("words", models.TextField(blank=True, verbose_name="详细说明")),
                ("topic", models.CharField(blank=True, max_length=40, verbose_name="主题")),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="offerings",
                        to="accounts.department",
                        verbose_name="谁提供",
                    ),
                ),
                (
                    "mentor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mentored_offerings",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="哪位导师",
                    ),
                ),
                ("mentor_name", models.CharField(blank=True, max_length=20, verbose_name="导师怎么称呼")),
                (
                    "handler",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handled_offerings",
                        to="accounts.department",
                        verbose_name="谁答复",
                    ),
                ),
                ("district", models.CharField(blank=True, max_length=6, verbose_name="县区")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="地点")),
                ("contact", models.CharField(blank=True, max_length=200, verbose_name="联系方式")),
                ("opens_on", models.DateField(blank=True, null=True, verbose_name="从哪天起")),
                ("closes_on", models.DateField(blank=True, null=True, verbose_name="到哪天止")),
                ("criteria", models.JSONField(blank=True, null=True, verbose_name="谁可以")),
                ("relevance", models.JSONField(blank=True, null=True, verbose_name="谁用得上")),
                ("questions", models.JSONField(blank=True, default=list, verbose_name="要问什么")),
                ("steps", models.JSONField(blank=True, default=list, verbose_name="办理步骤")),
                (
                    "promise_days",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="承诺几个工作日"),
                ),
                ("promise_basis", models.CharField(blank=True, max_length=200, verbose_name="承诺的依据")),
                ("terms", models.JSONField(blank=True, default=dict, verbose_name="条件和价格")),
                ("shares", models.JSONField(blank=True, default=list, verbose_name="可以给机构看的信息")),
                (
                    "max_open",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="最多同时办几件"),
                ),
                (
                    "max_month",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="每月最多收几件"),
                ),
                ("month", models.PositiveIntegerField(default=0, editable=False)),
                ("month_count", models.PositiveIntegerField(default=0, editable=False)),
                ("paused_until", models.DateField(blank=True, null=True, verbose_name="暂停到")),
                ("paused_because", models.CharField(blank=True, max_length=200, verbose_name="为什么暂停")),
                (
                    "status",
                    models.CharField(
                        choices=[("draft", "草稿"), ("published", "已发布"), ("closed", "已停办")],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="起草人",
                    ),
                ),
                (
                    "published_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, editable=False, verbose_name="演示数据")),
            ],
            options={
                "verbose_name": "服务",
                "verbose_name_plural": "服务",
                "ordering": ["code"],
                "permissions": [("publish_offering", "发布服务")],
                "indexes": [models.Index(fields=["status", "benefit"], name="offering_of_benefit")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mentor__isnull", True), ("provider__isnull", False)),
                            models.Q(("mentor__isnull", False), ("provider__isnull", True)),
                            _connector="OR",
                        ),
                        name="offering_is_given_by_one",
                        violation_error_message="请选提供单位或导师，只能选一个。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_month", None), ("month_count__lte", models.F("max_month")), _connector="OR"
                        ),
                        name="offering_within_its_month",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("promise_days", None),
                            models.Q(("promise_basis", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="promise_has_a_basis",
                        violation_error_message="写了承诺时限，就要写依据。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by", None),
                            ("prepared_by", None),
                            models.Q(("published_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="offering_published_by_another",
                        violation_error_message="发布要由起草人以外的人来办。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("opens_on", None),
                            ("closes_on", None),
                            ("opens_on__lte", models.F("closes_on")),
                            _connector="OR",
                        ),
                        name="offering_closes_after_it_opens",
                        violation_error_message="停止日期不能早于开始日期。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Slot",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="slots",
                        to="services.offering",
                    ),
                ),
                ("starts_at", models.DateTimeField(verbose_name="开始")),
                ("ends_at", models.DateTimeField(verbose_name="结束")),
                ("sessions", models.JSONField(blank=True, default=list, verbose_name="每次的时间")),
                ("place", models.CharField(blank=True, max_length=200, verbose_name="地点")),
                ("capacity", models.PositiveIntegerField(verbose_name="名额")),
                ("taken", models.PositiveIntegerField(default=0, editable=False, verbose_name="已约")),
                ("minimum", models.PositiveIntegerField(default=0, verbose_name="最少几人开班")),
                ("decide_at", models.DateTimeField(blank=True, null=True, verbose_name="何时定开不开班")),
                ("decided_at", models.DateTimeField(editable=False, null=True, verbose_name="定了开班于")),
                ("series", models.UUIDField(editable=False, null=True)),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "可以约"), ("cancelled", "已取消"), ("done", "已结束")],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=200, verbose_name="取消的原因")),
            ],
            options={
                "verbose_name": "时间和名额",
                "verbose_name_plural": "时间和名额",
                "ordering": ["starts_at", "id"],
                "indexes": [
                    models.Index(fields=["offering", "status", "starts_at"], name="slot_of_offering")
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("taken__lte", models.F("capacity"))),
                        name="no_more_taken_than_there_are",
                        violation_error_message="名额不能少于已经约了的人数。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="slot_ends_after_it_starts",
                        violation_error_message="结束时间要晚于开始时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minimum", 0), ("decide_at__isnull", False), _connector="OR"),
                        name="slot_minimum_has_a_day",
                        violation_error_message="写了最少几人开班，就要写何时定。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("minimum__lte", models.F("capacity"))),
                        name="slot_minimum_fits",
                        violation_error_message="最少开班人数不能多于名额。",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Request",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="request",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "offering",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="services.offering",
                        verbose_name="服务",
                    ),
                ),
                (
                    "slot",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="requests",
                        to="services.slot",
                        verbose_name="时间",
                    ),
                ),
                ("said", models.JSONField(default=dict, verbose_name="填写的内容")),
                ("words", models.CharField(blank=True, max_length=2000, verbose_name="诉求")),
                ("topic", models.CharField(blank=True, max_length=40, verbose_name="主题")),
                ("asker_key", models.CharField(max_length=24)),
                (
                    "seat",
                    models.CharField(
                        blank=True,
                        choices=[("held", "占一个名额"), ("queued", "排队"), ("", "没有")],
                        max_length=10,
                    ),
                ),
                ("offered_until", models.DateTimeField(null=True, verbose_name="名额留到")),
                ("until", models.DateField(null=True, verbose_name="请在哪天前补充")),
                (
                    "same_as",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="alike",
                        to="services.request",
                    ),
                ),
                (
                    "follows",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="followed_by",
                        to="cases.case",
                    ),
                ),
                ("reopened", models.PositiveSmallIntegerField(default=0, verbose_name="重新办了几次")),
                ("certificate", models.CharField(blank=True, max_length=30, verbose_name="结业证编号")),
                ("ended_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("checked_at", models.DateTimeField(null=True)),
            ],
            options={
                "verbose_name": "服务诉求",
                "verbose_name_plural": "服务诉求",
                "indexes": [
                    models.Index(fields=["slot", "seat", "case"], name="queue_of_slot"),
                    models.Index(fields=["offering", "asker_key"], name="requests_of_asker"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("seat", ""), _negated=True),
                        fields=("slot", "asker_key"),
                        name="one_seat_in_a_slot_each",
                    ),
                    models.UniqueConstraint(
                        fields=("offering", "follows"), name="followed_once_by_an_offering"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("seat", ""), ("slot__isnull", False), _connector="OR"),
                        name="a_seat_is_in_a_slot",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Leg",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="legs",
                        to="services.request",
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legs",
                        to="accounts.department",
                        verbose_name="接单单位",
                    ),
                ),
                (
                    "receiver_user",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legs",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="接单人",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(verbose_name="第几个")),
                ("step", models.CharField(blank=True, max_length=40, verbose_name="步骤")),
                ("title", models.CharField(blank=True, max_length=80, verbose_name="要办什么")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "还没轮到"),
                            ("sent", "待接单"),
                            ("taken", "已接单"),
                            ("done", "已办成"),
                            ("no_help", "没办成"),
                            ("unreachable", "联系不上"),
                            ("not_for_me", "不归本单位"),
                            ("no_answer", "没有回音"),
                            ("dropped", "不用办了"),
                        ],
                        default="sent",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="给店主的理由")),
                ("terms", models.CharField(blank=True, max_length=1000, verbose_name="给出的条件")),
                (
                    "sharing",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="legs",
                        to="businesses.sharing",
                    ),
                ),
                ("due_on", models.DateField(null=True, verbose_name="最迟")),
                ("sent_at", models.DateTimeField(null=True, verbose_name="发出于")),
                ("taken_at", models.DateTimeField(null=True, verbose_name="接单于")),
                (
                    "taken_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁接的",
                    ),
                ),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结于")),
                ("accepted_at", models.DateTimeField(null=True, verbose_name="被店主选中于")),
                (
                    "closed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("rung", models.PositiveSmallIntegerField(default=0, verbose_name="催办次数")),
                ("rung_at", models.DateTimeField(null=True, verbose_name="催办于")),
                (
                    "waits_since",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="从何时起等着"),
                ),
                ("is_last", models.BooleanField(default=False)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "接单",
                "verbose_name_plural": "接单",
                "ordering": ["request", "position"],
                "permissions": [("answer_leg", "接单、答复")],
                "indexes": [
                    models.Index(fields=["receiver", "state", "sent_at"], name="legs_of_receiver"),
                    models.Index(fields=["state", "rung", "waits_since"], name="legs_to_chase"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("request", "position"), name="leg_in_its_place"),
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "sent", "taken"])),
                        fields=("request", "receiver", "step"),
                        name="one_open_leg_for_a_receiver",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("receiver__isnull", False), ("receiver_user__isnull", True)),
                            models.Q(("receiver__isnull", True), ("receiver_user__isnull", False)),
                            _connector="OR",
                        ),
                        name="leg_has_one_receiver",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                (
                                    "state__in",
                                    ["done", "no_help", "unreachable", "not_for_me", "no_answer", "dropped"],
                                ),
                                _negated=True,
                            ),
                            ("closed_at__isnull", False),
                            _connector="OR",
                        ),
                        name="ended_leg_has_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ["no_help", "not_for_me"]), _negated=True),
                            models.Q(("reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="leg_without_help_says_why",
                    ),
                ],
            },
        ),
    ]
    operations = [CreateModels(creations)]
