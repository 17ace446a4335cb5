"""Addresses for machines that watch the portal: is it alive, can it be used, what waits and what lies dead."""

import secrets

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST
from redis import Redis, RedisError

from core import guards
from core.metrics import exposition
from core.models import Edition
from core.resting import BRIEFLY


def live(request):
    """The process answers."""
    return _text("ok")


def ready(request):
    """The database has every migration and guard, and can be written; 503 until then. Without Redis work goes on, more
    slowly."""
    try:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return _text("migrations", status=503)
        if guards.missing():
            return _text("guards", status=503)
        _write_and_take_back()
    except Error:  # also where the connection broke off
        return _text("database", status=503)
    return _text("ok" if _redis_answers() else "degraded: redis")


def _write_and_take_back() -> None:
    with transaction.atomic():
        Edition.objects.create(name=f"probe {secrets.token_hex(8)}")
        transaction.set_rollback(True)


def _redis_answers():
    if not settings.REDIS_URL:
        return True
    try:
        with Redis.from_url(settings.REDIS_URL, **BRIEFLY) as redis:
            return redis.ping()
    except RedisError:
        return False


def _text(text, status=200) -> HttpResponse:
    return HttpResponse(text, status=status, content_type="text/plain")


@require_safe
def metrics(request) -> HttpResponse:
    """Gauges, for whoever knows METRICS_TOKEN; to everybody else there is no such address."""
    given = request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        raise Http404
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_LATEST)
