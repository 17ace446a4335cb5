"""When the database is busy or away: what passes by itself, and how long this process waits (reliability.md R3).

PostgreSQL alone is told; SQLite has one writer at a time and a limit of its own (``timeout`` in the settings).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.db.backends.signals import connection_created

PASSING_CODES = ("40P01", "40001", "55P03")  # a deadlock, a serialization failure, a lock not had in time
TOOK_TOO_LONG = "57014"
# It shuts down or starts, takes no more connections, has no room left, or the connection broke off.
AWAY_CODES = ("57P01", "57P02", "57P03", "53300", "53100")
AWAY_CLASS = "08"
RETRY_AFTER = 5  # seconds

# Somebody waits for a page, and holds a worker of the web server while it does; nobody waits for a worker of Celery.
WEB = {"statement_timeout": "5s", "lock_timeout": "2s"}
WORKER = {"statement_timeout": "60s", "lock_timeout": "0"}

_of_process: dict[str, str] = {}
_of_thread = threading.local()


def passes(problem: BaseException | None) -> bool:
    """Whether trying again helps: a deadlock, a lock that was not had in time, a busy file."""
    if not isinstance(problem, DatabaseError):
        return False
    return _code(problem) in PASSING_CODES or " is locked" in str(problem)


def is_busy(problem: BaseException | None) -> bool:
    """Whether ``problem``, or what it came of, is the database's and over later: what ``passes``, a statement that took
    too long, or a database that is away."""
    while problem is not None:
        if passes(problem) or _code(problem) == TOOK_TOO_LONG or is_away(problem):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def is_away(problem: BaseException) -> bool:
    """Whether PostgreSQL took no connection, or the one to it broke off in the middle."""
    code = _code(problem)
    if code is not None:
        return code in AWAY_CODES or code.startswith(AWAY_CLASS)
    # psycopg2 has no code where nobody answered, and a plain DatabaseError where the server died while it did.
    is_of_connection = (
        isinstance(problem, (OperationalError, InterfaceError)) or type(problem) is DatabaseError
    )
    return is_of_connection and hasattr(problem.__cause__, "pgcode")


def _code(problem) -> str | None:
    return getattr(getattr(problem, "__cause__", None), "pgcode", None)


def wait_no_longer_than(limits: dict[str, str]) -> None:
    """Limits of every connection that this process opens from now on: WEB or WORKER."""
    _of_process.clear()
    _of_process.update(limits)
    connection_created.connect(_limit, dispatch_uid="core.db_contention")


@contextmanager
def as_worker() -> Iterator[None]:
    """Within, this thread of a web process does a worker's work; it has to open its own connection."""
    _of_thread.limits = WORKER
    try:
        yield
    finally:
        connection.close()
        del _of_thread.limits


def _limit(sender, connection, **kwargs) -> None:
    limits = getattr(_of_thread, "limits", _of_process)
    if connection.vendor == "postgresql" and limits:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET {name} = '{limit}'" for name, limit in limits.items()))
