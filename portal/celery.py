"""The Celery application: ``celery -A portal worker`` and ``celery -A portal beat``. Without Redis nobody needs it."""

import os

from celery import Celery
from celery.signals import beat_init, worker_init
from kombu.transport import TRANSPORT_ALIASES

from core import db_contention

# Nobody waits for them: they hang on a Redis that is slow, and ask again until it is back.
PATIENT = {"socket_connect_timeout": 2, "socket_timeout": 10, "max_retries": None}

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# Kombu keeps what it has found for a scheme, so this comes before anybody asks.
TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), "core.broker:Transport"))

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def check_what_stops_a_start(**kwargs) -> None:
    from portal import starting  # which wants the settings

    starting.check_database()


@worker_init.connect
def wait_as_a_worker(**kwargs) -> None:
    """Before the pool is forked, so that its processes have it too."""
    db_contention.wait_no_longer_than(db_contention.WORKER)


@worker_init.connect
@beat_init.connect
def be_patient_with_redis(**kwargs) -> None:
    app.conf.broker_transport_options = {**app.conf.broker_transport_options, **PATIENT}
