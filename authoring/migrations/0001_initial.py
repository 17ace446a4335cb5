import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("policies", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="ImpactRun",
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
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="impact_runs",
                        to="policies.benefitversion",
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("day", models.DateField(verbose_name="按哪一天")),
                (
                    "status",
                    models.CharField(
                        choices=[("running", "正在计算"), ("done", "已算完"), ("failed", "没有算完")],
                        default="running",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("cursor", models.BigIntegerField(default=0)),
                ("last", models.BigIntegerField(default=0)),
                ("found", models.JSONField(default=dict)),
                ("problem", models.CharField(blank=True, max_length=300)),
                (
                    "started_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("started_at", models.DateTimeField(auto_now_add=True, verbose_name="开始于")),
                ("beat_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("finished_at", models.DateTimeField(null=True, verbose_name="完成于")),
            ],
            options={
                "verbose_name": "影响测算",
                "verbose_name_plural": "影响测算",
                "ordering": ["-id"],
            },
        ),
    ]
