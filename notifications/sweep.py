"""The second way to everything that is to be done: a sweep over the database, whatever doorbells were lost.

``relay`` is rung after a commit, run by beat every minute, and can be run for ever by ``manage.py relay``.
"""

import logging
import time

from django.conf import settings
from django.db import close_old_connections, connection

from core.background import start_after_commit

from . import tasks
from .models import PushRun, Touched
from .pushes import fact_changes, pushing

logger = logging.getLogger(__name__)
SECONDS = 40  # of pushing and following in one call: a worker is not held longer than its time limit


def relay(*, seconds=SECONDS) -> None:
    """Go on with everything unfinished. Harmless to call twice or by several at once.

    What fails does not keep the rest from being done; the first failure is raised at the end.
    """
    until, problems = time.monotonic() + seconds, []
    for step in _steps(until):
        try:
            step()
        except Exception as problem:  # whatever it is, the next step may help somebody
            logger.exception("A step of the relay failed.")
            problems.append(problem)
            if not connection.in_atomic_block:
                close_old_connections()  # the database may have been away
    if problems:
        raise problems[0]


def _steps(until):
    def left():
        return max(until - time.monotonic(), 0)

    yield pushing.stop_the_overtaken
    for run_id in list(PushRun.objects.unfinished().order_by("pk").values_list("pk", flat=True)):
        yield lambda run_id=run_id: pushing.work(run_id, seconds=left())
    if Touched.objects.exists():
        yield lambda: fact_changes.follow_facts(seconds=left())
    for task in (tasks.gather, tasks.deliver, tasks.send_webhooks):
        yield lambda task=task: _do(task)


def _do(task) -> None:
    """In a queue of its own where there are queues, so that sending does not hold up pushing; else here and now."""
    if settings.REDIS_URL:
        start_after_commit(task)
    else:
        task()
