"""Conditions on one fact that can never or must always hold together are refused when a rule is saved."""

import pytest

from businesses.facts import BUILT_IN_REGISTRY
from policies.criteria.consistency import contradictions
from policies.criteria.parameters import Parameter
from policies.criteria.tree import Reader, RuleError

from .given import rule


def leaf(fact, op, value, **more):
    return {"fact": fact, "op": op, "value": value, **more}


def employees(op, value):
    return leaf("employees", op, value)


YEAR = {"years": 1}
OPEN = leaf("exports", "eq", True)
NEVER = {
    "more than 5 and fewer than 3": [employees("gt", 5), employees("lt", 3)],
    "more than 3 and fewer than 4 people": [employees("gt", 3), employees("lt", 4)],
    "fewer than none": [employees("lt", 0)],
    "rent above and below 500": [leaf("monthly_rent", "gt", "500"), leaf("monthly_rent", "lt", "500")],
    "two districts at once": [leaf("district", "eq", "520201"), leaf("district", "eq", "520203")],
    "in and not in the same list": [leaf("district", "in", ["520201"]), leaf("district", "ne", "520201")],
    "true and false": [leaf("exports", "eq", True), leaf("exports", "eq", False)],
    "older and younger than a year": [
        leaf("registered_on", "at_least_ago", YEAR),
        leaf("registered_on", "less_than_ago", YEAR),
    ],
    "older than three years, within two": [
        leaf("registered_on", "at_least_ago", {"years": 3}),
        leaf("registered_on", "at_most_ago", {"years": 2}),
    ],
    "before and after a day": [
        leaf("registered_on", "on_or_before", "2024-12-31"),
        leaf("registered_on", "on_or_after", "2025-01-01"),
    ],
    "a member and none of it": [
        leaf("operator_groups", "has_any", ["veteran"]),
        leaf("operator_groups", "has_none", ["veteran"]),
    ],
    "an implied member that is missing": [
        leaf("operator_groups", "has_any", ["self_employed_veteran"]),
        leaf("operator_groups", "has_none", ["veteran"]),
    ],
    "two sections of industry": [
        leaf("industry", "starts_with", "F"),
        leaf("industry", "starts_with", "G52"),
    ],
}
ALWAYS = {
    "from 5 up or under 5": [employees("gte", 5), employees("lt", 5)],
    "none or more": [employees("gte", 0)],
    "true or false": [leaf("exports", "eq", True), leaf("exports", "ne", True)],
    "all four districts": [
        leaf("district", "in", ["520201", "520203"]),
        leaf("district", "in", ["520204", "520281"]),
    ],
    "a year old or younger": [
        leaf("registered_on", "at_least_ago", YEAR),
        leaf("registered_on", "less_than_ago", YEAR),
    ],
    "in this industry or not": [
        leaf("industry", "starts_with", "F"),
        {"not": leaf("industry", "starts_with", "F")},
    ],
    "the member or not": [
        leaf("operator_groups", "has_all", ["veteran"]),
        {"not": leaf("operator_groups", "has_all", ["veteran"])},
    ],
}
FINE = {
    "a range": [employees("gte", 3), employees("lte", 3)],
    "one year at least, three at most": [
        leaf("registered_on", "at_least_ago", YEAR),
        leaf("registered_on", "at_most_ago", {"years": 3}),
    ],
    "exactly a year ago": [
        leaf("registered_on", "at_least_ago", YEAR),
        leaf("registered_on", "at_most_ago", YEAR),
    ],
    "graduate but not of this year": [
        leaf("operator_groups", "has_any", ["graduate"]),
        leaf("operator_groups", "has_none", ["graduation_year_graduate"]),
    ],
    "another fact": [employees("gt", 5), leaf("insured_headcount", "lt", 3)],
    "retail but not this shop": [
        leaf("industry", "starts_with", "F"),
        {"not": leaf("industry", "starts_with", "F5212")},
    ],
    "income may be negative": [leaf("annual_taxable_income", "lt", "0")],
}


def found(raw, parameters=None):
    return list(contradictions(Reader(BUILT_IN_REGISTRY, parameters=parameters).root(raw)))


@pytest.mark.parametrize("conditions", NEVER.values(), ids=NEVER)
def test_an_all_that_can_never_hold_is_refused(conditions):
    ((node, sentence),) = found({"all": [OPEN, {"any": [employees("gt", 9), {"all": conditions}]}]})

    assert node == "2.2.1"
    assert "永远不会成立" in sentence


@pytest.mark.parametrize("conditions", ALWAYS.values(), ids=ALWAYS)
def test_an_any_that_must_always_hold_is_refused(conditions):
    ((node, sentence),) = found({"all": [OPEN, {"any": conditions}]})

    assert node.startswith("2.1")
    assert "永远成立" in sentence


@pytest.mark.parametrize("conditions", FINE.values(), ids=FINE)
def test_what_can_hold_and_can_fail_is_accepted(conditions):
    assert found({"all": [OPEN, {"all": conditions}]}) == []


def test_contradictions_are_found_across_groups_of_the_same_kind():
    raw = {"all": [employees("gt", 5), {"all": [OPEN, {"all": [employees("lt", 3)]}]}]}

    assert [node for node, _ in found(raw)] == ["1"]


def test_contradictions_are_found_through_a_not():
    raw = {"all": [employees("gt", 5), {"not": {"any": [employees("gte", 3), OPEN]}}]}

    assert [node for node, _ in found(raw)] == ["1"]


def test_alternatives_of_an_any_do_not_contradict_one_another():
    raw = {"all": [{"any": [{"all": [employees("lt", 3)]}, {"all": [employees("gt", 5)]}]}]}

    assert found(raw) == []


def test_parameters_are_tried_with_the_figures_that_meet_on_one_day():
    rows = [{"value": 3, "to": "2025-12-31"}, {"value": 9, "from": "2026-01-01"}]
    raw = {"all": [employees("gte", {"param": "least"}), employees("lte", 5)]}

    assert found(raw, {"least": Parameter.read("least", rows)}) == []
    assert [node for node, _ in found(raw, {"least": Parameter.read("least", rows[1:])})] == ["1"]


def test_a_rule_that_contradicts_itself_cannot_be_read():
    with pytest.raises(RuleError, match="永远不会成立") as refusal:
        rule(OPEN, employees("gt", 5), employees("lt", 3))

    assert refusal.value.node == "2"


def test_a_relevance_that_contradicts_itself_cannot_be_read():
    with pytest.raises(RuleError, match="永远不会成立"):
        rule(OPEN, relevance={"all": [employees("gt", 5), employees("lt", 3)]})
