"""A prepared query finds what its queryset finds, and is put into SQL once."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Department, User
from core.prepared import prepared
from tests.criteria.fuzz import examples

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("SQL")]


def found(office, people, name="user1"):
    rows = User.objects.filter(department=office) | User.objects.filter(pk__in=people).exclude(username=name)
    return rows.order_by("pk").values_list("pk", "username")


@pytest.fixture
def everybody(engine):
    office = Department.objects.create(code="office", name="窗口")
    return office, [
        User.objects.create(username=f"user{number}", department=office if number % 3 == 0 else None)
        for number in range(6)
    ]


@examples(40)
@given(st.sets(st.integers(0, 8)), st.booleans())
def test_it_finds_what_the_queryset_finds(everybody, chosen, is_there):
    office, people = everybody
    ids = {people[number].pk if number < len(people) else 10**6 + number for number in chosen}
    number = office.pk if is_there else 0

    assert prepared(found)(number, ids) == list(found(number, ids))


def test_the_statement_is_made_once_for_each_number_of_arguments(everybody):
    made = []

    @prepared
    def people(ids):
        made.append(len(ids))
        return User.objects.filter(pk__in=ids).order_by("pk").values_list("pk")

    _, (first, second, third, *_) = everybody
    for ids in ([first.pk], [second.pk], [first.pk, third.pk], [second.pk, third.pk], [third.pk]):
        assert people(ids) == [(pk,) for pk in ids]

    assert made == [1, 2]


def test_a_number_that_stands_twice_is_put_in_twice(everybody):
    @prepared
    def rows(user):
        other = Group.objects.filter(user=user).values_list("pk")
        return User.objects.filter(pk=user).order_by().values_list("pk").union(other, all=True)

    _, people = everybody
    group = Group.objects.create(pk=10**6, name="组")
    group.user_set.add(people[2])

    assert sorted(rows(people[2].pk)) == [(people[2].pk,), (10**6,)]
    assert rows(people[3].pk) == [(people[3].pk,)]


def test_of_nobody_the_database_is_not_asked(everybody):
    @prepared
    def people(ids):
        return User.objects.filter(pk__in=ids).values_list("pk")

    with CaptureQueriesContext(connection) as queries:
        assert people(()) == people(frozenset()) == []
    assert len(queries) == 0
