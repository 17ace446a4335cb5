from django.db import migrations, models

from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    creations = [
        migrations.CreateModel(
            name="Attempts",
            fields=[
                ("bucket", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("starts", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "core_attempts",
            },
        ),
        migrations.CreateModel(
            name="CalendarDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False, verbose_name="日期")),
                ("is_workday", models.BooleanField(verbose_name="上班")),
                ("note", models.CharField(blank=True, max_length=80, verbose_name="说明")),
            ],
            options={
                "verbose_name": "工作日调整",
                "verbose_name_plural": "工作日调整",
                "ordering": ["-day"],
            },
        ),
        migrations.CreateModel(
            name="DevelopmentMessage",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("channel", models.CharField(max_length=10)),
                ("to", models.CharField(max_length=40)),
                ("text", models.TextField()),
            ],
            options={
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Edition",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("token", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="KeyCanary",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("text", models.TextField()),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("count", models.PositiveBigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("principal", models.CharField(max_length=60)),
                ("route", models.CharField(max_length=200)),
                ("key", models.CharField(max_length=200)),
                ("body_sha256", models.CharField(max_length=64)),
                ("status", models.PositiveSmallIntegerField(null=True)),
                ("content", models.BinaryField(null=True)),
                ("at", models.DateTimeField(auto_now_add=True, db_index=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("principal", "route", "key"), name="idempotency_key_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Reckoning",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("content", models.JSONField()),
            ],
        ),
    ]
    operations = [CreateModels(creations)]
