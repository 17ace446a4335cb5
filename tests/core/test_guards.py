"""The triggers that keep rows from being changed: they stand after every migration; where not, it is told."""

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from accounts.access import record
from accounts.models import AccessEvent
from cases import audit
from core import guards, invariants

pytestmark = [pytest.mark.django_db(databases=["default", "postgres"]), pytest.mark.every_engine("SQL")]
CHANGES = {"one changed": "UPDATE {} SET {} = {}", "one removed": "DELETE FROM {}"}
KEYS = {"accounts_accessevent": "action", "cases_auditentry": "note"}


def broken():
    return dict(invariants.broken())["只增不改的表有触发器守着"]


def test_every_trigger_stands(engine):
    assert guards.missing() == []
    assert broken() == []


@pytest.mark.parametrize("how", CHANGES)
@pytest.mark.parametrize("table", ["accounts_accessevent", "cases_auditentry"])
def test_the_database_refuses_to_have(engine, table, how):
    record(None, "looked", "operator 1")
    audit.record("test", "row 1")

    with (
        pytest.raises(DatabaseError, match=f"rows of {table} are only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(CHANGES[how].format(table, KEYS[table], KEYS[table]))


@pytest.mark.parametrize("table", guards.APPEND_ONLY)
def test_a_trigger_that_is_missing_is_told(engine, table):
    with connection.cursor() as cursor:
        name = f"{table}_{'append_only' if engine == 'postgres' else 'no_update'}"
        cursor.execute(f"DROP TRIGGER {name}{f' ON {table}' if engine == 'postgres' else ''}")

    assert guards.missing() == [name]
    assert broken() == [f"触发器 {name} 不在或被停用。请由数据库的所有者运行 manage.py migrate。"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_trigger_that_is_switched_off_is_told(engine):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_auditentry DISABLE TRIGGER cases_auditentry_no_truncate")

    assert guards.missing() == ["cases_auditentry_no_truncate"]


def test_whoever_migrates_puts_them_back(engine):
    guards.drop(connection.alias)
    assert len(guards.missing()) == 2 * len(guards.APPEND_ONLY)

    call_command("migrate", verbosity=0, database=connection.alias)

    assert guards.missing() == []
    record(None, "looked", "operator 1")
    assert AccessEvent.objects.count() == 1
