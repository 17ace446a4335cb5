"""When the database is busy: what passes by itself, and how long this process waits (reliability.md R3).

PostgreSQL alone is told; SQLite has one writer at a time and a limit of its own (``timeout`` in the settings).
"""

import threading
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.db.backends.signals import connection_created

PASSING_CODES = ("40P01", "40001", "55P03")  # a deadlock, a serialization failure, a lock not had in time
TOOK_TOO_LONG = "57014"
RETRY_AFTER = 5  # seconds

# Somebody waits for a page, and holds a worker of the web server while it does; nobody waits for a worker of Celery.
WEB = {"statement_timeout": "5s", "lock_timeout": "2s"}
WORKER = {"statement_timeout": "60s", "lock_timeout": "0"}

_of_process: dict[str, str] = {}
_of_thread = threading.local()


def passes(problem: Exception | None) -> bool:
    """Whether trying again helps: a deadlock, a lock that was not had in time, a busy file."""
    if not isinstance(problem, DatabaseError):
        return False
    return _code(problem) in PASSING_CODES or " is locked" in str(problem)


def is_busy(problem: Exception | None) -> bool:
    """Whether ``problem`` is the database's, and is over later: what ``passes``, or a statement that took too long."""
    return passes(problem) or _code(problem) == TOOK_TOO_LONG


def _code(problem):
    return getattr(getattr(problem, "__cause__", None), "pgcode", None)


def wait_no_longer_than(limits: dict[str, str]):
    """Limits of every connection that this process opens from now on: WEB or WORKER."""
    _of_process.clear()
    _of_process.update(limits)
    connection_created.connect(_limit, dispatch_uid="core.busy")


@contextmanager
def as_worker():
    """Within, this thread of a web process does a worker's work; it has to open its own connection."""
    _of_thread.limits = WORKER
    try:
        yield
    finally:
        connection.close()
        del _of_thread.limits


def _limit(sender, connection, **kwargs):
    limits = getattr(_of_thread, "limits", _of_process)
    if connection.vendor == "postgresql" and limits:
        with connection.cursor() as cursor:
            cursor.execute("; ".join(f"SET {name} = '{limit}'" for name, limit in limits.items()))
