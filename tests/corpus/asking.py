"""Sends a request of the corpus to the site, undoes what it did, and puts into the answer what no run can know."""

import copy
import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from core.models import forget_editions
from tests.uploads import pictures

NOW = datetime(2026, 11, 25, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
LONGEST = 2_000  # characters of an answer that are kept; of a longer one the beginning and its digest
PRIVATE = {"Set-Cookie", "Content-Length", "X-Request-ID", "Server-Timing"}
ROWS = (
    "shop",
    "others_shop",
    "ready",
    "filed",
    "correcting",
    "refused",
    "application",
    "piece",
    "used",
    "evidence",
    "enquiry",
    "post",
    "contact",
)
NUMBERED = ("message", "own_leg", "other_leg", "sharing", "worker")  # rows that are named by a number
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")
# Numbers that the database gives out, keys, and digests of what holds them.
_GIVEN = (
    (re.compile(r"LPS-[0-9]+-[0-9]+"), "LPS-<number>"),
    (re.compile(r'"subject":"([a-z]+) [0-9]+"'), r'"subject":"\1 <number>"'),
    (re.compile(r'"(id|worker)":\s?[0-9]+'), r'"\1":<number>'),
    (re.compile(r"/inbox/[0-9]+/"), "/inbox/<number>/"),
    (re.compile(r'cursor=[^"&]+'), "cursor=<cursor>"),
    (re.compile(r'^(W/)?"[0-9a-f]{32}"$'), r"\1<tag>"),
    (re.compile(r'"access_token":\s?"[^"]+"'), '"access_token":<token>'),
    (re.compile(r'"sha256":\s?"[^"]+"'), '"sha256":<digest>'),
)


@dataclass(frozen=True)
class Request:
    """``path`` and ``body`` name rows of the world in braces: ``{shop}``. ``file``: whether a picture goes with it."""

    role: str
    method: str
    path: str
    body: str = ""
    content_type: str = "application/json"
    file: bool = False


class Site:
    """The world of the corpus (``rows``, ``browsers`` of tests/fuzz/world.py) as its requests see it."""

    def __init__(self, rows, browsers):
        self.browsers = browsers
        self.names = {str(rows[name].public_id): name for name in ROWS}
        self.numbers = {name: str(rows[name].pk) for name in NUMBERED}
        self.names |= {str(rows["nobody"]): "nobody"}

    def ask(self, request: Request) -> dict:
        """``{status, headers, body}``, the same in every run."""
        browser = copy.copy(self.browsers[request.role])
        browser.cookies, browser.raise_request_exception = copy.deepcopy(browser.cookies), False
        with transaction.atomic():
            answer = browser.generic(
                request.method,
                self._filled(request.path),
                *self._sent(request),
                headers={"Idempotency-Key": KEY},
            )
            body = answer.getvalue() if answer.streaming else answer.content
            transaction.set_rollback(True)
        forget_editions()
        cache.clear()
        return self._told(answer, body)

    def _sent(self, request):
        if not request.file:
            return self._filled(request.body).encode("utf-8", "surrogatepass"), request.content_type
        from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

        photo = SimpleUploadedFile("合同.jpg", pictures.saved(pictures.seen()), "image/jpeg")
        return encode_multipart(
            BOUNDARY, json.loads(self._filled(request.body)) | {"file": photo}
        ), MULTIPART_CONTENT

    def _filled(self, text):
        filled = {name: value for value, name in self.names.items()} | self.numbers
        for name, value in filled.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def named(self, text: str) -> str:
        """A path or body with the names of rows in place of their ids."""
        return _UUID.sub(lambda found: f"{{{self.names.get(found[0], 'nobody')}}}", text)

    def _told(self, answer, body):
        seen = {}

        def without(text):
            text = _UUID.sub(lambda found: self._alias(found[0], seen), text)
            for pattern, given in _GIVEN:
                text = pattern.sub(given, text)
            return text

        headers = {
            name: without(value) for name, value in sorted(answer.headers.items()) if name not in PRIVATE
        }
        return {
            "status": answer.status_code,
            "headers": headers,
            "body": _shortened(without(body.decode("utf-8"))),
        }

    def _alias(self, value, seen):
        return f"<{self.names.get(value) or seen.setdefault(value, f'uuid {len(seen) + 1}')}>"


KEY = "6f1c1f0e-7f5c-4d38-9a42-7d6f1d1f3b11"


def _shortened(text):
    if len(text) <= LONGEST:
        return text
    return {"start": text[:LONGEST], "digest": hashlib.sha256(text.encode()).hexdigest()}
