"""Work in processes of its own: a fresh one per size, so that memory can be read; workers that wait for the word."""

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARK = "found as JSON: "
EVERY = 0.01  # seconds between two looks at the memory of a server process


def apart(place, *, on=None, **options):
    """What ``place`` ("benchmarks.match:measure") returns when called in a fresh process, as JSON carries it.

    Lines it prints pass through. ``on``: the address of the database its Django is set up on. None where it failed.
    """
    module, function = place.split(":")
    code = (
        "import json, sys\n"
        f"from {module} import {function}\n"
        f"found = {function}(**json.loads(sys.argv[1]))\n"
        f"print({MARK!r} + json.dumps(found, default=vars))"
    )
    command = [sys.executable, "-u", "-c", code, json.dumps(options)]
    found = None
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment(on)
    ) as process:
        for line in process.stdout:
            if line.startswith(MARK):
                found = json.loads(line.removeprefix(MARK))
            else:
                print(line, end="", flush=True)
    return found


def environment(database):
    return os.environ | ({"BENCHMARK_DATABASE_URL": database} if database else {})


class Workers:
    """Processes that wait, Django set up, and do one push run together when told. Their start is not timed."""

    def __init__(self, count, folder):
        code = f"from benchmarks.processes import serve; serve({str(folder)!r})"
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-u", "-c", code],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(count)
        ]
        self._hear()

    def work(self, run_id):
        for process in self.processes:
            process.stdin.write(f"{run_id}\n")
            process.stdin.flush()
        self._hear()

    def _hear(self):
        for process in self.processes:
            if not process.stdout.readline():
                raise RuntimeError("A worker died.")

    def close(self):
        for process in self.processes:
            process.stdin.close()
            process.wait()
            process.stdout.close()


def serve(folder):
    """What a worker does: a line is the id of a run."""
    from benchmarks.city import enter

    enter(folder)
    from django.db import connection

    from notifications.pushes import pushing

    connection.ensure_connection()
    print("ready")
    for line in sys.stdin:
        while not pushing.work(int(line), seconds=3600):
            if not _is_being_done(int(line)):
                break
            time.sleep(0.002)  # the last chunk is another's
        print("done")


def _is_being_done(run_id):
    from notifications.models import PushRun

    return PushRun.objects.filter(pk=run_id, finished_at=None).exists()


class Memory:
    """Peak memory while a block runs, in MB: ``process`` (in a fresh process) and ``server`` (the anonymous memory of
    this connection's PostgreSQL process; None for SQLite and where the server is on another machine)."""

    def __enter__(self):
        self.process = self.server = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, args=(_server_process(),))
        self._thread.start()
        return self

    def __exit__(self, *problem):
        self._over.set()
        self._thread.join()
        # Not getrusage: its peak is inherited from whoever started this process.
        self.process = _megabytes(Path("/proc/self/status"), "VmHWM:")

    def _watch(self, status):
        while status and not self._over.wait(EVERY):
            self.server = max(self.server or 0, _megabytes(status, "RssAnon:"))


def _server_process():
    from django.db import connection

    if connection.vendor != "postgresql":
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        status = Path(f"/proc/{cursor.fetchone()[0]}/status")
    is_here = status.exists() and status.read_text().startswith("Name:\tpostgres")
    return status if is_here else None


def _megabytes(status, name):
    """A line of /proc/…/status; 0 where the process is gone."""
    try:
        lines = status.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0)
