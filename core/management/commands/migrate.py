"""Django's ``migrate``, which on PostgreSQL gives a table up that it cannot have at once.

A change of a table waits for all who use it, and everybody who comes later waits behind the change: one long report,
and the portal stands still. So it waits a moment and stops; whoever runs it does so again. Of two that are started at
once, as by two machines with a new version, the second waits for the first, however long that takes.
"""

import time

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DatabaseError, OperationalError, connections

from core import guards

PATIENCE = "2s"
ONE_AT_A_TIME, PAUSE = 0x6D696772, 0.5  # key of an advisory lock; seconds
LOCKED = "55P03"
GAVE_UP = (
    f"要改的表正被别人占着，等了 {PATIENCE.rstrip('s')} 秒没有等到，已经停下，没有让大家排在后面等。"
    "已经做完的步骤算数。请等占着表的事务结束，再运行一次 manage.py migrate。也可以换个人少的时候。"
)
WAITS = "另一个 manage.py migrate 正在运行，等它做完再继续。"
UNGUARDED = "审计表的保护还没有恢复，请马上再运行一次。"


class Command(migrate.Command):
    def handle(self, *args, **options) -> str | None:
        connection = connections[options["database"]]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                self._wait_to_be_alone(cursor, options["verbosity"])
                # Of a role that has a limit of its own, that one.
                cursor.execute(
                    "SELECT set_config('lock_timeout', %s, false) WHERE current_setting('lock_timeout') = '0'",
                    [PATIENCE],
                )
        try:
            return super().handle(*args, **options)
        except OperationalError as problem:
            if getattr(problem.__cause__, "pgcode", None) != LOCKED:
                raise
            raise CommandError(f"{GAVE_UP}{self._guard(connection.alias)}") from None
        finally:
            if connection.vendor == "postgresql" and connection.connection is not None:
                with connection.cursor() as cursor:
                    cursor.execute("RESET lock_timeout")
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [ONE_AT_A_TIME])

    def _wait_to_be_alone(self, cursor, verbosity) -> None:
        """Asks again and again: an index that is built concurrently waits for every statement that is under way."""
        told = verbosity == 0
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [ONE_AT_A_TIME])
            if cursor.fetchone()[0]:
                return
            if not told:
                self.stdout.write(WAITS)
                told = True
            time.sleep(PAUSE)

    def _guard(self, alias) -> str:
        """Migrating takes the guards off and puts them on at its end, which it has not come to."""
        try:
            guards.create(alias)
        except DatabaseError:
            return UNGUARDED
        return ""
