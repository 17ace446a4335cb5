"""Many rows in few statements: COPY on PostgreSQL, through a staging table where rows may exist; executemany on SQLite.

``rows`` are tuples in the order of ``columns``, values as the database takes them: None, numbers, bool, text (dates in
ISO form, JSON already written).
"""

import gc
import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import islice

from django.db import connection
from django.db.transaction import TransactionManagementError

from .sql import NOTHING, SQL, joined, name, names, sql

# Below this a staging table costs more than it saves.
FEW = 20


def next_ids(model, count: int) -> list[int]:
    """``count`` fresh ids of ``model``. On SQLite the caller's IMMEDIATE transaction keeps others from taking them."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, %s)) FROM generate_series(1, %s)",
                [table, model._meta.pk.column, count],
            )
            return [row[0] for row in cursor.fetchall()]
        key = name(model._meta.pk.column)
        cursor.execute(sql("SELECT COALESCE(MAX({key}), 0) FROM {table}", key=key, table=model))
        highest = cursor.fetchone()[0]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        row = cursor.fetchone()
        start = max(highest, row[0] if row else 0) + 1
        return list(range(start, start + count))


def insert(model, columns, rows) -> None:
    """Insert ``rows``. Raises IntegrityError as INSERT does."""
    _write(model, columns, rows, NOTHING)


def upsert(model, columns, rows, *, key) -> None:
    """Insert ``rows``, or where ``key`` exists already set the other columns. A key comes once in ``rows``."""
    sets = _sets([column for column in columns if column != key], "excluded")
    conflict = sql(" ON CONFLICT ({key}) DO UPDATE SET {sets}", key=name(key), sets=sets)
    _write(model, columns, rows, conflict)


def update(model, columns, rows, *, key, also: SQL = NOTHING) -> None:
    """Set ``columns`` (the first is ``key``, which need not be unique) from ``rows``. ``also``: more SQL for SET."""
    rows = list(rows)
    if not rows:
        return
    rest, more = columns[1:], [also] if also else []
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            sets = [*(sql("{column} = %s", column=name(column)) for column in rest), *more]
            cursor.executemany(
                sql("UPDATE {table} SET {sets} WHERE {key} = %s", table=model, sets=sets, key=name(key)),
                [(*row[1:], row[0]) for row in rows],
            )
            return
        _stage(cursor, model, columns, rows)
        cursor.execute(
            sql(
                "UPDATE {table} SET {sets} FROM stage WHERE {table}.{key} = stage.{key}",
                table=model,
                sets=[*_sets(rest, "stage"), *more],
                key=name(key),
            )
        )
        cursor.execute("DROP TABLE stage")


def _sets(columns, source) -> list[SQL]:
    return [sql("{here} = {there}", here=name(column), there=name(column, of=source)) for column in columns]


def _write(model, columns, rows, conflict) -> None:
    rows = list(rows)
    if not rows:
        return
    written = {"table": model, "columns": names(*columns), "conflict": conflict}
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql" or len(rows) < FEW:
            marks = [SQL("%s")] * len(columns)
            insert = sql("INSERT INTO {table} ({columns}) VALUES ({marks}){conflict}", marks=marks, **written)
            cursor.executemany(insert, rows)
            return
        if not conflict:
            with connection.wrap_database_errors:  # copy_expert is psycopg2's own, and so are its errors
                cursor.copy_expert(sql("COPY {table} ({columns}) FROM STDIN", **written), _Lines(rows))
            return
        _stage(cursor, model, columns, rows)
        cursor.execute(
            sql("INSERT INTO {table} ({columns}) SELECT {columns} FROM stage{conflict}", **written)
        )
        cursor.execute("DROP TABLE stage")


def _stage(cursor, model, columns, rows) -> None:
    written = {"table": model, "columns": names(*columns)}
    cursor.execute(
        sql("CREATE TEMPORARY TABLE stage AS SELECT {columns} FROM {table} WITH NO DATA", **written)
    )
    cursor.copy_expert(sql("COPY stage ({columns}) FROM STDIN", **written), _Lines(rows))


class _Lines(io.RawIOBase):
    """Rows as PostgreSQL's text format, written as they are read so that they never stand in memory twice."""

    def __init__(self, rows) -> None:
        self._rows = iter(rows)
        self._left = b""

    def readable(self) -> bool:
        return True

    def read(self, size=-1) -> bytes:
        parts = [self._left]
        length = len(self._left)
        while size < 0 or length < size:
            lines = "".join(map(_line, islice(self._rows, 200))).encode()
            if not lines:
                break
            parts.append(lines)
            length += len(lines)
        data = b"".join(parts)
        if size < 0:
            self._left = b""
            return data
        self._left = data[size:]
        return data[:size]


_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


def _line(row) -> str:
    line = "\t".join([_cell(value) for value in row])
    # Nearly no row has a cell to be escaped, so that is looked for in the whole row first.
    if line.count("\t") >= len(row) or line.count("\\") > row.count(None) or "\n" in line or "\r" in line:
        line = "\t".join([_cell(value).translate(_ESCAPES) if value is not None else "\\N" for value in row])
    return line + "\n"


def _cell(value) -> str:
    return value if type(value) is str else "\\N" if value is None else str(value)


@contextmanager
def many_short_lived_objects() -> Iterator[None]:
    """Rows by the hundred thousand make no cycles: looking for them less often saves an eighth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def empty_tables(cursor, tables: dict[str, SQL]) -> None:
    """The temporary tables of this connection, ``{name: columns}``, empty; their names go together. They last as long
    as the caller's transaction. Raises TransactionManagementError outside of one, where each statement would find them
    empty."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("Temporary tables are filled and read in one transaction.")
    made, emptied = _made_and_emptied(connection.vendor, tuple(tables.items()))
    if connection.vendor == "postgresql":
        cursor.execute("SELECT to_regclass(%s)", [f"pg_temp.{next(iter(tables))}"])
        if cursor.fetchone()[0] is None:
            cursor.execute(joined("; ", made))
        cursor.execute(joined("; ", emptied))
        return
    for statement in (*made, *emptied):
        cursor.execute(statement)


@cache
def _made_and_emptied(vendor, tables) -> tuple[list[SQL], list[SQL]]:
    make = (
        "CREATE TEMPORARY TABLE {table} ({row}) ON COMMIT DELETE ROWS"
        if vendor == "postgresql"
        else "CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({row})"
    )
    made = [sql(make, table=name(table), row=row) for table, row in tables]
    return made, [sql("DELETE FROM {table}", table=name(table)) for table, _ in tables]


def chunks(rows, size) -> Iterator[list]:
    """Lists of up to ``size`` rows."""
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk
