"""A rule says of one shop what its SQL says of all: on random trees and shops, on both engines.

The added facts have every type, so both ways of storing a fact are tried.
"""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from businesses.models import AddedFact, Business
from businesses.registry import business_registry
from core.facts import Profile
from policies.criteria.sql import between, expression, met
from policies.criteria.tree import Reader
from policies.criteria.verdict import STAFF, UNKNOWN, Program
from tests.properties import examples

from .random_trees import Drawn, days, shops, trees
from .reference import truth
from .stored import store

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("SQL")
CHOICES = "red:红\ngreen:绿\nblue:蓝\nwhite:白\nblack:黑"
ADDED = {"bool": "", "integer": "", "money": "", "date": "", "choice": CHOICES, "set": CHOICES}


@pytest.fixture
def registry(engine):
    """The built-in facts and one added fact of every type; one more is never asked."""
    for kind, choices in ADDED.items():
        AddedFact.objects.create(name=f"added_{kind}", type=kind, label=kind, question="？", choices=choices)
    AddedFact.objects.create(name="added_never", type="bool", label="never", ask="never")
    return business_registry()


@both_engines
@examples(150)
@given(st.data())
def test_the_verdict_and_the_sql_agree(registry, data):
    tree: Drawn = data.draw(trees(registry), "tree")
    day = data.draw(days, "day")
    rows = data.draw(st.lists(shops(registry, tree.facts, day), min_size=12, max_size=12), "shops")
    program = Program(tree.root)
    verdicts = [_verdict(program.level(program.levels_on(Profile(row), day))) for row in rows]

    store(registry, rows)

    assert verdicts == [
        truth(tree.raw, row, day, registry, conditions=tree.conditions, parameters=tree.parameters)
        for row in rows
    ]
    assert list(_answers(tree.root, day)) == verdicts
    filtered = Business.objects.filter(met(tree.root, day)).order_by("name")
    assert [int(shop.name) for shop in filtered] == [
        place for place, verdict in enumerate(verdicts) if verdict
    ]


def _verdict(level):
    return True if level >= STAFF else None if level == UNKNOWN else False


def _answers(root, day):
    return (
        Business.objects.annotate(answer=expression(root, day))
        .order_by("name")
        .values_list("answer", flat=True)
    )


LINES = {
    "below": ("lte", "lt", "on_or_before", "before"),
    "above": ("gte", "gt", "on_or_after", "after"),
}


@both_engines
@examples(100)
@given(st.data())
def test_two_lines_through_one_fact_differ_in_what_lies_between_them(registry, data):
    name = data.draw(st.sampled_from(LINED), "fact")
    one, other = (data.draw(lines(registry[name]), "leaf") for _ in range(2))
    day = data.draw(days, "day")
    rows = data.draw(st.lists(shops(registry, [name], day), min_size=12, max_size=12), "shops")
    leaves = [Reader(registry).root({"all": [leaf]}).children[0] for leaf in (one, other)]

    apart = between(*leaves, day)

    sides = [{side for side, names in LINES.items() if leaf.operator.name in names} for leaf in leaves]
    may_be_asked = [leaf.unknown_is_met for leaf in leaves]
    assert (apart is not None) == (sides[0] == sides[1] != set() and len(set(may_be_asked)) == 1)
    if apart is not None:
        store(registry, rows)
        said, says = (list(_answers(leaf, day)) for leaf in leaves)
        differing = [
            place for place, pair in enumerate(zip(said, says, strict=True)) if pair[0] is not pair[1]
        ]
        found = Business.objects.filter(apart).order_by("name")
        assert [int(shop.name) for shop in found] == differing


LINED = ("registered_on", "employees", "monthly_rent", "added_integer", "added_money", "added_date")


@st.composite
def lines(draw, fact):
    """A leaf that compares ``fact`` with one value, now and then the other way round or left to staff."""
    if fact.type == "date":
        operators, values = ("on_or_after", "on_or_before"), days.map(date.isoformat)
    elif fact.type == "money":
        operators, values = ("gte", "gt", "lte", "lt"), st.sampled_from(["0.01", "499.99", "500", "500.01"])
    else:
        operators, values = ("gte", "gt", "lte", "lt", "eq"), st.integers(0, 6)
    leaf = {"fact": fact.name, "op": draw(st.sampled_from(operators)), "value": draw(values)}
    if draw(st.integers(0, 4)) == 0:
        return {"not": leaf}
    if draw(st.integers(0, 4)) == 0:
        leaf["check"] = "staff"
    return leaf


@both_engines
def test_a_rule_without_conditions_is_met_by_every_shop(registry):
    root = Reader(registry).root({"all": []})
    store(registry, [{}, {"employees": 1}])

    assert list(_answers(root, date(2026, 11, 24))) == [True, True]
    assert Business.objects.filter(met(root, date(2026, 11, 24))).count() == 2


@both_engines
def test_the_largest_numbers_of_a_ratio_do_not_overflow(registry):
    leaf = {
        "ratio": ["layoff_claimants_last_year", "insured_headcount_last_year"],
        "op": "lte",
        "value": "10000",
    }
    root = Reader(registry).root({"all": [leaf]})
    store(registry, [{"layoff_claimants_last_year": 10**9, "insured_headcount_last_year": 10**9}])

    assert list(_answers(root, date(2026, 11, 24))) == [True]
