import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Invalid, TooLarge
from core.problems import dumps
from core.strict_json import parse

LIMITS = {"max_bytes": 1_000_000, "max_nodes": 10_000}


def fault_in(body, **limits):
    with pytest.raises(Invalid) as refusal:
        parse(body, **(LIMITS | limits))
    [fault] = refusal.value.faults
    assert fault.detail.endswith("。")
    return fault


def code_of(body, **limits):
    return fault_in(body, **limits).code


def test_numbers_keep_their_own_digits():
    assert parse(b'{"rent": 800.50, "months": 12, "loss": -3.0}', **LIMITS) == {
        "rent": Decimal("800.50"),
        "months": 12,
        "loss": Decimal("-3.0"),
    }
    assert str(parse(b"800.50", **LIMITS)) == "800.50"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed"),
        (b"{", "malformed"),
        (b"-0 1", "malformed"),
        (b'{"a": 1,}', "malformed"),
        (b"{'a': 1}", "malformed"),
        (b"\xef\xbb\xbf{}", "malformed"),
        (b"[01]", "malformed"),
        ("[１]".encode(), "malformed"),
        (b'["\x00"]', "malformed"),
        (b'["\xff"]', "not_utf8"),
        ('["措施"]'.encode("gbk"), "not_utf8"),
        (b'["\xed\xa0\x80"]', "not_utf8"),
        (b"NaN", "not_a_number"),
        (b"[-Infinity]", "not_a_number"),
        (b"[1e3]", "exponent"),
        (b"[1.5E-3]", "exponent"),
        (b"[1234567890123456789]", "number_too_long"),
        (b"[-1234567890123456789]", "number_too_long"),
        (b"[1234567890123456789.5]", "number_too_long"),
        (b"[0." + b"1" * 50 + b"]", "number_too_long"),
        (b'{"a": 1, "a": 1}', "duplicate_key"),
        (b'[{"a": {"b": 1, "\\u0062": 2}}]', "duplicate_key"),
        (rb'["\u0000"]', "bad_character"),
        (rb'{"\u0000": 1}', "bad_character"),
        (rb'["\ud83d"]', "bad_character"),
        (rb'["\ude00\ud83d"]', "bad_character"),
    ],
)
def test_one_spelling_only(body, code):
    assert code_of(body) == code


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b'{"profile": {"monthly_rent": NaN}}', "profile.monthly_rent"),
        (b'{"profile": {"monthly_rent": 1e2}}', "profile.monthly_rent"),
        (b'{"profile": {"employees": -0}}', "profile.employees"),
        (b'{"profile": {"monthly_rent": 1, "monthly_rent": 2}}', "profile.monthly_rent"),
        (b'{"profiles": [{}, {"ref": "\\u0000"}]}', "profiles.1.ref"),
    ],
)
def test_a_fault_is_named_by_its_dotted_path(body, field):
    assert fault_in(body).field == field


def test_every_literal_at_fault_is_named_at_once():
    with pytest.raises(Invalid) as refusal:
        parse(b'{"a": NaN, "b": [1e3, 1], "c": 2, "c": 3}', **LIMITS)

    assert [(fault.field, fault.code) for fault in refusal.value.faults] == [
        ("a", "not_a_number"),
        ("b.0", "exponent"),
        ("c", "duplicate_key"),
    ]


def test_the_longest_integers_pass():
    assert parse(b"[999999999999999999, -999999999999999999]", **LIMITS) == [10**18 - 1, 1 - 10**18]


def test_escapes_that_spell_a_whole_character_pass():
    assert parse(rb'["\ud83d\ude00", "\\u0000"]', **LIMITS) == ["😀", r"\u0000"]


def test_a_repeated_key_is_named_even_where_it_cannot_be_encoded():
    with pytest.raises(Invalid) as refusal:
        parse(rb'{"\ud800<": 1, "\ud800<": 2}', **LIMITS)

    assert "“?<”" in refusal.value.faults[0].detail
    dumps(refusal.value.faults[0].detail)


@pytest.mark.parametrize("levels", [21, 10_000, 400_000])
@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_deep_nesting_never_reaches_the_parser(levels, opening, closing):
    body = opening * levels + b"1" + closing * levels

    assert code_of(body, max_bytes=10_000_000, max_nodes=10_000_000) == "too_deep"


def test_twenty_levels_pass_and_brackets_in_strings_do_not_count():
    assert parse(b"[" * 20 + b"]" * 20, **LIMITS)
    assert parse(json.dumps(["[[" * 100, '"{' * 100]).encode(), **LIMITS) == ["[[" * 100, '"{' * 100]


@pytest.mark.parametrize(
    ("value", "nodes"),
    [([1] * 9, 10), ({"a": [], "b": {}}, 3), ([[], [[]], "a,b,c"], 5), ({}, 1), ("[,],{,}", 1)],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_every_value_is_a_node(value, nodes, indent):
    body = json.dumps(value, indent=indent).encode()

    assert parse(body, max_bytes=1000, max_nodes=nodes) == value
    assert code_of(body, max_nodes=nodes - 1) == "too_many_nodes" if nodes > 1 else True


def test_a_body_over_the_limit_is_too_large_before_anything_is_read():
    assert parse(b"[    ]", max_bytes=6, max_nodes=10) == []
    with pytest.raises(TooLarge, match="最多 6 字节"):
        parse(b"\xff" * 7, max_bytes=6, max_nodes=10)


@pytest.mark.parametrize(
    "body",
    [
        b'"' + b'\\"' * 400_000,
        b'"' * 900_000,
        b"\\" * 900_000,
        b"[" + b"[]," * 300_000,
        b"[" * 900_000,
        b"1" * 900_000,
    ],
    ids=["escaped quotes", "quotes", "backslashes", "empty lists", "brackets", "digits"],
)
def test_a_megabyte_of_anything_is_refused_without_a_crash(body):
    code_of(body)


texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none()
    | st.booleans()
    | texts
    | st.integers(-(10**18) + 1, 10**18 - 1)
    | st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**15), max_value=10**15),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


def written(value):
    """JSON as a client would write it: decimals as bare numbers."""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, list):
        return "[" + ",".join(map(written, value)) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{written(inner)}" for key, inner in value.items()) + "}"
    return json.dumps(value)


@given(values)
def test_what_is_written_is_read_and_can_be_answered(value):
    read = parse(written(value).encode(), **LIMITS)

    assert read == value
    assert b"<" not in dumps(read)


@given(st.binary(max_size=60) | st.text('{}[]",:\\u0d8eE1.-tfn \n', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(body):
    try:
        parse(body, **LIMITS)
    except Invalid as refusal:
        assert refusal.faults
    else:
        json.loads(body)
