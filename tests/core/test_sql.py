"""What may stand in a statement, and what is refused."""

import pytest
from django.db import connections

from businesses.models import Business
from core.sql import SQL, compiled, joined, name, names, sql
from eligibility.models import Match


def test_a_statement_is_put_together_of_tables_names_numbers_and_other_sql():
    found = sql(
        "SELECT {columns} FROM {table} m WHERE m.state = {state} AND {more}",
        columns=names("state", "closed_on", of="m"),
        table=Match,
        state=Match.State.SOON,
        more=sql("m.id IN ({ids})", ids=[1, 2]),
    )

    assert found == (
        'SELECT "m"."state", "m"."closed_on" FROM "eligibility_match" m WHERE m.state = 3 AND m.id IN (1, 2)'
    )
    assert isinstance(found, SQL)


def test_yes_and_no_are_written_as_both_engines_read_them():
    assert sql("{yes} {no}", yes=True, no=False) == "TRUE FALSE"


def test_parts_are_joined_by_what_stands_between():
    assert joined(" UNION ALL ", [SQL("SELECT 1"), SQL("SELECT 2")]) == "SELECT 1 UNION ALL SELECT 2"


@pytest.mark.parametrize("text", ["1; DROP TABLE x", "state", "'", "", '"state"'])
def test_text_is_refused_wherever_it_stands(text):
    with pytest.raises(TypeError, match="give it as a parameter"):
        sql("SELECT {column}", column=text)
    with pytest.raises(TypeError, match="give it as a parameter"):
        sql("SELECT {columns}", columns=[name("state"), text])
    with pytest.raises(TypeError, match="give it as a parameter"):
        joined(", ", [text])


@pytest.mark.parametrize("other", [None, 1.5, object()])
def test_what_is_no_part_of_a_statement_is_refused(other):
    with pytest.raises(TypeError, match="cannot stand in a statement"):
        sql("SELECT {column}", column=other)


@pytest.mark.parametrize(
    "text", ['state"', "state; DROP TABLE x", "a.b", "", "State", "1st", "州", "state ", "state\n", "a" * 64]
)
def test_a_name_is_refused_that_is_none(text):
    with pytest.raises(ValueError, match="is not a name"):
        name(text)
    with pytest.raises(ValueError, match="is not a name"):
        name("state", of=text or " ")


def test_braces_of_what_is_put_in_are_not_read_again():
    assert sql("{one}", one=SQL("'{two}'")) == "'{two}'"


@pytest.mark.parametrize("alias", ["default", "postgres"])
def test_names_are_quoted_alike_on_both_engines(alias):
    assert connections[alias].ops.quote_name("state") == name("state") == '"state"'


@pytest.mark.django_db
def test_a_queryset_brings_its_parameters():
    shops, parameters = compiled(Business.objects.order_by().filter(name="x'y").values("pk"))

    assert isinstance(shops, SQL)
    assert "x'y" not in shops
    assert parameters == ["x'y"]
