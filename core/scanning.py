"""The scanner that uploaded files pass: ClamAV's daemon, spoken to in its own protocol, or none.

``UPLOAD_SCANNER``: ``clamd://host:3310``, ``unix:///path/to/socket``, or empty, when every file counts as clean.
"""

import logging
import re
import socket
from enum import Enum
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings

logger = logging.getLogger(__name__)
SECONDS = 10
_BLOCK = 1 << 16
_LONGEST_ANSWER = 4_096


class Result(Enum):
    CLEAN = "clean"
    INFECTED = "infected"
    UNAVAILABLE = "unavailable"


class Verdict(NamedTuple):
    """``name``: what was found, as the scanner calls it."""

    result: Result
    name: str = ""


def scan(content: bytes) -> Verdict:
    """Ask the scanner. UNAVAILABLE where it does not answer or has no opinion: then the file waits."""
    if not settings.UPLOAD_SCANNER:
        return Verdict(Result.CLEAN)
    try:
        answer = _ask(settings.UPLOAD_SCANNER, content)
    except OSError:
        logger.warning("The scanner does not answer; files wait.")
        return Verdict(Result.UNAVAILABLE)
    if answer == "stream: OK":
        return Verdict(Result.CLEAN)
    if found := re.fullmatch("stream: (.+) FOUND", answer):
        return Verdict(Result.INFECTED, found[1][:100])
    logger.warning("The scanner answered %r; the file waits.", answer[:200])
    return Verdict(Result.UNAVAILABLE)


def _ask(address, content) -> str:
    """INSTREAM: blocks with their length before them, an empty one at the end; one line back."""
    with _connected(urlsplit(address)) as connection:
        connection.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _BLOCK):
            block = content[start : start + _BLOCK]
            connection.sendall(len(block).to_bytes(4, "big") + block)
        connection.sendall(bytes(4))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _LONGEST_ANSWER:
            part = connection.recv(_LONGEST_ANSWER)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _connected(address) -> socket.socket:
    if address.scheme == "clamd":
        return socket.create_connection((address.hostname, address.port or 3310), timeout=SECONDS)
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(SECONDS)
    try:
        connection.connect(address.path)
    except OSError:
        connection.close()
        raise
    return connection
