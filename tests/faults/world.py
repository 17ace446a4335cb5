"""A whole installation to break: PostgreSQL, Redis, a portal, Celery workers, beats and relays as real processes."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psycopg2

from tests import snapshots

from .servers import Postgres, Redis

ROOT = Path(__file__).resolve().parents[2]
CELERY = [sys.executable, "-m", "celery", "-A", "portal"]
WORKER = ("worker", "-c", "2", "--without-gossip", "--without-mingle", "--loglevel", "WARNING")
# Seconds in which everything has to be done after the last fault.
LIMIT = int(os.environ.get("FAULT_SECONDS") or 300)
SECONDS_TO_END, LATEST = 30, float("inf")


class World:
    """``owners``: in the register; one of the ``chunks`` of them in one transaction, so that there is a middle to be
    hit. Use as a context manager."""

    def __init__(self, *, owners, chunks=100):
        self.folder = Path(tempfile.mkdtemp(prefix="faults-", dir="/tmp"))
        self.owners, self.chunk = owners, max(owners // chunks, 1)
        self.postgres, self.redis = Postgres(snapshots.postgres()), Redis()
        self.processes, self._portals, self._connections, self._count = [], {}, {}, 0
        self._supervised, self._successors, self._ends = {}, {}, {}

    def __enter__(self):
        try:
            self.postgres.start()
            self.redis.start()
            self.postgres.create("empty", snapshots.MIGRATED)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *problem):
        for opened in (*self._portals.values(), *self._connections.values()):
            opened.close()
        for process in list(self.processes):
            self.kill(process)
        self.redis.stop()
        self.postgres.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def fitting(self):
        """Owners of a shop of up to six people, of ten sizes: every twentieth has a second one, and of one shop that
        would fit nobody is known."""
        return self.owners * 7 // 10 - 1

    # Processes

    def environment(self, database, **more):
        return {
            **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "SECRET_KEY": "only-for-tests-" + "0123456789" * 4,
            **{name: os.environ[name] for name in ("ENCRYPTION_KEYS", "BLIND_INDEX_KEY")},  # of the snapshot
            "ALLOWED_HOSTS": "localhost,zc.example.cn",
            "SITE_URL": "https://zc.example.cn",
            "TRUSTED_PROXY": "on",
            "PRIVATE_FOLDER": str(self.folder / "private"),
            "DATABASE_ROLES": "off",  # one role owns the throw-away server
            "DEBUG": "off",
            "LOG_LEVEL": "WARNING",
            "QUIET_HOURS": "off",
            "SKIP_CHECKS": "true",  # of the code, which a worker makes when it starts and tells nobody of
            "DATABASE_URL": self.postgres.url(database),
            "REDIS_URL": self.redis.url,
            "PUSH_CHUNK": str(self.chunk),
            "RELAY_SECONDS": "1",
            **more,
        }

    def start(self, *command, database="city", **more):
        """A process in a session of its own, so that all its children can be ended with it."""
        self._count += 1
        with (self.folder / f"{self._count:03}.log").open("w") as log:
            process = subprocess.Popen(
                command, env=self.environment(database, **more), cwd=ROOT, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def worker(self, **more):
        process = self.start(*CELERY, *WORKER, "-n", f"worker{self._count}@%h", **more)
        self._supervised[process] = self.worker, more
        return process

    def supervise(self):
        """Start a worker or a beat again that has ended by itself, as a supervisor does: Celery's may end when Redis
        stops while they speak to it. One that hangs on its way out is killed first."""
        for process, (start, more) in list(self._supervised.items()):
            hangs = self._ends.get(process, LATEST) < time.monotonic()
            if hangs or process.poll() not in (None, -signal.SIGKILL):
                del self._supervised[process]
                self.kill(process)
                self._successors[process] = start(**more)

    def ends(self, process):
        """It is told to end; whoever supervises it waits as long as systemd is told to wait, and then kills it."""
        self._ends[process] = time.monotonic() + SECONDS_TO_END
        os.kill(process.pid, signal.SIGQUIT)

    def current(self, process):
        """The process, or whichever runs in its place."""
        while process in self._successors:
            process = self._successors[process]
        return process

    def worker_ahead(self, seconds):
        command = [sys.executable, "-m", "tests.faults.clock", str(seconds), *WORKER]
        return self.start(*command, "-n", f"ahead{self._count}@%h")

    def beat(self, **more):
        where = self.folder / f"beat{self._count}"
        process = self.start(
            *CELERY, "beat", "--schedule", str(where), "--pidfile", "", "--loglevel", "WARNING", **more
        )
        self._supervised[process] = self.beat, more
        return process

    def relay(self, **more):
        return self.start(sys.executable, "manage.py", "relay", "--forever", "--seconds", "0.2", **more)

    def manage(self, database, *arguments):
        return subprocess.run(
            [sys.executable, "manage.py", *arguments], env=self.environment(database, REDIS_URL=""), cwd=ROOT,
            check=True, capture_output=True, text=True,
        ).stdout  # fmt: skip

    def kill(self, process, *, with_children=True):
        """End it as `kill -9` does; nobody starts it again."""
        self._supervised.pop(process, None)
        if process.poll() is None:
            (os.killpg if with_children else os.kill)(process.pid, signal.SIGKILL)
            process.wait()
        elif with_children:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # children that outlived it
        if with_children and process in self.processes:
            self.processes.remove(process)

    def children(self, process):
        """Ids of its children: the pool of a worker."""
        found = []
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                after_name = stat.read_text().rpartition(")")[2].split()
            except OSError:  # gone meanwhile
                continue
            if int(after_name[1]) == process.pid and after_name[0] != "Z":
                found.append(int(stat.parent.name))
        return found

    def portal(self, database="city", number=1):
        if (database, number) not in self._portals:
            self._portals[database, number] = Portal(
                self.environment(database), self.folder / f"portal-{database}-{number}.log"
            )
        return self._portals[database, number]

    def what_is_going_on(self):
        """For whoever has to find out why nothing goes on."""
        alive = [(process.args[2:], process.poll(), self.children(process)) for process in self.processes]
        lines = [
            *map(str, alive),
            *map(str, self.rows(_SESSIONS)),
            *map(str, self.rows("SELECT * FROM notifications_pushrun WHERE finished_at IS NULL")),
            *map(str, self.rows("SELECT * FROM notifications_pushchunk WHERE done_at IS NULL LIMIT 9")),
            *(file.read_text()[-3_000:] for file in sorted(self.folder.glob("*.log"))),
        ]
        return "\n".join(lines)

    # The database

    def rows(self, statement, *parameters, database="city"):
        return self._execute(database, statement, parameters, lambda cursor: cursor.fetchall())

    def change(self, statement, *parameters, database="city"):
        return self._execute(database, statement, parameters, lambda cursor: cursor.rowcount)

    def _execute(self, database, statement, parameters, answer):
        """By a connection that is kept; one that broke is replaced the next time."""
        if database not in self._connections:
            self._connections[database] = self.postgres.connect(database)
        try:
            with self._connections[database].cursor() as cursor:
                cursor.execute(statement, parameters or None)
                return answer(cursor)
        except psycopg2.Error:
            self._connections.pop(database).close()
            raise

    def value(self, statement, *parameters, database="city"):
        return self.rows(statement, *parameters, database=database)[0][0]

    @contextmanager
    def holding(self, statement, *parameters, database="city"):
        """What the statement locks is held while this is open, or until the function it gives is called."""
        with closing(self.postgres.connect(database)) as connection:
            connection.autocommit = False
            with connection.cursor() as cursor:
                cursor.execute(statement, parameters or None)
            yield connection.rollback
            if not connection.closed:
                with suppress(psycopg2.Error):  # the server has died meanwhile
                    connection.rollback()

    @contextmanager
    def in_the_middle(self, let_go):
        """Whoever pushes waits with a chunk half written while this is open. ``let_go`` gives them one to write."""
        with self.holding(NOBODY_WRITES):
            let_go()
            try:
                until(self.somebody_writes, "Nobody pushes.")
            except TimeoutError as problem:
                raise TimeoutError(f"{problem}\n{self.what_is_going_on()}") from None
            yield

    def somebody_writes(self):
        self.supervise()  # a worker that an earlier fault has told to end may just have done so
        return self.value(WAITING_TO_WRITE) > 0


_SESSIONS = """SELECT pid, state, wait_event_type, wait_event, xact_start, LEFT(query, 120) FROM pg_stat_activity
    WHERE datname = current_database()"""
NOBODY_WRITES = "LOCK TABLE notifications_notification IN SHARE MODE"
WAITING_TO_WRITE = """SELECT COUNT(*) FROM pg_locks
    WHERE NOT granted AND relation = 'notifications_notification'::regclass"""


def until(is_so, problem, *, seconds=LIMIT):
    """Wait for it. Raises TimeoutError."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if is_so():
                return
        except psycopg2.Error:  # the server is away
            pass
        time.sleep(0.02)
    raise TimeoutError(problem)


class Portal:
    """The process of portal.py, with the commands there as methods."""

    def __init__(self, environment, log):
        self._log = log
        with log.open("w") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.portal"], env=environment, cwd=ROOT, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, bufsize=1,
            )  # fmt: skip
        try:
            self._answer()
        except BaseException:
            self.close()
            raise

    def __getattr__(self, command):
        def ask(**arguments):
            self.ask(command, **arguments)
            return self.answer()

        return ask

    def ask(self, command, **arguments):
        self._process.stdin.write(json.dumps({"command": command, "arguments": arguments}) + "\n")
        self._process.stdin.flush()

    def answer(self):
        answer = self._answer()
        if "failed" in answer:
            raise RuntimeError(answer["failed"])
        return answer["done"]

    def _answer(self):
        ready, _, _ = select.select([self._process.stdout], [], [], LIMIT)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            raise RuntimeError(f"The portal does not answer. {self._log.read_text()[-2_000:]}")
        return json.loads(line)

    def close(self):
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process.stdin.close()
        self._process.stdout.close()
