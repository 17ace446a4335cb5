"""The owner's reading of a rule: what a shopkeeper would say, from the same node as the official sentence."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY
from policies.criteria.everyday import everyday, heading, objection, one_of_several, own_people, way
from policies.criteria.rules import read_rule
from policies.criteria.sentence import sentence
from policies.criteria.tree import RuleError, leaves
from tests.criteria.given import measures
from tests.criteria.random_trees import days, trees
from tests.properties import examples

from .test_sentences import DAY, leaf, node, profile

OFFICIAL = ("经营者属于", "之一", "：审核时核对", "数值待公布", "经营主体类型")  # owner-surface.md W3
LONGEST = 40


@pytest.mark.parametrize(
    ("raw", "said", "denied"),
    [
        (leaf("operating_status", "eq", "operating"), "店在正常经营", "经营状态不是正常经营"),
        (leaf("operating_status", "in", ["operating", "suspended"]), "店在正常经营或歇业", None),
        (leaf("entity_type", "eq", "individual_business"), "是个体工商户", "经营主体类型不是个体工商户"),
        (leaf("registered_on", "at_least_ago", {"years": 1}), "店登记满 1 年", "店登记不满 1 年"),
        (leaf("registered_on", "at_most_ago", {"years": 5}), "店登记没过 5 年", "店登记过了 5 年"),
        (
            leaf("registered_on", "at_most_ago", {"calendar_months": 36}),
            "从登记那个月算，没过 36 个月",
            "从登记那个月算，过了 36 个月",
        ),
        (leaf("registered_on", "on_or_before", "2027-12-31"), "登记不晚于 2027 年 12 月 31 日", None),
        (leaf("rents_premises", "eq", True), "店面是租的", "店面不是租的"),
        (leaf("rents_premises", "ne", True), "店面不是租的", "店面是租的"),
        (leaf("rent_reduction_received", "eq", False), "没有享受过房租减免", "享受过房租减免"),
        (
            leaf("rent_subsidy_months_received", "lt", 36),
            "以前领的房租补贴不到 36 个月",
            "以前领的房租补贴满 36 个月",
        ),
        (
            leaf("guaranteed_loans_received", "lte", 3),
            "享受过的创业担保贷款不超过 3 次",
            "享受过的创业担保贷款超过 3 次",
        ),
        (leaf("operator_groups", "has_any", ["veteran"]), "只给退役军人", "经营者不属于退役军人"),
        (
            leaf("operator_groups", "has_any", ["veteran", "graduate"]),
            "这些人可以：高校毕业生、退役军人",
            None,
        ),
        (leaf("born_on", "less_than_ago", {"years": 60}), "不满 60 周岁", "年满 60 周岁"),
        (
            leaf("environmental_assessment", "in", ["report_form", "report_book"]),
            "环评要办报告表或报告书",
            None,
        ),
        (leaf("agri_activity", "ne", "none"), "做农产品流通（收购、运输、销售）或种植或养殖", None),
        (leaf("exports", "eq", True), "有出口", "没有出口"),
    ],
)
def test_a_condition_and_what_denies_it_as_an_owner_says_them(raw, said, denied):
    assert everyday(node(raw), DAY) == said
    if denied:
        assert everyday(node({"not": raw}), DAY) == denied


GRADUATES = {
    "all": [
        leaf("operator_groups", "has_any", ["graduate"]),
        leaf("left_school_on", "at_most_ago", {"years": 5}),
    ]
}


def test_ways_for_several_kinds_of_people_are_one_list():
    raw = {"any": [GRADUATES, leaf("operator_groups", "has_any", ["veteran", "disabled"])]}

    assert everyday(node(raw), DAY) == "这些人可以：高校毕业生（离校没过 5 年）、退役军人、残疾人"


def test_among_other_conditions_people_are_named_in_the_sentence():
    raw = {"any": [leaf("exports", "eq", True), leaf("operator_groups", "has_any", ["veteran", "graduate"])]}

    assert everyday(node(raw), DAY) == "有出口，或者经营者是高校毕业生或退役军人"
    assert one_of_several(node(raw).children[1], DAY) == "经营者是高校毕业生或退役军人"


@pytest.mark.parametrize(
    ("raw", "above", "ways"),
    [
        (
            {"any": [GRADUATES, leaf("operator_groups", "has_any", ["veteran", "disabled"])]},
            "这些人可以",
            ["高校毕业生（离校没过 5 年）", "退役军人、残疾人"],
        ),
        (
            {"any": [leaf("exports", "eq", True), leaf("operator_groups", "has_any", ["veteran"])]},
            "下面有一条符合就行",
            ["有出口", "退役军人"],
        ),
        (
            {
                "any": [
                    leaf("exports", "eq", True),
                    {"all": [leaf("exports", "eq", False), leaf("rents_premises", "eq", True)]},
                ]
            },
            "下面有一条符合就行",
            ["有出口", "没有出口，并且店面是租的"],
        ),
        (
            {"all": [leaf("exports", "eq", True), leaf("rents_premises", "eq", True)]},
            "下面几条都要符合",
            ["有出口", "店面是租的"],
        ),
    ],
    ids=["people", "one of them a person", "a way of two parts", "all"],
)
def test_ways_that_stand_below_each_other_are_not_said_above_them_too(raw, above, ways):
    group = node(raw)

    assert heading(group, DAY) == above
    assert [way(child, DAY) for child in group.children] == ways


@pytest.mark.parametrize(
    ("raw", "own", "said"),
    [
        (leaf("operator_groups", "has_any", ["veteran", "graduate"]), ["veteran"], "您是退役军人"),
        (
            leaf("operator_groups", "has_any", ["veteran", "graduate", "disabled"]),
            ["disabled", "veteran", "migrant_worker"],
            "您是退役军人、残疾人",
        ),
        (leaf("operator_groups", "has_any", ["veteran"]), ["veteran"], ""),
        (
            {
                "all": [
                    leaf("operator_groups", "has_any", ["graduate"]),
                    leaf("left_school_on", "at_most_ago", {"years": 5}),
                ]
            },
            ["graduate"],
            "您是高校毕业生（离校没过 5 年）",
        ),
        (leaf("exports", "eq", True), ["veteran"], ""),
        (
            {
                "all": [
                    leaf("exports", "eq", True),
                    leaf("operator_groups", "has_any", ["veteran", "disabled"]),
                ]
            },
            ["veteran"],
            "",
        ),
    ],
    ids=[
        "one of two",
        "two of three",
        "one kind alone",
        "a way with more to it",
        "no people",
        "people and more",
    ],
)
def test_where_a_condition_holds_it_says_which_of_its_people_somebody_is(raw, own, said):
    assert own_people(node(raw), profile("2025-06-30", {"operator_groups": own}), DAY) == said


def test_what_a_fact_has_no_everyday_words_for_reads_as_the_official_sentence():
    raw = leaf("insured_headcount", "between", [3, 5])

    assert everyday(node(raw), DAY) == sentence(node(raw), DAY)


def test_no_shipped_condition_speaks_like_an_office():
    said = {everyday(row, DAY): one.code for one in measures().rules for row in one.criteria.children}

    assert {text: code for text, code in said.items() for word in OFFICIAL if word in text} == {}


def test_a_shipped_condition_is_short_unless_it_lists_people_or_crops():
    """Two stand out: who may have it are lists, and the layoffs of small and larger shops are two rules in one."""
    said = {everyday(row, DAY) for one in measures().rules for row in one.criteria.children}
    long = [text for text in said if len(text) > LONGEST and "、" not in text]

    assert long == [text for text in said if text.startswith("（上年度月平均参保人数")]


@examples(200)
@given(st.data())
def test_every_rule_can_be_said_and_holds_no_place_left_open(data):
    drawn = data.draw(trees(BUILT_IN_REGISTRY))
    content = {
        "criteria": drawn.raw,
        "conditions": drawn.conditions,
        "parameters": drawn.parameters,
        "kind": "startup_subsidy",
        "delivery": "apply",
        "amount": {"fixed": "5000"},
    }
    try:
        read = read_rule(content, registry=BUILT_IN_REGISTRY, code="X01a")
    except RuleError:
        return
    day = data.draw(days)
    for row in (*read.criteria.children, *leaves(read.criteria)):
        text = everyday(row, day)
        assert text
        assert re.findall(r"[{}|]", text) == []


@pytest.mark.parametrize(
    ("raw", "own", "said"),
    [
        (leaf("rent_subsidy_months_received", "lt", 36), 36, "以前领的房租补贴 36 个月，要不到 36 个月才行"),
        (leaf("unemployment_insurance_months", "gte", 12), 11, "失业保险费足额交 11 个月，要满 12 个月才行"),
        (leaf("operator_groups", "has_any", ["graduate"]), [], "只给高校毕业生，您不是"),
        (
            leaf("operator_groups", "has_any", ["graduate", "veteran"]),
            [],
            "只给高校毕业生、退役军人，您都不是",
        ),
        (
            leaf("operator_groups", "has_any", ["graduate"]),
            ["veteran", "disabled"],
            "只给高校毕业生，您是退役军人、残疾人",
        ),
        (
            leaf("operator_groups", "has_any", ["graduate", "veteran", "disabled", "online_merchant"]),
            [],
            "只给高校毕业生、退役军人、残疾人、网络商户，您都不是",
        ),
        (
            leaf(
                "operator_groups",
                "has_any",
                ["graduate", "veteran", "disabled", "online_merchant", "migrant_worker"],
            ),
            ["poverty_alleviated"],
            "只给高校毕业生、农民工、退役军人等 5 类人，您是脱贫人口（含防止返贫监测对象）",
        ),
        (leaf("rents_premises", "eq", True), False, "店面不是租的"),
        (
            leaf("registered_on", "at_most_ago", {"years": 5}),
            "2019-01-01",
            "登记日期是 2019 年 1 月 1 日，店登记过了 5 年",
        ),
    ],
)
def test_what_fails_says_the_own_fact_and_then_what_is_wanted(raw, own, said):
    fact = raw["fact"]

    assert objection(node(raw), profile("2028-01-01", {fact: own}), DAY) == said
