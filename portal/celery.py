"""The Celery application: ``celery -A portal worker`` and ``celery -A portal beat``. Without Redis nobody needs it."""

import os

from celery import Celery
from celery.signals import worker_init

from core import busy

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def wait_as_a_worker(**kwargs):
    """Before the pool is forked, so that its processes have it too."""
    busy.wait_no_longer_than(busy.WORKER)
