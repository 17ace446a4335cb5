"""A register of N shops to measure bulk work on, made once per N and kept for as long as its database is.

Up to ``base`` shops come from ``generate_businesses`` as of DAY; beyond, its rows are copied in SQL under new ids,
codes and operators, with what each source said of them. So shares stay as they are, 4 % of operators have two shops,
and an operator's shops stand one after the other. Copies carry no identity numbers, ratings and type verdicts.
"""

import socket
import time
from contextlib import contextmanager
from pathlib import Path

from benchmarks import benefits
from benchmarks.database import install
from benchmarks.profiles import DAY

BASE, SEED = 100_000, 1
COPY = "COPY"  # the beginning of a copied shop's code
SERVER = (
    "-c shared_buffers=2GB -c max_wal_size=8GB -c wal_compression=lz4 -c fsync=on"
    " -c autovacuum=off -c listen_addresses=127.0.0.1"
)
SHOWN = ("server_version", "shared_buffers", "max_wal_size", "wal_compression", "fsync", "synchronous_commit")


# Servers and databases


@contextmanager
def server(database):
    """The address given, or that of a throw-away PostgreSQL with fsync on."""
    if database:
        yield database
        return
    from tests.servers import ThrowAwayPostgres

    port = free_port()  # an address that names a socket file is not read by every tool

    class Server(ThrowAwayPostgres):
        def start(self):
            self._run("initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C")
            options = f"{SERVER} -c port={port} -c unix_socket_directories={self.directory}"
            self._run("pg_ctl", "--wait", f"--log={self.directory / 'log'}", f"--options={options}", "start")
            return self

    started = Server().start()
    try:
        yield f"postgres://postgres@127.0.0.1:{port}/city"
    finally:
        started.stop()


def free_port():
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


def database_of(url, n):
    """The address of the database for ``n`` shops, on the server or beside the file that ``url`` names; made if new."""
    if url.startswith("sqlite"):
        stem, _, ending = url.rpartition(".")
        return f"{stem}_benchmark_{n}.{ending}"
    name = f"{url.rpartition('/')[2]}_benchmark_{n}"  # never the one that is named: it is emptied
    import environ
    import psycopg2

    settings = environ.Env.db_url_config(url)
    connection = psycopg2.connect(
        host=settings["HOST"],
        port=settings["PORT"] or None,
        user=settings["USER"],
        password=settings["PASSWORD"] or None,
        dbname="postgres",
    )
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    return f"{url.rpartition('/')[0]}/{name}"


# The register


def enter(folder, *, n=None, base=BASE, seed=SEED):
    """Set up Django on BENCHMARK_DATABASE_URL. ``n``: how many shops its register is to hold, and nothing pushed yet.

    Doorbells do not ring: whatever works is called by name, and timed.
    """
    from core import background

    background._start = lambda task, arguments: None
    install(Path(folder), load=n is not None)
    if n is None:
        return
    from businesses.models import Business

    if Business.objects.count() != n:
        fill(n, base=min(base, n), seed=seed)
    copied = Business.objects.filter(credit_code__startswith=COPY).count()
    print(
        f"  Register of {n:,}: {n - copied:,} by generate_businesses --seed {seed} --today {DAY}, {copied:,} copied",
        flush=True,
    )
    empty()
    benefits.forget()


def fill(n, *, base, seed):
    """Make the register anew. Says how, and how long it took."""
    from django.core.management import call_command

    from businesses.models import BusinessRecord, Operator, OperatorRecord

    begun = time.monotonic()
    _delete([BusinessRecord, OperatorRecord, *_about_shops(), Operator])
    call_command("generate_businesses", base, seed=seed, today=DAY, verbosity=0)
    empty()
    made = time.monotonic() - begun
    multiply(n)
    settle()
    print(f"  Made the register in {made:.0f} s, copied in {time.monotonic() - begun - made:.0f} s.")


def _about_shops():
    from businesses.models import Business, Change, CreditRating, TypeChange, TypeVerdict

    return [Change, CreditRating, TypeChange, TypeVerdict, Business]


def multiply(n):
    """Copy the rows that are there until there are ``n`` shops, an offset of ids for each copy."""
    from django.core.management.color import no_style
    from django.db import connection
    from django.db.models import Max, Min

    from businesses.models import Business, BusinessRecord, Operator, OperatorRecord

    count = Business.objects.count()
    lowest = Business.objects.aggregate(low=Min("pk"))["low"]
    step = max(model.objects.aggregate(high=Max("pk"))["high"] for model in (Business, Operator))
    uuid = "gen_random_uuid()" if connection.vendor == "postgresql" else "lower(hex(randomblob(16)))"
    for copy in range(1, -(-n // count)):
        ahead, wanted = copy * step, min(count, n - copy * count)
        fresh = {"id": f"id + {ahead}", "operator_id": f"operator_id + {ahead}"}
        fresh |= {"credit_code": f"'{COPY}' || (id + {ahead})", "public_id": uuid}
        fresh |= {"business_id": f"business_id + {ahead}", "identity": "NULL", "identity_index": "NULL"}
        shops = f"(SELECT id FROM {Business._meta.db_table} WHERE id < {lowest + step} ORDER BY id LIMIT {wanted})"
        people = f"(SELECT operator_id FROM {Business._meta.db_table} WHERE id IN {shops})"
        for model, rows in (
            (Operator, f"id IN {people}"),
            (OperatorRecord, f"operator_id IN {people}"),
            (Business, f"id IN {shops}"),
            (BusinessRecord, f"business_id IN {shops}"),
        ):
            _copy(model, fresh, rows)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [Operator, Business]):
            cursor.execute(statement)


def _copy(model, fresh, rows):
    """In the order of ids: as a register that came by files, and not as a hash join leaves it."""
    from django.db import connection

    order = model._meta.pk.column
    names = [field.column for field in model._meta.concrete_fields]
    table, into = model._meta.db_table, ", ".join(f'"{name}"' for name in names)
    values = ", ".join(fresh.get(name, f'"{name}"') for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({into}) SELECT {values} FROM "{table}" WHERE {rows} ORDER BY {order}'
        )


# Between two cases


def pushed():
    """The tables in which pushing leaves something, those that refer to others first."""
    from eligibility.models import Match, MatchCoverage
    from notifications import models

    return [
        Match,
        MatchCoverage,
        models.Notification,
        models.PushChunk,
        models.PushRun,
        models.Touched,
        models.Outbox,
        models.DeliveryItem,
        models.Delivery,
        models.Withheld,
        models.ChannelState,
    ]


def empty():
    """Nothing has been matched, pushed or sent yet."""
    from django.db import connection

    tables = [model._meta.db_table for model in pushed()]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
        else:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")


def _delete(models):
    from django.db import connection

    with connection.cursor() as cursor:
        for model in models:
            cursor.execute(f"DELETE FROM {model._meta.db_table}")


def settle(*models):
    """Statistics and visibility as autovacuum leaves them, of ``models`` or of everything."""
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"VACUUM ANALYZE {', '.join(model._meta.db_table for model in models)}")
        else:
            cursor.execute("ANALYZE")


def checkpoint():
    """What earlier cases wrote is on disk, so that no case pays for another. Without the right to it: as it comes."""
    from django.db import ProgrammingError, connection

    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        try:
            cursor.execute("CHECKPOINT")
        except ProgrammingError:
            print("  No right to CHECKPOINT: cases may pay for what was written before them.")


def ranges():
    """The chunks of a push, as conditions on operator_id for hand-written SQL."""
    from notifications.models import WITHOUT_OPERATOR
    from notifications.pushes.runs import _ranges

    for low, high in _ranges():
        if low == WITHOUT_OPERATOR:
            yield "operator_id IS NULL"
        else:
            yield f"operator_id >= {low}" + (f" AND operator_id < {high}" if high is not None else "")


def settings_shown():
    """What a figure cannot be read without, of the database."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("SELECT sqlite_version()")
            return {"SQLite": cursor.fetchone()[0], "chunk": settings.PUSH_CHUNK}
        found = {}
        for name in SHOWN:
            cursor.execute("SELECT current_setting(%s)", [name])
            found[name] = cursor.fetchone()[0]
    return found | {"chunk": settings.PUSH_CHUNK}
