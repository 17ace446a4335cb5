"""What lies in the queue is data: a message that is no task in JSON is dropped, written to the log and counted, and the
worker goes on with the next."""

import logging

from django.db import DatabaseError, connection
from kombu.transport import redis

logger = logging.getLogger(__name__)


class _Channel(redis.Channel):
    def _brpop_read(self, **options) -> object:
        """By the time that reading one fails it is gone from the queue, and nobody holds it."""
        try:
            return super()._brpop_read(**options)
        except (ValueError, TypeError, KeyError, AttributeError) as problem:
            count(problem)
            return True


class Transport(redis.Transport):
    Channel = _Channel


def count(problem) -> None:
    """In the process that hands out the work, which keeps no connection: its children would have it as well."""
    from .models import UNREADABLE, Tally  # Celery asks for the transport before there are models

    logger.error("A message in the queue cannot be read and is dropped: %s", type(problem).__name__)
    try:
        Tally.objects.add(UNREADABLE)
    except DatabaseError:
        logger.exception("It could not be counted.")
    finally:
        connection.close()
