"""Without Celery: `manage.py relay --forever` does everything, and nobody has to start it again but when it dies."""

import pytest

from .test_celery import everybody_has_one


@pytest.fixture
def relays(world):
    """Two of them, as on two machines."""
    running = [world.relay(), world.relay()]
    yield running
    for process in running:
        world.kill(process)


def test_a_killed_relay_leaves_nothing_behind_that_the_other_does_not_find(world, relays, push, report):
    begun = push()

    begun.is_hit(lambda world: world.kill(relays.pop()))

    report(f"a relay killed: finished {begun.finishes():.1f} s after it.")
    everybody_has_one(world, begun)


def test_relays_outlive_a_restart_of_postgresql_and_do_not_need_redis(world, relays, push, report):
    first = push(most=4)
    first.finishes()
    newer = push(most=7, after=first)
    world.redis.die()

    newer.is_hit(lambda world: world.postgres.restart())
    report(f"PostgreSQL restarted without Celery: finished {newer.finishes():.1f} s after it.")
    world.redis.start()

    assert [process.poll() for process in relays] == [None, None]
    everybody_has_one(world, newer, rows=newer.counted().rows)
    assert newer.counted().rows > world.fitting


def test_after_all_of_it_everything_holds_that_must_always_hold(world, push):
    """The command that is run nightly in production, over the whole register."""
    said = world.manage("city", "check_invariants")

    assert [line for line in said.splitlines() if not line.startswith("成立")] == []
