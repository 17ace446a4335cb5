"""One declaration reads, writes and documents: what a model reads is what its schema accepts, no more and no less."""

import json
import re
from datetime import date
from decimal import Decimal

import jsonschema_rs
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pydantic.json_schema import model_json_schema

from businesses.facts import BUILT_IN
from core.api.facts import facts_model
from core.errors import Invalid
from eligibility.api.answers import EvaluationOut, TaxOut
from eligibility.api.bodies import BatchIn, EvaluationIn, TaxIn
from policies.catalogue import catalogue
from policies.criteria import tax
from services.api.bodies import LegIn, VerbIn
from subsidies.api.bodies import ApplicationIn, CorrectionIn, DraftIn, SubmissionIn
from tests.properties import examples

LARGEST = 300_000
# What depends on the day or on what else stands in the body no schema can say.
OF_THE_DAY = {"future", "too_early", "repeated_ref"}
MANY = examples(300)


# Values: some as they should be, some a little off, some of another kind. In one spelling: how a number may be written
# (1e3, 5.0, -0) is no matter of a schema, and core/strict_json.py takes care of it.

DATES = st.dates().map(str) | st.sampled_from(
    [
        "2026-02-29",
        "2024-02-29",
        "1899-12-31",
        "1900-01-01",
        "2199-12-31",
        "2200-01-01",
        "2026-1-5",
        "２０２６-01-01",
    ]
)
DECIMALS = st.builds(
    lambda digits, last, places: Decimal(digits * 10 + last).scaleb(-places),
    st.integers(-(10**6), 10**13),
    st.integers(1, 9),
    st.integers(1, 3),
)
AMOUNTS = st.sampled_from(
    [
        "0",
        "0.00",
        "-0",
        "-0.00",
        "-5.5",
        "800",
        "800.5",
        "800.505",
        "0800",
        "+1",
        "1,000",
        " 1",
        "9" * 12,
        "9" * 13,
    ]
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers(-5, 10**13)
    | st.sampled_from([10**9, 10**9 + 1, 0])
    | DECIMALS
    | TEXTS
    | DATES
    | AMOUNTS
    | st.sampled_from(["F", "F52", "F521", "F52123", "U", "f52"])
)
VALUES = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)


def mostly(right, off):
    return st.integers(0, 11).flatmap(lambda chance: off if chance == 0 else right)


def near(fact):
    """Values that ``fact`` takes, now and then a little off or of another kind."""
    words = [choice.value for choice in fact.choices] or ["tea"]
    right = {
        "date": st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str),
        "integer": st.integers(0, 10**9),
        "money": st.from_regex("(0|[1-9][0-9]{0,11})(\\.[0-9]{1,2})?", fullmatch=True)
        | st.integers(0, 10**12 - 1),
        "bool": st.booleans(),
        "choice": st.sampled_from(words),
        "code": st.from_regex("[A-T]([0-9]{2,4})?", fullmatch=True),
        "set": st.lists(st.sampled_from(words), max_size=3, unique=True),
    }[fact.type]
    off = {"date": DATES, "integer": st.integers(-1, 10**9 + 1), "money": DECIMALS | AMOUNTS}.get(
        fact.type, VALUES
    )
    return mostly(right | st.none(), off | PLAIN | VALUES)


def told(facts):
    """Objects of some of ``facts``, now and then with a stranger among them."""
    few = st.lists(st.sampled_from(facts), max_size=4, unique_by=lambda fact: fact.name).flatmap(
        lambda chosen: st.fixed_dictionaries({fact.name: near(fact) for fact in chosen})
    )
    return mostly(few, st.builds(lambda known, name: {**known, name: 1}, few, TEXTS))


def some(must=None, **fields):
    """Objects of these fields, each there or not; now and then with one of another kind, a stranger, or without what
    ``must`` be there."""
    usual = st.fixed_dictionaries(must or {}, optional=fields)
    names = st.sampled_from([*(must or ()), *fields, "x"])
    spoiled = st.builds(lambda body, name, value: {**body, name: value}, usual, names, VALUES)
    lacking = st.builds(
        lambda body, name: {key: value for key, value in body.items() if key != name}, usual, names
    )
    return mostly(usual, spoiled | lacking)


CODES = mostly(
    st.lists(st.sampled_from(["M05a", "M04a", "M04b"]), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(["M05a", "M04a", "M99z", "m05a", "M05"]), max_size=3) | PLAIN,
)
RELIEFS = mostly(st.lists(st.sampled_from(["M04a", "M04b", "M04c"]), max_size=3, unique=True), CODES)
FACTS = mostly(told(BUILT_IN), PLAIN)
DAYS = mostly(st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(str), DATES | PLAIN)
ROWS = some({"ref": mostly(TEXTS, st.just("a" * 65) | PLAIN), "profile": FACTS})
TAXES = {fact.name: near(fact) for fact in BUILT_IN if fact.name in TaxIn.model_fields}
YEARS = mostly(st.integers(tax.FIRST_YEAR, 2199), st.sampled_from([tax.FIRST_YEAR - 1, 2200]) | PLAIN)
VERSIONS = mostly(st.integers(1, 10**9), st.integers(-1, 10**9 + 1) | PLAIN)
PRESENT = mostly(st.just({}), VALUES)
IDS = mostly(
    st.uuids().map(str),
    st.uuids().map(lambda one: one.hex) | st.uuids().map(lambda one: str(one).upper()) | PLAIN,
)
BENEFITS = mostly(st.just("M05c"), st.sampled_from(["M99z", "m05c", ""]) | PLAIN)
NAMES = mostly(st.lists(TEXTS, min_size=1, max_size=3, unique=True), st.lists(PLAIN, max_size=6) | PLAIN)
FILES = st.dictionaries(TEXTS, mostly(st.lists(IDS, min_size=1, max_size=2), st.just([]) | PLAIN), max_size=2)


@pytest.fixture
def accepts(catalogue_loaded):
    """Whether the schema of a model, as the document has it, accepts a value."""
    kept = {}

    def answer(model, value):
        if model not in kept:
            kept[model] = jsonschema_rs.Draft202012Validator(model_json_schema(model), validate_formats=True)
        return kept[model].is_valid(value)

    return answer


def reads(model, value):
    try:
        model.read(value)
    except Invalid as refusal:
        return {fault.code for fault in refusal.faults} <= OF_THE_DAY
    return True


@given(value=told(BUILT_IN))
@MANY
def test_facts_are_read_as_their_schema_says(accepts, value):
    model = facts_model(catalogue().registry)

    assert reads(model, value) == accepts(model, value) == reads(EvaluationIn, {"profile": value})


@given(value=some({"profile": FACTS}, as_of=DAYS, benefits=CODES))
@MANY
def test_an_evaluation_is_read_as_its_schema_says(accepts, value):
    assert reads(EvaluationIn, value) == accepts(EvaluationIn, value)


@given(value=some({"profiles": mostly(st.lists(ROWS, min_size=1, max_size=2), PLAIN)}, as_of=DAYS))
@MANY
def test_a_batch_is_read_as_its_schema_says(accepts, value):
    assert reads(BatchIn, value) == accepts(BatchIn, value)


@given(value=some({"year": YEARS}, reliefs=RELIEFS, **TAXES))
@MANY
def test_a_year_of_taxes_is_read_as_its_schema_says(accepts, value):
    assert reads(TaxIn, value) == accepts(TaxIn, value)


@given(value=some({"version": VERSIONS, "declared": mostly(st.just(True), PLAIN)}))
@MANY
def test_a_submission_is_read_as_its_schema_says(accepts, value):
    assert reads(SubmissionIn, value) == accepts(SubmissionIn, value)


@given(value=some({"version": VERSIONS}, excused=PRESENT))
@MANY
def test_a_draft_is_read_as_its_schema_says(accepts, value):
    if isinstance(value.get("excused"), dict):  # which reasons will do the verb decides
        value["excused"] = {}

    assert reads(DraftIn, value) == accepts(DraftIn, value)


@given(value=some({"business": IDS, "benefit": BENEFITS}))
@MANY
def test_an_application_is_begun_as_its_schema_says(accepts, value):
    assert reads(ApplicationIn, value) == accepts(ApplicationIn, value)


@given(value=some({"version": VERSIONS}, words=mostly(TEXTS, PLAIN)))
@MANY
def test_a_leg_is_answered_as_its_schema_says(accepts, value):
    assert reads(LegIn, value) == accepts(LegIn, value)


@given(value=some({"version": VERSIONS}, words=mostly(TEXTS, PLAIN), leg=VERSIONS, receivers=NAMES))
@MANY
def test_a_verb_of_a_request_is_read_as_its_schema_says(accepts, value):
    assert reads(VerbIn, value) == accepts(VerbIn, value)


@given(value=some(version=VERSIONS, files=mostly(FILES, PLAIN)))
@MANY
def test_a_correction_is_read_as_its_schema_says(accepts, value):
    value.pop("facts", None)

    assert reads(CorrectionIn, value) == accepts(CorrectionIn, value)


def test_what_is_written_is_what_the_models_say(accepts, evaluate, post):
    answer = evaluate(
        {"registered_on": "2026-01-15", "operator_groups": ["veteran"], "monthly_rent": "800.00"}
    )
    taxes = post("calculators/tax/", TaxIn.example).json()

    assert accepts(EvaluationOut, answer)
    assert accepts(TaxOut, taxes)
    assert not accepts(EvaluationOut, {**answer, "stranger": 1})


def test_the_facts_are_one_model_for_each_edition_of_the_registry(catalogue_loaded):
    registry = catalogue().registry

    assert facts_model(registry) is facts_model(registry)
    assert list(facts_model(registry).model_fields) == list(registry)


def test_every_fault_of_a_body_is_named_at_once_in_the_order_of_the_body(post):
    answer = post(
        "evaluations/",
        {
            "as_of": "x",
            "stranger": 1,
            "profile": {
                "rents_premises": "yes",
                "unknown": 1,
                "registered_on": "2026-02-30",
                "born_on": "2099-01-01",
            },
            "benefits": ["M99z", "M05a", "M05a"],
        },
    ).json()

    assert [(row["field"], row["code"]) for row in answer["errors"]] == [
        ("stranger", "unknown_field"),
        ("as_of", "invalid_date"),
        ("profile.rents_premises", "invalid_bool"),
        ("profile.unknown", "unknown_field"),
        ("profile.registered_on", "invalid_date"),
        ("profile.born_on", "future"),
        ("benefits.0", "unknown_benefit"),
        ("benefits.2", "repeated"),
    ]


# The document


@pytest.fixture(scope="module")
def served(_measures, django_db_blocker):
    with django_db_blocker.unblock():
        return Client().get("/api/schema/").content


@pytest.fixture
def document(served):
    return json.loads(served)


def operations(document):
    for path, verbs in document["paths"].items():
        for verb, operation in verbs.items():
            yield f"{verb.upper()} {path}", operation


def media(document):
    """(where, media type object) of each body and each answer that has one."""
    for name, operation in operations(document):
        parts = {"body": operation.get("requestBody", {}), **operation["responses"]}
        for part, said in parts.items():
            name = said.get("$ref", "").removeprefix("#/components/responses/")
            said = document["components"]["responses"].get(name, said)
            for kind, told in said.get("content", {}).items():
                yield f"{name} {part} {kind}", told


def examples_of(document, told):
    """The examples of a body or an answer: its own, else those of the component that it is."""
    if "example" in told:
        return [told["example"]]
    if "examples" in told:
        return [example["value"] for example in told["examples"].values()]
    name = told["schema"].get("$ref", "").rpartition("/")[2]
    return document["components"]["schemas"].get(name, {}).get("examples", [])


def test_the_document_is_small(served):
    assert len(served) <= LARGEST


def test_tags_are_plain_words_explained_in_chinese(document):
    told = {tag["name"]: tag["description"] for tag in document["tags"]}
    used = {tag for _, operation in operations(document) for tag in operation["tags"]}

    assert used == set(told)
    assert [name for name in told if not re.fullmatch("[a-z]+", name)] == []
    assert [words for words in told.values() if not re.search("[\u4e00-\u9fff]", words)] == []


def test_names_of_components_are_those_of_classes(document):
    assert [name for name in document["components"]["schemas"] if not re.fullmatch("[A-Za-z]+", name)] == []


def test_the_facts_stand_in_the_document_once(document):
    bodies = {name: json.dumps(shape) for name, shape in document["components"]["schemas"].items()}
    holding = {name for name, text in bodies.items() if '"sells_online"' in text}

    assert holding == {"Facts", "StatedFacts", "FactsOnRecord"}
    assert "components/schemas/Facts" in bodies["EvaluationIn"]
    assert "sells_online" not in json.dumps(document["paths"])


def test_every_body_and_every_answer_has_an_example(document):
    assert [where for where, told in media(document) if not examples_of(document, told)] == []


def test_every_example_is_what_its_own_schema_says(document):
    wrong = []
    for where, told in media(document):
        shape = {**told["schema"], "components": document["components"]}
        validator = jsonschema_rs.Draft202012Validator(shape, validate_formats=True)
        wrong += [
            (where, example) for example in examples_of(document, told) if not validator.is_valid(example)
        ]

    assert wrong == []


def test_every_program_can_read_what_a_refused_submission_lacks(document):
    refused = document["paths"]["/api/v1/applications/{id}/submit/"]["post"]["responses"]["409"]
    name = refused["content"]["application/problem+json"]["schema"]["$ref"].rpartition("/")[2]
    row = document["components"]["schemas"]["UnmetRow"]

    assert "unmet" in document["components"]["schemas"][name]["properties"]
    assert {"material_missing", "account_missing", "fact_missing", "not_declared", "criterion_failed"} <= set(
        row["properties"]["code"]["enum"]
    )
