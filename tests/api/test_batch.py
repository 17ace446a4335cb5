"""POST /api/v1/evaluations/batch/: many profiles at once, all or none."""

import pytest

from .conftest import by_code, faults
from .test_evaluations import TEA_SHOP


def test_each_answer_stands_under_its_ref_in_the_order_asked(post, evaluate):
    body = {
        "as_of": "2026-11-24",
        "profiles": [{"ref": "茶叶店 <1>", "profile": TEA_SHOP}, {"ref": "b", "profile": {}}],
    }

    answer = post("evaluations/batch/", body).json()

    assert [row["ref"] for row in answer["results"]] == ["茶叶店 <1>", "b"]
    assert answer["results"][0]["results"] == evaluate(TEA_SHOP)["results"]
    assert answer["results"][1]["results"] == evaluate({})["results"]


def test_a_thousand_profiles_are_answered(post):
    rows = [{"ref": str(number), "profile": {"employees": number}} for number in range(1000)]

    answer = post("evaluations/batch/", {"as_of": "2026-11-24", "profiles": rows}).json()

    assert [row["ref"] for row in answer["results"]] == [row["ref"] for row in rows]
    assert {len(row["results"]) for row in answer["results"]} == {53}


def test_one_bad_profile_refuses_all_and_every_fault_is_named(post):
    rows = [
        {"ref": "a", "profile": TEA_SHOP},
        {"ref": "b", "profile": {"monthly_rent": "-1", "employees": True}},
        {"ref": "a", "profile": {}},
        {"ref": "", "profile": {}},
        {"ref": "x" * 65, "profile": {}},
        {"ref": 7, "profile": {}},
        {"profile": {}},
        {"ref": "h"},
        {"ref": "i", "profile": {}, "name": "x"},
        "j",
    ]

    assert sorted(faults(post("evaluations/batch/", {"profiles": rows}))) == [
        ("profiles.1.profile.employees", "invalid_integer"),
        ("profiles.1.profile.monthly_rent", "negative"),
        ("profiles.2.ref", "repeated_ref"),
        ("profiles.3.ref", "invalid_ref"),
        ("profiles.4.ref", "invalid_ref"),
        ("profiles.5.ref", "invalid_ref"),
        ("profiles.6.ref", "invalid_ref"),
        ("profiles.7.profile", "required"),
        ("profiles.8.name", "unknown_field"),
        ("profiles.9", "invalid_object"),
    ]


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ({}, ("profiles", "invalid_list")),
        ({"profiles": []}, ("profiles", "invalid_list")),
        ({"profiles": {}}, ("profiles", "invalid_list")),
        ({"profiles": [{"ref": str(n), "profile": {}} for n in range(1001)]}, ("profiles", "invalid_list")),
        ({"profiles": [{"ref": "a", "profile": {}}], "benefits": ["M05a"]}, ("benefits", "unknown_field")),
        ({"profiles": [{"ref": "a", "profile": {}}], "as_of": "heute"}, ("as_of", "invalid_date")),
    ],
)
def test_a_batch_that_is_none_is_refused(post, body, fault):
    assert faults(post("evaluations/batch/", body)) == [fault]


def test_a_batch_may_be_larger_than_one_evaluation_but_not_endless(post):
    rows = [{"ref": f"{number:04}{'x' * 60}", "profile": {**TEA_SHOP}} for number in range(1000)]
    padded = b" " * 1_000_000

    fitting = post("evaluations/batch/", b'{"profiles": [{"ref": "a", "profile": {}}]}' + padded)
    large = post("evaluations/batch/", b"{}" + b" " * 4_000_000)

    assert len(post("evaluations/batch/", {"profiles": rows[:100]}).json()["results"]) == 100
    assert fitting.status_code == 200
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


def test_services_answer_the_same_alone_and_in_a_batch(post, evaluate):
    rows = [{"ref": "a", "profile": {"sells_online": True}}, {"ref": "b", "profile": {"sells_online": False}}]

    batch = post("evaluations/batch/", {"as_of": "2026-11-24", "profiles": rows}).json()["results"]

    for row, asked in zip(batch, rows, strict=True):
        assert by_code(row)["M06a"] == by_code(evaluate(asked["profile"]))["M06a"]
