"""One installation for all faults: a register, Celery, and a beat that sweeps every second."""

import pytest

from .pushes import Push
from .world import World

# Of the register to which is pushed: in a hundred chunks, however many there are.
OWNERS, OWNERS_OF_THE_LONG_RUN = 4_000, 20_000


def pytest_generate_tests(metafunc):
    if "world" in metafunc.fixturenames:
        sizes = [OWNERS]
        if "push" in metafunc.fixturenames:
            sizes.append(pytest.param(OWNERS_OF_THE_LONG_RUN, marks=pytest.mark.long))
        metafunc.parametrize("world", sizes, indirect=True, scope="session")


@pytest.fixture(scope="session")
def world(request):
    """Nothing runs in it yet but its servers."""
    with World(owners=request.param) as found:
        yield found


@pytest.fixture(scope="session")
def city(world):
    """The register to which is pushed."""
    world.postgres.create("city", "empty")
    world.portal().open_register(owners=world.owners)


class Running:
    """``worker`` and ``beat`` are those of production; ``others`` came on top."""

    def __init__(self, world):
        self.world, self.worker, self._beat, self.others = world, world.worker(), world.beat(), []

    @property
    def worker(self):
        return self.world.current(self._worker)

    @worker.setter
    def worker(self, process):
        self._worker = process

    @property
    def beat(self):
        return self.world.current(self._beat)


@pytest.fixture(scope="module")
def _running(world, city):
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
def push(world, city):
    """Publishes a new benefit, or the next version of that of an earlier push, and so begins to push it."""
    return lambda most=6, *, after=None: Push(world, most, after=after)
