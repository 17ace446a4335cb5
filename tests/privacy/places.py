"""Everywhere a number could come to rest: each place as one text."""

import io
import logging
import pickle
import sys
from copy import deepcopy
from logging.config import DictConfigurator
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.core.signals import got_request_exception
from django.db import connection
from django.views.debug import get_exception_reporter_class

import core.background
from accounts.signing_in.session_store import SessionStore


class Log:
    """What the product's own handler writes, from DEBUG on; the levels of single loggers stay as settings have them."""

    def __enter__(self):
        self.stream = io.StringIO()
        configurator = DictConfigurator(deepcopy(settings.LOGGING))
        for kind in ("formatter", "filter"):
            made = configurator.config[f"{kind}s"]
            for name in made:
                made[name] = getattr(configurator, f"configure_{kind}")(made[name])
        handler = configurator.configure_handler(configurator.config["handlers"]["console"])
        handler.setStream(self.stream)
        self.before = [
            (logger, logger.handlers, logger.level)
            for logger in (logging.getLogger(), logging.getLogger("django.server"))
        ]
        for logger, _, _ in self.before:
            logger.handlers = [handler]
            logger.setLevel("DEBUG")
        return self

    def __exit__(self, *problem):
        for logger, handlers, level in self.before:
            logger.handlers = handlers
            logger.setLevel(level)


class Reports:
    """The page and the mail that Django would make of every exception a view lets through."""

    def __enter__(self):
        self.made = []
        got_request_exception.connect(self.make)
        return self

    def __exit__(self, *problem):
        got_request_exception.disconnect(self.make)

    def make(self, sender, request, **kwargs):
        report = get_exception_reporter_class(request)(request, *sys.exc_info(), is_email=True)
        self.made += [report.get_traceback_text(), report.get_traceback_html()]


def watch_tasks(monkeypatch):
    """The list into which everything goes that tasks are started with."""
    started, start = [], core.background._start

    def noted(task, arguments):
        started.append((task.name, arguments))
        start(task, arguments)

    monkeypatch.setattr(core.background, "_start", noted)
    return started


def tables() -> str:
    """Every row of every table as text."""
    with connection.cursor() as cursor:
        lines = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            lines += [f"{table} {row}" for row in cursor.fetchall()]
    return "\n".join(lines)


def sessions() -> str:
    return "\n".join(str(SessionStore().decode(row.session_data)) for row in Session.objects.all())


def local_cache() -> str:
    return "\n".join(f"{key} {pickle.loads(value)!r}" for key, value in cache._cache.items())


def answers(responses) -> str:
    """Status, headers, cookies and body of each."""
    lines = []
    for response in responses:
        streamed = getattr(response, "streaming", False)
        body = b"".join(response.streaming_content) if streamed else response.content
        if streamed:
            response.streaming_content = [body]
        lines += [repr(dict(response.headers)), response.cookies.output(), body.decode("utf-8", "replace")]
    return "\n".join(lines)


def files(folder: Path) -> str:
    """Names and bytes below ``folder``."""
    return "\n".join(
        f"{path.name} {path.read_bytes().decode('utf-8', 'replace')}"
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    )


def redis(url) -> str:
    """Every key and value. Not by DUMP, which compresses."""
    from redis import Redis

    read = {"string": "get", "hash": "hgetall", "set": "smembers"}
    with Redis.from_url(url) as client:
        lines = []
        for key in client.keys("*"):
            kind = client.type(key).decode()
            if kind in read:
                value = getattr(client, read[kind])(key)
            else:
                value = client.lrange(key, 0, -1) if kind == "list" else client.zrange(key, 0, -1)
            lines.append(f"{key} {value}")
        return "\n".join(lines)
