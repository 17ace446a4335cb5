"""Messages in the queue that are no tasks: dropped and counted, and whoever took them lives."""

import base64
import json
import pickle

from redis import Redis

from .world import until


class Trap:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (self.path, "w")


def envelope(body, content_type):
    return json.dumps(
        {
            "body": base64.b64encode(body).decode(),
            "content-encoding": "binary",
            "content-type": content_type,
            "headers": {"task": "notifications.tasks.relay", "id": "1", "lang": "py"},
            "properties": {
                "delivery_info": {"exchange": "", "routing_key": "interactive"},
                "delivery_tag": "1",
                "body_encoding": "base64",
            },
        }
    )


def test_a_message_that_is_no_json_is_dropped_and_counted_and_the_worker_lives(world):
    world.postgres.create("queue", "empty")
    worker = world.worker(database="queue")
    trap = world.folder / "sprung"
    counted = "SELECT COALESCE(SUM(count), 0) FROM core_tally WHERE name = 'unreadable messages'"
    planted = [
        b"no json at all",
        pickle.dumps(Trap(str(trap))),
        "[1, 2]",
        "{}",
        envelope(pickle.dumps(Trap(str(trap))), "application/x-python-serialize"),
        envelope(b"no json inside", "application/json"),
    ]
    with Redis.from_url(world.redis.url) as client:
        client.lpush("interactive", *planted)

        until(
            lambda: world.value(counted, database="queue") == len(planted), "Not all is counted.", seconds=60
        )
        until(lambda: client.llen("interactive") == 0, "Something is left.", seconds=10)

    assert worker.poll() is None
    assert not trap.exists()
    world.kill(worker)
