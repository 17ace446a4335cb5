"""One installation for all faults: a register of 20,000 owners, Celery, and a beat that sweeps every second."""

import pytest

from .pushes import Push
from .world import World

OWNERS = 20_000


@pytest.fixture(scope="session")
def world():
    """Nothing runs in it yet but its servers."""
    with World() as found:
        found.postgres.create("city", "empty")
        found.portal().open_register(owners=OWNERS)
        yield found


class Running:
    """``worker`` and ``beat`` are those of production; ``others`` came on top."""

    def __init__(self, world):
        self.world, self.worker, self.beat, self.others = world, world.worker(), world.beat(), []

    @property
    def worker(self):
        return self.world.current(self._worker)

    @worker.setter
    def worker(self, process):
        self._worker = process


@pytest.fixture(scope="module")
def _running(world):
    running = Running(world)
    yield running
    for process in (running.worker, running.beat):
        world.kill(process)


@pytest.fixture
def celery(world, _running):
    """The worker and the beat that run; a fault that ends one puts another in its place."""
    yield _running
    while _running.others:
        world.kill(_running.others.pop())


@pytest.fixture
def report(capsys):
    """Prints past pytest: how long after the last fault a push was finished is part of what a run of tests says."""

    def say(text):
        with capsys.disabled():
            print(f"\n  {text}", end="", flush=True)

    return say


@pytest.fixture
def push(world):
    """Publishes a new benefit, or the next version of that of an earlier push, and so begins to push it."""
    return lambda most=6, *, after=None: Push(world, most, after=after)
