"""A query that every page asks is put into SQL once, and planned once: from one asker to the next only numbers differ.

Django makes a statement out of a queryset in some thousandths of a second, and PostgreSQL a plan out of a statement in
as many: of a small query both are more than it takes to answer it. So PostgreSQL is told the statement once for each
connection (PREPARE), which forgets it when it is closed. A pooler that gives every transaction another connection
cannot have that: there the address of the database ends in ``?disable_server_side_cursors=1``, as Django wants it too.
"""

from collections.abc import Callable, Collection, Iterable
from copy import copy
from datetime import date
from functools import lru_cache, wraps
from itertools import count
from threading import RLock
from uuid import UUID
from weakref import WeakKeyDictionary

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

Given = int | UUID  # an argument, or one of several

_FIRST = 7_000_000_000_000_000_000  # stands for an argument, and is no id of any row
_LONGEST = 60  # characters of a name on PostgreSQL
_MOST = 50  # arguments of a statement that is kept
_KEPT = 64  # statements of a function: its shapes of arguments, on the days that matter
_number = count(1)  # of a statement in this process
_told: WeakKeyDictionary = WeakKeyDictionary()  # {connection of the driver: names of statements}


def prepared(build: Callable[..., QuerySet]) -> Callable[..., list]:
    """Decorator: ``build(*arguments)`` gives a queryset, its arguments whole numbers, sets of them, a UUID, or a date;
    nothing else that the queryset says may change while the process lives. Called, it gives the rows, what is to be
    prefetched with them. Another number of numbers, or another date, is another statement; very many are asked for as
    without it."""

    @lru_cache(maxsize=_KEPT)
    def statement(vendor, *shape) -> _Statement:
        arguments, places = _stand_ins(shape)
        return _Statement(
            f"{build.__module__}.{build.__qualname__} {next(_number)}", build(*arguments), places
        )

    one_at_a_time = RLock()  # of two threads that ask first each would make a statement of its own

    @wraps(build)
    def rows(*arguments: Given | Collection[int] | date) -> list:
        shape: list[object] = []
        given: list[Given] = []
        for argument in arguments:
            if isinstance(argument, date):
                shape.append(argument)
            elif isinstance(argument, (int, UUID)):
                shape.append(UUID if isinstance(argument, UUID) else int)
                given.append(argument)
            else:
                shape.append(len(argument))
                given += argument
        if len(given) > _MOST:
            return list(build(*arguments))
        with one_at_a_time:
            made = statement(connection.vendor, *shape)
        return made.rows(given)

    return rows


class _Place(int):
    """Where an argument stands among those that are given."""


def _stand_ins(shape) -> tuple[list, dict[object, _Place]]:
    """Arguments of a shape, a number that is no row's in place of each number and so with UUIDs; and what stands for
    which argument in a statement, whether the engine has UUIDs or writes them as text."""
    arguments: list[int | UUID | range | date] = []
    places: dict[object, _Place] = {}
    many = 0
    for part in shape:
        if isinstance(part, date):
            arguments.append(part)
            continue
        numbers = range(_FIRST + many, _FIRST + many + (part if isinstance(part, int) else 1))
        one = UUID(int=numbers.start) if part is UUID else numbers.start
        arguments.append(numbers if isinstance(part, int) else one)
        places |= {number: _Place(number - _FIRST) for number in numbers}
        if isinstance(one, UUID):
            places |= dict.fromkeys((one, one.hex), _Place(many))
        many += len(numbers)
    return arguments, places


class _Statement:
    """A queryset whose SQL is made, and is asked with other arguments each time. ``name``: nobody else's; ``places``:
    what stands for which argument."""

    def __init__(self, name: str, queryset: QuerySet, places: dict[object, _Place]) -> None:
        self.name = connection.ops.quote_name(name[-_LONGEST:])
        self.queryset, self.compiler = queryset, queryset.query.get_compiler(connection.alias)
        try:
            self.sql, parameters = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql = None  # nothing can be found
            return
        columns = [column for column, *_ in self.compiler.select[: self.compiler.col_count]]
        self.converters = self.compiler.get_converters(columns)
        self.parameters = [
            places.get(value, value) if isinstance(value, (int, str, UUID)) else value for value in parameters
        ]

    def rows(self, given: list[Given]) -> list:
        if self.sql is None:
            return []
        asked = self._in_short(given) if _keeps_statements() else self._in_full(given)
        compiler = copy(self.compiler)
        compiler.connection, compiler.as_sql = connection, lambda *_, **__: asked
        compiler.get_converters = lambda *_: self.converters
        queryset = self.queryset.all()
        queryset.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(queryset)

    def _in_full(self, given: list[Given]) -> tuple[str, list]:
        """The statement, and what it is asked with."""
        written = given if connection.features.has_native_uuid_field else [_as_text(one) for one in given]
        return self.sql, [written[value] if isinstance(value, _Place) else value for value in self.parameters]

    def _in_short(self, given: list[Given]) -> tuple[str, list]:
        """The same, of a connection that was told the statement."""
        connection.ensure_connection()
        names = _told.setdefault(connection.connection, set())
        if self.name not in names:
            self._tell(["uuid" if isinstance(one, UUID) else "bigint" for one in given])
            names.add(self.name)
        return f"EXECUTE {self.name}{_in_brackets('%s' for _ in given)}", given

    def _tell(self, types: list[str]) -> None:
        """Not by Django's cursor: it is no query of a page, and what is in the statement need not be escaped."""
        first, *others = (part.replace("%%", "%") for part in self.sql.split("%s"))
        with connection.wrap_database_errors, connection.connection.cursor() as cursor:
            said = [
                f"${value + 1}" if isinstance(value, _Place) else cursor.mogrify("%s", [value]).decode()
                for value in self.parameters
            ]
            statement = first + "".join(map("".join, zip(said, others, strict=True)))
            cursor.execute(f"PREPARE {self.name}{_in_brackets(types)} AS {statement}")


def _keeps_statements() -> bool:
    """Whether the database is one that keeps them, and a connection the same from one transaction to the next."""
    return connection.vendor == "postgresql" and not connection.settings_dict.get(
        "DISABLE_SERVER_SIDE_CURSORS"
    )


def _as_text(one: Given) -> int | str:
    """As an engine without UUIDs keeps it."""
    return one.hex if isinstance(one, UUID) else one


def _in_brackets(parts: Iterable[str]) -> str:
    """Nothing where there are none."""
    joined = ", ".join(parts)
    return f"({joined})" if joined else ""
