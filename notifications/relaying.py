"""The second way to everything that is to be done: a sweep over the database, whatever doorbells were lost.

``relay`` is rung after a commit, run by beat every minute, and can be run for ever by ``manage.py relay``.
"""

from django.conf import settings

from core.background import start_after_commit

from . import following, pushing, tasks
from .models import PushRun, Touched


def relay():
    """Go on with everything unfinished. Harmless to call twice or by several at once."""
    for run_id in PushRun.objects.unfinished().order_by("pk").values_list("pk", flat=True):
        pushing.work(run_id)
    if Touched.objects.exists():
        following.follow_facts()
    for task in (tasks.gather, tasks.deliver, tasks.send_webhooks):
        _do(task)


def _do(task):
    """In a queue of its own where there are queues, so that sending does not hold up pushing; else here and now."""
    if settings.REDIS_URL:
        start_after_commit(task)
    else:
        task()
