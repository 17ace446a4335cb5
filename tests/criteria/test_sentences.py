"""The Chinese of a rule: what a leaf asks for, what its complement asks for, and why it does not hold."""

from datetime import date

import pytest

from businesses.facts import BUILT_IN_REGISTRY
from core.facts import Choice, Fact, Registry
from policies.criteria.everyday import objection
from policies.criteria.operators import OPERATORS
from policies.criteria.parameters import Parameter
from policies.criteria.sentence import sentence
from policies.criteria.tree import Reader

from .given import profile

DAY = date(2025, 6, 30)
TWELVE = "茶叶、食用菌、蔬菜、生态畜牧、石斛、水果、竹、中药材、刺梨、生态渔业、油茶、辣椒"
TWELVE_OR = "或".join(TWELVE.rsplit("、", 1))

# fact, operator, value | the fact's value where it fails | sentence | complement | why not
LEAVES = [
    ("first_time_business", "eq", True, False, "首次从事个体经营", "以前从事过个体经营", "以前做过个体户"),
    ("exports", "eq", False, True, "没有出口", "有出口", "有出口"),
    ("exports", "ne", True, True, "没有出口", "有出口", "有出口"),
    ("operating_status", "eq", "operating", "suspended", "经营状态是正常经营", "经营状态不是正常经营",
     "店歇业，要求店在正常经营"),
    ("operating_status", "in", ["operating", "suspended"], "revoked", "经营状态是正常经营或歇业",
     "经营状态不是正常经营或歇业", "店已吊销，要求店在正常经营或歇业"),
    ("operating_status", "not_in", ["deregistered", "revoked", "suspended"], "revoked",
     "经营状态不是已注销、已吊销、歇业之一", "经营状态是已注销、已吊销、歇业之一",
     "店已吊销，要求经营状态不是已注销、已吊销、歇业之一"),
    ("agri_industry", "ne", "none", "none", f"农业特色优势产业是{TWELVE}之一", "农业特色优势产业：都不是",
     f"农业特色优势产业：都不是，要求做{TWELVE_OR}"),
    ("employees", "gte", 3, 2, "从业人数（含经营者）不少于 3 人", "从业人数（含经营者）少于 3 人",
     "从业人数（含经营者）是 2 人，要求从业人数（含经营者）不少于 3 人"),
    ("employees", "gt", 3, 3, "从业人数（含经营者）超过 3 人", "从业人数（含经营者）不超过 3 人",
     "从业人数（含经营者）是 3 人，要求从业人数（含经营者）超过 3 人"),
    ("insured_headcount", "eq", 0, 4, "当前参保人数是 0 人", "当前参保人数不是 0 人",
     "当前参保人数是 4 人，要求当前参保人数是 0 人"),
    ("insured_headcount", "between", [3, 5], 6, "当前参保人数在 3 到 5 人之间", "当前参保人数不在 3 到 5 人之间",
     "当前参保人数是 6 人，要求当前参保人数在 3 到 5 人之间"),
    ("monthly_rent", "lte", "1500.50", "12000", "实际月租金不超过 1,500.50 元", "实际月租金超过 1,500.50 元",
     "实际月租金是 12,000 元，要求实际月租金不超过 1,500.50 元"),
    ("monthly_rent", "lt", "500", "500", "实际月租金少于 500 元", "实际月租金不少于 500 元",
     "实际月租金是 500 元，要求实际月租金少于 500 元"),
    ("operator_groups", "has_any", ["veteran"], [], "经营者属于退役军人", "经营者不属于退役军人",
     "只给退役军人，您不是"),
    ("operator_groups", "has_any", ["veteran", "graduate"], ["disabled"], "经营者属于高校毕业生、退役军人之一",
     "经营者不属于高校毕业生、退役军人中的任何一种", "只给高校毕业生、退役军人，您是残疾人"),
    ("operator_groups", "has_all", ["veteran", "graduate"], ["veteran"], "经营者同时属于高校毕业生、退役军人",
     "经营者没有同时属于高校毕业生、退役军人", "经营者身份：退役军人。这项要求经营者同时属于高校毕业生、退役军人"),
    ("industry", "starts_with", "F", "G54", "行业属于批发和零售业", "行业不属于批发和零售业",
     "行业是交通运输、仓储和邮政业（G54），要求行业属于批发和零售业"),
    ("registered_on", "at_least_ago", {"years": 1}, "2025-01-15", "登记满 1 年", "登记不满 1 年",
     "登记日期是 2025 年 1 月 15 日，店登记不满 1 年"),
    ("registered_on", "more_than_ago", {"months": 6}, "2025-01-15", "登记超过 6 个月", "登记没有超过 6 个月",
     "登记日期是 2025 年 1 月 15 日，店登记没有超过 6 个月"),
    ("registered_on", "at_most_ago", {"years": 5}, "2020-06-29", "登记在 5 年以内", "登记已过 5 年，或者还没到登记日期",
     "登记日期是 2020 年 6 月 29 日，店登记过了 5 年"),
    ("registered_on", "less_than_ago", {"days": 30}, "2025-05-01", "登记不满 30 天", "登记满 30 天",
     "登记日期是 2025 年 5 月 1 日，店登记满 30 天"),
    ("registered_on", "at_most_ago", {"calendar_months": 36}, "2022-06-30", "从登记当月算起，在 36 个月以内",
     "从登记当月算起，已过 36 个月，或者还没到登记日期", "登记日期是 2022 年 6 月 30 日，从登记那个月算，过了 36 个月"),
    ("registered_on", "on_or_before", "2027-12-31", "2028-01-01", "登记不晚于 2027 年 12 月 31 日",
     "登记晚于 2027 年 12 月 31 日", "登记日期是 2028 年 1 月 1 日，登记晚于 2027 年 12 月 31 日"),
    ("registered_on", "on_or_after", "2025-01-01", "2024-12-31", "登记不早于 2025 年 1 月 1 日",
     "登记早于 2025 年 1 月 1 日", "登记日期是 2024 年 12 月 31 日，登记早于 2025 年 1 月 1 日"),
    ("born_on", "at_least_ago", {"years": 16}, "2009-07-01", "年满 16 周岁", "不满 16 周岁",
     "出生日期是 2009 年 7 月 1 日，不满 16 周岁"),
    ("born_on", "less_than_ago", {"years": 60}, "1965-06-30", "不满 60 周岁", "年满 60 周岁",
     "出生日期是 1965 年 6 月 30 日，年满 60 周岁"),
    ("born_on", "at_most_ago", {"years": 35}, "1990-06-29", "没过 35 周岁生日，生日当天也算", "过了 35 周岁生日",
     "出生日期是 1990 年 6 月 29 日，过了 35 周岁生日"),
    ("born_on", "more_than_ago", {"years": 35}, "1990-06-30", "过了 35 周岁生日", "没过 35 周岁生日，生日当天也算",
     "出生日期是 1990 年 6 月 30 日，没过 35 周岁生日，生日当天也算"),
    ("registered_on", "at_most_ago", {"years": 5}, "2025-07-01", "登记在 5 年以内",
     "登记已过 5 年，或者还没到登记日期", "登记日期是 2025 年 7 月 1 日，还没到这一天"),
    ("registered_on", "less_than_ago", {"days": 0}, "2025-06-30", "还没到登记日期", "已到登记日期",
     "登记日期是 2025 年 6 月 30 日，已到登记日期"),
]  # fmt: skip


def node(raw, registry=BUILT_IN_REGISTRY, **more):
    return Reader(registry, **more).root({"all": [raw]}).children[0]


def leaf(fact, op, value):
    return {"fact": fact, "op": op, "value": value}


@pytest.mark.parametrize(("fact", "op", "value", "own", "asks", "opposite", "why"), LEAVES)
def test_a_leaf_and_its_complement_in_words(fact, op, value, own, asks, opposite, why):
    one = node(leaf(fact, op, value))

    assert sentence(one, DAY) == asks
    assert sentence(node({"not": leaf(fact, op, value)}), DAY) == opposite
    assert objection(one, profile("2028-01-01", {fact: own}), DAY) == why


@pytest.mark.parametrize(
    ("op", "value", "asks", "opposite"),
    [
        ("lte", "0.055", "不超过上年度月平均参保人数的 5.5%", "超过上年度月平均参保人数的 5.5%"),
        ("lt", "0.2", "少于上年度月平均参保人数的 20%", "不少于上年度月平均参保人数的 20%"),
        ("gte", "0.0001", "不少于上年度月平均参保人数的 0.01%", "少于上年度月平均参保人数的 0.01%"),
    ],
)
def test_a_ratio_in_words(op, value, asks, opposite):
    raw = {"ratio": ["layoff_claimants_last_year", "insured_headcount_last_year"], "op": op, "value": value}
    facts = {"layoff_claimants_last_year": 3, "insured_headcount_last_year": 10}

    assert sentence(node(raw), DAY) == f"上年度新增领取失业保险金人数{asks}"
    assert sentence(node({"not": raw}), DAY) == f"上年度新增领取失业保险金人数{opposite}"
    assert objection(node(raw), profile("2025-06-30", facts), DAY) == (
        f"上年度新增领取失业保险金人数 3 人，上年度月平均参保人数 10 人，要求上年度新增领取失业保险金人数{asks}"
    )


def test_every_operator_has_a_sentence_of_its_own():
    said = {
        (name, fact.type): sentence(node(leaf(fact.name, name, VALUES[operator.operand, fact.type])), DAY)
        for name, operator in OPERATORS.items()
        if not operator.internal
        for fact in (BUILT_IN_REGISTRY[FACT_OF[kind]] for kind in operator.types)
        if fact.type != "bool"
    }

    assert len(set(said.values())) == len(said)


FACT_OF = {
    "choice": "district", "bool": "exports", "integer": "employees", "money": "monthly_rent",
    "set": "operator_groups", "code": "industry", "date": "registered_on",
}  # fmt: skip
VALUES = {
    ("value", "choice"): "520201", ("value", "integer"): 3, ("value", "money"): "3",
    ("list", "choice"): ["520203", "520204"], ("list", "integer"): [4, 5], ("list", "money"): ["4", "5"],
    ("pair", "integer"): [1, 2], ("pair", "money"): ["1", "2"], ("members", "set"): ["veteran", "graduate"],
    ("codes", "code"): "F", ("duration", "date"): {"years": 1}, ("date", "date"): "2025-01-01",
}  # fmt: skip


def test_groups_join_their_parts_and_bracket_what_is_joined_inside():
    groups = {
        "any": [
            leaf("exports", "eq", True),
            {"all": [leaf("sells_online", "eq", True), leaf("employees", "lt", 9)]},
        ]
    }

    assert (
        sentence(node(groups), DAY) == "有出口，或者（在网上卖货或接单，并且从业人数（含经营者）少于 9 人）"
    )
    assert sentence(node({"not": groups}), DAY) == (
        "没有出口，并且（没有在网上卖货或接单，或者从业人数（含经营者）不少于 9 人）"
    )
    assert sentence(node({"all": []}), DAY) == "没有条件，人人都可以"


def test_a_sentence_has_the_figure_in_force_on_the_day():
    figures = {
        "least": Parameter.read(
            "least", [{"value": 3, "to": "2025-12-31"}, {"value": 5, "from": "2026-01-01"}]
        )
    }
    one = node(leaf("insured_headcount", "gte", {"param": "least"}), parameters=figures)

    assert sentence(one, date(2025, 12, 31)) == "当前参保人数不少于 3 人"
    assert sentence(one, date(2026, 1, 1)) == "当前参保人数不少于 5 人"


def test_a_figure_that_is_not_in_force_is_said_to_be_open():
    figures = {"least": Parameter.read("least", [{"value": 3, "from": "2026-01-01"}])}
    one = node(leaf("insured_headcount", "gte", {"param": "least"}), parameters=figures)

    assert sentence(one, DAY) == "当前参保人数的标准还没有公布"


def test_a_set_that_is_no_identity_is_called_by_its_label():
    certificates = Fact(
        "certificates", "set", "持有的证书", choices=(Choice("cook", "厨师证"), Choice("tea", "茶艺证"))
    )
    one = node(leaf("certificates", "has_any", ["cook"]), Registry([certificates]))
    nothing = profile("2025-06-30", {"certificates": []}, Registry([certificates]))

    assert "持有的证书" in sentence(one, DAY)
    assert "身份" not in objection(one, nothing, DAY)


def test_a_false_fact_without_words_of_its_own_is_denied():
    one = node(leaf("inspected", "eq", False), Registry([Fact("inspected", "bool", "通过消防验收")]))

    assert sentence(one, DAY) == "不符合“通过消防验收”"
