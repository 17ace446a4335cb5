"""Databases as they were when the run began: what tests in real transactions have left in them is undone afterwards.

Django would empty all tables, and make again what follows a migration: rights, roles, sources. Of a hundred and fifty
tables a test has filled a dozen, and the rows that were there are kept.
"""

import io
import sqlite3
from collections.abc import Callable

from django.db import connections, transaction
from django.test import TransactionTestCase

from core import guards

_restore: dict[str, Callable[[], None]] = {}  # {alias: what brings a database back}


def remember(aliases):
    """These databases, as they are now, are what ``restore`` brings back, after every test in real transactions too."""
    _restore.update({alias: _REMEMBERED_BY[connections[alias].vendor](alias) for alias in aliases})
    TransactionTestCase._fixture_teardown = lambda test: restore(test._databases_names(include_mirrors=False))


def restore(aliases):
    for alias in aliases:
        _restore[alias]()


def _by_sqlite(alias):
    kept = sqlite3.connect(":memory:", check_same_thread=False)
    connections[alias].ensure_connection()
    connections[alias].connection.backup(kept)

    def bring_back():
        connections[alias].ensure_connection()
        kept.backup(connections[alias].connection)

    return bring_back


def _by_postgresql(alias):
    with connections[alias].cursor() as cursor:
        tables = connections[alias].introspection.table_names(cursor)
        kept = {table: _copied(cursor, table) for table in _filled(cursor, tables)}

    def bring_back():
        stood = not guards.missing(alias)
        with transaction.atomic(alias), connections[alias].cursor() as cursor:
            guards.drop(alias)
            for table in _filled(cursor, tables):
                cursor.execute(f"DELETE FROM {table}")
            for table, rows in kept.items():
                cursor.copy_expert(f"COPY {table} FROM STDIN", io.StringIO(rows))
            if stood:
                guards.create(alias)

    return bring_back


_REMEMBERED_BY = {"sqlite": _by_sqlite, "postgresql": _by_postgresql}


def _filled(cursor, tables):
    """Those that have rows."""
    cursor.execute(
        " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
    )
    return [table for (table,) in cursor.fetchall()]


def _copied(cursor, table):
    rows = io.StringIO()
    cursor.copy_expert(f"COPY {table} TO STDOUT", rows)
    return rows.getvalue()
