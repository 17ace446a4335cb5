"""What is said to people, word for word, and that every reason given is true."""

import json

import pytest
from django.core.management import call_command
from hypothesis import assume, given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY
from core.facts import Profile
from policies.criteria.reasons import failing, why_not
from policies.criteria.rules import read_rule
from policies.criteria.states import assess
from policies.criteria.tree import Leaf, RuleError
from policies.criteria.verdict import FAIL, Program
from tests.criteria.given import found, measures, rule, state_of
from tests.criteria.random_trees import days, shops, trees
from tests.properties import examples

from .personas import PERSONAS, SAID, said


def test_what_ten_people_are_told_is_what_was_read_and_found_right(catalogue_loaded):
    assert said() == SAID.read_text("utf-8")


# Reasons are true


def fails(leaf, values, day):
    """Whether a condition fails for these values, whatever else the rule says."""
    program = Program(type("Root", (), {"children": (leaf,), "kind": "all", "id": ""})())
    return program.levels_on(Profile(values), day) == [FAIL]


def assert_reasons_are_true(assessment):
    for node in assessment.rule.criteria.children:
        level = assessment.rule.program.combine(node)(assessment.levels)
        named = failing(node, assessment)
        assert all(fails(leaf, assessment.profile.values, assessment.day) for leaf in named)
        assert bool(named) == (level == FAIL)
        assert bool(why_not(node, assessment)) == (level == FAIL)


@examples(300)
@given(st.data())
def test_no_reason_names_a_condition_that_holds(data):
    drawn = data.draw(trees(BUILT_IN_REGISTRY))
    day = data.draw(days)
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
        assume(False)
    values = data.draw(shops(BUILT_IN_REGISTRY, drawn.facts, day))

    assert_reasons_are_true(assess(read, Profile(values), day))


@examples(300)
@given(st.data())
def test_no_reason_of_a_shipped_rule_names_a_condition_that_holds(data):
    one = data.draw(st.sampled_from(measures().rules))
    day = data.draw(days)
    names = [name for name in one.program.fact_names if name in BUILT_IN_REGISTRY]
    values = data.draw(shops(BUILT_IN_REGISTRY, names, day))
    BUILT_IN_REGISTRY.complete(values, {})

    assert_reasons_are_true(assess(one, Profile(values), day))


# Whom a reason is meant for


def reason(benefit, as_of, facts, row):
    assessment = found(benefit, as_of, facts)
    node = next(node for node in assessment.rule.criteria.children if node.id == row)
    return why_not(node, assessment)


def test_a_woman_of_1968_hears_of_her_retirement_age_and_of_nothing_that_is_a_mans():
    facts = {
        "operator_groups": ["veteran"],
        "operating_status": "operating",
        "born_on": "1968-01-05",
        "sex": "female",
    }

    assert reason("M01c", "2026-11-29", facts, "4") == (
        "出生日期是 1968 年 1 月 5 日，性别是女，已到法定退休年龄"
    )


def test_ways_that_only_the_other_sex_can_meet_are_not_named():
    man, woman = (
        {
            "all": [
                {"fact": "sex", "op": "eq", "value": sex},
                {"fact": "born_on", "op": "less_than_ago", "value": {"years": years}},
            ]
        }
        for sex, years in (("male", 60), ("female", 55))
    )
    assessment = state_of(
        rule({"any": [man, woman]}), "2026-11-29", {"sex": "female", "born_on": "1950-01-05"}
    )

    (node,) = assessment.rule.criteria.children
    assert why_not(node, assessment) == "出生日期是 1950 年 1 月 5 日，年满 55 周岁"


def test_a_graduate_of_2015_hears_of_the_five_years_and_not_that_he_is_no_migrant_worker():
    facts = {"operator_groups": ["graduate"], "left_school_on": "2015-07-01"}

    assert reason("M05a", "2026-11-29", facts, "1") == "离校日期是 2015 年 7 月 1 日，离校过了 5 年"


def test_who_is_nothing_of_the_kind_hears_it_once_with_everybody_it_is_for():
    facts = {"operator_groups": [], "left_school_on": "2015-07-01"}

    assert reason("M05a", "2026-11-29", facts, "1") == (
        "只给高校毕业生、就业困难人员、农民工、退役军人，您都不是"
    )


def test_a_shop_of_31_hears_of_its_own_limit_alone():
    facts = {"insured_headcount_last_year": 31, "layoff_claimants_last_year": 2}

    assert reason("M01b", "2025-06-30", facts, "6") == (
        "上年度新增领取失业保险金人数 2 人，上年度月平均参保人数 31 人，"
        "要求上年度新增领取失业保险金人数不超过上年度月平均参保人数的 5.5%"
    )


def test_a_shop_of_30_hears_of_its_own_limit_alone():
    facts = {"insured_headcount_last_year": 30, "layoff_claimants_last_year": 7}

    assert reason("M01b", "2025-06-30", facts, "6").endswith("上年度月平均参保人数的 20%")


def test_what_holds_today_and_ends_too_early_is_said_so(catalogue_loaded):
    from eligibility.wording import answer_rows

    facts = {
        "operator_groups": ["graduate"],
        "left_school_on": "2021-07-01",
        "agri_startup_subsidy_received": False,
        "first_time_business": True,
        "operating_status": "operating",
        "registered_on": "2026-01-15",
        "startup_subsidy_received": False,
    }
    rows = answer_rows(found("M05a", "2026-06-01", facts))

    assert rows[0]["result"] == "fail"
    assert rows[0]["text"].endswith("，只到 2026 年 7 月 1 日，等不到别的条件满足")


def test_a_figure_that_is_not_in_force_is_no_reason():
    waiting = {"fact": "insured_headcount", "op": "gte", "value": {"param": "least"}}
    figures = {"least": [{"value": 3, "from": "2027-01-01"}]}
    assessment = state_of(rule(waiting, parameters=figures), "2026-11-29", {"insured_headcount": 1})

    (node,) = assessment.rule.criteria.children
    assert isinstance(node, Leaf)
    assert why_not(node, assessment) == ""


# The command


@pytest.mark.parametrize(
    ("facts", "as_of", "benefit", "says"),
    [
        (
            {"operator_groups": ["veteran"], "born_on": "1968-01-05", "sex": "female"},
            "2026-11-29",
            "M01c",
            ["出生日期是 1968 年 1 月 5 日，性别是女，已到法定退休年龄"],
        ),
        (
            {"operator_groups": ["graduate"], "left_school_on": "2015-07-01"},
            "2026-11-29",
            "M05a",
            ["离校日期是 2015 年 7 月 1 日，离校过了 5 年"],
        ),
        (
            {"insured_headcount_last_year": 31, "layoff_claimants_last_year": 2},
            "2025-06-30",
            "M01b",
            [
                "上年度新增领取失业保险金人数 2 人，上年度月平均参保人数 31 人，"
                "要求上年度新增领取失业保险金人数不超过上年度月平均参保人数的 5.5%"
            ],
        ),
    ],
)
def test_the_command_reads_only_true_reasons_aloud(
    catalogue_loaded, tmp_path, capsys, facts, as_of, benefit, says
):
    file = tmp_path / "profile.json"
    file.write_text(json.dumps(facts), "utf-8")

    call_command("evaluate", file, as_of=as_of, words=True)

    lines = capsys.readouterr().out.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith(f"{benefit} "))
    own = lines[start + 1 :]
    end = next((place for place, line in enumerate(own) if not line.startswith("  ")), len(own))
    assert [line[4:] for line in own[:end] if line.startswith("  ✕ ")] == says


def test_ten_people_are_ten():
    assert len(PERSONAS) == 10
