"""Two thousand owners are told outside; whoever sends dies in the middle. Nobody is told twice, nobody is forgotten."""

import json
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.gateway import serve

from .world import until

OWNERS = 2_000
HANGS_AT = 620  # in the second claim, after some of it has been marked
STATUSES = "SELECT status, COUNT(*) FROM notifications_delivery GROUP BY status"
A_NUMBER_THAT_CANNOT_BE_READ = """UPDATE accounts_user SET phone = 'broken'
    WHERE id = (SELECT MAX(user_id) FROM notifications_delivery WHERE status = 'pending')"""
LEFT = "SELECT COUNT(*) FROM notifications_delivery WHERE status IN ('pending', 'sending')"


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # whoever finds the queue full tries again after a second


class HangingGateway:
    """Takes short messages, and from the ``hangs_at``-th on does not answer until it is let go."""

    def __init__(self, hangs_at):
        self.keys, self.lock, self.let_go = [], threading.Lock(), threading.Event()
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with gateway.lock:
                    gateway.keys.append(self.headers["Idempotency-Key"])
                    hangs = len(gateway.keys) >= hangs_at
                if hangs:
                    gateway.let_go.wait()
                try:
                    self.send_response(200)
                    self.end_headers()
                except OSError:  # who sent it is dead
                    pass

            def log_message(self, *args):
                pass

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.server.handle_error = lambda *args: None
        self.url = f"http://127.0.0.1:{self.server.server_port}/send"
        serve(self.server)

    def close(self):
        self.let_go.set()
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hanging():
    gateway = HangingGateway(HANGS_AT)
    yield gateway
    gateway.close()


@pytest.fixture
def owners(world):
    """Each has bound a shop, agreed, and can be reached."""
    world.postgres.create("owners", "empty")
    portal = world.portal("owners")
    portal.open_register(owners=OWNERS)
    portal.bind(owners=OWNERS)
    return portal


def sender(world, gateway):
    """A relay that pushes, gathers and sends by itself."""
    return world.relay(
        database="owners", REDIS_URL="", DEBUG="on",
        SMS_PROVIDER="http", SMS_URL=gateway.url, SMS_TOKEN="token",
    )  # fmt: skip


def hurry(world):
    """The provider takes as many as come, and nothing has to wait for more to be gathered."""
    world.change("UPDATE notifications_channelstate SET tokens = 500", database="owners")
    world.change("UPDATE notifications_delivery SET due_at = now() WHERE due_at > now()", database="owners")


def test_a_killed_sender_sends_nobody_twice_and_says_of_whom_it_does_not_know(world, owners, hanging, report):
    owners.publish(most=9, amount=5000)
    first = sender(world, hanging)

    until(lambda: hurry(world) or len(hanging.keys) >= HANGS_AT, "Nothing is sent.")
    world.kill(first)
    hanging.let_go.set()
    # A quarter of an hour later.
    world.change("UPDATE notifications_delivery SET claimed_at = claimed_at - interval '15 minutes' "
                 "WHERE status = 'sending'", database="owners")  # fmt: skip
    world.change(A_NUMBER_THAT_CANNOT_BE_READ, database="owners")
    second = sender(world, hanging)
    until(lambda: hurry(world) or _is_done(world), "Not everything is sent.")
    world.kill(second)

    statuses = dict(world.rows(STATUSES, database="owners"))
    report(f"sent outside: {statuses}, the gateway saw {len(hanging.keys)} messages")
    rows = dict(world.rows("SELECT key::text, status FROM notifications_delivery", database="owners"))
    assert set(Counter(hanging.keys).values()) == {1}
    assert set(statuses) == {"sent", "unknown", "failed"}
    assert sum(statuses.values()) == world.value(
        "SELECT COUNT(DISTINCT user_id) FROM businesses_binding WHERE operator_id IS NOT NULL",
        database="owners",
    )
    assert {key for key, status in rows.items() if status == "sent"} <= set(hanging.keys)
    assert {rows[key] for key in hanging.keys} == {"sent", "unknown"}
    assert (statuses["failed"], _problems(world)) == (1, ["内容生成不了"])
    assert owners.broken_invariants() == {}


def _is_done(world):
    told = world.value("SELECT COUNT(*) FROM notifications_outbox", database="owners")
    return told == 0 and world.value(LEFT, database="owners") == 0


def _problems(world):
    rows = world.rows("SELECT problem FROM notifications_delivery WHERE status = 'failed'", database="owners")
    return [problem.partition("（")[0] for (problem,) in rows]
