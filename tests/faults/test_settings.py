"""What Celery is told, so that a task is neither lost with its worker nor held up by one that hangs."""

import json
import subprocess
import sys

from .world import ROOT

NAMES = [
    "accept_content",
    "broker_connection_retry_on_startup",
    "broker_url",
    "result_backend_transport_options",
    "task_acks_late",
    "task_ignore_result",
    "task_reject_on_worker_lost",
    "task_soft_time_limit",
    "task_time_limit",
    "visibility_timeout",
    "worker_prefetch_multiplier",
    "worker_soft_shutdown_timeout",
]
SHOW = f"""
import json
from portal.celery import app
shown = {{name: getattr(app.conf, name) for name in {NAMES}}}
print(json.dumps(shown | {{"broker": app.conf.broker_transport_options, "tasks": app.conf.task_annotations}}))
"""


def conf(**environment):
    settings = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "SECRET_KEY": "0123456789" * 4,
        "DEBUG": "on",
        "PYTHONPATH": str(ROOT),
        **environment,
    }
    finished = subprocess.run(
        [sys.executable, "-c", SHOW], env=settings, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)


def test_celery_loses_no_task_with_its_worker_and_lets_none_hang():
    found = conf(REDIS_URL="redis://redis:6379/1")
    broker, tasks = found.pop("broker"), found.pop("tasks")

    assert found == {
        "accept_content": ["json"],
        "broker_connection_retry_on_startup": True,
        "broker_url": "redis://redis:6379/1",
        "result_backend_transport_options": {"visibility_timeout": 270},
        "task_acks_late": True,
        "task_ignore_result": True,
        "task_reject_on_worker_lost": True,
        "task_soft_time_limit": 60,
        "task_time_limit": 90,
        "visibility_timeout": 270,
        "worker_prefetch_multiplier": 1,
        "worker_soft_shutdown_timeout": 10.0,
    }
    assert broker["visibility_timeout"] == 3 * found["task_time_limit"]
    assert [name for name in tasks if name.startswith("notifications.")] == []


def test_a_redis_on_a_socket_is_spelt_as_celery_spells_it():
    assert conf(REDIS_URL="unix:///run/redis.sock?db=3")["broker_url"] == (
        "redis+socket:///run/redis.sock?virtual_host=3"
    )
