import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("policies", "0001_initial"),
        ("services", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="Answer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.CharField(max_length=500, verbose_name="问题")),
                ("answer", models.TextField(blank=True, max_length=2000, verbose_name="答复")),
                ("topic", models.CharField(blank=True, max_length=40, verbose_name="主题")),
                (
                    "benefit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        blank=True,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="answers",
                        to="services.request",
                    ),
                ),
                ("office", models.CharField(blank=True, max_length=80, verbose_name="答复单位")),
                (
                    "helped",
                    models.PositiveIntegerField(default=0, editable=False, verbose_name="说“就是这个”的人数"),
                ),
                (
                    "prepared_by",
                    models.ForeignKey(
                        editable=False,
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
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="公开人",
                    ),
                ),
                ("prepared_at", models.DateTimeField(auto_now_add=True, verbose_name="起草于")),
                ("published_at", models.DateTimeField(editable=False, null=True, verbose_name="公开于")),
                ("withdrawn_at", models.DateTimeField(editable=False, null=True, verbose_name="撤下于")),
            ],
            options={
                "verbose_name": "答复公开",
                "verbose_name_plural": "答复公开",
                "ordering": ["-published_at", "-id"],
                "permissions": [("publish_answer", "公开答复")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("published_by", None),
                            ("prepared_by", None),
                            models.Q(("published_by", models.F("prepared_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="answer_published_by_another",
                        violation_error_message="公开要由起草人以外的人来办。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Gram",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("gram", models.CharField(max_length=2)),
                (
                    "answer",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grams",
                        to="needs.answer",
                    ),
                ),
                (
                    "request",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="grams",
                        to="services.request",
                    ),
                ),
                ("size", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("gram", "answer", "size"), name="gram_of_answer_once"),
                    models.UniqueConstraint(fields=("gram", "request", "size"), name="gram_of_request_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("answer__isnull", False), ("request__isnull", True)),
                            models.Q(("answer__isnull", True), ("request__isnull", False)),
                            _connector="OR",
                        ),
                        name="gram_is_of_one",
                    ),
                ],
            },
        ),
    ]
    operations = [CreateModels(creations)]
