"""The house stays small enough to be known: rooms, folders, modules, functions."""

import ast
import tomllib
from functools import cache
from pathlib import Path
from statistics import quantiles

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
ROOMS = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["root_packages"]
LARGEST_ROOM, MOST_MODULES = 9_500, 26
FEWER_MODULES = {"cases": 20, "notifications": 20, "subsidies": 20}
ALL_ANNOTATED = ("cases", "core")


@cache
def modules(room):
    return [path for path in (ROOT / room).rglob("*.py") if "migrations" not in path.parts]


@cache
def lines(path):
    return len(path.read_text("utf-8").splitlines())


@cache
def functions(room):
    return [
        (path, node)
        for path in modules(room)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    ]


def length(node):
    """Lines of code, without the docstring."""
    said = node.body[0] if ast.get_docstring(node) is not None else None
    return node.end_lineno - node.lineno + 1 - (said.end_lineno - said.lineno + 1 if said else 0)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_is_not_too_large(room):
    assert sum(map(lines, modules(room))) <= LARGEST_ROOM


@pytest.mark.parametrize("room", sorted({*ROOMS} - {"core"}))
def test_a_folder_can_be_taken_in_at_one_look(room):
    folders = {}
    for path in modules(room):
        folders.setdefault(path.parent, set()).update({path.stem} - {"__init__"})

    assert [
        folder for folder, found in folders.items() if len(found) > FEWER_MODULES.get(room, MOST_MODULES)
    ] == []


def test_modules_and_functions_are_short():
    functions_lines = [length(node) for room in ROOMS for _, node in functions(room)]
    module_lines = [lines(path) for room in ROOMS for path in modules(room) if lines(path)]

    tenths_of_functions, tenths_of_modules = quantiles(functions_lines, n=10), quantiles(module_lines, n=10)

    assert (tenths_of_functions[4], tenths_of_functions[8]) <= (7, 20)
    assert tenths_of_functions[8] <= 20
    assert (tenths_of_modules[4], tenths_of_modules[8]) <= (100, 300)
    assert tenths_of_modules[8] <= 300


def test_what_a_function_gives_is_said():
    said = [(room, path, node) for room in ROOMS for path, node in functions(room)]
    without = [
        (path, node.name) for room, path, node in said if room in ALL_ANNOTATED and node.returns is None
    ]

    assert sum(node.returns is not None for _, _, node in said) / len(said) > 0.6
    assert without == []
