"""What can happen to an installation, one function each: (world, what runs in it). What died is started again."""

import os
import signal
import time
from contextlib import suppress

from .world import World


def kill_children(world: World, running):
    """The processes that do the work. Celery puts new ones in their place."""
    for child in world.children(running.worker):
        with suppress(ProcessLookupError):  # gone by itself meanwhile
            os.kill(child, signal.SIGKILL)


def kill_worker(world: World, running):
    """The worker itself. Its children notice and end; a supervisor starts another."""
    world.kill(running.worker, with_children=False)
    running.worker = world.worker()


def worker_ends(world: World, running):
    """It ends by itself, and whoever supervises it finds out later."""
    world.ends(running.worker)


def flush_redis(world: World, running):
    """Every doorbell is gone, and what workers had taken and not done as well."""
    world.redis.flush()


def restart_redis(world: World, running):
    world.redis.die()
    time.sleep(1)  # long enough for whoever waits for it to notice
    world.redis.start()


def restart_postgres(world: World, running):
    """Every transaction is cut off in the middle."""
    world.postgres.restart()


def double_beat(world: World, running):
    """A second beat sweeps beside the first, and two ask for the new day at the same moment."""
    running.others.append(world.beat())
    both = [world.portal(), world.portal(number=2)]
    for portal in both:
        portal.ask("follow_the_day")
    for portal in both:
        portal.answer()


def clock_ahead(world: World, running):
    """Another worker thinks that it is an hour later."""
    running.others.append(world.worker_ahead(60 * 60))


FAULTS = {
    "children killed": kill_children,
    "worker killed": kill_worker,
    "worker ended by itself": worker_ends,
    "Redis flushed": flush_redis,
    "Redis stopped and started": restart_redis,
    "PostgreSQL restarted": restart_postgres,
    "beat doubled": double_beat,
    "a clock an hour ahead": clock_ahead,
}
