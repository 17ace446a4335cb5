"""A production-like portal in a folder of its own: gunicorn with sync workers, DEBUG off, manifest static files.

``python -m benchmarks.server [--port 0] [--workers N]`` keeps one running until it is stopped, and prints its address
and, with ``--answers``, the signed cookie of somebody who has answered the check (benchmarks/lighthouse.sh).
"""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

from benchmarks.database import environment

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_START = 60


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def default_workers():
    """One fewer than cores, so that the client has one; at least one."""
    return max((os.cpu_count() or 2) - 1, 1)


class Portal:
    """A running server. ``folder`` holds its database, static files and the bytes of the bare views."""

    def __init__(self, folder, port, process, settings):
        self.folder, self.port, self.process, self.settings = folder, port, process, settings

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, body) of one request."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request(method, path, body, headers or {})
            response = connection.getresponse()
            return response.status, response.headers, response.read()
        finally:
            connection.close()


@contextmanager
def portal(*, workers=None, port=None):
    """Install, start, wait until it answers; stop and remove everything at the end."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as name:
        folder, port = Path(name), port or free_port()
        settings = environment(folder)
        for command in (["migrate"], ["load_measures"], ["collectstatic", "--noinput"]):
            subprocess.run(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=settings,
                check=True,
                stdout=subprocess.DEVNULL,
            )
        process = subprocess.Popen(_gunicorn(workers or default_workers(), port), cwd=ROOT, env=settings)
        try:
            running = Portal(folder, port, process, settings)
            _wait_for(running)
            yield running
        finally:
            process.terminate()
            process.wait(20)


def _gunicorn(workers, port):
    options = [
        "--workers",
        str(workers),
        "--bind",
        f"127.0.0.1:{port}",
        "--log-level",
        "error",
        "--timeout",
        "60",
    ]
    return [sys.executable, "-m", "gunicorn", *options, "portal.wsgi:application"]


def _wait_for(running):
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if running.process.poll() is not None:
            raise SystemExit(f"The server stopped at once with code {running.process.returncode}.")
        try:
            running.ask("GET", "/robots.txt")
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"The server did not answer within {SECONDS_TO_START} s.")


def answers_cookie(settings):
    """``answers=…`` signed as the server of ``settings`` signs it: an operator to whom several benefits apply."""
    code = (
        "import django; django.setup()\n"
        "from django.http import HttpResponse\n"
        "from eligibility.answers import COOKIE, keep\n"
        "from benchmarks.server import ANSWERS\n"
        "print(COOKIE + '=' + keep(HttpResponse(), ANSWERS).cookies[COOKIE].value)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=settings, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


ANSWERS = {
    "registered_on": "2026-01-15",
    "district": "520201",
    "operator_groups": ["veteran"],
    "first_time_business": True,
    "startup_subsidy_received": False,
    "rents_premises": True,
    "rent_reduction_received": False,
    "monthly_rent": "800",
    "rent_subsidy_months_received": 0,
}


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server", description=__doc__)
    parser.add_argument("--port", type=int)
    parser.add_argument("--workers", type=int)
    parser.add_argument(
        "--answers", action="store_true", help="also print the cookie of somebody who has answered"
    )
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with portal(workers=options.workers, port=options.port) as running:
        print(running.address, flush=True)
        if options.answers:
            print(answers_cookie(running.settings), flush=True)
        running.process.wait()


if __name__ == "__main__":
    main(sys.argv[1:])
