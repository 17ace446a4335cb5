"""Sends requests to the site, each undone afterwards, and writes down what was answered."""

import copy
import io
import json
import random
import time
import traceback
import uuid
from collections import Counter, defaultdict
from urllib.parse import quote, urlencode, urljoin, urlsplit

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.signals import got_request_exception
from django.db import transaction
from django.urls import Resolver404, resolve
from PIL import Image

from core.models import forget_editions
from tests.authz.matrix import filled

from .forms import forms_of
from .operations import FILLED_IN, ROWS, body_of, names_in_path, operations_of_api, pages, parameters, schema
from .values import HOSTILE, hostile, spoiled_form, spoiled_json

FITTING = 0.6  # the share of requests in which nothing is wrong
LOGIN = ("/login/", "/admin/login/")


class Fuzz:
    """``run(count)``; afterwards ``asked`` and ``passed`` count by operation, and ``faults`` names those of ours."""

    def __init__(self, rows, browsers, seed: int):
        self.rows, self.browsers, self.chance = rows, browsers, random.Random(seed)
        document = schema()
        self.parameters = parameters(document)
        self.operations = [*pages(), *operations_of_api(document)]
        self.asked, self.passed, self.faults = Counter(), Counter(), []
        self.statuses = defaultdict(Counter)
        self.known = FILLED_IN | rows["known"]
        self.forms = defaultdict(list)
        self.raised = None

    def run(self, count: int, seconds: float = float("inf")):
        """``count`` requests, or as many as ``seconds`` allow."""
        until = time.monotonic() + seconds
        got_request_exception.connect(self._note)
        try:
            turn = []
            self._visit(min(count // 3, len(self.operations)))
            sent = sum(self.asked.values())
            while sent < count and time.monotonic() < until:
                turn = turn or self.chance.sample(self.operations, len(self.operations))
                self._try(turn.pop())
                sent += 1
        finally:
            got_request_exception.disconnect(self._note)

    def shares(self) -> dict[str, float]:
        """Of what came past validation, by operation that anybody is let into."""
        open_ = {str(row) for row in self.operations if row.roles}
        return {name: self.passed[name] / count for name, count in self.asked.items() if name in open_}

    def _note(self, **_):
        self.raised = traceback.format_exc()

    # One request

    def _visit(self, most):
        """Opens the pages, so that their forms are known."""
        found = [row for row in self.operations if row.method == "GET" and not row.is_api and row.roles]
        for operation in self.chance.sample(found, min(most, len(found))):
            self._open(operation, self.chance.choice(operation.roles))

    def _open(self, operation, role):
        path = self._filled(operation)
        answer = self._send(operation, role, "get", path)
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            for form in forms_of(answer.content.decode()):
                if form.method == "post":
                    action = urlsplit(urljoin(path, form.action) if form.action else path).path
                    self.forms[_route(action)].append((role, action, form))

    def _try(self, operation):
        fits = self.chance.random() < FITTING
        role = self.chance.choice(operation.roles or (*self.browsers,))
        if not fits and self.chance.random() < 0.4:
            role = self.chance.choice((*self.browsers,))
        if operation.is_api and operation.address.startswith("api/v1/"):
            return self._call(operation, role, fits)
        if operation.method == "GET":
            return self._open(operation, role) if fits else self._look(operation, role)
        return self._fill_in(operation, role, fits)

    def _look(self, operation, role):
        """GET with parameters, or for a row, that are none."""
        path = self._spoiled_path(filled(operation.address, self.rows))
        names = self.chance.sample(self.parameters, 2)
        self._send(
            operation, role, "get", f"{path}?{urlencode({name: hostile(self.chance) for name in names})}"
        )

    def _filled(self, operation):
        return filled(
            operation.address,
            self.rows | {name: self.rows[row] for name, row in ROWS.get(operation.address, {}).items()},
        )

    def _spoiled_path(self, path):
        parts = path.split("/")
        if len(parts) > 3 and self.chance.random() < 0.3:
            parts[self.chance.randrange(2, len(parts) - 1)] = quote(hostile(self.chance)[:300], safe="")
        return "/".join(parts)

    def _fill_in(self, operation, role, fits):
        path = self._filled(operation)
        known = [row for row in self.forms[_route(path)] if row[0] in operation.roles] or [(role, path, None)]
        role, path, form = (
            self.chance.choice(known) if fits else self.chance.choice([*known, (role, path, None)])
        )
        sent = (form.filled(self.chance) if form else {}) | self._known_of(operation)
        if not fits:
            sent, path = spoiled_form(sent, self.chance), self._spoiled_path(path)
        files = {name: self._file(fits) for name in (form.files if form else ())}
        if not files and self.chance.random() < 0.5:
            body = urlencode([(name, value) for name, values in sent.items() for value in values])
            more = {"content_type": "application/x-www-form-urlencoded"}
            if not fits and self.chance.random() < 0.1:
                body += "&%ff=%ed%a0%80"
            return self._send(operation, role, "post", path, data=body, **more)
        return self._send(operation, role, "post", path, data={**sent, **files})

    def _known_of(self, operation):
        """What the page does not show; a code that is good for a moment is made now."""
        found = self.known.get(str(operation), {})
        return found() if callable(found) else found

    def _file(self, fits):
        if fits or self.chance.random() < 0.3:
            out = io.BytesIO()
            Image.new("RGB", (40, 30), "white").save(out, "JPEG")
            return SimpleUploadedFile("照片.jpg", out.getvalue(), "image/jpeg")
        content = self.chance.choice(
            (b"", b"\x00" * 10, b"%PDF-1.7", b"PK\x03\x04", b"a,b\r\n1,2", b"\xff" * 99)
        )
        return SimpleUploadedFile(hostile(self.chance)[:200] or "a", content)

    def _call(self, operation, role, fits):
        """One operation of the API."""
        names = names_in_path(operation, self.rows)
        if not fits and self.chance.random() < 0.3:
            names = {name: quote(hostile(self.chance)[:300], safe="") for name in names}
        path = f"/{operation.address.format(**names)}"
        if not fits and self.chance.random() < 0.5:
            path += f"?{urlencode({self.chance.choice(self.parameters): hostile(self.chance)})}"
        headers = {"Idempotency-Key": str(uuid.UUID(int=self.chance.getrandbits(128), version=4))}
        if not fits and self.chance.random() < 0.2:
            headers["Idempotency-Key"] = self.chance.choice(("", "a" * 999, "é", '"', "1"))
        more = {"headers": headers}
        if operation.address.endswith("/files/") and operation.method == "POST":
            material = self.rows["wrong"][0] if fits else hostile(self.chance)
            more["data"] = {"material": material, "file": self._file(fits)}
        elif operation.address.startswith("api/v1/auth/"):
            more |= self._credentials(operation, fits)
        elif operation.method not in ("GET", "DELETE"):
            body = body_of(operation, self.rows, self.chance)
            body = body if fits else spoiled_json(body, self.chance)
            more |= {"data": json.dumps(body).encode(), "content_type": "application/json"}
            if not fits and self.chance.random() < 0.1:
                more["data"] = self.chance.choice(
                    (b"", b"{", b"\xff", b"[" * 3_000, b'{"a":1e400}', b"\x00", b"NaN")
                )
        return self._send(operation, role, operation.method.lower(), path, **more)

    def _credentials(self, operation, fits):
        from portal import demo

        form = {"client_id": demo.CLIENT_ID, "client_secret": demo.CLIENT_SECRET}
        form |= {"grant_type": "client_credentials"} if "token" in operation.address else {"token": "a" * 40}
        if not fits:
            spoiled = spoiled_form({name: [value] for name, value in form.items()}, self.chance)
            form = {name: values[0] for name, values in spoiled.items() if values}
        return {"data": urlencode(form), "content_type": "application/x-www-form-urlencoded"}

    def _send(self, operation, role, method, path, **more):
        browser, self.raised = copy.copy(self.browsers[role]), None
        browser.cookies, browser.raise_request_exception = copy.deepcopy(browser.cookies), False
        if method != "get" and self.chance.random() < 0.02:
            name, value = (
                self.chance.choice(("sessionid", "answers", "size")),
                self.chance.choice(HOSTILE)[:50],
            )
            more |= {"HTTP_COOKIE": _cookies_with(browser.cookies, name, value)}
        with transaction.atomic():
            answer = getattr(browser, method)(path, **more)
            if answer.streaming:
                answer.getvalue()
            transaction.set_rollback(True)
        if method != "get":
            forget_editions()
            cache.clear()
        self._count(operation, role, method, path, more, answer)
        return answer

    def _count(self, operation, role, method, path, more, answer):
        name, status = str(operation), answer.status_code
        self.asked[name] += 1
        self.statuses[name][status] += 1
        led_to = answer.headers.get("Location", "")
        to_sign_in = led_to.startswith(LOGIN) and not led_to.startswith(
            "/login/code/"
        )  # where a code is awaited
        turned_away = to_sign_in or (led_to == "/admin/" and path.startswith("/admin/"))
        self.passed[name] += 200 <= status < 400 and not turned_away
        if status >= 500:
            sent = str(more.get("data", ""))[:500]
            self.faults.append(f"{role} {method} {path[:300]} {sent}\n{status} {self.raised or ''}")


def _cookies_with(jar, name, value):
    """The header of a browser whose cookie holds anything at all, control characters too, which no jar takes."""
    value = value.encode().decode("latin-1")  # as a server hands the bytes on
    pairs = {morsel.key: morsel.coded_value for morsel in jar.values()} | {name: jar.value_encode(value)[1]}
    return "; ".join(f"{key}={coded}" for key, coded in sorted(pairs.items()))


def _route(path):
    try:
        return resolve(path).route
    except Resolver404:
        return path
