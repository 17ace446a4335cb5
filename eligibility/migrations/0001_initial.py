import django.db.models.deletion
import django.utils.timezone
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
            name="MatchCoverage",
            fields=[
                (
                    "benefit",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="match_coverage",
                        serialize=False,
                        to="policies.benefit",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policies.benefitversion",
                    ),
                ),
                ("day", models.DateField()),
            ],
        ),
        migrations.CreateModel(
            name="Holding",
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
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="businesses.operator",
                        verbose_name="经营者",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="holdings",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("applied", "办理中"),
                            ("granted", "已批准"),
                            ("enjoyed", "已享受"),
                            ("declined", "未批准"),
                        ],
                        max_length=10,
                        verbose_name="情况",
                    ),
                ),
                ("for_person", models.BooleanField(default=False, verbose_name="每人一次")),
                ("since", models.DateField(verbose_name="起")),
                ("until", models.DateField(blank=True, null=True, verbose_name="止")),
            ],
            options={
                "verbose_name": "已办事项",
                "verbose_name_plural": "已办事项",
                "indexes": [models.Index(fields=["benefit", "operator"], name="holding_by_person")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("until", None), ("until__gte", models.F("since")), _connector="OR"
                        ),
                        name="holding_ends_after_it_begins",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Match",
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
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.benefit",
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
                    "version",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="policies.benefitversion",
                    ),
                ),
                ("facts_version", models.PositiveIntegerField()),
                (
                    "state",
                    models.SmallIntegerField(
                        choices=[(1, "现在可以享受"), (2, "自动享受"), (3, "再等等就可以")]
                    ),
                ),
                ("value_fen", models.BigIntegerField(null=True)),
                ("maximum_fen", models.BigIntegerField(null=True)),
                ("eligible_from", models.DateField(null=True)),
                ("apply_before", models.DateField(null=True)),
                ("decided_on", models.DateField()),
                ("closed_on", models.DateField(null=True)),
            ],
            options={
                "verbose_name": "匹配结果",
                "verbose_name_plural": "匹配结果",
                "indexes": [
                    models.Index(
                        condition=models.Q(
                            ("apply_before__isnull", False), ("closed_on", None), ("state", 1)
                        ),
                        fields=["benefit", "apply_before"],
                        name="match_closing",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("apply_before__isnull", False), ("closed_on", None), ("state", 2)
                        ),
                        fields=["benefit", "apply_before"],
                        name="match_running_out",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("closed_on", None), ("eligible_from__isnull", False), ("state", 3)
                        ),
                        fields=["benefit", "eligible_from"],
                        name="match_coming",
                    ),
                ],
                "constraints": [models.UniqueConstraint(fields=("benefit", "business"), name="match_once")],
            },
        ),
    ]
    operations = [CreateModels(creations)]
