"""A query that every page asks is put into SQL once: from one asker to the next only numbers differ.

Django makes a statement out of a queryset in some thousandths of a second, of a small query more than the database
takes to answer it.
"""

from collections.abc import Callable, Collection
from copy import copy
from datetime import date
from functools import lru_cache, wraps

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

_FIRST = 7_000_000_000_000_000_000  # stands for an argument, and is no id of any row
_ONE = "one"
_KEPT = 64  # statements of a function: its shapes of arguments, on the days that matter
_NOTHING = None, ()  # where nothing can be found


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """Decorator: ``build(*arguments)`` gives a queryset, its arguments whole numbers, sets of them, or a date; nothing
    else that the queryset says may change while the process lives. Called, it gives the rows, what is to be prefetched
    with them. Another number of numbers, or another date, is another statement."""

    @lru_cache(maxsize=_KEPT)
    def statement(vendor, *shape) -> _Statement:
        return _Statement(build(*_stand_ins(shape)))

    @wraps(build)
    def rows(*arguments: int | Collection[int] | date) -> list:
        shape: list[object] = []
        numbers: list[int] = []
        for given in arguments:
            if isinstance(given, date):
                shape.append(given)
            elif isinstance(given, int):
                shape.append(_ONE)
                numbers.append(given)
            else:
                shape.append(len(given))
                numbers += given
        return statement(connection.vendor, *shape).rows(numbers)

    return rows


class _Place(int):
    """A number that stands for the argument at ``place``."""

    @property
    def place(self) -> int:
        return self - _FIRST


def _stand_ins(shape) -> list:
    """Arguments of a shape, a number that is no row's in place of each number."""
    count = _FIRST
    stand_ins: list[int | range | date] = []
    for part in shape:
        if isinstance(part, date):
            stand_ins.append(part)
        elif part == _ONE:
            stand_ins.append(count)
            count += 1
        else:
            stand_ins.append(range(count, count + part))
            count += part
    return stand_ins


class _Statement:
    """A queryset whose SQL is made, and is asked with other numbers each time."""

    def __init__(self, queryset: QuerySet) -> None:
        self.queryset, self.compiler = queryset, queryset.query.get_compiler(connection.alias)
        try:
            self.sql, parameters = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, parameters = _NOTHING
        self.parameters = [
            _Place(value) if isinstance(value, int) and value >= _FIRST else value for value in parameters
        ]

    def rows(self, numbers: list[int]) -> list:
        if self.sql is None:
            return []
        filled = [numbers[value.place] if isinstance(value, _Place) else value for value in self.parameters]
        compiler = copy(self.compiler)
        compiler.connection, compiler.as_sql = connection, lambda *_, **__: (self.sql, filled)
        queryset = self.queryset.all()
        queryset.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(queryset)
