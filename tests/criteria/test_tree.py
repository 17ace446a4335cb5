"""Reading a stored tree: what is refused, naming the node; ids; and negation pushed into the operators."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY
from core.facts import Profile
from policies.criteria.operators import OPERATORS
from policies.criteria.parameters import Parameter
from policies.criteria.tree import Reader, RuleError, leaves
from policies.criteria.verdict import STAFF, UNKNOWN, Program
from tests.properties import examples

from .random_trees import FACTS, days, shops, trees
from .reference import truth

FINE = {"fact": "first_time_business", "op": "eq", "value": True}
RATIO = {
    "ratio": ["layoff_claimants_last_year", "insured_headcount_last_year"],
    "op": "lte",
    "value": "0.055",
}


def leaf(fact, op, value, **more):
    return {"fact": fact, "op": op, "value": value, **more}


def nested(depth):
    """A tree whose deepest leaf lies ``depth`` levels down."""
    node = FINE
    for _ in range(depth - 1):
        node = {"all": [node]}
    return node


def read(raw, **more):
    return Reader(BUILT_IN_REGISTRY, **more).root(raw)


REFUSED = {
    "eq on a date": leaf("registered_on", "eq", "2025-01-01"),
    "gte on a choice": leaf("district", "gte", "520201"),
    "has_any on a choice": leaf("district", "has_any", ["520201"]),
    "starts_with on a date": leaf("registered_on", "starts_with", "F"),
    "at_least_ago on a number": leaf("employees", "at_least_ago", {"years": 1}),
    "between on a bool": leaf("exports", "between", [True, False]),
    "an operator nobody knows": leaf("employees", "like", 1),
    "an operator that is no word": leaf("employees", ["gte"], 1),
    "an internal operator": leaf("registered_on", "not_at_most_ago", {"years": 1}),
    "a fact nobody knows": leaf("shoe_size", "eq", 42),
    "a fact that is no word": leaf(["employees"], "eq", 42),
    "an unknown key": {**FINE, "severity": 1},
    "an unknown key beside all": {"all": [FINE], "check": "staff"},
    "two kinds in one node": {"all": [FINE], "any": [FINE]},
    "a node that is no mapping": "first_time_business",
    "a node without a kind": {},
    "no operator": {"fact": "employees", "value": 1},
    "no value": {"fact": "employees", "op": "gte"},
    "an empty any": {"any": []},
    "an any that is no list": {"any": FINE},
    "an all that is no list": {"all": {"fact": "employees"}},
    "a value of another type": leaf("employees", "gte", "3"),
    "a float for an integer": leaf("employees", "gte", 3.0),
    "a float for money": leaf("monthly_rent", "gte", 499.5),
    "a bool for an integer": leaf("employees", "gte", True),
    "a negative number": leaf("employees", "gte", -1),
    "an integer for a bool": leaf("exports", "eq", 1),
    "a third decimal": leaf("monthly_rent", "gte", "1.005"),
    "a choice nobody knows": leaf("district", "eq", "520202"),
    "a member nobody knows": leaf("operator_groups", "has_any", ["pilot"]),
    "a date that is none": leaf("registered_on", "on_or_after", "2025-02-29"),
    "a period for a date": leaf("registered_on", "on_or_after", {"years": 1}),
    "a period of two units": leaf("registered_on", "at_least_ago", {"years": 1, "months": 1}),
    "a period of no time": leaf("registered_on", "at_least_ago", {"years": 0}),
    "an empty list": leaf("district", "in", []),
    "an empty list of members": leaf("operator_groups", "has_any", []),
    "an empty list of codes": leaf("industry", "starts_with", []),
    "a list of 1,001": leaf("employees", "in", [1] * 1001),
    "between of three": leaf("employees", "between", [1, 2, 3]),
    "between backwards": leaf("employees", "between", [2, 1]),
    "a code in small letters": leaf("industry", "starts_with", "f"),
    "a ratio of one fact": {**RATIO, "ratio": ["insured_headcount"]},
    "a ratio of money": {**RATIO, "ratio": ["monthly_rent", "employees"]},
    "a ratio of an unknown fact": {**RATIO, "ratio": ["shoe_size", "employees"]},
    "a ratio compared for equality": {**RATIO, "op": "eq"},
    "a ratio with five decimals": {**RATIO, "value": "0.05555"},
    "a ratio as a float": {**RATIO, "value": 0.055},
    "a negative ratio": {**RATIO, "value": "-0.1"},
    "check by somebody else": {**FINE, "check": "owner"},
    "held that is no bool": {**FINE, "held": "yes"},
    "changeable that is a word": {**FINE, "changeable": "yes"},
    "a changeable value nobody knows": leaf("operating_status", "eq", "operating", changeable=["asleep"]),
    "a clause that is no text": {**FINE, "clause": 5},
    "an origin nobody knows": {**FINE, "origin": "rumour"},
    "a parameter nobody knows": leaf("employees", "gte", {"param": "smallest"}),
    "a parameter with more than its name": leaf("employees", "gte", {"param": "p", "plus": 1}),
    "a condition nobody knows": {"use": "open"},
    "a condition whose name is no word": {"use": ["live"]},
    "a staff leaf under not": {"not": {**FINE, "check": "staff"}},
    "a held leaf under not": {"not": {**FINE, "held": True}},
    "a staff leaf under two nots": {"not": {"not": {**FINE, "check": "staff"}}},
}


@pytest.mark.parametrize("raw", REFUSED.values(), ids=REFUSED)
def test_what_is_refused_is_named_by_its_node(raw):
    with pytest.raises(RuleError) as refusal:
        read({"all": [FINE, {"any": [FINE, raw]}]}, parameters={"p": Parameter.read("p", 1)})

    assert refusal.value.node.startswith("2.2")
    assert str(refusal.value).startswith(f"条件 {refusal.value.node}：")


@pytest.mark.parametrize("raw", [None, [], "all", {}, {"any": [FINE]}, {"not": {"all": []}}, FINE])
def test_the_root_is_an_all(raw):
    with pytest.raises(RuleError, match="最外层"):
        read(raw)


def test_eight_levels_are_read_and_the_ninth_is_refused():
    read(nested(8))

    with pytest.raises(RuleError, match="最多 8 层") as refusal:
        read(nested(9))
    assert refusal.value.node == "1.1.1.1.1.1.1.1"


def test_two_hundred_nodes_are_read_and_the_next_is_refused():
    read({"all": [FINE] * 199})

    with pytest.raises(RuleError, match="最多 200 个") as refusal:
        read({"all": [FINE] * 200})
    assert refusal.value.node == "200"


def test_the_conditions_that_are_used_count_as_nodes():
    with pytest.raises(RuleError, match="最多 200 个"):
        read({"all": [{"use": "many"}] * 3}, conditions={"many": {"all": [FINE] * 99}})


@pytest.mark.parametrize(
    "conditions", [{"a": {"use": "a"}}, {"a": {"all": [{"use": "b"}]}, "b": {"not": {"use": "a"}}}]
)
def test_a_condition_that_uses_itself_is_refused(conditions):
    with pytest.raises(RuleError) as refusal:
        read({"all": [FINE, {"use": "a"}]}, conditions=conditions)

    assert refusal.value.node.startswith("2")


def test_a_staff_leaf_in_a_condition_used_under_not_is_refused():
    with pytest.raises(RuleError) as refusal:
        read({"all": [{"not": {"use": "checked"}}]}, conditions={"checked": {**FINE, "check": "staff"}})

    assert refusal.value.node == "1.1"


def test_a_list_of_a_thousand_is_read():
    tree = read({"all": [leaf("employees", "in", list(range(1000)))]})

    assert len(tree.children[0].operand.on(None)) == 1000


def test_ids_count_positions_in_the_stored_tree_through_use_and_not():
    tree = read(
        {
            "all": [
                FINE,
                {"not": {"any": [FINE, FINE]}},
                {"use": "group"},
                {"not": FINE},
                {"not": {"not": FINE}},
            ]
        },
        conditions={"group": {"any": [FINE, {"all": [FINE]}]}},
    )

    assert [child.id for child in tree.children] == ["1", "2", "3", "4", "5"]
    assert [one.id for one in leaves(tree)] == ["1", "2.1.1", "2.1.2", "3.1", "3.2.1", "4", "5"]


def test_what_is_written_beside_use_replaces_the_notes_of_the_condition():
    tree = read(
        {"all": [{"use": "first", "clause": "措施二"}]},
        conditions={"first": {**FINE, "clause": "措施一", "advice": "再想想"}},
    )

    assert (tree.children[0].notes.clause, tree.children[0].notes.advice) == ("措施二", "再想想")


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_the_complement_of_the_complement_is_the_operator(operator):
    complement = OPERATORS[operator.complement]

    assert (complement.complement, complement.types, complement.operand) == (
        operator.name,
        operator.types,
        operator.operand,
    )


def test_a_not_is_pushed_into_operators_and_groups():
    tree = read({"all": [{"not": {"all": [leaf("employees", "gte", 3), {"not": RATIO}]}}]})

    group = tree.children[0]
    assert group.kind == "any"
    assert group.children[0].operator.name == "lt"
    assert group.children[1].ratio_operator == "lte"


@examples(100)
@given(st.data())
def test_a_tree_negated_any_number_of_times_says_what_the_plain_reference_says(data):
    drawn = data.draw(trees(BUILT_IN_REGISTRY, staff=False, deepest=1))
    day = data.draw(days)
    values = data.draw(shops(BUILT_IN_REGISTRY, drawn.facts, day))
    named = {"conditions": drawn.conditions, "parameters": drawn.parameters}

    raw = drawn.raw
    for _ in range(4):
        assert verdict(raw, drawn, values, day) == truth(raw, values, day, BUILT_IN_REGISTRY, **named)
        raw = {"not": raw}


@examples(100)
@given(st.data())
def test_where_nothing_is_left_to_a_person_a_negated_tree_gives_the_kleene_complement(data):
    asked = [name for name in FACTS if BUILT_IN_REGISTRY[name].ask != "never"]
    drawn = data.draw(trees(BUILT_IN_REGISTRY, facts=asked, staff=False, deepest=1))
    day = data.draw(days)
    values = data.draw(shops(BUILT_IN_REGISTRY, drawn.facts, day))

    met = verdict(drawn.raw, drawn, values, day)

    assert verdict({"not": drawn.raw}, drawn, values, day) == (None if met is None else not met)
    assert verdict({"not": {"not": drawn.raw}}, drawn, values, day) == met


def verdict(raw, drawn, values, day):
    """The product's answer for ``raw``, which may use what was drawn."""
    parameters = {name: Parameter.read(name, rows) for name, rows in drawn.parameters.items()}
    program = Program(read({"all": [raw]}, conditions=drawn.conditions, parameters=parameters))
    level = program.level(program.levels_on(Profile(values), day))
    return True if level >= STAFF else None if level == UNKNOWN else False
