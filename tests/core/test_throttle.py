import time

import pytest
import time_machine
from django.core.cache import cache

from .test_problems import problem

NOON = "2026-11-24T12:00:00.2+08:00"


@pytest.fixture(autouse=True)
def three_a_second(settings):
    settings.ANONYMOUS_REQUESTS_PER_SECOND = 3


def statuses(api, times, **extra):
    return [api.get("/api/paced/", **extra).status_code for _ in range(times)]


def test_requests_over_the_limit_of_the_second_are_429_with_retry_after(api):
    with time_machine.travel(NOON, tick=False):
        assert statuses(api, 4) == [200, 200, 200, 429]
        response = api.get("/api/paced/")

    assert problem(response, 429)["code"] == "throttled"
    assert response.headers["Retry-After"] == "1"


def test_the_next_second_starts_anew(api):
    with time_machine.travel(NOON, tick=False) as clock:
        statuses(api, 4)
        clock.shift(1)

        assert statuses(api, 4) == [200, 200, 200, 429]


def test_addresses_are_counted_apart(api):
    with time_machine.travel(NOON, tick=False):
        assert statuses(api, 4, REMOTE_ADDR="10.0.0.1")[-1] == 429
        assert statuses(api, 3, REMOTE_ADDR="10.0.0.2") == [200, 200, 200]


def test_a_forwarded_address_counts_only_behind_a_trusted_proxy(api, settings):
    with time_machine.travel(NOON, tick=False):
        assert [statuses(api, 1, HTTP_X_FORWARDED_FOR=f"10.0.0.{n}")[0] for n in range(4)] == [
            200,
            200,
            200,
            429,
        ]

        settings.TRUSTED_PROXY = True
        assert [statuses(api, 1, HTTP_X_FORWARDED_FOR=f"9.9.9.9, 10.0.0.{n}")[0] for n in range(4)] == [
            200
        ] * 4
        assert statuses(api, 3, HTTP_X_FORWARDED_FOR="1.1.1.1, 10.0.0.0") == [200, 200, 429]


def test_everybody_passes_while_the_cache_is_down(api, settings, caplog):
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
            "OPTIONS": {"socket_connect_timeout": 0.25},
        }
    }

    assert statuses(api, 5) == [200] * 5
    assert "not throttled" in caplog.text


def test_a_counter_is_forgotten_soon(api):
    with time_machine.travel(NOON, tick=False) as clock:
        statuses(api, 1)
        key = f"pace:127.0.0.1:{int(time.time())}"
        assert cache.get(key) == 1

        clock.shift(10)
        assert cache.get(key) is None
