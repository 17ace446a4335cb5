"""A query that every page asks is put into SQL once: from one asker to the next only numbers differ.

Django makes a statement out of a queryset in some thousandths of a second, of a small query more than the database
takes to answer it.
"""

from collections.abc import Callable, Collection
from functools import wraps

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

_FIRST = 7_000_000_000_000_000_000  # stands for an argument, and is no id of any row


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list[tuple]]:
    """Decorator: ``build(*numbers)`` gives a queryset of values, its arguments whole numbers or sets of them, and
    nothing else that the queryset says may change while the process lives. Called, it gives the rows."""
    statements = {}

    @wraps(build)
    def rows(*arguments: int | Collection[int]) -> list[tuple]:
        lists = [[given] if isinstance(given, int) else list(given) for given in arguments]
        shape = connection.vendor, *(isinstance(given, int) or len(given) for given in arguments)
        if shape not in statements:
            statements[shape] = _statement(build, arguments)
        sql, parameters = statements[shape]
        if sql is None:
            return []
        numbers = [number for several in lists for number in several]
        with connection.cursor() as cursor:
            cursor.execute(
                sql, [numbers[value.place] if isinstance(value, _Place) else value for value in parameters]
            )
            return cursor.fetchall()

    return rows


class _Place(int):
    """A number that stands for the argument at ``place``."""

    @property
    def place(self) -> int:
        return self - _FIRST


def _statement(build, arguments) -> tuple:
    """(SQL, parameters with _Place where an argument belongs); (None, ()) where nothing can be found."""
    count = _FIRST
    stand_ins: list[int | range] = []
    for given in arguments:
        if isinstance(given, int):
            stand_ins.append(count)
            count += 1
        else:
            stand_ins.append(range(count, count + len(given)))
            count += len(given)
    try:
        sql, parameters = build(*stand_ins).query.get_compiler(connection.alias).as_sql()
    except EmptyResultSet:
        return None, ()
    return sql, [
        _Place(value) if isinstance(value, int) and _FIRST <= value < count else value for value in parameters
    ]
