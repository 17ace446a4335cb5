"""A Redis that does not answer costs one wait, and what stands in it is read as JSON and nothing else."""

import os
import pickle
import signal
from pathlib import Path

import pytest
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis import Redis, RedisError

from core import background, resting


class Bell:
    name = "bell"

    def __init__(self):
        self.tries = 0

    def delay(self):
        self.tries += 1
        raise OperationalError("Timeout reading from socket")


def test_ten_doorbells_that_do_not_ring_are_tried_once_in_five_seconds(redis, monkeypatch):
    bell = Bell()

    for _ in range(10):
        background._start(bell, ())
    tries_at_once = bell.tries
    now = resting.time.monotonic()
    monkeypatch.setattr(resting.time, "monotonic", lambda: now + resting.SECONDS + 1)
    background._start(bell, ())

    assert (tries_at_once, bell.tries) == (1, 2)


def test_a_frozen_cache_is_asked_once_and_doorbells_are_not_rung_either(redis, redis_server):
    cache.set("here", 1)
    os.kill(redis_server.process_id, signal.SIGSTOP)
    try:
        problems = []
        for _ in range(3):
            with pytest.raises(RedisError) as caught:
                cache.get("here")
            problems.append(caught.type is resting.Resting)
        background._start(bell := Bell(), ())
    finally:
        os.kill(redis_server.process_id, signal.SIGCONT)

    assert (problems, bell.tries) == ([False, True, True], 0)


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


def test_a_pickle_planted_in_the_cache_is_not_there_and_does_not_run(redis, redis_server, tmp_path):
    trap = tmp_path / "sprung"
    with Redis.from_url(redis_server.url) as client:
        client.set(cache.make_key("uptake"), pickle.dumps(Trap(trap)))

    assert cache.get("uptake", "nothing") is None
    assert not trap.exists()


def test_what_is_kept_comes_back_and_numbers_are_counted_up_in_redis(redis):
    cache.set("rows", [{"benefit": "M01a", "fen": None}])
    cache.set("count", 1)

    assert (cache.get("rows"), cache.incr("count"), cache.get("count")) == (
        [{"benefit": "M01a", "fen": None}],
        2,
        2,
    )
