"""PostgreSQL or Redis away while people are at it: they are told to come again, and nobody waits for a doorbell."""

import os
import signal
import time
from itertools import islice
from statistics import median

import pytest

from core import resting

from .web import READ, Traffic, Web
from .world import until

MOST_MORE = 0.5  # seconds for one that is handed in while Redis is frozen, and 0.6 for ten in a row together
MOST_MORE_OF_TEN = 0.6
NOISE = 1.5  # seconds that it may take longer because the machine is busy with something else
ROUNDS = 3  # in one of them at least the machine is not busier while Redis is frozen than just before
CASES_OF_A_ROUND = 21


@pytest.fixture
def web(world):
    world.postgres.create("web", "empty")
    server = Web(
        world,
        database="web",
        STAFF_SECOND_FACTOR="off",
        DJANGO_SETTINGS_MODULE="tests.faults.web_settings",
    )
    yield server
    world.kill(server.process)
    world.postgres.run_sql("postgres", "DROP DATABASE web WITH (FORCE)")


def test_while_postgresql_is_away_pages_api_and_admin_say_503_and_when(world, web, report):
    session = world.portal("web").session_of_an_administrator()

    with Traffic(web, READ, session=session) as traffic:
        time.sleep(2)
        world.postgres.kill()
        time.sleep(2)
        world.postgres.start_again()
        back = time.monotonic()
        until(web.is_ready, "It is not ready again.", seconds=20)
        ready = time.monotonic() - back
        time.sleep(1)

    report(f"PostgreSQL away for 2 s: ready {ready:.2f} s after; {sum(traffic.answers.values())} answers")
    assert {(path, status, retry) for path, status, retry in traffic.answers} == {
        (path, *answer) for path in READ for answer in ((200, None), (503, "5"))
    }


def hand_in(web, case):
    begun = time.monotonic()
    status, _, body = web.ask(
        f"/api/v1/applications/{case['id']}/submit/",
        {"version": case["version"], "declared": True},
        session=case["session"],
        key="once",
    )
    assert status == 200, body
    return time.monotonic() - begun


def test_while_redis_is_frozen_what_is_handed_in_is_taken_as_fast_as_ever(world, web, report):
    cases = iter(world.portal("web").drafts(count=ROUNDS * CASES_OF_A_ROUND))
    rounds = []
    while not any(map(_is_as_fast, rounds)) and len(rounds) < ROUNDS:
        if rounds:
            time.sleep(resting.SECONDS)  # then Redis is asked again
        rounds.append(_handed_in_while_frozen(world, web, list(islice(cases, CASES_OF_A_ROUND))))

    for usual, first, ten in rounds:
        report(
            f"handed in: {usual:.3f} s; with a frozen Redis {first:.3f} s more, "
            f"ten after it {ten:.3f} s more together"
        )
    assert any(map(_is_as_fast, rounds))
    handed_in = world.value("SELECT COUNT(*) FROM cases_case WHERE state = 'submitted'", database="web")
    assert handed_in == len(rounds) * CASES_OF_A_ROUND


def _handed_in_while_frozen(world, web, cases):
    """(seconds that one takes, how many more the first takes while Redis is frozen, and the ten after it together)."""
    usual = median([hand_in(web, case) for case in cases[:-11]])
    os.kill(world.redis.process_id, signal.SIGSTOP)
    try:
        first, *ten = (hand_in(web, case) for case in cases[-11:])
    finally:
        os.kill(world.redis.process_id, signal.SIGCONT)
    return usual, first - usual, sum(ten) - 10 * usual


def _is_as_fast(measured):
    _, first, ten = measured
    return first <= MOST_MORE + NOISE / 10 and ten <= MOST_MORE_OF_TEN + NOISE
