"""``any_of`` says what ``in`` says, in one parameter; ``in`` takes any number."""

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.forms import ModelMultipleChoiceField
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Department, User
from tests.properties import examples

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
pytestmark = pytest.mark.every_engine("SQL")


@pytest.fixture
def people(engine):
    office = Department.objects.create(code="office", name="窗口")
    return [
        User.objects.create(username=f"user{number}", department=office if number % 2 else None)
        for number in range(6)
    ]


@both_engines
@examples(30)
@given(st.sets(st.integers(0, 9)))
def test_it_finds_what_in_finds_on_keys_and_foreign_keys(people, chosen):
    ids = {people[number].pk if number < len(people) else -number for number in chosen}
    offices = [person.department_id for person in people if person.pk in ids and person.department_id]

    assert set(User.objects.filter(pk__any_of=ids)) == set(User.objects.filter(pk__in=ids))
    assert set(User.objects.exclude(pk__any_of=ids)) == set(User.objects.exclude(pk__in=ids))
    assert set(User.objects.filter(department__any_of=offices)) == set(
        User.objects.filter(department__in=offices)
    )


@both_engines
def test_of_nobody_the_database_is_not_asked(people):
    with CaptureQueriesContext(connection) as queries:
        assert list(User.objects.filter(pk__any_of=())) == []
    assert len(queries) == 0


@both_engines
@pytest.mark.parametrize("number", [2**63 - 1, 2**63, -(2**63) - 1, 10**400])
def test_a_number_that_no_column_can_hold_is_in_no_list(engine, number):
    user = User.objects.create(username="one")

    assert list(User.objects.filter(pk__in=[number])) == []
    assert list(User.objects.filter(pk__in=[number, user.pk])) == [user]
    assert list(User.objects.exclude(pk__in=[number])) == [user]


@both_engines
def test_what_a_form_is_sent_for_several_rows_is_told_and_not_a_fault(engine):
    field = ModelMultipleChoiceField(User.objects.all())

    with pytest.raises(ValidationError):
        field.clean(["９" * 30])
