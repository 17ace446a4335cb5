"""A request that is sent twice has one effect (IETF draft-ietf-httpapi-idempotency-key-header-07).

The key is written first, in the transaction of the effect, and the answer with it. What fails leaves neither, so that
it may be tried again. While one request is at it, another with its key waits or is told so: on PostgreSQL by an
advisory lock, asked for without waiting, because an INSERT of the same key would wait for the whole first request; on
SQLite by the write lock, which every transaction takes as it begins.
"""

import hashlib
import re
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework import exceptions
from rest_framework.response import Response

from . import problems
from .errors import Invalid, Refused
from .models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
FIELD = "idempotency_key"
KEPT = timedelta(hours=48)
SECONDS_FOR_PAGES = 10  # a person who pressed twice sees the receipt, not a refusal
SECONDS_BETWEEN = 0.05
_NOT_SAID = frozenset({FIELD, "csrfmiddlewaretoken"})  # of a form: another on every rendering


class InFlight(Refused):
    """The first request with this key has not come to its end. API: 409 with Retry-After."""

    def __init__(self) -> None:
        super().__init__("同样的提交正在办理。请等几秒再试，不会重复提交。")


class Reused(Refused):
    """The key stands for another body. API: 422."""

    def __init__(self) -> None:
        super().__init__("这个编号已经用来提交过别的内容。请刷新页面，再提交一次。")


# The API


def idempotent(*, required=True) -> Callable:
    """For a method of an API view that answers JSON: with the header Idempotency-Key it has one effect, and a second
    request the same answer. It runs in a transaction; only an answer of 2xx is kept, anything else takes back what it
    wrote. Missing: 400 where ``required``, else the method runs as ever. Headers of the answer are not kept."""

    def decorate(method) -> Callable:
        @wraps(method)
        def inside(view, request, *args, **kwargs) -> HttpResponse:
            key = request.headers.get(HEADER)
            if key is None and not required:
                return method(view, request, *args, **kwargs)
            _check(key, missing=f"请在请求头 {HEADER} 里写一个自己生成的编号，例如 UUID。重试时写同一个。")
            try:
                return _answer_once(request, key, lambda: method(view, request, *args, **kwargs))
            except InFlight as refusal:
                headers = {"Retry-After": "1"}
                return _refuse(409, "idempotency_key_in_flight", refusal, headers)
            except Reused as refusal:
                return _refuse(422, "idempotency_key_reused", refusal)

        return inside

    return decorate


def _answer_once(request, key, answer) -> HttpResponse:
    who, route, body = _principal(request), _route(request), fingerprint(request.data)
    with transaction.atomic():
        row, is_new = _claim(who, route, key, body, seconds=0)
        if not is_new:
            return _json(row.content, row.status, {REPLAYED: "true"})
        response = answer()
        if not 200 <= response.status_code < 300:
            transaction.set_rollback(True)
            return response
        content = _rendered(response) if isinstance(response, Response) else response.content
        _keep(row, response.status_code, content)
    return response


def _refuse(status, code, refusal, headers=None) -> HttpResponse:
    return problems.problem_response(status, code=code, detail=str(refusal), headers=headers)


def _rendered(response) -> bytes:
    """As core.api.JSONRenderer will write it: the same bytes now and on every replay."""
    return b"" if response.data is None else problems.dumps(response.data)


def _json(content, status, headers) -> HttpResponse:
    content_type = "application/json" if content else None
    response = HttpResponse(bytes(content), status=status, content_type=content_type, headers=headers)
    if not content:
        del response.headers["Content-Type"]
    return response


def _principal(request) -> str:
    """ "user 12" or "client 3": a key of one is nothing to another."""
    if request.auth is not None:
        return f"client {request.auth.application.pk}"
    if not request.user.is_authenticated:
        raise exceptions.NotAuthenticated
    return f"user {request.user.pk}"


def _route(request) -> str:
    return f"{request.method} {request.path}"


# Pages


def form_key() -> str:
    """A new value for the hidden input ``idempotency_key`` (FIELD) of a form."""
    return str(uuid.uuid4())


def once(principal: str, route: str, key: str, body, effect) -> str:
    """What ``effect()`` returns, a short text such as the address of a receipt; called again with the same key, the
    text it returned then. ``body``: what was sent, see ``fingerprint``. Runs in a transaction.

    Raises Invalid where the key is missing or odd, InFlight, Reused, and whatever ``effect`` raises.
    """
    _check(key, missing="请刷新页面，再提交一次。")
    with transaction.atomic():
        row, is_new = _claim(principal, route, key, fingerprint(body), seconds=SECONDS_FOR_PAGES)
        if not is_new:
            return bytes(row.content).decode()  # type: ignore[arg-type]  # whoever waited for it finds it filled
        text = effect()
        _keep(row, 200, text.encode())
    return text


# Both


def purge(older_than: timedelta = KEPT) -> int:
    """Forget keys that nobody will send again; how many."""
    return IdempotencyKey.objects.filter(at__lt=timezone.now() - older_than).delete()[0]


def fingerprint(body) -> str:
    """SHA-256 of a body: parsed JSON whatever the order of its names, or a form with its files."""
    if not hasattr(body, "lists"):
        return hashlib.sha256(problems.dumps(_in_order(body))).hexdigest()
    whole = hashlib.sha256()
    for name, values in sorted(body.lists()):
        for value in [] if name in _NOT_SAID else values:
            part = _file_sha256(value) if hasattr(value, "chunks") else str(value)
            whole.update(problems.dumps([name, part]))
    return whole.hexdigest()


def _in_order(value) -> object:
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value


def _file_sha256(file) -> dict:
    whole = hashlib.sha256()
    for chunk in file.chunks():
        whole.update(chunk)
    file.seek(0)
    return {"name": file.name, "sha256": whole.hexdigest()}


def _check(key, *, missing) -> None:
    if not key:
        raise Invalid.because("", "idempotency_key_required", missing)
    if not re.fullmatch(r"[\x20-\x7e]{1,200}", key):
        raise Invalid.because("", "idempotency_key_invalid", "编号要写 1 到 200 个英文字母、数字或符号。")


def _claim(principal, route, key, body, *, seconds) -> tuple[IdempotencyKey, bool]:
    """(the row of the key, whether it is new). Waits ``seconds`` at most for a request that is at it."""
    names = {"principal": principal, "route": _short(route), "key": key}
    if connection.vendor == "postgresql":
        _lock(names, seconds)
    row, is_new = IdempotencyKey.objects.get_or_create(**names, defaults={"body_sha256": body})
    if row.body_sha256 != body:
        raise Reused
    return row, is_new


def _short(route) -> str:
    return route if len(route) <= 200 else hashlib.sha256(route.encode()).hexdigest()


def _lock(names, seconds) -> None:
    digest = hashlib.sha256(problems.dumps(names)).digest()
    number, until = int.from_bytes(digest[:8], signed=True), time.monotonic() + seconds
    while not _try_lock(number):
        if time.monotonic() >= until:
            raise InFlight
        time.sleep(SECONDS_BETWEEN)


def _try_lock(number) -> bool:
    """Held until the transaction ends: whoever gets it next sees what was committed under it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [number])
        return cursor.fetchone()[0]


def _keep(row, status, content) -> None:
    row.status, row.content = status, content
    row.save(update_fields=["status", "content"])
