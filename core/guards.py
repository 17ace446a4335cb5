"""Rows of APPEND_ONLY are only ever added: the database itself refuses the rest, whoever asks.

The triggers are data, not a migration: SQLite cannot remake a table beside them, so they go before every migration and
stand again after it. ``missing`` says which do not.
"""

from collections.abc import Iterator

from django.db import connections

from .invariants import invariant

APPEND_ONLY = ("accounts_accessevent", "cases_auditentry", "cases_message", "subsidies_ledgerentry")
# {vendor: {ending of the trigger's name: (when, what it does)}}
_TRIGGERS = {
    "postgresql": {
        "append_only": ("UPDATE OR DELETE", "FOR EACH ROW EXECUTE FUNCTION refuse_change()"),
        "no_truncate": ("TRUNCATE", "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"),
    },
    "sqlite": {
        "no_update": ("UPDATE", "BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"),
        "no_delete": ("DELETE", "BEGIN SELECT RAISE(ABORT, 'rows of {table} are only ever added'); END"),
    },
}
_FUNCTION = """CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'rows of % are only ever added', TG_TABLE_NAME; END $$"""
_NAMES = {
    "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'",
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
}


def create(using="default", tables=APPEND_ONLY, **kwargs) -> None:
    """For post_migrate: every trigger of the tables that there are. What stands is made anew."""
    connection = connections[using]
    drop(using, tables)
    with connection.cursor() as cursor:
        known = set(connection.introspection.table_names(cursor))
        if connection.vendor == "postgresql":
            cursor.execute(_FUNCTION)
        for table, name, when, does in _triggers(connection, tables):
            if table in known:
                cursor.execute(f"CREATE TRIGGER {name} BEFORE {when} ON {table} {does.format(table=table)}")


def drop(using="default", tables=APPEND_ONLY, **kwargs) -> None:
    """For pre_migrate, and for tests."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for table, name, _, _ in _triggers(connection, tables):
            on_table = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{on_table}")


def missing(using="default") -> list[str]:
    """Names of the triggers that are not there, or are switched off."""
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(_NAMES[connection.vendor])
        found = {name for (name,) in cursor.fetchall()}
    return [name for _, name, _, _ in _triggers(connection, APPEND_ONLY) if name not in found]


def _triggers(connection, tables) -> Iterator[tuple[str, str, str, str]]:
    for table in tables:
        for ending, (when, does) in _TRIGGERS[connection.vendor].items():
            yield table, f"{table}_{ending}", when, does


@invariant("只增不改的表有触发器守着")
def every_guard_stands() -> Iterator[str]:
    for name in missing():
        yield f"触发器 {name} 不在或被停用。请由数据库的所有者运行 manage.py migrate。"
