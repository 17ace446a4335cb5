"""The cache on Redis: values are JSON, so that whoever writes there makes nothing run, and a frozen Redis holds up
nobody (core/resting.py)."""

import orjson
from django.core.cache.backends import redis as django_redis
from redis import Redis

from . import resting


class JSONSerializer:
    """A whole number is written as Redis itself writes it, so that it can be counted up there. What is no JSON is as if
    it were not there."""

    def dumps(self, value) -> bytes:
        return orjson.dumps(value)

    def loads(self, data) -> object:
        try:
            return orjson.loads(data)
        except orjson.JSONDecodeError:
            return None


class _Client(Redis):
    def execute_command(self, *words, **options) -> object:
        with resting.asking():
            return super().execute_command(*words, **options)


class _CacheClient(django_redis.RedisCacheClient):
    def __init__(self, *arguments, **options) -> None:
        super().__init__(*arguments, **options)
        self._client = _Client


class RedisCache(django_redis.RedisCache):
    def __init__(self, server, parameters) -> None:
        super().__init__(server, parameters)
        own = self._options  # type: ignore[has-type]  # Django's, set in its __init__
        self._options = {"serializer": JSONSerializer, **resting.BRIEFLY, **own}
        self._class = _CacheClient
