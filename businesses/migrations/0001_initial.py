import uuid

import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import core.encryption
from core.operations import CreateModels


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "0001_initial"),
        # The last of oauth2_provider: its steps change the state of every model that stands by then, and ours are many.
        ("oauth2_provider", "0022_refreshtoken_token_family_index"),
    ]

    creations = [
        migrations.CreateModel(
            name="AddedFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        help_text="接口里用，小写英文、数字和下划线。",
                        max_length=40,
                        unique=True,
                        verbose_name="英文名",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        choices=[
                            ("bool", "是或否"),
                            ("integer", "整数"),
                            ("money", "金额（元）"),
                            ("date", "日期"),
                            ("choice", "单选"),
                            ("set", "多选"),
                        ],
                        max_length=10,
                        verbose_name="类型",
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="条件句子里用，例如“有消防验收证明”。", max_length=40, verbose_name="名称"
                    ),
                ),
                (
                    "no",
                    models.CharField(
                        blank=True,
                        help_text="是或否时用，例如“没有消防验收证明”。",
                        max_length=60,
                        verbose_name="否定说法",
                    ),
                ),
                (
                    "question",
                    models.CharField(
                        blank=True,
                        help_text="向经营者提问时用，例如“您有消防验收证明吗？”",
                        max_length=60,
                        verbose_name="问题",
                    ),
                ),
                ("why", models.CharField(blank=True, max_length=120, verbose_name="为什么问")),
                (
                    "choices",
                    models.TextField(
                        blank=True,
                        help_text="每行一个：英文值:中文名。只能在后面加，不能改顺序或删除。",
                        verbose_name="选项",
                    ),
                ),
                ("unit", models.CharField(blank=True, max_length=10, verbose_name="单位")),
                (
                    "scope",
                    models.CharField(
                        choices=[("business", "店"), ("operator", "经营者")],
                        default="business",
                        max_length=10,
                        verbose_name="属于",
                    ),
                ),
                (
                    "ask",
                    models.CharField(
                        choices=[
                            ("question", "向经营者提问"),
                            ("amount", "只影响金额，最后问"),
                            ("never", "不提问，只由部门提供"),
                        ],
                        default="question",
                        max_length=10,
                        verbose_name="怎么问",
                    ),
                ),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("registry", "市场监管登记"),
                            ("tax", "税务"),
                            ("social_security", "社会保险"),
                            ("veterans", "退役军人事务"),
                            ("employment", "公共就业服务"),
                            ("self", "您填写的"),
                            ("staff", "工作人员核对"),
                        ],
                        default="self",
                        max_length=20,
                        verbose_name="来源",
                    ),
                ),
            ],
            options={
                "verbose_name": "添加的事实",
                "verbose_name_plural": "添加的事实",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Operator",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80, verbose_name="姓名")),
                ("folded_name", models.CharField(default="", editable=False, max_length=80)),
                (
                    "identity",
                    core.encryption.EncryptedField(
                        blank=True, editable=False, null=True, verbose_name="身份证号"
                    ),
                ),
                (
                    "identity_index",
                    models.CharField(blank=True, editable=False, max_length=64, null=True, unique=True),
                ),
                ("created_in", models.BigIntegerField(editable=False, null=True)),
            ],
            options={
                "verbose_name": "经营者",
                "verbose_name_plural": "经营者",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("identity__isnull", True), ("identity_index__isnull", True)),
                            models.Q(("identity__isnull", False), ("identity_index__isnull", False)),
                            _connector="OR",
                        ),
                        name="identity_and_its_index_go_together",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            # Columns in this order: first what most rules read, which every statement over the register walks to.
            name="Business",
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
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="businesses",
                        to="businesses.operator",
                        verbose_name="经营者",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1, editable=False)),
                (
                    "operating_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("operating", "正常经营"),
                            ("suspended", "歇业"),
                            ("deregistered", "已注销"),
                            ("revoked", "已吊销"),
                            ("not_registered", "还没登记"),
                        ],
                        max_length=40,
                        null=True,
                        verbose_name="经营状态",
                    ),
                ),
                (
                    "operator_groups_yes",
                    models.BigIntegerField(blank=True, null=True, verbose_name="经营者身份"),
                ),
                (
                    "operator_groups_known",
                    models.BigIntegerField(blank=True, null=True, verbose_name="经营者身份"),
                ),
                (
                    "entity_type",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("individual_business", "个体工商户"),
                            ("small_micro_enterprise", "小微企业"),
                            ("farmer_cooperative", "农民专业合作社"),
                            ("company", "公司"),
                        ],
                        max_length=40,
                        null=True,
                        verbose_name="经营主体类型",
                    ),
                ),
                (
                    "registered_on",
                    models.DateField(blank=True, db_index=True, null=True, verbose_name="登记日期"),
                ),
                ("unit_insured", models.BooleanField(blank=True, null=True, verbose_name="以单位形式参保")),
                (
                    "first_time_business",
                    models.BooleanField(blank=True, null=True, verbose_name="首次从事个体经营"),
                ),
                (
                    "abnormal_listed",
                    models.BooleanField(blank=True, null=True, verbose_name="被标记为经营异常状态"),
                ),
                (
                    "startup_subsidy_received",
                    models.BooleanField(blank=True, null=True, verbose_name="已领过一次性创业补贴"),
                ),
                (
                    "left_school_on",
                    models.DateField(blank=True, db_index=True, null=True, verbose_name="离校日期"),
                ),
                ("good_credit", models.BooleanField(blank=True, null=True, verbose_name="个人信用良好")),
                (
                    "guaranteed_loans_received",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="已享受创业担保贷款次数"),
                ),
                ("born_on", models.DateField(blank=True, db_index=True, null=True, verbose_name="出生日期")),
                (
                    "sex",
                    models.CharField(
                        blank=True,
                        choices=[("female", "女"), ("male", "男")],
                        max_length=40,
                        null=True,
                        verbose_name="性别",
                    ),
                ),
                (
                    "retires_on",
                    models.DateField(blank=True, db_index=True, null=True, verbose_name="法定退休年龄"),
                ),
                ("rents_premises", models.BooleanField(blank=True, null=True, verbose_name="租用经营场地")),
                (
                    "premises_compliant",
                    models.BooleanField(blank=True, null=True, verbose_name="场地符合规划、安全、环保要求"),
                ),
                (
                    "rent_reduction_received",
                    models.BooleanField(blank=True, null=True, verbose_name="享受过场地租金减免"),
                ),
                (
                    "rent_subsidy_months_received",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="已领租赁补贴月数"),
                ),
                (
                    "agri_industry",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("tea", "茶叶"),
                            ("edible_fungi", "食用菌"),
                            ("vegetables", "蔬菜"),
                            ("ecological_livestock", "生态畜牧"),
                            ("dendrobium", "石斛"),
                            ("fruit", "水果"),
                            ("bamboo", "竹"),
                            ("chinese_medicinal_herbs", "中药材"),
                            ("rosa_roxburghii", "刺梨"),
                            ("ecological_fishery", "生态渔业"),
                            ("camellia_oil", "油茶"),
                            ("chili", "辣椒"),
                            ("none", "都不是"),
                        ],
                        max_length=40,
                        null=True,
                        verbose_name="农业特色优势产业",
                    ),
                ),
                (
                    "agri_activity",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("circulation", "农产品流通（收购、运输、销售）"),
                            ("planting_breeding", "种植或养殖"),
                            ("none", "都不是"),
                        ],
                        max_length=40,
                        null=True,
                        verbose_name="农业经营内容",
                    ),
                ),
                (
                    "leads_agri_enterprise",
                    models.BooleanField(blank=True, null=True, verbose_name="领办或创办农业企业"),
                ),
                (
                    "agri_startup_subsidy_received",
                    models.BooleanField(blank=True, null=True, verbose_name="已领过农业创业补贴"),
                ),
                (
                    "deduction_months_used",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="已享受定额扣减月数"),
                ),
                (
                    "unemployment_insurance_months",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="足额缴纳失业保险费月数"),
                ),
                (
                    "insurance_arrears",
                    models.BooleanField(blank=True, null=True, verbose_name="欠缴社会保险费"),
                ),
                (
                    "seriously_dishonest",
                    models.BooleanField(blank=True, null=True, verbose_name="列入严重违法失信名单"),
                ),
                (
                    "insured_headcount_last_year",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="上年度月平均参保人数"),
                ),
                (
                    "layoff_claimants_last_year",
                    models.PositiveIntegerField(
                        blank=True, null=True, verbose_name="上年度新增领取失业保险金人数"
                    ),
                ),
                (
                    "monthly_rent",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="实际月租金"
                    ),
                ),
                (
                    "loan_amount_wanted",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="想贷多少"
                    ),
                ),
                (
                    "unemployment_insurance_paid_last_year",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="上年度实际缴纳失业保险费",
                    ),
                ),
                ("public_id", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("name", models.CharField(max_length=120, verbose_name="名称")),
                (
                    "credit_code",
                    models.CharField(
                        blank=True, max_length=18, null=True, unique=True, verbose_name="统一社会信用代码"
                    ),
                ),
                (
                    "address",
                    models.CharField(blank=True, default="", max_length=200, verbose_name="经营场所"),
                ),
                (
                    "abnormal_reason",
                    models.CharField(
                        blank=True, default="", editable=False, max_length=20, verbose_name="经营异常原因"
                    ),
                ),
                ("extra", models.JSONField(blank=True, default=dict, verbose_name="工作人员添加的事实")),
                (
                    "updated_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="更新于"
                    ),
                ),
                ("created_in", models.BigIntegerField(editable=False, null=True)),
                (
                    "district",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("520201", "钟山区"),
                            ("520203", "六枝特区"),
                            ("520204", "水城区"),
                            ("520281", "盘州市"),
                        ],
                        max_length=40,
                        null=True,
                        verbose_name="所在县区",
                    ),
                ),
                ("industry", models.CharField(blank=True, max_length=5, null=True, verbose_name="行业")),
                (
                    "annual_report_filed",
                    models.BooleanField(blank=True, null=True, verbose_name="上年度年报已报送"),
                ),
                (
                    "taxpayer_type",
                    models.CharField(
                        blank=True,
                        choices=[("small_scale", "小规模纳税人"), ("general", "一般纳税人")],
                        max_length=40,
                        null=True,
                        verbose_name="纳税人类型",
                    ),
                ),
                (
                    "employees",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="从业人数（含经营者）"),
                ),
                ("sells_online", models.BooleanField(blank=True, null=True, verbose_name="线上经营")),
                ("owns_brand", models.BooleanField(blank=True, null=True, verbose_name="自有商标品牌")),
                ("exports", models.BooleanField(blank=True, null=True, verbose_name="有出口")),
                (
                    "environmental_assessment",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("none", "不用办环评"),
                            ("registration", "登记表"),
                            ("report_form", "报告表"),
                            ("report_book", "报告书"),
                        ],
                        max_length=40,
                        null=True,
                        verbose_name="环评类别",
                    ),
                ),
                (
                    "annual_taxable_income",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="年应纳税所得额（经营所得）",
                    ),
                ),
                (
                    "other_income_tax_relief",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="其他政策减免税额",
                    ),
                ),
                (
                    "annual_vat",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="全年应缴增值税"
                    ),
                ),
                (
                    "annual_urban_maintenance_tax",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="全年应缴城市维护建设税",
                    ),
                ),
                (
                    "annual_education_surcharge",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="全年应缴教育费附加",
                    ),
                ),
                (
                    "annual_local_education_surcharge",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="全年应缴地方教育附加",
                    ),
                ),
                (
                    "annual_resource_tax",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="全年应缴资源税"
                    ),
                ),
                (
                    "annual_property_tax",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="全年应缴房产税"
                    ),
                ),
                (
                    "annual_urban_land_use_tax",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="全年应缴城镇土地使用税",
                    ),
                ),
                (
                    "annual_stamp_duty",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="全年应缴印花税"
                    ),
                ),
                (
                    "annual_farmland_occupation_tax",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        max_digits=14,
                        null=True,
                        verbose_name="全年应缴耕地占用税",
                    ),
                ),
                (
                    "business_type",
                    models.CharField(
                        blank=True,
                        choices=[("survival", "生存型"), ("growth", "成长型"), ("development", "发展型")],
                        max_length=40,
                        null=True,
                        verbose_name="分型",
                    ),
                ),
                (
                    "distinctive_classes_yes",
                    models.BigIntegerField(blank=True, null=True, verbose_name="名特优新"),
                ),
                (
                    "distinctive_classes_known",
                    models.BigIntegerField(blank=True, null=True, verbose_name="名特优新"),
                ),
                (
                    "tax_paid_last_year",
                    models.DecimalField(
                        blank=True, decimal_places=2, max_digits=14, null=True, verbose_name="上年度实际缴税"
                    ),
                ),
                (
                    "insured_headcount",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="当前参保人数"),
                ),
                (
                    "published_penalty_on",
                    models.DateField(
                        blank=True, db_index=True, null=True, verbose_name="最近一次公示的罚款以上处罚"
                    ),
                ),
                ("judgment_debtor", models.BooleanField(blank=True, null=True, verbose_name="失信被执行人")),
                (
                    "premises_area",
                    models.PositiveIntegerField(blank=True, null=True, verbose_name="经营面积"),
                ),
            ],
            options={
                "verbose_name": "商户",
                "verbose_name_plural": "商户",
                "indexes": [
                    models.Index(
                        django.db.models.functions.text.Replace(
                            django.db.models.functions.text.Replace(
                                "address", models.Value(" "), models.Value("")
                            ),
                            models.Value("\u3000"),
                            models.Value(""),
                        ),
                        name="business_by_close_address",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="PaymentAccount",
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
                        related_name="payment_accounts",
                        to="businesses.operator",
                    ),
                ),
                ("holder", models.CharField(max_length=80, verbose_name="户名")),
                ("bank", models.CharField(max_length=80, verbose_name="开户银行")),
                ("number", core.encryption.EncryptedField(verbose_name="账号")),
                ("number_index", models.CharField(db_index=True, max_length=64)),
                ("last_four", models.CharField(max_length=4, verbose_name="尾号")),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="登记于")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="停用于")),
                ("sealed_until", models.DateField(null=True, verbose_name="封存到")),
                ("is_change", models.BooleanField(default=False)),
            ],
            options={
                "verbose_name": "收款账户",
                "verbose_name_plural": "收款账户",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("operator",),
                        name="one_standing_account_per_operator",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("sealed_until", None), ("ended_at__isnull", False), _connector="OR"
                        ),
                        name="sealed_account_has_ended",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="RepairCase",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="repair_cases",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                ("cause", models.CharField(default="annual_report", max_length=30, verbose_name="原因")),
                ("opened_at", models.DateTimeField(auto_now_add=True, verbose_name="开始于")),
                ("closed_at", models.DateTimeField(null=True, verbose_name="办结于")),
                ("result", models.CharField(blank=True, max_length=200, verbose_name="结果")),
                ("seen_at", models.DateTimeField(null=True, verbose_name="店主已读")),
                ("run_id", models.BigIntegerField(editable=False, null=True, verbose_name="导入批次")),
            ],
            options={
                "verbose_name": "信用修复",
                "verbose_name_plural": "信用修复",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "code",
                    models.SlugField(max_length=20, primary_key=True, serialize=False, verbose_name="代码"),
                ),
                ("label", models.CharField(max_length=40, verbose_name="名称")),
                ("department_code", models.SlugField(max_length=40, verbose_name="负责部门")),
                ("columns", models.JSONField(default=dict, verbose_name="列对应")),
            ],
            options={
                "verbose_name": "数据来源",
                "verbose_name_plural": "数据来源",
                "ordering": ["code"],
            },
        ),
        migrations.CreateModel(
            name="TypeChange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="type_changes",
                        to="businesses.business",
                    ),
                ),
                (
                    "before",
                    models.CharField(
                        blank=True,
                        choices=[("survival", "生存型"), ("growth", "成长型"), ("development", "发展型")],
                        max_length=20,
                    ),
                ),
                (
                    "after",
                    models.CharField(
                        blank=True,
                        choices=[("survival", "生存型"), ("growth", "成长型"), ("development", "发展型")],
                        max_length=20,
                    ),
                ),
                ("reason", models.CharField(max_length=30)),
                ("on", models.DateField(verbose_name="判定于")),
            ],
            options={
                "verbose_name": "分型变动",
                "verbose_name_plural": "分型变动",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="TypeThresholds",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "growth_years",
                    models.PositiveSmallIntegerField(default=1, verbose_name="成长型：登记满几年"),
                ),
                (
                    "growth_insured",
                    models.PositiveIntegerField(default=1, verbose_name="成长型：或参保几人以上"),
                ),
                (
                    "growth_tax",
                    models.DecimalField(
                        decimal_places=2,
                        default="0.01",
                        max_digits=14,
                        verbose_name="成长型：或上年缴税几元以上",
                    ),
                ),
                (
                    "development_years",
                    models.PositiveSmallIntegerField(default=2, verbose_name="发展型：登记满几年"),
                ),
                (
                    "development_insured",
                    models.PositiveIntegerField(default=8, verbose_name="发展型：参保几人以上"),
                ),
                (
                    "development_tax",
                    models.DecimalField(
                        decimal_places=2,
                        default=30000,
                        max_digits=14,
                        verbose_name="发展型：或上年缴税几元以上",
                    ),
                ),
                ("placeholder", models.BooleanField(default=True, verbose_name="暂定数值，还没有公布的标准")),
                ("basis", models.CharField(blank=True, max_length=200, verbose_name="依据")),
                (
                    "set_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="设定人",
                    ),
                ),
                ("set_at", models.DateTimeField(auto_now_add=True, verbose_name="设定于")),
            ],
            options={
                "verbose_name": "分型标准",
                "verbose_name_plural": "分型标准",
                "ordering": ["-id"],
                "get_latest_by": "id",
            },
        ),
        migrations.CreateModel(
            name="BusinessRecord",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="record",
                        serialize=False,
                        to="businesses.business",
                    ),
                ),
                ("said", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="CreditRating",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="credit_rating",
                        serialize=False,
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "rated",
                    models.CharField(
                        choices=[
                            ("A", "A 风险低"),
                            ("B", "B 风险一般"),
                            ("C", "C 风险较高"),
                            ("D", "D 风险高"),
                        ],
                        max_length=1,
                        verbose_name="信用风险类别",
                    ),
                ),
                ("on", models.DateField(verbose_name="评定于")),
            ],
            options={
                "verbose_name": "信用风险分类",
                "verbose_name_plural": "信用风险分类",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("rated__in", ["A", "B", "C", "D"])), name="credit_class_a_to_d"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="TypeVerdict",
            fields=[
                (
                    "business",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="type_verdict",
                        serialize=False,
                        to="businesses.business",
                    ),
                ),
                (
                    "type",
                    models.CharField(
                        blank=True,
                        choices=[("survival", "生存型"), ("growth", "成长型"), ("development", "发展型")],
                        default="",
                        max_length=20,
                        verbose_name="分型",
                    ),
                ),
                ("reason", models.CharField(max_length=30, verbose_name="理由")),
                (
                    "thresholds",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="businesses.typethresholds",
                    ),
                ),
                ("on", models.DateField(verbose_name="判定于")),
            ],
            options={
                "verbose_name": "分型结果",
                "verbose_name_plural": "分型结果",
            },
        ),
        migrations.CreateModel(
            name="Binding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bindings",
                        to="businesses.business",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="bindings",
                        to="businesses.operator",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bindings",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("bound_at", models.DateTimeField(auto_now_add=True, verbose_name="绑定于")),
                ("ended_at", models.DateTimeField(blank=True, null=True, verbose_name="解除于")),
                ("ended_because", models.CharField(blank=True, max_length=80, verbose_name="解除原因")),
            ],
            options={
                "verbose_name": "店铺绑定",
                "verbose_name_plural": "店铺绑定",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_at", None)),
                        fields=("business",),
                        name="one_standing_binding_per_business",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Change",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="时间")),
                (
                    "business",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="businesses.business",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="changes",
                        to="businesses.operator",
                    ),
                ),
                ("source", models.CharField(max_length=20, verbose_name="来源")),
                (
                    "by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("run_id", models.BigIntegerField(db_index=True, null=True, verbose_name="导入批次")),
                ("facts", models.JSONField(default=dict)),
                ("before", models.JSONField(null=True)),
            ],
            options={
                "verbose_name": "变更记录",
                "verbose_name_plural": "变更记录",
                "ordering": ["-id"],
                "indexes": [
                    models.Index(fields=["business", "-id"], name="change_by_business"),
                    models.Index(fields=["operator", "-id"], name="change_by_operator"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CorrectionRequest",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="correction_requests",
                        to="businesses.business",
                    ),
                ),
                ("fact", models.CharField(max_length=40, verbose_name="哪一项")),
                ("shown", models.CharField(max_length=200, verbose_name="当时显示")),
                (
                    "source",
                    models.CharField(
                        choices=[
                            ("registry", "市场监管登记"),
                            ("tax", "税务"),
                            ("social_security", "社会保险"),
                            ("veterans", "退役军人事务"),
                            ("employment", "公共就业服务"),
                            ("self", "您填写的"),
                            ("staff", "工作人员核对"),
                        ],
                        max_length=20,
                        verbose_name="来源",
                    ),
                ),
                ("note", models.CharField(max_length=500, verbose_name="店主说明")),
                (
                    "asked_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("asked_at", models.DateTimeField(auto_now_add=True, verbose_name="提出于")),
                (
                    "status",
                    models.CharField(
                        choices=[("open", "等待核实"), ("accepted", "已更正"), ("refused", "核实无误")],
                        default="open",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                ("answer", models.CharField(blank=True, max_length=500, verbose_name="答复")),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("decided_at", models.DateTimeField(null=True, verbose_name="答复于")),
            ],
            options={
                "verbose_name": "信息更正",
                "verbose_name_plural": "信息更正",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("status", "open")),
                        fields=("business", "fact"),
                        name="one_open_request_per_business_and_fact",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="DistinctiveListing",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="distinctive_listings",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "listed_as",
                    models.CharField(
                        choices=[
                            ("famous", "知名"),
                            ("characteristic", "特色"),
                            ("quality", "优质"),
                            ("emerging", "新兴"),
                        ],
                        max_length=20,
                        verbose_name="类别",
                    ),
                ),
                ("since", models.DateField(verbose_name="列入")),
                ("until", models.DateField(verbose_name="有效到")),
                (
                    "recommended_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="accounts.department",
                        verbose_name="推荐部门",
                    ),
                ),
                ("basis", models.CharField(max_length=200, verbose_name="依据")),
                (
                    "added_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="登记人",
                    ),
                ),
                ("added_at", models.DateTimeField(auto_now_add=True, verbose_name="登记于")),
                ("ended_on", models.DateField(blank=True, null=True, verbose_name="移出")),
                ("ended_because", models.CharField(blank=True, max_length=200, verbose_name="移出原因")),
            ],
            options={
                "verbose_name": "名特优新名录",
                "verbose_name_plural": "名特优新名录",
                "ordering": ["-id"],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ended_on", None)),
                        fields=("business", "listed_as"),
                        name="one_standing_listing_per_business_and_class",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("since"))),
                        name="listing_ends_after_it_begins",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "source",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="runs",
                        to="businesses.source",
                        verbose_name="来源",
                    ),
                ),
                ("columns", models.JSONField(default=dict, verbose_name="列对应")),
                ("file_name", models.CharField(max_length=200, verbose_name="文件名")),
                ("path", models.CharField(blank=True, max_length=500)),
                ("sha256", models.CharField(max_length=64, verbose_name="文件指纹")),
                ("size", models.BigIntegerField(default=0, verbose_name="字节")),
                ("as_of", models.DateField(verbose_name="数据日期")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("uploaded", "已上传"),
                            ("checking", "正在检查"),
                            ("checked", "已检查，等待确认"),
                            ("applying", "正在导入"),
                            ("paused", "已暂停"),
                            ("done", "已完成"),
                            ("rolling_back", "正在撤回"),
                            ("rolled_back", "已撤回"),
                            ("failed", "读不了这个文件"),
                            ("cancelled", "已取消"),
                        ],
                        default="uploaded",
                        max_length=20,
                        verbose_name="状态",
                    ),
                ),
                ("problem", models.CharField(blank=True, max_length=300, verbose_name="问题")),
                ("rows", models.PositiveIntegerField(null=True, verbose_name="总行数")),
                ("row", models.PositiveIntegerField(default=0, verbose_name="已处理到")),
                ("created", models.PositiveIntegerField(default=0, verbose_name="新增")),
                ("updated", models.PositiveIntegerField(default=0, verbose_name="更新")),
                ("unchanged", models.PositiveIntegerField(default=0, verbose_name="跳过（没有变化）")),
                ("wrong", models.PositiveIntegerField(default=0, verbose_name="错误")),
                ("checked", models.JSONField(default=dict, verbose_name="检查结果")),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="导入人",
                    ),
                ),
                ("uploaded_at", models.DateTimeField(auto_now_add=True, verbose_name="上传于")),
                ("started_at", models.DateTimeField(null=True, verbose_name="开始于")),
                ("finished_at", models.DateTimeField(null=True, verbose_name="结束于")),
                ("beat_at", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, default="", max_length=40)),
            ],
            options={
                "verbose_name": "导入",
                "verbose_name_plural": "导入",
                "ordering": ["-id"],
                "permissions": [("run_import", "导入数据")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(
                            ("status__in", ("rolled_back", "failed", "cancelled")), _negated=True
                        ),
                        fields=("source", "sha256"),
                        name="one_standing_import_per_file",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImportIssue",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="issues",
                        to="businesses.importrun",
                    ),
                ),
                ("row", models.PositiveIntegerField()),
                ("line", models.PositiveIntegerField()),
                ("column", models.CharField(blank=True, max_length=80)),
                ("code", models.CharField(max_length=30)),
                ("detail", models.CharField(max_length=300)),
            ],
            options={
                "ordering": ["run", "row", "id"],
                "indexes": [models.Index(fields=["run", "row"], name="issue_by_run_and_row")],
            },
        ),
        migrations.CreateModel(
            name="ImportedKey",
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
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="businesses.importrun",
                    ),
                ),
                ("key", models.CharField(max_length=64)),
                ("row", models.PositiveIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("run", "key"), name="one_row_per_key_and_run")
                ],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mandates",
                        to="businesses.business",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mandates_given",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "agent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mandates_held",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mandates",
                        to=settings.OAUTH2_PROVIDER_APPLICATION_MODEL,
                        verbose_name="接口客户端",
                    ),
                ),
                ("relation", models.CharField(blank=True, max_length=20, verbose_name="关系")),
                ("scopes", models.JSONField(default=list, verbose_name="范围")),
                ("given_at", models.DateTimeField(auto_now_add=True, verbose_name="授权于")),
                ("until", models.DateField(verbose_name="有效到")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="撤销于")),
            ],
            options={
                "verbose_name": "授权",
                "verbose_name_plural": "授权",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("agent__isnull", False), ("client__isnull", True)),
                            models.Q(("agent__isnull", True), ("client__isnull", False)),
                            _connector="OR",
                        ),
                        name="mandate_is_for_a_person_or_a_program",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="OperatorRecord",
            fields=[
                (
                    "operator",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="record",
                        serialize=False,
                        to="businesses.operator",
                    ),
                ),
                ("said", models.JSONField(default=list)),
            ],
        ),
        migrations.CreateModel(
            name="Sharing",
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
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sharings",
                        to="businesses.operator",
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sharings",
                        to="businesses.business",
                    ),
                ),
                (
                    "given_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "receiver",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sharings",
                        to="accounts.department",
                        verbose_name="给谁看",
                    ),
                ),
                ("purpose", models.CharField(max_length=200, verbose_name="用来做什么")),
                ("facts", models.JSONField(default=list, verbose_name="看哪些")),
                ("preview", core.encryption.EncryptedField(verbose_name="当时的内容")),
                ("until", models.DateField(verbose_name="有效到")),
                ("uses", models.PositiveSmallIntegerField(default=3, verbose_name="最多看几次")),
                (
                    "used",
                    models.PositiveSmallIntegerField(default=0, editable=False, verbose_name="已看几次"),
                ),
                ("keep_days", models.PositiveSmallIntegerField(default=30, verbose_name="最多保存几天")),
                ("notice", models.CharField(max_length=64)),
                ("given_at", models.DateTimeField(auto_now_add=True, verbose_name="同意于")),
                ("revoked_at", models.DateTimeField(null=True, verbose_name="撤回于")),
            ],
            options={
                "verbose_name": "信息授权",
                "verbose_name_plural": "信息授权",
                "ordering": ["-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("used__lte", models.F("uses"))), name="sharing_read_no_oftener"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Assistance",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="assistances",
                        to="businesses.business",
                        verbose_name="商户",
                    ),
                ),
                (
                    "operator",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="assistances",
                        to="businesses.operator",
                        verbose_name="经营者",
                    ),
                ),
                (
                    "clerk",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="谁代办",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[("window", "在窗口"), ("phone", "在电话上（12345）")],
                        max_length=10,
                        verbose_name="店主在哪里",
                    ),
                ),
                ("begun_at", models.DateTimeField(auto_now_add=True, verbose_name="开始于")),
                ("until", models.DateTimeField(verbose_name="最迟到")),
                ("ended_at", models.DateTimeField(null=True, verbose_name="结束于")),
            ],
            options={
                "verbose_name": "代办",
                "verbose_name_plural": "代办",
                "ordering": ["-id"],
                "default_permissions": ("view", "add"),
                "indexes": [models.Index(fields=["clerk", "business", "until"], name="assistance_of_clerk")],
            },
        ),
    ]
    operations = [CreateModels(creations)]
