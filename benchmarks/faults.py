"""A push to a whole register while everything is killed: ``python -m benchmarks.faults --owners 100000 --kills 30``.

Two workers of two processes, a beat and a relay push a first version, then a second with another amount and other
limits; faults come in the middle of chunks, in an order that ``--seed`` repeats. Ends with an error where anybody is
left out, told twice or told what is not so.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections import Counter
from contextlib import suppress

from tests.faults import faults
from tests.faults.pushes import Push
from tests.faults.world import World

CHUNKS = 200  # of a push, so that there are many middles
DONE_AT_MOST = 0.9  # of the chunks when the last fault comes


class Running:
    def __init__(self, world):
        self.worker, self.second = world.worker(), world.worker()
        self.beat, self.relay, self.others = world.beat(), world.relay(), []


def kill_relay(world, running):
    world.kill(running.relay)
    running.relay = world.relay()


def kill_everything(world, running):
    """Workers, beat and relay at the same moment; a supervisor starts them again."""
    for process in (running.worker, running.second, running.beat, running.relay, *running.others):
        world.kill(process)
    running.worker, running.second, running.others = world.worker(), world.worker(), []
    running.beat, running.relay = world.beat(), world.relay()


def kill_second_worker(world, running):
    with suppress(ProcessLookupError):
        os.kill(running.second.pid, signal.SIGKILL)
    running.second.wait()
    running.second = world.worker()


def clock_ahead(world, running):
    """For as long as the next such fault is away: an hour ahead, with Celery's own processes beside it."""
    for process in running.others:
        world.kill(process)
    running.others = [world.worker_ahead(60 * 60)]


def freeze(world, running):
    """A host that does not answer any more, and does not say so either. Another takes its place."""
    os.killpg(running.worker.pid, signal.SIGSTOP)
    running.worker = world.worker()


def double_beat(world, running):
    for process in running.others:
        world.kill(process)
    running.others = []
    faults.double_beat(world, running)


KILLS = {
    "children of a worker killed": faults.kill_children,
    "a worker killed": faults.kill_worker,
    "the other worker killed": kill_second_worker,
    "the relay killed": kill_relay,
    "workers, beat and relay killed at once": kill_everything,
}
OTHERS = {
    "Redis flushed": faults.flush_redis,
    "Redis stopped and started": faults.restart_redis,
    "PostgreSQL restarted": faults.restart_postgres,
    "a worker frozen": freeze,
    "beat doubled": double_beat,
    "a clock an hour ahead": clock_ahead,
}


def planned(chance, kills):
    """``kills`` kills, and half as many of everything else, in any order."""
    chosen = [chance.choice(list(KILLS.items())) for _ in range(kills)]
    chosen += [list(OTHERS.items())[number % len(OTHERS)] for number in range(kills // 2)]
    chance.shuffle(chosen)
    return chosen


def hit(push, running, planned, counts, chunks):
    for number, (name, fault) in enumerate(planned):
        at_chunk = int(chunks * DONE_AT_MOST * number / len(planned)) + 1
        push.is_hit(lambda world, fault=fault: fault(world, running), at_chunk=at_chunk)
        counts[name] += 1


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--owners", type=int, default=100_000)
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--seed", type=int)
    options = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(10_000) if options.seed is None else options.seed
    plan = planned(random.Random(seed), options.kills)
    half = len(plan) // 2
    with World(owners=options.owners, chunks=CHUNKS) as world:
        print(f"{options.owners} owners, {options.kills} kills, seed {seed}", flush=True)
        world.postgres.create("city", "empty")
        world.portal().open_register(owners=options.owners)
        running, counts, wrong = Running(world), Counter(), 0
        first = None
        for most, faults_of_this in ((5, plan[:half]), (7, plan[half:])):
            begun = time.monotonic()
            push = Push(world, most, after=first)
            hit(push, running, faults_of_this, counts, CHUNKS)
            seconds, found = push.finishes(), push.counted()
            wrong += found.lost + found.doubled + found.strangers
            print(
                f"version {1 if first is None else 2}: {found.rows} messages, {found.lost} lost, "
                f"{found.doubled} doubled, {found.strangers} to others; {len(faults_of_this)} faults in "
                f"{time.monotonic() - begun:.0f} s, finished {seconds:.1f} s after the last",
                flush=True,
            )
            first = push
        broken = world.portal().broken_invariants()
        said = world.manage("city", "check_invariants")
    for name, count in sorted(counts.items()):
        print(f"  {count:3} × {name}")
    print(f"invariants broken: {broken or 'none'}; check_invariants: {said.count('成立')} hold")
    sys.exit(bool(wrong or broken))


if __name__ == "__main__":
    main(sys.argv[1:])
