"""What two trees do not have in common, and when that cannot be said of nodes."""

import pytest

from businesses.registry import business_registry
from policies.criteria.differences import differences
from policies.criteria.rules import read_rule

pytestmark = pytest.mark.django_db
SMALL = {"fact": "premises_area", "op": "lte", "value": 60}
LARGER = {"fact": "premises_area", "op": "lte", "value": 61}
FEW = {"fact": "employees", "op": "lte", "value": 5}
HERE = {"fact": "district", "op": "eq", "value": "520201"}
OLD_ENOUGH = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 1}}
OLDER = {"fact": "registered_on", "op": "at_least_ago", "value": {"years": 2}}
NEVER = {"fact": "startup_subsidy_received", "op": "eq", "value": False, "held": True}


def rule(*rows, kind="all"):
    content = {"title": "试", "kind": "startup_subsidy", "delivery": "apply", "amount": {"fixed": "5000"}}
    criteria = {"all": list(rows)} if kind == "all" else {"all": [{kind: list(rows)}]}
    return read_rule(content | {"criteria": criteria}, registry=business_registry(), code="T01a").criteria


def found(old, new):
    """The facts of each pair, in words."""
    pairs = differences(old, new)
    return pairs and [tuple(map(words, pair)) for pair in pairs]


def words(node):
    if hasattr(node, "children"):
        return f"{node.kind}({', '.join(map(words, node.children))})"
    return f"{node.facts[0].name} {node.operator.name} {node.operand.rows[0].value}"


def test_only_the_condition_that_was_changed_differs():
    assert found(rule(FEW, OLD_ENOUGH, SMALL), rule(FEW, OLD_ENOUGH, LARGER)) == [
        ("premises_area lte 60", "premises_area lte 61")
    ]


def test_conditions_in_another_order_are_the_same():
    assert found(rule(FEW, SMALL), rule(SMALL, FEW)) == []


def test_a_condition_that_was_added_is_compared_with_nothing():
    # Of ways any of which is enough, no way is enough where there is none, so the whole is compared.
    assert found(rule(FEW, HERE, SMALL), rule(FEW, LARGER)) == [
        ("all(district eq 520201, premises_area lte 60)", "all(premises_area lte 61)")
    ]
    assert found(rule(FEW, HERE, kind="any"), rule(FEW, HERE, SMALL, kind="any")) == [
        (
            "any(employees lte 5, district eq 520201)",
            "any(employees lte 5, district eq 520201, premises_area lte 60)",
        )
    ]


def test_what_days_move_and_what_tells_of_holding_cannot_be_told_apart_by_nodes():
    assert found(rule(FEW, OLD_ENOUGH), rule(FEW, OLDER)) is None
    assert found(rule(FEW), rule(FEW, NEVER)) is None
