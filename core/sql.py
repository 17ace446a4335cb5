"""Statements put together of parts that are ours: a name enters quoted, a whole number as itself, a value never.

``sql("SELECT {columns} FROM {table} WHERE {key} = %s", columns=names("state", "day"), table=Match, key=name("id"))``

It takes models, names, whole numbers, yes and no, other SQL, and lists of these with commas between. It refuses any
other text: what somebody typed is a parameter, given to ``execute`` beside the statement.
"""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.sql import Query

# As PostgreSQL takes them unquoted, so that a statement may also name them as they are.
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")


class SQL(str):
    """Text that is SQL of ours. ``sql`` makes it; who writes ``SQL(text)`` has read ``text`` and vouches for it."""

    __slots__ = ()


TRUE, NOTHING = SQL("TRUE"), SQL("")


def sql(template: str, /, **parts: Any) -> SQL:
    return SQL(template.format(**{place: _written(part) for place, part in parts.items()}))


@cache
def name(text: str, *, of: str = "") -> SQL:
    """A name of a table or a column, quoted; ``of``: the table or alias whose column it is."""
    for one in (text, of or text):
        if not _NAME.fullmatch(one):
            raise ValueError(f"{one!r} is not a name of a table or a column.")
    quote = connection.ops.quote_name
    return SQL(f"{quote(of)}.{quote(text)}" if of else quote(text))


def names(*texts: str, of: str = "") -> list[SQL]:
    return [name(text, of=of) for text in texts]


def joined(between: str, parts: Iterable) -> SQL:
    return SQL(between.join(map(_written, parts)))


def compiled(rows: QuerySet | Query) -> tuple[SQL, list]:
    """A queryset as Django writes it: (the statement, its parameters)."""
    query = rows.query if isinstance(rows, QuerySet) else rows
    statement, parameters = query.sql_with_params()
    return SQL(statement), list(parameters)


@cache
def _table(model) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _written(part) -> str:
    if isinstance(part, SQL):
        return part
    if isinstance(part, bool):
        return "TRUE" if part else "FALSE"
    if isinstance(part, int):
        return str(int(part))
    if isinstance(part, type) and issubclass(part, Model):
        return _table(part)
    if isinstance(part, str):
        raise TypeError(
            f"{part!r} is text, not SQL: give it as a parameter, or by name() where it is a name."
        )
    if isinstance(part, Iterable):
        return ", ".join(map(_written, part))
    raise TypeError(f"{part!r} cannot stand in a statement.")
