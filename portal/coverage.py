"""Which benefits can be had here: for each its door, the department in charge, and the browser tests that walk it."""

import ast
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from django.conf import settings

from eligibility.doors import door
from policies.catalogue import catalogue

MARK = "benefit"  # pytest.mark.benefit("M02a", …): of a test that goes in by its door
BY_ITSELF = {"automatic": "自动享受", "no_application": "免申即享", "information": "看说明"}


@dataclass(frozen=True)
class Row:
    """``door``: words and address of what can be done, empty where nothing can; ``tests``: ``file::test`` of those
    marked with the benefit."""

    code: str
    title: str
    door: str
    department: str
    tests: tuple[str, ...]

    @property
    def is_covered(self) -> bool:
        return bool(self.door and self.department)


def rows_on(day: date) -> list[Row]:
    """Every benefit in force on ``day``, in the order of its code."""
    known, tests = catalogue(), marked_tests(Path(settings.BASE_DIR) / "tests")
    found = []
    for rule in known.rules_on(day):
        leads = known.measures[rule.measure].lead
        found.append(
            Row(
                rule.code,
                rule.title,
                _door_of(rule),
                leads[0].name if leads else "",
                tuple(tests.get(rule.code, ())),
            )
        )
    return found


def _door_of(rule) -> str:
    there = door(rule)
    if there is not None:
        return f"{there.label} {there.url}"
    return BY_ITSELF.get(rule.delivery, "")


def marked_tests(folder: Path) -> dict[str, list[str]]:
    """``{benefit: ["file::test"]}`` of the tests in ``folder`` that are marked with benefits; empty without one."""
    found = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            for code in _marks_of(node):
                found[code].append(f"{path.relative_to(folder.parent)}::{node.name}")
    return found


def _marks_of(node) -> list[str]:
    calls = [one for one in getattr(node, "decorator_list", ()) if isinstance(one, ast.Call)]
    marks = [one for one in calls if ast.unparse(one.func) == f"pytest.mark.{MARK}"]
    return [word.value for mark in marks for word in mark.args if isinstance(word, ast.Constant)]
