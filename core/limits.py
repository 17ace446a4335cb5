"""How often something may be tried. Counted in the database in one statement, so that tries in parallel cannot race.

What is counted is a person, an account or an address, kept only as a keyed hash.
"""

import time
from typing import NamedTuple

from django.db import connection

from core.encryption import blind_index


class Limit(NamedTuple):
    """At most ``times`` in each window of ``seconds``."""

    name: str
    times: int
    seconds: int


class Verdict(NamedTuple):
    """``left``: tries that remain in this window. ``wait``: seconds until the next one begins."""

    allowed: bool
    left: int
    wait: int


def try_once(limit: Limit, whom: str) -> Verdict:
    """Count one try. Call it outside the transaction of what is tried, which may be rolled back."""
    now = int(time.time())
    start = now - now % limit.seconds
    bucket = f"{limit.name}:{blind_index(whom, 'limit')[:32]}"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_attempts (bucket, starts, count) VALUES (%s, %s, 1)"
            " ON CONFLICT (bucket) DO UPDATE SET"
            "  count = CASE WHEN core_attempts.starts = excluded.starts THEN core_attempts.count + 1 ELSE 1 END,"
            "  starts = excluded.starts"
            " RETURNING count",
            [bucket, start],
        )
        count = cursor.fetchone()[0]
    return Verdict(count <= limit.times, max(limit.times - count, 0), start + limit.seconds - now)


def forget(limit: Limit, whom: str) -> None:
    """Start afresh, after the right code or password."""
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM core_attempts WHERE bucket = %s",
            [f"{limit.name}:{blind_index(whom, 'limit')[:32]}"],
        )


def give_back(limit: Limit, whom: str) -> None:
    """Uncount one try of this window: it was right, and only wrong ones are to count."""
    now = int(time.time())
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_attempts SET count = count - 1 WHERE bucket = %s AND starts = %s AND count > 0",
            [f"{limit.name}:{blind_index(whom, 'limit')[:32]}", now - now % limit.seconds],
        )
