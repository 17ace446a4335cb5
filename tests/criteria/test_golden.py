"""Golden cases: they all hold, and one that does not is reported with its line."""

import pytest

from businesses.facts import BUILT_IN_REGISTRY
from policies.criteria.golden import EXPECTATIONS, failures
from policies.measures_file import DEFAULT_PATH, BrokenFile, read_file

from .given import measures

CASE = {
    "name": "歇业不行",
    "as_of": "2025-06-30",
    "profile": {"operating_status": "suspended"},
    "expect": {"state": "auto", "eligible_from": None, "apply_before": "2027-12-31", "maximum": None},
}


def failing(**changes):
    return list(failures("M04a", [{**CASE, **changes}], measures().rules, BUILT_IN_REGISTRY))


def test_every_golden_case_of_the_file_holds():
    file = measures()

    broken = {
        code: list(failures(code, content.get("golden") or (), file.rules, BUILT_IN_REGISTRY))
        for code, content in file.contents.items()
    }

    assert broken == {code: [] for code in file.contents}


def test_every_benefit_with_money_has_golden_cases_on_both_sides_of_its_rule():
    states = {
        rule.code: {case["expect"]["state"] for case in measures().contents[rule.code]["golden"]}
        for rule in measures().rules
        if rule.is_money
    }

    met = {code for code, seen in states.items() if seen & {"now", "auto"}}
    unmet = {code for code, seen in states.items() if seen & {"no", "if", "have", "closed", "soon"}}
    assert met == unmet == set(states)


def test_every_benefit_that_is_not_for_everybody_has_a_case_that_holds_and_one_that_does_not():
    states = {
        rule.code: {case["expect"]["state"] for case in measures().contents[rule.code]["golden"]}
        for rule in measures().rules
    }

    open_to_all = {rule.code for rule in measures().rules if not rule.criteria.children}
    assert open_to_all == {"M10b", "M13a"}
    assert {code for code, seen in states.items() if not seen & {"now", "auto"}} == set()
    assert {code for code, seen in states.items() if not seen & {"no", "if", "closed"}} == open_to_all


def test_a_case_that_holds_is_silent():
    assert failing() == []


@pytest.mark.parametrize(
    ("key", "wrong", "right"),
    [
        ("state", "now", "auto"),
        ("eligible_from", "2025-07-01", None),
        ("apply_before", None, "2027-12-31"),
        ("value", "1.00", None),
        ("maximum", "1.00", None),
        ("missing_facts", ["exports"], []),
    ],
)
def test_a_case_that_does_not_hold_says_what_was_expected_and_what_came_out(key, wrong, right):
    assert failing(expect={key: wrong}) == [(0, f"样例“歇业不行”的 {key} 应是 {wrong}，算出来是 {right}")]


def test_every_key_that_a_case_may_expect_is_compared():
    assert set(EXPECTATIONS) == {
        "state",
        "eligible_from",
        "apply_before",
        "value",
        "maximum",
        "missing_facts",
    }


@pytest.mark.parametrize(
    "changes",
    [{"as_of": "2025-02-30"}, {"profile": {"shoe_size": 42}}, {"profile": {"left_school_on": "2025-07-01"}}],
)
def test_a_case_that_cannot_be_read_is_named(changes):
    ((place, detail),) = failing(**changes)

    assert place == 0
    assert detail.startswith("样例“歇业不行”读不了：")


def test_a_changed_expectation_stops_the_file_and_names_its_line(tmp_path):
    lines = DEFAULT_PATH.read_text("utf-8").split("\n")
    place = next(place for place, line in enumerate(lines) if "name: 缴了 11 个月" in line)
    wrong = next(place for place in range(place, len(lines)) if "expect: {state: if" in lines[place])
    lines[wrong] = lines[wrong].replace("state: if", "state: soon")
    copy = tmp_path / "measures.yaml"
    copy.write_text("\n".join(lines), "utf-8")

    with pytest.raises(BrokenFile) as broken:
        read_file(copy, BUILT_IN_REGISTRY)

    (fault,) = broken.value.faults
    assert fault.startswith(f"第 {place + 1} 行：M01b 样例“缴了 11 个月")
    assert "state 应是 soon，算出来是 if" in fault
