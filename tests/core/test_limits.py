"""Tries are counted in the database, so that those in parallel cannot slip through together."""

import threading

import pytest
from django.db import connections

from core.limits import Limit, forget, try_once
from core.models import Attempts

FIVE = Limit("code", 5, 600)


@pytest.mark.django_db(databases="__all__")
def test_a_limit_lets_through_as_many_as_it_says_and_then_says_how_long_to_wait(engine):
    verdicts = [try_once(FIVE, "13800000001") for _ in range(7)]

    assert [verdict.allowed for verdict in verdicts] == [True] * 5 + [False] * 2
    assert [verdict.left for verdict in verdicts] == [4, 3, 2, 1, 0, 0, 0]
    assert all(0 < verdict.wait <= 600 for verdict in verdicts)


@pytest.mark.django_db
def test_a_limit_counts_each_person_and_each_limit_apart():
    for _ in range(6):
        try_once(FIVE, "13800000001")

    assert try_once(FIVE, "13800000002").allowed
    assert try_once(FIVE._replace(name="password"), "13800000001").allowed
    assert not try_once(FIVE, "13800000001").allowed


@pytest.mark.django_db
def test_a_new_window_starts_afresh_and_so_does_success(time_machine):
    time_machine.move_to("2026-11-24T10:00:01+08:00")
    for _ in range(6):
        try_once(FIVE, "a")
        try_once(FIVE, "b")

    forget(FIVE, "b")

    assert (try_once(FIVE, "a").allowed, try_once(FIVE, "b").allowed) == (False, True)
    time_machine.move_to("2026-11-24T10:10:01+08:00")
    assert try_once(FIVE, "a").allowed


@pytest.mark.django_db
def test_whom_a_limit_counts_is_not_to_be_read_in_the_table():
    try_once(FIVE, "13800000001")

    assert "13800000001" not in Attempts.objects.get().bucket


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_tries_in_parallel_are_all_counted():
    allowed, barrier = [], threading.Barrier(20)

    def attempt():
        connections["default"] = connections["postgres"]
        barrier.wait()
        allowed.append(try_once(FIVE, "one account").allowed)
        connections["postgres"].close()

    threads = [threading.Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (allowed.count(True), allowed.count(False)) == (5, 15)
