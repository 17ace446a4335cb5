"""A chunk that kills whoever works on it: dead after five tries, told to staff, and everybody else is told."""

import subprocess
import sys

import pytest

from .world import ROOT, WORKER, until

OWNERS = 400
STATUS = "SELECT status FROM notifications_pushrun WHERE version_id = %s"
DEAD = "SELECT lo, hi, tries, problem FROM notifications_pushchunk WHERE done_at IS NULL"
# Whoever writes this owner's message loses the connection, as by a worker's death.
TRIGGER = """CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); RETURN NEW; END $$;
    CREATE TRIGGER poison BEFORE INSERT ON notifications_notification
    FOR EACH ROW WHEN (NEW.operator_id = {operator}) EXECUTE FUNCTION poison()"""
FITTING = """SELECT operator_id FROM businesses_business WHERE operator_id IS NOT NULL AND employees <= 9"""


@pytest.fixture
def poisoned(world):
    """(the version that is pushed, the owner whom nobody outlives)."""
    world.postgres.create("poison", "empty")
    portal = world.portal("poison")
    portal.open_register(owners=OWNERS)
    owners = sorted(row[0] for row in world.rows(FITTING, database="poison"))
    return portal.publish(most=9, amount=5000), owners[len(owners) // 2]


def test_a_chunk_that_kills_its_worker_is_dead_after_five_tries_and_the_others_arrive(
    world, poisoned, report
):
    version, poison = poisoned
    worker = world.start(
        sys.executable,
        "-m",
        "tests.faults.poison",
        str(poison),
        *WORKER,
        "-n",
        "poison@%h",
        database="poison",
    )
    beat = world.beat(database="poison")

    def is_over():
        return world.value(STATUS, version, database="poison") == "failed"

    until(is_over, "The poisoned chunk is tried for ever.", seconds=200)

    chunks = world.value("SELECT COUNT(*) FROM notifications_pushchunk", database="poison")
    ((lo, hi, tries, problem),) = world.rows(DEAD, database="poison")
    report(f"poison: {chunks} chunks, one dead after {tries} tries")
    assert lo <= poison < hi
    assert (tries, problem) == (5, "处理这一段的进程中断了")
    assert _missing(world) == {owner for owner in _fitting(world) if lo <= owner < hi}
    for process in (worker, beat):
        world.kill(process)

    world.change(TRIGGER.format(operator=poison), database="poison")
    done = subprocess.run(
        [sys.executable, "manage.py", "push", "T01a", "--redrive", "--one-by-one"],
        env=world.environment("poison", REDIS_URL=""), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout.count("做不成：")) == (1, 1), done.stderr
    assert f"做不成：经营者 {poison} " in done.stdout
    assert _missing(world) == {poison}


def _fitting(world):
    return {row[0] for row in world.rows(FITTING, database="poison")}


def _missing(world):
    told = world.rows("SELECT operator_id FROM notifications_notification", database="poison")
    return _fitting(world) - {row[0] for row in told}
