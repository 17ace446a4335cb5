"""A Redis that does not answer is left alone for a few seconds: only the first who asks waits for it.

One rest of the process for its doorbells and its cache, which are the same server. Nobody needs either: work is found
by a sweep, and what the cache holds can be reckoned.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from kombu.exceptions import OperationalError as BrokerIsAway
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisIsAway
from redis.exceptions import TimeoutError as RedisIsFrozen
from redis.retry import Retry

SECONDS = 5
TIMEOUT = 0.25  # seconds for an answer where somebody waits for a page
# What redis-py is told: one try.
BRIEFLY = {"socket_connect_timeout": TIMEOUT, "socket_timeout": TIMEOUT, "retry": Retry(NoBackoff(), 0)}

_until = 0.0


class Resting(RedisIsAway):
    """It has not answered a moment ago and is not asked."""


@contextmanager
def asking() -> Iterator[None]:
    """Around whatever asks Redis. Raises Resting at once while it is left alone, and leaves it alone where it fails."""
    global _until
    if time.monotonic() < _until:
        raise Resting("Redis has not answered a moment ago.")
    try:
        yield
    except (RedisIsAway, RedisIsFrozen, BrokerIsAway):
        _until = time.monotonic() + SECONDS
        raise


def forget() -> None:
    """Ask it again at once."""
    global _until
    _until = 0.0
