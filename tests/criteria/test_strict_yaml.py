"""YAML that means what it looks like, and names the line where it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.strict_yaml import DEEPEST, YamlError, dump, load
from tests.properties import examples


def test_text_whole_numbers_booleans_and_null_are_read():
    text = (
        'name: 茶店\nrent: "500.50"\nmonths: 36\nless: -5\n'
        "open: true\nshut: false\nnothing: null\nempty:\nlist: [a, 1]"
    )

    assert load(text).data == {
        "name": "茶店",
        "rent": "500.50",
        "months": 36,
        "less": -5,
        "open": True,
        "shut": False,
        "nothing": None,
        "empty": None,
        "list": ["a", 1],
    }


@pytest.mark.parametrize(
    "value",
    [
        "yes", "no", "on", "off", "Yes", "NO", "True", "FALSE", "~", "Null", "1.5", ".5", "-1.0", ".inf", ".NaN",
        "2025-01-01", "2025-01-01 10:00:00", "010", "0x1F", "0b1", "1_000", "+5", "12:30:45", "!!float 1", "!!int '3'",
        "!!binary aGk=", "!thing x", "!!python/name:os.system ''", "&anchor 1", "*alias", "123456789012345678901", "=",
    ],
)  # fmt: skip
def test_a_bare_word_that_yaml_would_turn_into_something_else_is_refused(value):
    with pytest.raises(YamlError) as refusal:
        load(f"a: 1\nb:\n  c: {value}\n")

    assert refusal.value.line == 3


@pytest.mark.parametrize("value", ['"yes"', "'1.5'", '"2025-01-01"', '"~"', '"*alias"'])
def test_in_quotes_every_word_is_text(value):
    assert load(f"a: {value}").data == {"a": value[1:-1]}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a:\n  b: 1\n  c: 2\n  b: 3\n", 4),
        ("a: 1\n1: 2\n", 2),
        ("a: 1\ntrue: 2\n", 2),
        ("a: 1\n? [x]\n: 2\n", 2),
        ("a: 1\n<<: {b: 2}\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: [1, 2\nb: 3\n", 2),
        ("a: 1\nb: 'open\n", 3),
        ("a: &x [1]\nb: *x\n", 1),
        ("a: 1\nb: {c: 1, c: 2}\n", 2),
    ],
)
def test_what_is_refused_is_named_by_its_line(text, line):
    with pytest.raises(YamlError) as refusal:
        load(text)

    assert refusal.value.line == line
    assert str(refusal.value) == f"第 {line} 行：{refusal.value.detail}"


def test_characters_that_yaml_does_not_allow_are_refused():
    with pytest.raises(YamlError):
        load("a: \x00")


@pytest.mark.parametrize("text", ["[" * 10_000, "a: " + "[" * 2000 + "]" * 2000, "- " * 3000])
def test_what_is_nested_without_end_is_refused(text):
    with pytest.raises(YamlError):
        load(text)


def test_forty_levels_are_read():
    assert load("[" * DEEPEST + "]" * DEEPEST).data is not None


def test_an_empty_document_is_nothing():
    assert load("").data is None
    assert load("# only a comment\n").data is None


def test_every_place_has_its_line_and_an_unknown_place_that_of_the_nearest_above():
    located = load("a:\n  - b: 1\n    c: 2\n  - d\n")

    assert [
        located.line_of(path) for path in [("a",), ("a", 0, "c"), ("a", 1), ("a", 0, "c", "x", 3), ("z",)]
    ] == [
        1,
        3,
        4,
        3,
        1,
    ]


words = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=12) | st.sampled_from(
    [
        "yes",
        "no",
        "1.5",
        "2025-01-01",
        "~",
        "null",
        "010",
        "a: b",
        "- a",
        "#",
        "*a",
        "&a",
        "是",
        " 前后 ",
        "line\nbreak",
        "=",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | words,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words, inner, max_size=4),
    max_leaves=12,
)


@examples(300)
@given(values)
def test_what_is_written_is_read_back_unchanged(data):
    assert load(dump(data)).data == data


@pytest.mark.parametrize("word", ["on", "off", "yes", "no"])
def test_such_a_word_as_a_key_is_a_word(word):
    assert load(f"{word}: 1").data == {word: 1}
