"""With Redis: it counts for all processes; when it goes away, nothing stops."""

import pytest

from core.background import start_after_commit


class Bell:
    """A task that a broker would carry."""

    name = "bell"

    def __init__(self, broken=False):
        self.rung, self.broken = [], broken

    def delay(self, *arguments):
        if self.broken:
            raise ConnectionError("no broker")
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
def test_work_is_rung_for_after_commit_and_a_dead_broker_is_logged_not_raised(
    redis, caplog, django_capture_on_commit_callbacks
):
    bell, broken = Bell(), Bell(broken=True)

    with django_capture_on_commit_callbacks(execute=True):
        start_after_commit(bell, 7)
        start_after_commit(broken, 7)
        assert bell.rung == []

    assert (bell.rung, broken.rung) == ([(7,)], [])
    assert "The doorbell for bell did not ring" in caplog.text
