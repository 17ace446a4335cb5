"""With Redis: it counts for all processes; when it goes away, nothing stops."""

import pytest
from kombu.exceptions import OperationalError

from core.background import start_after_commit


class Bell:
    """A task that a broker would carry."""

    name = "bell"

    def __init__(self, problem=None):
        self.rung, self.problem = [], problem

    def delay(self, *arguments):
        if self.problem:
            raise self.problem
        self.rung.append(arguments)


@pytest.mark.django_db
def test_the_throttle_counts_in_redis(redis, client, settings):
    settings.ANONYMOUS_REQUESTS_PER_SECOND = 100

    statuses = [client.get("/api/v1/facts/").status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
    assert b":pace:127.0.0.1:" in redis.everything()


@pytest.mark.django_db
def test_an_evaluation_is_answered_while_redis_is_gone(redis, client, settings, catalogue_loaded):
    settings.CACHES["default"]["LOCATION"] = "redis://127.0.0.1:1/0"

    answer = client.post("/api/v1/evaluations/", {"profile": {}}, content_type="application/json")

    assert answer.status_code == 200
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_work_is_rung_for_after_commit(redis, django_capture_on_commit_callbacks):
    bell = Bell()

    with django_capture_on_commit_callbacks(execute=True):
        start_after_commit(bell, 7)
        assert bell.rung == []

    assert bell.rung == [(7,)]


@pytest.mark.parametrize(
    ("problem", "is_looked_into"),
    [(OperationalError("Connection refused."), False), (TypeError("odd"), True)],
)
@pytest.mark.django_db
def test_a_doorbell_that_does_not_ring_is_logged_and_a_redis_that_is_away_in_one_line(
    problem, is_looked_into, redis, caplog, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        start_after_commit(Bell(problem), 7)

    (record,) = caplog.records
    assert record.getMessage().startswith("The doorbell for bell did not ring, the sweep will find it")
    assert bool(record.exc_info) == is_looked_into
