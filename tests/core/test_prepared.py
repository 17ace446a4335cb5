"""A prepared query finds what its queryset finds, and is put into SQL once."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Department, User
from businesses.models import Business, Mandate
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


def test_whole_rows_come_with_what_is_joined_and_what_is_prefetched(everybody):
    @prepared
    def people(office):
        rows = User.objects.filter(department=office).select_related("department").defer("password")
        return rows.prefetch_related("groups").order_by("pk")

    office, everyone = everybody
    group = Group.objects.create(name="组")
    group.user_set.add(everyone[3])
    with CaptureQueriesContext(connection) as queries:
        found = people(office.pk)
        said = [(row.username, row.department.name, list(row.groups.all())) for row in found]

    assert said == [("user0", "窗口", []), ("user3", "窗口", [group])]
    assert (len(queries), {"password"} <= found[0].get_deferred_fields()) == (2, True)
    people(0)
    assert [row.pk for row in people(office.pk)] == [row.pk for row in found]


def test_another_date_is_another_statement(everybody):
    @prepared
    def joined(day, ids):
        return User.objects.filter(pk__in=ids, date_joined__date=day).values_list("pk")

    _, people = everybody
    today, pk = timezone.localdate(), people[0].pk

    assert [joined(day, {pk}) for day in (today, today - timedelta(days=1), today)] == [[(pk,)], [], [(pk,)]]


def test_what_a_column_holds_is_read_as_its_field_reads_it(everybody):
    @prepared
    def scopes(agent):
        return Mandate.objects.filter(agent=agent).values_list("scopes", "until")

    _, (owner, agent, *_) = everybody
    day = timezone.localdate()
    shop = Business.objects.create(name="店")
    Mandate.objects.create(business=shop, given_by=owner, agent=agent, scopes=["view"], until=day)

    assert scopes(agent.pk) == [(["view"], day)]


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
