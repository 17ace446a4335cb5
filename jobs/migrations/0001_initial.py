import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("businesses", "0001_initial"),
        ("cases", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="ContactCase",
            fields=[],
            options={
                "verbose_name": "用工对接",
                "verbose_name_plural": "用工对接",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("cases.case",),
        ),
        migrations.CreateModel(
            name="Post",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="posts",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="发布人",
                    ),
                ),
                ("trade", models.CharField(max_length=20, verbose_name="工种")),
                ("title", models.CharField(max_length=30, verbose_name="标题")),
                ("words", models.CharField(blank=True, max_length=500, verbose_name="说明")),
                ("county", models.CharField(max_length=6, verbose_name="县区")),
                ("place", models.CharField(blank=True, max_length=60, verbose_name="地点")),
                ("from_on", models.DateField(verbose_name="从哪天")),
                ("until_on", models.DateField(verbose_name="到哪天")),
                ("days", models.PositiveSmallIntegerField(default=127, verbose_name="一周哪几天")),
                ("hours", models.PositiveSmallIntegerField(default=8, verbose_name="一天几小时")),
                ("night", models.BooleanField(default=False, verbose_name="上夜班")),
                ("pay_fen", models.BigIntegerField(verbose_name="工钱")),
                (
                    "unit",
                    models.CharField(
                        choices=[("hour", "每小时"), ("day", "每天"), ("piece", "每件"), ("month", "每月")],
                        max_length=10,
                        verbose_name="怎么算",
                    ),
                ),
                ("pieces", models.PositiveIntegerField(null=True, verbose_name="一天大约多少件")),
                ("day_fen", models.BigIntegerField(verbose_name="折合一天")),
                ("people", models.PositiveSmallIntegerField(default=1, verbose_name="要几个人")),
                ("lodging", models.BooleanField(default=False, verbose_name="包住")),
                ("meals", models.BooleanField(default=False, verbose_name="包吃")),
                ("season", models.BooleanField(default=False, verbose_name="季节性")),
                (
                    "is_hard",
                    models.BooleanField(default=False, editable=False, verbose_name="未满 18 岁不能做"),
                ),
                ("requirements", models.JSONField(default=dict, verbose_name="要求")),
                ("rule_key", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("open", "招人中"),
                            ("held", "等工作人员看"),
                            ("paused", "暂停"),
                            ("closed", "已结束"),
                            ("removed", "已下架"),
                        ],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("because", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("version", models.PositiveIntegerField(default=1)),
                ("posted_at", models.DateTimeField(auto_now_add=True, verbose_name="发布于")),
                ("told_at", models.DateTimeField(editable=False, null=True)),
                (
                    "handled_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="处理人",
                    ),
                ),
            ],
            options={
                "verbose_name": "招工",
                "verbose_name_plural": "招工",
                "permissions": [("moderate_post", "审核招工信息")],
                "default_permissions": ("view",),
                "indexes": [
                    models.Index(
                        fields=["state", "trade", "county", "-day_fen"], name="posts_by_trade_and_place"
                    ),
                    models.Index(fields=["state", "until_on"], name="posts_by_last_day"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("day_fen__gt", 0), ("pay_fen__gt", 0)), name="work_is_paid"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="work_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("people__range", (1, 200))), name="post_wants_1_to_200_people"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 127))), name="work_is_on_some_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__range", (1, 24))), name="work_has_hours"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state__in", ("held", "paused", "removed")), _negated=True),
                            models.Q(("because", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="post_held_back_says_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Report",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="jobs.post"
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("words", models.CharField(max_length=200, verbose_name="哪里不对")),
                ("at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "举报",
                "verbose_name_plural": "举报",
                "default_permissions": (),
                "constraints": [models.UniqueConstraint(fields=("post", "by"), name="reported_once_each")],
            },
        ),
        migrations.CreateModel(
            name="Worker",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="worker",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="本人",
                    ),
                ),
                ("shown_name", models.CharField(max_length=12, verbose_name="显示的称呼")),
                ("born_on", models.DateField(verbose_name="出生日期")),
                ("adult_on", models.DateField(editable=False)),
                ("trades", models.JSONField(default=list, verbose_name="会做的活")),
                ("counties", models.JSONField(default=list, verbose_name="去哪里做")),
                ("from_on", models.DateField(verbose_name="从哪天有空")),
                ("until_on", models.DateField(verbose_name="到哪天有空")),
                ("days", models.PositiveSmallIntegerField(default=127, verbose_name="一周哪几天")),
                ("hours", models.PositiveSmallIntegerField(default=10, verbose_name="一天最多几小时")),
                ("wants_fen", models.BigIntegerField(verbose_name="一天最少")),
                ("experience", models.PositiveSmallIntegerField(null=True, verbose_name="干过几年")),
                ("certificates_yes", models.BigIntegerField(default=0, editable=False)),
                ("certificates_known", models.BigIntegerField(default=0, editable=False)),
                ("has_tools", models.BooleanField(null=True, verbose_name="自带工具")),
                ("needs_lodging", models.BooleanField(default=False, verbose_name="要包住")),
                ("only_season", models.BooleanField(default=False, verbose_name="只做季节活")),
                ("looking_until", models.DateField(verbose_name="找到哪天")),
                (
                    "state",
                    models.CharField(
                        choices=[("looking", "在找活"), ("stopped", "不找了")],
                        default="looking",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("said_at", models.DateTimeField(auto_now_add=True, verbose_name="写于")),
                ("told_at", models.DateTimeField(editable=False, null=True)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
            options={
                "verbose_name": "找活的人",
                "verbose_name_plural": "找活的人",
                "default_permissions": (),
                "indexes": [models.Index(fields=["state", "looking_until"], name="workers_by_last_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("wants_fen__gt", 0)), name="nobody_works_for_nothing"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="free_until_after_from",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("days__range", (1, 127))), name="free_on_some_day"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("hours__range", (1, 24))), name="works_some_hours"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobMatch",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "post_id", "worker_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="jobs.post",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="matches",
                        to="jobs.worker",
                    ),
                ),
                ("wants_fen", models.BigIntegerField()),
                ("day_fen", models.BigIntegerField()),
                ("for_post", models.BooleanField()),
                ("for_worker", models.BooleanField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(
                        condition=models.Q(("for_post", True)),
                        fields=["post", "wants_fen", "worker"],
                        name="best_of_post",
                    ),
                    models.Index(fields=["worker", "-day_fen", "post"], name="best_of_worker"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contact",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contact",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                (
                    "post",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="jobs.post",
                        verbose_name="招工",
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="contacts",
                        to="jobs.worker",
                        verbose_name="找活的人",
                    ),
                ),
                (
                    "asked_by",
                    models.CharField(
                        choices=[("shop", "店"), ("worker", "找活的人")], max_length=10, verbose_name="谁先问"
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=200, verbose_name="附言")),
                ("is_open", models.BooleanField(default=True)),
                ("until", models.DateField(verbose_name="最晚答复")),
                ("shop_agreed", models.BooleanField(default=False, verbose_name="店里说定了")),
                ("worker_agreed", models.BooleanField(default=False, verbose_name="本人说定了")),
            ],
            options={
                "indexes": [models.Index(fields=["is_open", "until"], name="contacts_by_last_day")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("is_open", True)),
                        fields=("post", "worker"),
                        name="one_open_contact_of_two",
                    )
                ],
                "default_permissions": ("view",),
                "verbose_name": "用工对接",
                "verbose_name_plural": "用工对接",
            },
        ),
        migrations.CreateModel(
            name="Availability",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "worker",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="availability",
                        to="jobs.worker",
                    ),
                ),
                ("trade", models.CharField(max_length=20)),
                ("county", models.CharField(max_length=6)),
                ("day_fen", models.BigIntegerField()),
            ],
            options={
                "default_permissions": (),
                "indexes": [
                    models.Index(fields=["trade", "county", "day_fen", "worker"], name="available_by_place")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("worker", "trade", "county"), name="available_once_for_a_trade"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Agreement",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                (
                    "contact",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="agreement",
                        to="jobs.contact",
                        verbose_name="用工对接",
                    ),
                ),
                (
                    "form",
                    models.CharField(
                        choices=[("labour", "劳动合同"), ("gig", "零工协议")],
                        max_length=10,
                        verbose_name="哪一种",
                    ),
                ),
                ("answers", models.JSONField(default=dict, verbose_name="两边填的")),
                ("text", models.JSONField(default=list, verbose_name="确认的条款")),
                (
                    "confirmed_by_shop",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="店里谁确认",
                    ),
                ),
                ("confirmed_by_shop_at", models.DateTimeField(null=True, verbose_name="店里确认于")),
                (
                    "confirmed_by_worker",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="干活的人确认",
                    ),
                ),
                ("confirmed_by_worker_at", models.DateTimeField(null=True, verbose_name="本人确认于")),
                (
                    "filed",
                    models.OneToOneField(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="agreement",
                        to="cases.case",
                        verbose_name="审核备案",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="改于")),
            ],
            options={
                "verbose_name": "合同",
                "verbose_name_plural": "合同",
                "default_permissions": (),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_by_shop", None), ("confirmed_by_shop_at", None)),
                            models.Q(
                                ("confirmed_by_shop__isnull", False), ("confirmed_by_shop_at__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="shop_confirms_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("confirmed_by_worker", None), ("confirmed_by_worker_at", None)),
                            models.Q(
                                ("confirmed_by_worker__isnull", False),
                                ("confirmed_by_worker_at__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="worker_confirms_at_a_time",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("confirmed_by_shop", None),
                            ("confirmed_by_worker", None),
                            models.Q(("confirmed_by_shop", models.F("confirmed_by_worker")), _negated=True),
                            _connector="OR",
                        ),
                        name="two_confirm_an_agreement",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("confirmed_by_shop", None), ("confirmed_by_worker", None), ("text", [])
                            ),
                            models.Q(
                                models.Q(("text", []), _negated=True),
                                models.Q(
                                    ("confirmed_by_shop__isnull", False),
                                    ("confirmed_by_worker__isnull", False),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="what_is_confirmed_is_kept",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("filed", None),
                            models.Q(
                                ("confirmed_by_shop__isnull", False), ("confirmed_by_worker__isnull", False)
                            ),
                            _connector="OR",
                        ),
                        name="filed_when_both_confirmed",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("form__in", ("labour", "gig"))),
                        name="agreement_is_of_a_known_form",
                    ),
                ],
            },
        ),
    ]
    operations = [CreateModels(creations)]
