"""A small HTTP load generator for machines without wrk: raw sockets, few threads, one request at a time on each.

A connection is kept for as long as the server keeps it; gunicorn's sync workers close it after every answer.
"""

import socket
import threading
import time
from dataclasses import dataclass, field
from itertools import cycle


@dataclass
class Load:
    """What one stretch of requests gave: seconds of each, sorted, and requests per second of all threads together."""

    seconds: list[float] = field(default_factory=list)
    rate: float = 0.0

    def at(self, share):
        """The latency below which ``share`` of the requests stayed, in seconds."""
        return self.seconds[min(int(share * len(self.seconds)), len(self.seconds) - 1)]


def request_bytes(method, path, port, body=b"", headers=None):
    """One request as it goes over the wire."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: */*"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class _Connection:
    def __init__(self, port):
        self.port, self.socket = port, None

    def exchange(self, message):
        """Send one request and read its answer. Returns the status."""
        if self.socket is None:
            self.socket = socket.create_connection(("127.0.0.1", self.port), 30)
        self.socket.sendall(message)
        received = b""
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, rest = received.partition(b"\r\n\r\n")
        status, lowered = int(head[9:12]), head.lower()
        self._read_body(status, lowered, len(rest))
        if b"\r\nconnection: close" in lowered:
            self.close()
        return status

    def _read_body(self, status, head, have):
        place = head.find(b"\r\ncontent-length:")
        if place < 0:
            if status != 304:
                self.close()
                raise OSError("an answer without Content-Length")
            return
        wanted = int(head[place + 17 :].split(b"\r\n", 1)[0])
        while status != 304 and have < wanted:
            have += len(self._more())

    def _more(self):
        piece = self.socket.recv(1 << 18)
        if not piece:
            raise OSError("the server closed in the middle of an answer")
        return piece

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None


def run_load(messages, port, *, seconds, threads, expect) -> Load:
    """Send ``messages`` in turn, again and again. Raises SystemExit where an answer's status is not ``expect``."""
    load, problems, lock = Load(), [], threading.Lock()
    begin = time.perf_counter()
    end = begin + seconds

    def work(place):
        connection, own = _Connection(port), []
        turn = cycle(messages[place:] + messages[:place])
        try:
            while (start := time.perf_counter()) < end and not problems:
                message = next(turn)
                status = connection.exchange(message)
                own.append(time.perf_counter() - start)
                if status != expect:
                    problems.append(f"status {status} instead of {expect}")
        except OSError as problem:
            problems.append(repr(problem))
        finally:
            connection.close()
        with lock:
            load.seconds += own

    workers = [threading.Thread(target=work, args=(len(messages) * n // threads,)) for n in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if problems:
        raise SystemExit(f"{messages[0][:60]!r}: {problems[0]}")
    load.seconds.sort()
    load.rate = len(load.seconds) / (time.perf_counter() - begin)
    return load
