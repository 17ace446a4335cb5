"""docs/imports.md says what data/sources.yaml says, and every shipped mapping can be used."""

import pytest

from businesses.facts import BUILT_IN_REGISTRY
from businesses.importing import documentation, mapping


def test_the_document_holds_every_shipped_mapping():
    text = documentation.DOCUMENT.read_text("utf-8")

    assert documentation.rewritten(text) == text
    assert "| 成立日期 | 登记日期 | `registered_on` |" in text


@pytest.mark.parametrize("code", [code for code in mapping.shipped_sources() if code != mapping.REGISTER])
def test_every_shipped_mapping_is_one_that_could_be_confirmed(code):
    columns = mapping.shipped_sources()[code]["columns"]
    once = {field: heading for heading, field in reversed(columns.items())}

    mapping.check_columns(code, {heading: field for field, heading in once.items()}, BUILT_IN_REGISTRY)


def test_every_fact_that_a_bureau_answers_for_has_a_heading():
    shipped = mapping.shipped_sources()
    missing = {
        (code, field)
        for code in shipped
        if code not in (mapping.REGISTER, mapping.CREDIT)
        for field in mapping.fields_of(code, BUILT_IN_REGISTRY)
        if "=" not in field and field not in {*shipped[code]["columns"].values(), "identity_number"}
    }

    # 经营者身份 of veterans comes member by member; entity_type is what a code that begins with 92 says.
    assert missing == {("veterans", "operator_groups"), ("registry", "entity_type")}
