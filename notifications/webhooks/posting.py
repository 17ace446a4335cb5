"""One POST to a program of somebody else: to the address that was looked at, no redirects, no proxies, little read."""

import ssl
import threading
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPSConnection
from socket import SHUT_RDWR, create_connection
from typing import NamedTuple

from .addresses import NotAllowed, Target, resolve

SECONDS = 15
MOST_READ = 64 * 1024
LONGEST_RETRY_AFTER = 24 * 60 * 60


class Answer(NamedTuple):
    """``status``: None where there was none, and then ``problem`` is a Chinese sentence. ``retry_after``: seconds."""

    status: int | None
    problem: str = ""
    retry_after: int | None = None

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """Send ``body``. Never raises for what the other side does."""
    try:
        target = resolve(url)
    except NotAllowed as problem:
        return Answer(None, str(problem))
    except OSError:
        return Answer(None, "域名查不到")
    connection = _Pinned(target)
    # A socket's time limit is for each read; one that drips would hold a worker for hours.
    limit = threading.Timer(SECONDS, connection.cut)
    limit.daemon = True
    limit.start()
    try:
        connection.request("POST", target.path, body, {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read(MOST_READ)
        return Answer(answer.status, "", _retry_after(answer.headers.get("Retry-After")))
    except ssl.SSLCertVerificationError:
        return Answer(None, "证书不对")
    except TimeoutError:
        return Answer(None, "15 秒没有回答")
    except (OSError, HTTPException, ValueError):
        return Answer(None, "连不上，或没有答完")
    finally:
        limit.cancel()
        connection.close()


class _Pinned(HTTPSConnection):
    """Connects to the address of its target; name and certificate are still those of the host."""

    def __init__(self, target: Target) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS, context=ssl.create_default_context())
        self._target = target

    def connect(self) -> None:
        raw = create_connection((self._target.address, self._target.port), SECONDS)
        self.sock = raw
        self.sock = self._context.wrap_socket(raw, server_hostname=self._target.host)

    def cut(self) -> None:
        with suppress(OSError, AttributeError):  # not connected, or over
            self.sock.shutdown(SHUT_RDWR)


def _retry_after(text):
    """Seconds that the other side asks to be left alone, at most a day; None where it does not."""
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(int(text[:9]), LONGEST_RETRY_AFTER)
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0, min(int((until - datetime.now(UTC)).total_seconds()), LONGEST_RETRY_AFTER))
