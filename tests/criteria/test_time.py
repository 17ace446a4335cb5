"""States and dates against a day-by-day walk, and what the rows of each state may hold (design.md §6, §7)."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from businesses.facts import BUILT_IN_REGISTRY
from core.facts import Profile
from policies.criteria.rows import rows
from policies.criteria.rules import read_rule
from policies.criteria.states import assess
from policies.criteria.tree import RuleError
from tests.properties import examples

from .given import rule, state_of
from .random_trees import shops, trees
from .reference import truth
from .walk import Walk

ONE_DAY = timedelta(days=1)
FACTS = ("registered_on", "left_school_on", "born_on", "unit_insured", "abnormal_listed", "operating_status")
starts = st.dates(date(2024, 1, 1), date(2026, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2025, 2, 28)]
)


@st.composite
def cases(draw):
    """A rule with dates in it, a shop near its thresholds, a day and a window."""
    drawn = draw(trees(BUILT_IN_REGISTRY, facts=FACTS, staff=False))
    day = draw(starts)
    closing = st.integers(0, 900).map(lambda days: {"to": (day + timedelta(days=days)).isoformat()})
    window = draw(st.just({}) | closing)
    content = {
        "criteria": drawn.raw,
        "conditions": drawn.conditions,
        "parameters": drawn.parameters,
        "window": window,
        "kind": "startup_subsidy",
        "delivery": "apply",
        "amount": {"fixed": "5000"},
    }
    try:
        read = read_rule(content, registry=BUILT_IN_REGISTRY, code="X01a")
    except RuleError:
        assume(False)
    assume(read.figures_stand_on(day))
    return drawn, read, draw(shops(BUILT_IN_REGISTRY, drawn.facts, day)), day, window


@examples(120)
@given(cases())
def test_state_and_dates_are_those_of_a_day_by_day_walk(case):
    drawn, read, values, day, window = case

    found = assess(read, Profile(values), day)

    assert (found.state, found.eligible_from, found.apply_before) == Walk(
        drawn, values, day, window
    ).expected()


EVERY = {"pass", "staff", "wait", "unknown", "fail"}
ALLOWED = {
    "now": {"pass", "staff"},
    "soon": {"pass", "staff", "wait"},
    "unknown": EVERY - {"fail"},
    "no": EVERY,
}
NEEDED = {"now": set(), "soon": {"wait"}, "unknown": {"unknown"}, "if": {"fail"}, "no": {"fail"}}


@examples(400)
@given(cases())
def test_the_rows_of_a_state_hold_only_what_it_allows(case):
    _, read, values, day, _ = case

    found = assess(read, Profile(values), day)

    results = {row["result"] for row in rows(found)}
    assert results <= ALLOWED.get(found.state, EVERY)
    if found.state == "unknown" and "wait" in results:
        # All may be known today: what is open then is a figure of the days that are waited for.
        assert found.eligible_from or found.missing_facts
    else:
        assert NEEDED[found.state] <= results


@examples(200)
@given(cases())
def test_missing_facts_are_those_of_unknown_leaves_below_unknown_groups(case):
    drawn, read, values, day, window = case

    found = assess(read, Profile(values), day)

    expected = set()
    if found.state == "unknown":
        walk = Walk(drawn, values, day, window)
        expected = set(_missing(walk, drawn.raw, walk.days[walk.verdicts.index(None)]))
    assert set(found.missing_facts) == expected


def _missing(walk, node, day, negated=False):
    """Names of facts that ``node``, a stored tree that is unknown, waits for."""
    if walk.truth(node, day, negated=negated) is None:
        yield from {name for name in node.get("ratio") or [node.get("fact")] if name} - set(walk.values)
        if "not" in node:
            yield from _missing(walk, node["not"], day, not negated)
        used = [walk.drawn.conditions[node["use"]]] if "use" in node else []
        for child in used or node.get("all") or node.get("any") or []:
            yield from _missing(walk, child, day, negated)


@examples(200)
@given(cases())
def test_a_row_that_says_when_it_is_met_is_right(case):
    drawn, read, values, day, _ = case
    named = {"conditions": drawn.conditions, "parameters": drawn.parameters}

    found = assess(read, Profile(values), day)

    for row, raw in zip(rows(found), drawn.raw["all"], strict=True):
        for text, shift in ((row["met_from"], -1), (row["met_until"], 1)):
            if text:
                edge = date.fromisoformat(text)
                beyond = edge + shift * ONE_DAY
                assert truth(raw, values, edge, BUILT_IN_REGISTRY, **named) is True
                assert truth(raw, values, beyond, BUILT_IN_REGISTRY, **named) is not True


def leaf(fact, op, value, **more):
    return {"fact": fact, "op": op, "value": value, **more}


AGED = leaf("registered_on", "at_least_ago", {"years": 1})
YOUNG = leaf("left_school_on", "at_most_ago", {"years": 5})
INSURED = leaf("unit_insured", "eq", True, changeable=True)
DAY = "2025-06-30"


def _results(found):
    return [row["result"] for row in rows(found)]


def test_rows_that_pass_and_wait_but_never_on_one_day_fail_where_one_ends_first():
    facts = {"registered_on": "2024-12-01", "left_school_on": "2020-07-31"}

    found = state_of(rule(AGED, YOUNG), DAY, facts)

    assert (found.state, _results(found)) == ("no", ["wait", "fail"])


def test_the_alternatives_that_end_first_fail_with_their_group():
    facts = {"registered_on": "2024-12-01", "left_school_on": "2020-07-31"}

    either = {"any": [YOUNG, leaf("unit_insured", "eq", True)]}

    found = state_of(rule(AGED, either), DAY, {**facts, "unit_insured": False})

    group = rows(found)[1]
    assert (found.state, group["result"]) == ("no", "fail")
    assert [row["result"] for row in group["alternatives"]] == ["fail", "fail"]


@pytest.mark.parametrize(
    ("facts", "state", "dates", "missing", "results"),
    [
        ({"registered_on": "2024-06-30", "unit_insured": True}, "now", (None, None), [], ["pass", "pass"]),
        (
            {"registered_on": "2024-07-01", "unit_insured": True},
            "soon",
            ("2025-07-01", None),
            [],
            ["wait", "pass"],
        ),
        ({"registered_on": "2024-06-30", "unit_insured": False}, "if", (None, None), [], ["pass", "fail"]),
        (
            {"registered_on": "2024-07-01", "unit_insured": False},
            "if",
            ("2025-07-01", None),
            [],
            ["wait", "fail"],
        ),
        ({"unit_insured": False}, "if", (None, None), [], ["unknown", "fail"]),
        ({"unit_insured": True}, "unknown", (None, None), ["registered_on"], ["unknown", "pass"]),
        (
            {"registered_on": "2024-07-01"},
            "unknown",
            ("2025-07-01", None),
            ["unit_insured"],
            ["wait", "unknown"],
        ),
        ({}, "unknown", (None, None), ["registered_on", "unit_insured"], ["unknown", "unknown"]),
        (
            {"unit_insured": None},
            "unknown",
            (None, None),
            ["registered_on", "unit_insured"],
            ["unknown", "unknown"],
        ),
    ],
)
def test_what_is_missing_failing_and_waiting(facts, state, dates, missing, results):
    found = state_of(rule(AGED, INSURED), DAY, facts)

    assert found.state == state
    assert tuple(day and day.isoformat() for day in (found.eligible_from, found.apply_before)) == dates
    assert found.missing_facts == missing
    assert _results(found) == results


def test_a_fact_below_a_decided_group_is_not_missing():
    either = {"any": [leaf("exports", "eq", True), leaf("sells_online", "eq", True)]}

    found = state_of(rule(INSURED, either), DAY, {"exports": True})

    assert found.missing_facts == ["unit_insured"]


def test_only_the_listed_values_can_be_changed():
    operating = leaf("operating_status", "eq", "operating", changeable=["suspended"])

    assert state_of(rule(operating), DAY, {"operating_status": "suspended"}).state == "if"
    assert state_of(rule(operating), DAY, {"operating_status": "revoked"}).state == "no"


@pytest.mark.parametrize(
    ("window", "expected"),
    [
        ({"from": "2025-07-01"}, ("closed", date(2025, 7, 1), None)),
        ({"to": "2025-06-29"}, ("closed", None, None)),
        ({"from": DAY, "to": DAY}, ("now", None, date(2025, 6, 30))),
        ({"to": "2026-01-31"}, ("now", None, date(2026, 1, 31))),
    ],
)
def test_a_window_closes_for_everyone(window, expected):
    found = state_of(rule(INSURED, window=window), DAY, {"unit_insured": True})

    assert (found.state, found.eligible_from, found.apply_before) == expected


def test_a_day_that_comes_after_the_window_is_not_waited_for():
    found = state_of(rule(AGED, window={"to": "2025-12-31"}), DAY, {"registered_on": "2025-01-01"})

    assert (found.state, found.eligible_from) == ("no", None)


def test_where_a_figure_is_not_in_force_the_benefit_is_closed():
    figures = {"grant": [{"from": "2025-07-01", "value": "5000"}]}
    dated = rule(INSURED, parameters=figures, amount={"fixed": {"param": "grant"}})

    found = state_of(dated, DAY, {"unit_insured": True})

    assert found.state == "closed"


def test_held_comes_before_closed_and_before_everything_else():
    held = leaf("startup_subsidy_received", "eq", False, held=True)

    found = state_of(
        rule(held, INSURED, window={"to": "2025-01-01"}), DAY, {"startup_subsidy_received": True}
    )

    assert (found.state, found.eligible_from, found.apply_before) == ("have", None, None)
