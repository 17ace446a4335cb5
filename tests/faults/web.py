"""A web server as in production, asked over its socket."""

import http.client
import json
import socket
import sys
import threading
import time
from collections import Counter
from contextlib import suppress

from .world import until

HOST = "zc.example.cn"
TOKEN = "a" * 32
READ = "/policies/", "/api/v1/benefits/", "/admin/"


class Web:
    """``ask`` gives (status, headers, body) as the proxy in front would have it."""

    def __init__(self, world, *, database="city", workers=2, **more):
        self.socket = world.folder / f"web-{database}"
        self.process = world.start(
            sys.executable, "-m", "gunicorn", "portal.wsgi", "--workers", str(workers), "--no-control-socket",
            "--bind", f"unix:{self.socket}", "--log-level", "warning", database=database, **more,
        )  # fmt: skip
        until(lambda: self.is_ready(), "The web server does not start.", seconds=60)

    def is_ready(self):
        with suppress(OSError):
            return self.ask("/readyz")[0] == 200

    def ask(self, path, body=None, *, session="", key=""):
        headers = {
            "Host": HOST,
            "X-Forwarded-Proto": "https",
            "X-Forwarded-For": "127.0.0.1",
            "Cookie": f"__Host-session={session}; __Host-csrf={TOKEN}",
        }
        if body is not None:
            headers |= {
                "X-CSRFToken": TOKEN,
                "Referer": f"https://{HOST}/",
                "Content-Type": "application/json",
            }
        if key:
            headers["Idempotency-Key"] = key
        with socket.socket(socket.AF_UNIX) as opened:
            opened.settimeout(30)
            opened.connect(str(self.socket))
            connection = http.client.HTTPConnection(HOST)
            connection.sock = opened
            sent = None if body is None else json.dumps(body)
            connection.request("GET" if body is None else "POST", path, sent, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers), answer.read()


class Traffic:
    """So many requests a second to ``paths``, one after the other, until it is stopped. ``answers``: how often each
    (path, status, Retry-After) was had."""

    def __init__(self, web, paths, *, session, a_second=50, threads=10):
        self.web, self.paths, self.session = web, paths, session
        self.pause, self.answers = threads / a_second, Counter()
        self._guard, self._ends = threading.Lock(), threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(place,)) for place in range(threads)]

    def __enter__(self):
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *problem):
        self._ends.set()
        for thread in self._threads:
            thread.join()

    def _ask(self, place):
        while not self._ends.is_set():
            begun, path = time.monotonic(), self.paths[place % len(self.paths)]
            status, headers, _ = self.web.ask(path, session=self.session)
            with self._guard:
                self.answers[path, status, headers.get("Retry-After")] += 1
            place += 1
            self._ends.wait(max(begun + self.pause - time.monotonic(), 0))
