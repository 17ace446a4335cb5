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
            name="VisitCase",
            fields=[],
            options={
                "verbose_name": "检查计划",
                "verbose_name_plural": "检查计划",
                "proxy": True,
                "default_permissions": (),
                "indexes": [],
                "constraints": [],
            },
            bases=("cases.case",),
        ),
        migrations.CreateModel(
            name="Visit",
            fields=[
                (
                    "case",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="visit",
                        serialize=False,
                        to="cases.case",
                    ),
                ),
                ("items", models.JSONField(default=list, verbose_name="查什么")),
                ("from_on", models.DateField(verbose_name="最早哪天")),
                ("until_on", models.DateField(verbose_name="最晚哪天")),
                ("on", models.DateField(null=True, verbose_name="检查日期")),
                (
                    "merged_into",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="joined",
                        to="visits.visit",
                        verbose_name="合并到",
                    ),
                ),
                ("alone", models.BooleanField(default=False, verbose_name="单独去")),
                (
                    "because",
                    models.CharField(
                        choices=[
                            ("normal", "日常检查"),
                            ("complaint", "接到投诉"),
                            ("accident", "出了事故"),
                            ("ordered", "上级交办"),
                        ],
                        default="normal",
                        max_length=10,
                        verbose_name="原因",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500, verbose_name="为什么要去")),
                ("arrived_at", models.DateTimeField(null=True, verbose_name="到店于")),
                ("reminded_for", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "检查",
                "verbose_name_plural": "检查",
                "permissions": [("plan_visit", "安排检查")],
                "indexes": [models.Index(fields=["on"], name="visits_by_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("until_on__gte", models.F("from_on"))),
                        name="visit_ends_after_it_begins",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("on", None),
                            models.Q(("on__gte", models.F("from_on")), ("on__lte", models.F("until_on"))),
                            _connector="OR",
                        ),
                        name="visit_is_on_a_day_of_its_own",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("because", "normal"), models.Q(("note", ""), _negated=True), _connector="OR"
                        ),
                        name="visit_out_of_turn_says_why",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("because__in", ["normal", "complaint", "accident", "ordered"])),
                        name="visit_has_a_known_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("merged_into", None),
                            models.Q(
                                models.Q(("merged_into", models.F("case")), _negated=True),
                                ("on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="merged_visit_is_on_a_day",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InspectionDraw",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                ("seed", models.CharField(max_length=64, verbose_name="种子")),
                ("size", models.PositiveIntegerField(verbose_name="抽取户数")),
                ("weights", models.JSONField(default=dict, verbose_name="各类权重")),
                ("district", models.CharField(blank=True, max_length=6, verbose_name="县区")),
                ("industry", models.CharField(blank=True, max_length=5, verbose_name="行业")),
                ("population", models.PositiveIntegerField(default=0, verbose_name="名单总数")),
                ("fingerprint", models.CharField(blank=True, max_length=64, verbose_name="名单指纹")),
                (
                    "drawn_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="抽取人",
                    ),
                ),
                ("drawn_at", models.DateTimeField(auto_now_add=True, verbose_name="抽取于")),
                (
                    "inspectors",
                    models.ManyToManyField(
                        blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="检查人员"
                    ),
                ),
            ],
            options={
                "verbose_name": "双随机抽查",
                "verbose_name_plural": "双随机抽查",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="InspectionPick",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "draw",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="picks",
                        to="visits.inspectiondraw",
                    ),
                ),
                ("place", models.PositiveIntegerField(verbose_name="序号")),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="businesses.business",
                    ),
                ),
                ("rated", models.CharField(blank=True, max_length=1, verbose_name="抽取时类别")),
                ("inspectors", models.JSONField(default=list, verbose_name="检查人员")),
            ],
            options={
                "ordering": ["draw", "place"],
                "constraints": [
                    models.UniqueConstraint(fields=("draw", "place"), name="one_pick_per_place"),
                    models.UniqueConstraint(fields=("draw", "business"), name="one_pick_per_business"),
                ],
            },
        ),
    ]
    operations = [CreateModels(creations)]
