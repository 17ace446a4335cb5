"""How fast one address may ask."""

import logging
import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.throttling import BaseThrottle

logger = logging.getLogger(__name__)


class PerSecondThrottle(BaseThrottle):
    """At most settings.ANONYMOUS_REQUESTS_PER_SECOND requests from one address in one second of the clock.

    One atomic counter per address and second. Where the cache is down everybody passes: a portal that is open
    and unthrottled serves people better than one that is closed.
    """

    def allow_request(self, request, view) -> bool:
        key = f"pace:{address(request)}:{int(time.time())}"
        try:
            count = _count(key)
        except Exception:  # each kind of cache has errors of its own, and none may close the portal
            logger.warning("The cache is down: requests are not throttled.", exc_info=True)
            return True
        return count <= settings.ANONYMOUS_REQUESTS_PER_SECOND

    def wait(self) -> int:
        return 1


def _count(key) -> int:
    """Which request of its second this is. Both calls are atomic, so two first ones are still counted as two."""
    try:
        return cache.incr(key)
    except ValueError:  # not there yet
        return 1 if cache.add(key, 1, timeout=5) else cache.incr(key)


def address(request) -> str:
    """The client's address: what the trusted proxy appended last, else the other end of the connection."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR") if settings.TRUSTED_PROXY else None
    return forwarded.rpartition(",")[2].strip()[:45] if forwarded else request.META.get("REMOTE_ADDR", "")
