import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("cases", "0001_initial"),
    ]

    operations = [
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
    ]
