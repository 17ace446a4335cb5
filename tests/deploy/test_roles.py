"""What each role of PostgreSQL may do: the application adds to what is only ever added, and owns nothing."""

import psycopg2
import pytest

from core.roles import APPEND_ONLY, SECRETS

FORBIDDEN = {
    "UPDATE": "UPDATE {table} SET {key} = {key}",
    "DELETE": "DELETE FROM {table}",
    "TRUNCATE": "TRUNCATE {table} CASCADE",
    "ALTER": "ALTER TABLE {table} DISABLE TRIGGER ALL",
    "DROP": "DROP TABLE {table} CASCADE",
}
KEYS = {"cases_auditentry": "sequence"}


def forbidden(verb, table):
    return FORBIDDEN[verb].format(table=table, key=KEYS.get(table, "id"))


@pytest.mark.parametrize("role", ["zc_web", "zc_worker"])
@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", FORBIDDEN)
def test_the_application_may_not_touch_what_is_only_added(server, role, table, verb):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        server.run(role, forbidden(verb, table))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_a_trigger_refuses_even_the_owner_to_empty_it(server, table):
    with pytest.raises(psycopg2.errors.RaiseException, match="only ever added"):
        server.run("zc_owner", f"TRUNCATE {table} CASCADE")


def test_the_owner_may_not_change_or_remove_an_access_event(server):
    server.run(
        "zc_owner",
        "INSERT INTO accounts_accessevent (at, action, subject, reason, detail) VALUES (now(), 'a', 'b', '', '{}')",
    )
    for verb in ("UPDATE", "DELETE"):
        with pytest.raises(psycopg2.errors.RaiseException, match="only ever added"):
            server.run("zc_owner", forbidden(verb, "accounts_accessevent"))


def test_the_application_works_and_makes_no_tables_but_temporary_ones(server):
    server.run("zc_web", "INSERT INTO core_tally (name, count) VALUES ('tried', 1)")
    server.run("zc_worker", "UPDATE core_tally SET count = 2; DELETE FROM core_tally")
    server.run("zc_worker", "CREATE TEMP TABLE stage (id int); DROP TABLE stage")

    for statement in ("CREATE TABLE mine (id int)", "TRUNCATE core_tally", "DROP TABLE core_tally"):
        with pytest.raises(psycopg2.errors.InsufficientPrivilege):
            server.run("zc_web", statement)


@pytest.mark.parametrize("table", SECRETS)
def test_who_reads_figures_reads_no_secrets(server, table):
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        server.run("zc_read", f"SELECT 1 FROM {table}")


def test_who_reads_figures_only_reads(server):
    assert server.run("zc_read", "SELECT COUNT(*) >= 0 FROM subsidies_ledgerentry") == [(True,)]
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        server.run("zc_read", "INSERT INTO core_tally (name, count) VALUES ('tried', 1)")


def test_limits_of_pages_and_workers_stand_at_their_roles(server):
    shown = "SELECT current_setting('statement_timeout'), current_setting('lock_timeout')"
    found = [server.run(role, shown) for role in ("zc_web", "zc_worker", "zc_owner")]

    assert found == [[("5s", "2s")], [("1min", "0")], [("0", "2s")]]
