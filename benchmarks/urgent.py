"""One urgent message behind so many that wait: ``python -m benchmarks.urgent --pending 1000000``.

On a throw-away PostgreSQL with a gateway of its own. Prints how long until the gateway has the urgent one, and how many
a second are dropped that say nothing any more.
"""

import argparse
import os
import time
from concurrent.futures import ThreadPoolExecutor

from tests.servers import ThrowAwayPostgres

MOST_SECONDS = 5.0
PENDING = """INSERT INTO notifications_delivery
    (user_id, channel, key, status, critical, due_at, tries, claimed_at, problem, created_at)
    SELECT %s, 'sms', gen_random_uuid(), 'pending', false, now() - interval '1 day', 0, now(), '', now()
    FROM generate_series(1, %s)"""


def main(pending, seconds):
    server = ThrowAwayPostgres().start()
    os.environ.update(
        DATABASE_URL=f"postgres://postgres@/postgres?host={server.directory}", REDIS_URL="", DEBUG="on",
        SECRET_KEY="only-for-measuring-" + "0123456789" * 4, QUIET_HOURS="off",
        DJANGO_SETTINGS_MODULE="portal.settings",
    )  # fmt: skip
    try:
        return measure(pending, seconds)
    finally:
        server.stop()


def measure(pending, seconds):
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from core import background
    from notifications.models import Delivery
    from notifications.outside import delivering
    from tests.gateway import Gateway

    background._start = lambda task, arguments: None  # nothing works on beyond the end
    gateway = Gateway()
    settings.SMS_PROVIDER, settings.SMS_URL, settings.SMS_TOKEN = "http", gateway.url, "token"
    call_command("migrate", verbosity=0)
    urgent = _urgent()
    with connection.cursor() as cursor:
        cursor.execute(PENDING, [urgent.user_id, pending])
        cursor.execute("ANALYZE notifications_delivery")
    with ThreadPoolExecutor(1) as worker:
        begun = time.monotonic()
        working = worker.submit(delivering.deliver, seconds=seconds)
        while not gateway.received and time.monotonic() < begun + seconds:
            time.sleep(0.01)
        waited = time.monotonic() - begun
        working.result()
        took = time.monotonic() - begun
    dropped = Delivery.objects.filter(status="dropped").count()
    print(
        f"{pending:,} pending: the urgent one was sent after {waited:.2f} s; {dropped / took:,.0f} dropped a second"
    )
    return 0 if gateway.received and waited <= MOST_SECONDS else 1


def _urgent():
    from django.utils import timezone

    from notifications.models import Delivery
    from notifications.outside.digest_queue import gather
    from notifications.sweep import relay
    from tests.notifications import register
    from tests.notifications.people import owner_of

    owner_of(register.open_shop(1), 1)
    register.publish("T01a")
    relay(seconds=20)
    gather()
    Delivery.objects.update(critical=True, due_at=timezone.now())
    return Delivery.objects.get()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--pending", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=30)
    given = parser.parse_args()
    raise SystemExit(main(given.pending, given.seconds))
