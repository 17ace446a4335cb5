import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
    ]

    creations = [
        migrations.CreateModel(
            name="PolicyDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=60, unique=True, verbose_name="代码")),
                ("title", models.CharField(max_length=200, verbose_name="标题")),
                ("number", models.CharField(blank=True, max_length=80, verbose_name="文号")),
                ("issuer", models.CharField(blank=True, max_length=80, verbose_name="发文机关")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("consultation", "征求意见稿"),
                            ("in_force", "正式施行"),
                            ("suspended", "暂停执行"),
                            ("repealed", "已废止"),
                        ],
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("dated_on", models.DateField(verbose_name="成文日期")),
                ("effective_from", models.DateField(blank=True, null=True, verbose_name="施行日期")),
                ("effective_to", models.DateField(blank=True, null=True, verbose_name="失效日期")),
                ("preamble", models.TextField(blank=True, verbose_name="引言")),
                ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
            ],
            options={
                "verbose_name": "政策文件",
                "verbose_name_plural": "政策文件",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Topic",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.SlugField(max_length=40, unique=True, verbose_name="代码")),
                ("name", models.CharField(max_length=20, verbose_name="名称")),
                ("position", models.PositiveSmallIntegerField(default=0, verbose_name="顺序")),
            ],
            options={
                "verbose_name": "主题",
                "verbose_name_plural": "主题",
                "ordering": ["position"],
            },
        ),
        migrations.CreateModel(
            name="Measure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="编号")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="measures",
                        to="policies.policydocument",
                        verbose_name="政策文件",
                    ),
                ),
                ("clause", models.CharField(max_length=40, verbose_name="条款")),
                ("chapter", models.CharField(max_length=120, verbose_name="章")),
                ("title", models.CharField(max_length=120, verbose_name="标题")),
                ("summary", models.CharField(max_length=300, verbose_name="白话说明")),
                ("text", models.TextField(verbose_name="原文")),
                ("named", models.JSONField(blank=True, default=list, editable=False)),
                ("keywords", models.JSONField(blank=True, default=list, verbose_name="日常用词")),
                ("search_text", models.TextField(blank=True, editable=False)),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                (
                    "lead",
                    models.ManyToManyField(
                        related_name="leading_measures", to="accounts.department", verbose_name="牵头单位"
                    ),
                ),
                (
                    "responsible",
                    models.ManyToManyField(
                        blank=True,
                        related_name="responsible_measures",
                        to="accounts.department",
                        verbose_name="责任单位",
                    ),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True, related_name="measures", to="policies.topic", verbose_name="主题"
                    ),
                ),
            ],
            options={
                "verbose_name": "措施",
                "verbose_name_plural": "措施",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="Benefit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=10, unique=True, verbose_name="编号")),
                (
                    "measure",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="benefits",
                        to="policies.measure",
                        verbose_name="措施",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="benefits",
                        to="policies.policydocument",
                        verbose_name="依据的文件",
                    ),
                ),
                ("title", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("tax_relief", "税费减免"),
                            ("insurance_refund", "保险返还"),
                            ("rate_cut", "费率下调"),
                            ("startup_subsidy", "创业补贴"),
                            ("rent_subsidy", "租赁补贴"),
                            ("loan_guarantee", "担保贷款"),
                            ("finance_product", "金融产品"),
                            ("insurance_product", "保险产品"),
                            ("service", "服务"),
                            ("training", "培训"),
                            ("labour", "用工"),
                            ("supervision", "监管服务"),
                        ],
                        max_length=20,
                        verbose_name="种类",
                    ),
                ),
                (
                    "delivery",
                    models.CharField(
                        choices=[
                            ("automatic", "自动享受"),
                            ("no_application", "免申即享"),
                            ("apply", "要申请"),
                            ("service", "找人服务"),
                            ("information", "了解即可"),
                        ],
                        max_length=20,
                        verbose_name="办理方式",
                    ),
                ),
                (
                    "exhausted_on",
                    models.DateField(blank=True, editable=False, null=True, verbose_name="资金用完于"),
                ),
                (
                    "topics",
                    models.ManyToManyField(
                        blank=True, related_name="benefits", to="policies.topic", verbose_name="主题"
                    ),
                ),
            ],
            options={
                "verbose_name": "事项",
                "verbose_name_plural": "事项",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="SearchWord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("word", models.CharField(max_length=40, verbose_name="词或问法")),
                ("is_used", models.BooleanField(default=True, verbose_name="使用")),
                (
                    "benefit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_words",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
            ],
            options={
                "verbose_name": "日常用词",
                "verbose_name_plural": "日常用词",
                "ordering": ["benefit__code", "word"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("word", "benefit"),
                        name="search_word_once",
                        violation_error_message="这个事项已经有这个词。",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="BenefitVersion",
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
                        related_name="versions",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                ("number", models.PositiveIntegerField(verbose_name="版本号")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "草稿"),
                            ("proposed", "待第二人发布"),
                            ("published", "已发布"),
                            ("withdrawn", "已撤回"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "effective_from",
                    models.DateField(
                        blank=True, help_text="空着表示一直有效。", null=True, verbose_name="生效日期"
                    ),
                ),
                ("content", models.JSONField(verbose_name="内容")),
                ("content_digest", models.CharField(blank=True, editable=False, max_length=64)),
                (
                    "based_on",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="policies.benefitversion",
                        verbose_name="从哪一版起草",
                    ),
                ),
                ("change_note", models.CharField(blank=True, max_length=300, verbose_name="改了什么")),
                ("golden_reasons", models.JSONField(default=dict, editable=False)),
                (
                    "proposed_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="提请人",
                    ),
                ),
                (
                    "proposed_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="提请时间"),
                ),
                (
                    "publisher",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "published_by",
                    models.CharField(blank=True, editable=False, max_length=150, verbose_name="发布人"),
                ),
                (
                    "published_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="发布时间"),
                ),
                (
                    "withdrawn_by",
                    models.ForeignKey(
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="撤回时间"),
                ),
                (
                    "withdrawn_because",
                    models.CharField(blank=True, editable=False, max_length=300, verbose_name="撤回原因"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="创建时间")),
            ],
            options={
                "verbose_name": "事项版本",
                "verbose_name_plural": "事项版本",
                "ordering": ["benefit__code", "-number"],
                "permissions": [("publish_benefitversion", "发布、撤回事项版本")],
                "constraints": [
                    models.UniqueConstraint(fields=("benefit", "number"), name="benefit_version_number_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "proposed"]),
                            models.Q(
                                ("published_at__isnull", False), models.Q(("published_by", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="published_version_says_who_and_when",
                        violation_error_message="发布的版本要有发布人和发布时间。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("status__in", ["draft", "proposed"]),
                            ("published_by", "system"),
                            models.Q(
                                ("proposed_by__isnull", False),
                                ("publisher__isnull", False),
                                models.Q(("proposed_by", models.F("publisher")), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="version_published_by_a_second_person",
                        violation_error_message="提请发布的人不能自己发布，请另一位同事发布。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "proposed"), _negated=True),
                            models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)),
                            _connector="OR",
                        ),
                        name="proposed_version_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "withdrawn"), _negated=True),
                            models.Q(
                                ("withdrawn_at__isnull", False),
                                ("withdrawn_by__isnull", False),
                                models.Q(("withdrawn_because", ""), _negated=True),
                            ),
                            _connector="OR",
                        ),
                        name="withdrawn_version_says_by_whom_and_why",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="MissedSearch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("search", "搜索没找到"),
                            ("ask", "问一问答不了"),
                            ("beside", "没答到点子上"),
                        ],
                        max_length=10,
                        verbose_name="怎么没帮上",
                    ),
                ),
                ("word", models.CharField(blank=True, max_length=20, verbose_name="词或问法")),
                ("benefit", models.CharField(blank=True, max_length=10, verbose_name="当时答的事项")),
                ("week", models.DateField(verbose_name="从哪个星期一起")),
                ("count", models.PositiveIntegerField(default=0, verbose_name="次数")),
            ],
            options={
                "verbose_name": "没帮上的搜索",
                "verbose_name_plural": "没帮上的搜索",
                "ordering": ["-week", "-count", "word"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("week", "kind", "word", "benefit"), name="missed_search_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Desk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "district",
                    models.CharField(blank=True, help_text="空着：全市。", max_length=6, verbose_name="县区"),
                ),
                ("place", models.CharField(blank=True, max_length=120, verbose_name="窗口在哪里")),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        max_length=20,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[0-9][0-9-]{3,18}[0-9]\\Z", "电话只写数字和短横，如 0858-1234567。"
                            )
                        ],
                        verbose_name="电话",
                    ),
                ),
                ("hours", models.CharField(blank=True, max_length=80, verbose_name="几点开门")),
                (
                    "source",
                    models.CharField(
                        help_text="谁在哪天说的，或者哪个网页。店主看不到。",
                        max_length=120,
                        verbose_name="出处",
                    ),
                ),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="更新时间")),
                (
                    "benefit",
                    models.ForeignKey(
                        blank=True,
                        help_text="空着：这个部门牵头的事项都在这里办。",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="desks",
                        to="policies.benefit",
                        verbose_name="事项",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="desks",
                        to="accounts.department",
                        verbose_name="部门",
                    ),
                ),
            ],
            options={
                "verbose_name": "办理窗口",
                "verbose_name_plural": "办理窗口",
                "ordering": ["department__code", "benefit__code", "district"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("department", "benefit", "district"),
                        name="desk_of_a_benefit_once",
                        violation_error_message="这个事项在这个县区已经有窗口。",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("benefit", None)),
                        fields=("department", "district"),
                        name="desk_of_a_department_once",
                        violation_error_message="这个部门在这个县区已经有窗口。",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("place", ""), _negated=True),
                            models.Q(("phone", ""), _negated=True),
                            models.Q(("hours", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="desk_says_something",
                        violation_error_message="地点、电话、时间至少写一样。",
                    ),
                ],
            },
        ),
    ]
    operations = [CreateModels(creations)]
