"""A push to all owners, and everything that can die dies in the middle: each has one message, at once."""

import os
import random
import signal
import time

import pytest

from .faults import FAULTS
from .pushes import Counted
from .world import WAITING_TO_WRITE, until

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(10_000))
# Those of the short run; the others are in the long one.
SOME_FAULTS = ("children killed", "Redis flushed", "PostgreSQL restarted")

IDLE_TWO_SECONDS = "&options=-c%20idle_in_transaction_session_timeout%3D2s"
WAITING_ALONE = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
STATUSES = "SELECT status FROM notifications_pushrun WHERE version_id IN (%s, %s) ORDER BY id"
MISSING = """SELECT COUNT(*) FROM businesses_business b WHERE employees <= %s AND operator_id IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM notifications_notification n
        WHERE n.operator_id = b.operator_id AND n.version_id IN (%s, %s))"""


def everybody_has_one(world, push, rows=None):
    """Counted by statements of the tests' own, and by the product's invariants."""
    rows = rows or world.fitting
    assert push.counted() == Counted(rows=rows, lost=0, doubled=0, strangers=0)
    assert push.counters() == (rows, rows)
    assert world.portal().broken_invariants() == {}


@pytest.mark.parametrize(
    "fault", [pytest.param(name, marks=() if name in SOME_FAULTS else pytest.mark.long) for name in FAULTS]
)
def test_a_push_is_finished_whatever_happens_in_the_middle(fault, world, celery, push, report):
    begun = push()

    begun.is_hit(lambda world: FAULTS[fault](world, celery))

    report(f"{fault}: finished {begun.finishes():.1f} s after it.")
    everybody_has_one(world, begun)


def test_a_newer_version_is_pushed_through_anything_in_any_order(world, celery, push, report):
    report(f"SEED={SEED}")
    chosen = random.Random(SEED)
    first = push(most=4)
    first.finishes()
    newer = push(most=7, after=first)

    for number in range(4):
        fault = chosen.choice(list(FAULTS))
        newer.is_hit(lambda world, fault=fault: FAULTS[fault](world, celery), at_chunk=12 * (number + 1))
        report(fault)

    report(f"finished {newer.finishes():.1f} s after the last.")
    everybody_has_one(world, newer, rows=newer.counted().rows)
    assert newer.counted().rows > world.fitting


def test_a_version_that_is_overtaken_while_it_is_written_leaves_nothing_behind(world, celery, push, report):
    stopping = world.portal(number=2)  # its start takes longer than a push
    first, newer = push(most=4), []

    def overtake(world):
        newer.append(push(most=7, after=first))
        stopping.ask("relay")  # finds that the first is overtaken, while its chunks are half written
        until(lambda: first.is_finished() or world.value(WAITING_ALONE) > 0, "Nobody ends the first.")

    first.is_hit(overtake)
    stopping.answer()

    report(f"overtaken: finished {newer[0].finishes():.1f} s after it.")
    assert world.portal().broken_invariants() == {}
    assert world.rows(STATUSES, first.version, newer[0].version) == [("stopped",), ("done",)]
    assert world.value(MISSING, 7, first.version, newer[0].version) == 0


def test_a_worker_that_freezes_in_the_middle_does_not_hold_its_chunks_for_ever(world, celery, push, report):
    """As a host that vanishes does: PostgreSQL ends what it had begun. Here after two seconds, else after a minute."""
    frozen = world.worker(DATABASE_URL=world.postgres.url("city") + IDLE_TWO_SECONDS)
    celery.others.append(frozen)
    until(lambda: len(world.children(frozen)) > 1, "The second worker does not start.")
    begun = push()

    def freeze(world):
        until(lambda: world.value(WAITING_TO_WRITE) > 2, "The second worker does not push.", seconds=60)
        os.killpg(frozen.pid, signal.SIGSTOP)

    begun.is_hit(freeze)

    report(f"a worker frozen: finished {begun.finishes():.1f} s after it.")
    assert world.portal().longest_idle() == "30s"
    everybody_has_one(world, begun)


def test_publishing_does_not_need_redis(world, celery, push, report):
    relay = world.relay()
    world.redis.die()
    begun = time.monotonic()
    unheard = push()
    took = time.monotonic() - begun

    unheard.finishes()
    world.kill(relay)
    world.redis.start()
    heard = push()

    report(f"published in {took:.1f} s without Redis; with it again finished in {heard.finishes():.1f} s.")
    everybody_has_one(world, unheard)
    everybody_has_one(world, heard)


def test_two_runs_of_one_version_at_once_tell_nobody_twice(world, celery, push):
    begun = push()
    both = [world.portal(), world.portal(number=2)]

    def begin_twice(world):
        for portal in both:
            portal.ask("begin", version=begun.version, scope="again")
        begun.answers = [portal.answer() for portal in both]

    begun.is_hit(begin_twice)
    said = world.portal().push(code=begun.code)
    begun.finishes()
    until(begun.is_finished, "The others go on.")

    assert sorted(created for _, created in begun.answers) == [False, True]
    assert len({run for run, _ in begun.answers}) == 1
    assert said in ("done", "refused")
    everybody_has_one(world, begun)


def test_a_clock_that_is_past_midnight_tells_nobody_twice(world, celery, push, report):
    begun = push()

    def midnight(world):
        celery.others.append(world.worker_ahead(24 * 60 * 60))
        world.portal().follow_the_day(days_ahead=1)

    begun.is_hit(midnight)
    report(f"a clock past midnight: finished {begun.finishes():.1f} s after it.")
    world.portal().follow_the_day(days_ahead=1)
    begun.finishes()

    everybody_has_one(world, begun)
