"""A prepared query finds what its queryset finds, and is put into SQL once."""

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Value
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Department, User
from businesses.models import Business, Mandate
from core.prepared import prepared
from tests.properties import examples

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


def test_very_many_are_asked_for_without_keeping_the_statement(everybody):
    made = []

    @prepared
    def people(ids):
        made.append(len(ids))
        return User.objects.filter(pk__in=ids).order_by("pk").values_list("pk")

    _, (first, *_) = everybody
    beyond = range(10**6, 10**6 + 60)
    for _ in range(2):
        assert people([first.pk, *beyond]) == people([first.pk, *beyond[:40]]) == [(first.pk,)]

    assert made == [61, 41, 61]


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


def test_a_uuid_is_found_as_well_as_a_number(everybody):
    @prepared
    def named(numbers, public_id):
        return Business.objects.filter(pk__in=numbers, public_id=public_id).values_list("name")

    first, second = (Business.objects.create(name=name) for name in ("一号店", "二号店"))
    both = {first.pk, second.pk}

    assert [named(both, row.public_id) for row in (first, second)] == [[("一号店",)], [("二号店",)]]
    assert named({first.pk}, second.public_id) == named(both, uuid4()) == []


def test_what_is_said_besides_may_look_like_a_place_or_a_percent_sign(everybody):
    said = "50%，$1，%s，'引号'，\\"

    @prepared
    def named(numbers):
        rows = Business.objects.filter(pk__in=numbers, name=said, address__contains="%s")
        return rows.annotate(note=Value("%%s")).values_list("name", "note")

    shop = Business.objects.create(name=said, address="路%s号")
    other = Business.objects.create(name=said, address="路1号")

    assert named({shop.pk, other.pk}) == [(said, "%%s")]


def test_of_nobody_the_database_is_not_asked(everybody):
    @prepared
    def people(ids):
        return User.objects.filter(pk__in=ids).values_list("pk")

    with CaptureQueriesContext(connection) as queries:
        assert people(()) == people(frozenset()) == []
    assert len(queries) == 0


# PostgreSQL is told a statement once


def told(name):
    """How many statements of a function this connection was told."""
    if connection.vendor != "postgresql":
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name ~ %s", [rf"(^|\.){name} "])
        return cursor.fetchone()[0]


@prepared
def named_person(number):
    return User.objects.filter(pk=number).values_list("username")


def test_a_connection_is_told_a_statement_once(everybody, engine):
    @prepared
    def person(number):
        return User.objects.filter(pk=number).values_list("username")

    _, people = everybody
    with CaptureQueriesContext(connection) as queries:
        assert [person(row.pk) for row in people] == [[(row.username,)] for row in people]

    assert (len(queries), told("person")) == (6, {"default": 0, "postgres": 1}[engine])


@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_another_connection_is_told_it_as_well(at_once, engine):
    counts = at_once([lambda: (named_person(-1), named_person(-2), told("named_person"))] * 2)

    assert counts == [([], [], {"default": 0, "postgres": 1}[engine])] * 2


@pytest.mark.django_db(transaction=True, databases=["default", "postgres"])
def test_two_threads_that_ask_first_ask_the_same_statement(at_once, engine):
    made = []

    @prepared
    def slowly_made(number):
        made.append(number)
        time.sleep(0.05)
        return User.objects.filter(pk=number).values_list("username")

    assert at_once([lambda: slowly_made(-1)] * 2) == [[], []]
    assert len(made) == 1


def test_behind_a_pooler_it_is_said_in_full_each_time(everybody, monkeypatch):
    @prepared
    def pooled(number):
        return User.objects.filter(pk=number).values_list("username")

    _, people = everybody
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)

    assert [pooled(row.pk) for row in people] == [[(row.username,)] for row in people]
    assert told("pooled") == 0


def test_a_column_that_is_added_meanwhile_does_not_matter(engine):
    @prepared
    def office(number):
        return Department.objects.filter(pk=number)

    first, second = (Department.objects.create(code=name, name=name) for name in ("一处", "二处"))
    assert office(first.pk) == [first]
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE accounts_department ADD COLUMN added integer")

    assert office(second.pk) == [second]
