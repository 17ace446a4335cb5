"""The facts of a shop and its operator: the built-in ones, and those that staff add in the admin.

Names are the API contract. Built-in facts are columns of Business; added ones live in its JSON column ``extra``.
A set is two bit masks, so its choices are append-only.
"""

from core.facts import Choice, Fact, Registry

from .industries import industry_text
from .retirement import retirement_day

REGISTRY, TAX, INSURANCE = "registry", "tax", "social_security"
VETERANS, EMPLOYMENT, SELF, STAFF = "veterans", "employment", "self", "staff"

SOURCES = {
    REGISTRY: "市场监管登记",
    TAX: "税务",
    INSURANCE: "社会保险",
    VETERANS: "退役军人事务",
    EMPLOYMENT: "公共就业服务",
    SELF: "您填写的",
    STAFF: "工作人员核对",
    "default": "按个体工商户",
}

# Written by the market regulator's own rules (business_types.py, distinctive.py), not merged from what sources say.
# A registry may know of shops that open soon; further ahead is a slip of the pen.
DAYS_AHEAD = 30
DERIVED = ("business_type", "distinctive_classes")


def _choices(text):
    return tuple(Choice(*pair.split(":")) for pair in text.split())


DISTRICTS = _choices("520201:钟山区 520203:六枝特区 520204:水城区 520281:盘州市")

GROUPS = _choices(
    "graduate:高校毕业生 graduation_year_graduate:毕业年度内高校毕业生 hard_to_employ:就业困难人员"
    " migrant_worker:农民工 returning_migrant_worker:返乡农民工 veteran:退役军人"
    " self_employed_veteran:自主就业退役士兵 poverty_alleviated:脱贫人口（含防止返贫监测对象）"
    " registered_unemployed:登记失业人员 unemployed_half_year:登记失业半年以上人员"
    " zero_employment_family:零就业家庭登记失业人员 subsistence_family:城市低保家庭登记失业人员 disabled:残疾人"
    " released_prisoner:刑满释放人员 online_merchant:网络商户 overcapacity_worker:化解过剩产能企业职工"
    " rural_entrepreneur:农村自主创业农民"
)

AGRI_INDUSTRIES = _choices(
    "tea:茶叶 edible_fungi:食用菌 vegetables:蔬菜 ecological_livestock:生态畜牧 dendrobium:石斛 fruit:水果 bamboo:竹"
    " chinese_medicinal_herbs:中药材 rosa_roxburghii:刺梨 ecological_fishery:生态渔业 camellia_oil:油茶 chili:辣椒"
    " none:都不是"
)


def _tax(name, label):
    return Fact(name, "money", label, ask="never", sources=(TAX, SELF), unit="元")


BUILT_IN = (
    Fact(
        "entity_type",
        "choice",
        "经营主体类型",
        question="您的店是哪一类经营主体？",
        choices=_choices(
            "individual_business:个体工商户 small_micro_enterprise:小微企业"
            " farmer_cooperative:农民专业合作社 company:公司"
        ),
        sources=(REGISTRY, SELF),
        default="individual_business",
        everyday="是{values}|办的是{own}",
    ),
    Fact(
        "operating_status",
        "choice",
        "经营状态",
        choices=_choices(
            "operating:正常经营 suspended:歇业 deregistered:已注销 revoked:已吊销 not_registered:还没登记"
        ),
        ask="never",
        sources=(REGISTRY, SELF),
        everyday="店在{values}|店{own}",
    ),
    Fact(
        "registered_on",
        "date",
        "登记日期",
        question="您的店是哪天登记的？",
        why="好几项政策从登记那天算起。营业执照上写着“成立日期”或“注册日期”。",
        sources=(REGISTRY, SELF),
        about="登记",
        days_ahead=DAYS_AHEAD,
        everyday="店登记",
    ),
    Fact(
        "district",
        "choice",
        "所在县区",
        question="您的店在哪个县区？",
        choices=DISTRICTS,
        sources=(REGISTRY, SELF),
    ),
    Fact("industry", "code", "行业", ask="never", sources=(REGISTRY, SELF), spell=industry_text),
    Fact(
        "first_time_business",
        "bool",
        "首次从事个体经营",
        question="这是您第一次做个体经营吗？",
        why="一次性创业补贴只给第一次从事个体经营的人。",
        sources=(EMPLOYMENT, REGISTRY, SELF),
        no="以前从事过个体经营",
        everyday="第一次做个体户|以前做过个体户",
    ),
    Fact(
        "annual_report_filed",
        "bool",
        "上年度年报已报送",
        ask="never",
        sources=(REGISTRY,),
        no="上年度年报没有报送",
        everyday="去年的年报报了|去年的年报没有报",
    ),
    Fact(
        "abnormal_listed",
        "bool",
        "被标记为经营异常状态",
        ask="never",
        sources=(REGISTRY,),
        no="没有被标记为经营异常状态",
        everyday="被列入经营异常|没有被列入经营异常",
    ),
    Fact(
        "seriously_dishonest",
        "bool",
        "列入严重违法失信名单",
        ask="never",
        sources=(REGISTRY,),
        no="没有列入严重违法失信名单",
    ),
    Fact(
        "taxpayer_type",
        "choice",
        "纳税人类型",
        choices=_choices("small_scale:小规模纳税人 general:一般纳税人"),
        ask="never",
        sources=(TAX, SELF),
    ),
    Fact(
        "employees",
        "integer",
        "从业人数（含经营者）",
        question="连您自己在内，店里有几个人干活？",
        unit="人",
        sources=(INSURANCE, SELF),
    ),
    Fact(
        "sells_online",
        "bool",
        "线上经营",
        question="您在网上卖东西或接单吗？",
        yes="在网上卖货或接单",
        no="没有在网上卖货或接单",
    ),
    Fact(
        "owns_brand",
        "bool",
        "自有商标品牌",
        question="您有自己的商标或品牌吗？",
        yes="有自己的商标或品牌",
        no="没有自己的商标或品牌",
    ),
    Fact("exports", "bool", "有出口", question="您的货卖到国外吗？", no="没有出口"),
    Fact(
        "environmental_assessment",
        "choice",
        "环评类别",
        choices=_choices("none:不用办环评 registration:登记表 report_form:报告表 report_book:报告书"),
        ask="never",
        sources=(STAFF, SELF),
        everyday="环评要办{values}",
    ),
    Fact(
        "operator_groups",
        "set",
        "经营者身份",
        question="您属于下面哪些人？",
        why="很多政策只给特定身份的人。可以多选，选得准才查得准。",
        choices=GROUPS,
        about="经营者",
        scope="operator",
        sources=(VETERANS, EMPLOYMENT, SELF),
        implies={
            "self_employed_veteran": ("veteran",),
            "returning_migrant_worker": ("migrant_worker",),
            "graduation_year_graduate": ("graduate",),
            "unemployed_half_year": ("registered_unemployed",),
        },
    ),
    Fact(
        "left_school_on",
        "date",
        "离校日期",
        question="您是哪天毕业离校的？",
        why="高校毕业生要看离校是不是在 5 年内。记不清就按毕业证上的日期。",
        scope="operator",
        sources=(EMPLOYMENT, SELF),
        about="离校",
        past_only=True,
        everyday="离校",
    ),
    Fact(
        "born_on",
        "date",
        "出生日期",
        scope="operator",
        ask="never",
        sources=(REGISTRY, SELF),
        about="出生",
        past_only=True,
    ),
    Fact(
        "sex",
        "choice",
        "性别",
        choices=_choices("female:女 male:男"),
        scope="operator",
        ask="never",
        sources=(REGISTRY, SELF),
    ),
    Fact(
        "good_credit",
        "bool",
        "个人信用良好",
        scope="operator",
        ask="never",
        sources=(STAFF, SELF),
        no="个人信用记录有不良信息",
    ),
    Fact(
        "unit_insured",
        "bool",
        "以单位形式参保",
        question="您的店以单位名义给员工交社会保险吗？",
        why="以个人名义（灵活就业）交的不算。",
        sources=(INSURANCE, SELF),
        no="没有以单位形式参保",
    ),
    Fact(
        "unemployment_insurance_months",
        "integer",
        "足额缴纳失业保险费月数",
        question="失业保险费足额交了几个月？",
        sources=(INSURANCE, SELF),
        unit="个月",
        everyday="失业保险费足额交{compared} {value}",
    ),
    Fact(
        "unemployment_insurance_paid_last_year",
        "money",
        "上年度实际缴纳失业保险费",
        question="去年实际交了多少失业保险费？",
        why="单位和个人交的加在一起。社会保险缴费单上有。",
        ask="amount",
        sources=(INSURANCE, SELF),
        unit="元",
    ),
    Fact(
        "insurance_arrears",
        "bool",
        "欠缴社会保险费",
        ask="never",
        sources=(INSURANCE,),
        no="没有欠缴社会保险费",
    ),
    Fact(
        "insured_headcount_last_year",
        "integer",
        "上年度月平均参保人数",
        question="去年平均每个月有几个人参保？",
        sources=(INSURANCE, SELF),
        unit="人",
    ),
    Fact(
        "layoff_claimants_last_year",
        "integer",
        "上年度新增领取失业保险金人数",
        question="去年有几个离开您店的人领了失业保险金？",
        sources=(INSURANCE, SELF),
        unit="人",
    ),
    Fact(
        "annual_taxable_income",
        "money",
        "年应纳税所得额（经营所得）",
        scope="operator",
        ask="never",
        sources=(TAX, SELF),
        unit="元",
        signed=True,
    ),
    _tax("other_income_tax_relief", "其他政策减免税额"),
    _tax("annual_vat", "全年应缴增值税"),
    _tax("annual_urban_maintenance_tax", "全年应缴城市维护建设税"),
    _tax("annual_education_surcharge", "全年应缴教育费附加"),
    _tax("annual_local_education_surcharge", "全年应缴地方教育附加"),
    _tax("annual_resource_tax", "全年应缴资源税"),
    _tax("annual_property_tax", "全年应缴房产税"),
    _tax("annual_urban_land_use_tax", "全年应缴城镇土地使用税"),
    _tax("annual_stamp_duty", "全年应缴印花税"),
    _tax("annual_farmland_occupation_tax", "全年应缴耕地占用税"),
    Fact(
        "deduction_months_used",
        "integer",
        "已享受定额扣减月数",
        question="今年以前，您享受过几个月的重点群体或退役士兵税费扣减？",
        why="这项扣减每人一共 36 个月。没享受过就填 0。",
        scope="operator",
        sources=(TAX, SELF),
        unit="个月",
        everyday="定额扣减享受{compared} {value}",
    ),
    Fact(
        "rents_premises",
        "bool",
        "租用经营场地",
        question="您的店面是租的吗？",
        why="场所租赁补贴只给租场地的店。",
        no="没有租用经营场地",
        everyday="店面是租的|店面不是租的",
    ),
    Fact(
        "premises_compliant",
        "bool",
        "场地符合规划、安全、环保要求",
        ask="never",
        sources=(STAFF, SELF),
        no="场地不符合规划、安全、环保要求",
    ),
    Fact(
        "rent_reduction_received",
        "bool",
        "享受过场地租金减免",
        question="您享受过场地租金减免吗？",
        why="已经减免过租金的，不能再领租赁补贴。",
        no="没有享受过场地租金减免",
        everyday="享受过房租减免|没有享受过房租减免",
    ),
    Fact(
        "monthly_rent",
        "money",
        "实际月租金",
        question="每个月租金多少钱？",
        why="补贴按实际月租金算，每月最高 500 元。",
        ask="amount",
        unit="元",
    ),
    Fact(
        "rent_subsidy_months_received",
        "integer",
        "已领租赁补贴月数",
        question="您领过几个月的场所租赁补贴？",
        why="每人一共最多领 36 个月。没领过就填 0。",
        scope="operator",
        sources=(EMPLOYMENT, SELF),
        unit="个月",
        everyday="以前领的房租补贴{compared} {value}",
    ),
    Fact(
        "startup_subsidy_received",
        "bool",
        "已领过一次性创业补贴",
        question="您领过一次性创业补贴吗？",
        why="这项补贴每人只能领一次。",
        scope="operator",
        sources=(EMPLOYMENT, SELF),
        no="没有领过一次性创业补贴",
    ),
    Fact(
        "agri_startup_subsidy_received",
        "bool",
        "已领过农业创业补贴",
        question="您领过农业创业补贴吗？",
        why="这项补贴每人只能领一次。",
        scope="operator",
        sources=(EMPLOYMENT, SELF),
        no="没有领过农业创业补贴",
    ),
    Fact(
        "agri_industry",
        "choice",
        "农业特色优势产业",
        question="您做的是下面哪个农业产业？",
        why="农业创业补贴面向 12 个农业特色优势产业。",
        choices=AGRI_INDUSTRIES,
        everyday="做{values}",
    ),
    Fact(
        "agri_activity",
        "choice",
        "农业经营内容",
        question="您主要做什么？",
        choices=_choices(
            "circulation:农产品流通（收购、运输、销售） planting_breeding:种植或养殖 none:都不是"
        ),
        everyday="做{values}",
    ),
    Fact(
        "leads_agri_enterprise",
        "bool",
        "领办或创办农业企业",
        ask="never",
        sources=(STAFF, SELF),
        no="没有领办或创办农业企业",
    ),
    Fact("loan_amount_wanted", "money", "想贷多少", ask="never", unit="元"),
    Fact(
        "guaranteed_loans_received",
        "integer",
        "已享受创业担保贷款次数",
        scope="operator",
        ask="never",
        sources=(EMPLOYMENT, SELF),
        unit="次",
        everyday="享受过的创业担保贷款{compared} {value}",
    ),
    Fact(
        "business_type",
        "choice",
        "分型",
        choices=_choices("survival:生存型 growth:成长型 development:发展型"),
        ask="never",
        sources=(STAFF, SELF),
        everyday="是{values}的店",
    ),
    Fact(
        "distinctive_classes",
        "set",
        "名特优新",
        choices=_choices("famous:知名 characteristic:特色 quality:优质 emerging:新兴"),
        ask="never",
        sources=(STAFF, SELF),
        everyday="评上{values}的名特优新店",
    ),
    Fact("tax_paid_last_year", "money", "上年度实际缴税", ask="never", sources=(TAX, SELF), unit="元"),
    Fact("insured_headcount", "integer", "当前参保人数", ask="never", sources=(INSURANCE, SELF), unit="人"),
    Fact(
        "published_penalty_on",
        "date",
        "最近一次公示的罚款以上处罚",
        ask="never",
        sources=(REGISTRY, SELF),
        about="处罚公示",
        past_only=True,
    ),
    Fact(
        "judgment_debtor",
        "bool",
        "失信被执行人",
        scope="operator",
        ask="never",
        sources=(STAFF,),
        yes="是失信被执行人",
        no="不是失信被执行人",
    ),
    Fact("premises_area", "integer", "经营面积", ask="never", unit="平方米"),
)

# Follow from the facts above, on every way in; stored as columns, so that SQL reads them like any other.
# Whoever registers a shop, or leaves school, has been born.
ORDERS = (("born_on", "registered_on"), ("born_on", "left_school_on"))
COMPUTED = (
    Fact(
        "retires_on",
        "date",
        "法定退休年龄",
        scope="operator",
        ask="never",
        sources=(),
        about="到法定退休年龄",
        computed_from=("born_on", "sex"),
        compute=retirement_day,
    ),
)
BUILT_IN_REGISTRY = Registry(BUILT_IN, computed=COMPUTED, orders=ORDERS)
