"""Long work beside the request: by Celery where there is a Redis, else in a thread of this process.

The database is the queue of record: what is started here can be found and started again by a sweep, so losing the
doorbell loses nothing.
"""

import logging
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError as BrokerIsAway

from . import resting
from .db_contention import as_worker

logger = logging.getLogger(__name__)
_threads: weakref.WeakSet = weakref.WeakSet()
# What threads of this process are at, and whether it was rung for again meanwhile.
_at_work: dict[tuple, bool] = {}
_guard = threading.Lock()
# Of each thread: doorbells kept for the end of a long load, or None.
_kept = threading.local()


def start_after_commit(task, *arguments) -> None:
    """Ring for ``task`` (a Celery task) once this transaction is committed. Never raises."""
    transaction.on_commit(lambda: _start(task, arguments))


def wait_for_threads() -> None:
    """Let what was started in threads of this process come to its end: a command would otherwise cut it off."""
    while _threads:
        _threads.pop().join()


@contextmanager
def ringing_at_the_end() -> Iterator[None]:
    """Within, this thread's doorbells are kept, and each is rung once at the end, however it ends.

    For loads of many thousand rows: what follows from them is worked off faster afterwards, in large portions, than
    beside them.
    """
    if getattr(_kept, "rung", None) is not None:
        yield
        return
    _kept.rung = {}
    try:
        yield
    finally:
        rung, _kept.rung = _kept.rung, None
        for (_, arguments), task in rung.items():
            _start(task, arguments)


def _start(task, arguments) -> None:
    if getattr(_kept, "rung", None) is not None:
        _kept.rung[task.name, arguments] = task
        return
    if settings.REDIS_URL:
        try:
            with resting.asking():
                task.delay(*arguments)
        except (BrokerIsAway, resting.Resting) as problem:
            logger.error("The doorbell for %s did not ring, the sweep will find it: %s", task.name, problem)
        except Exception:  # the work is committed, and ringing for it must not undo that
            logger.exception("The doorbell for %s did not ring, the sweep will find it.", task.name)
    elif settings.TASKS_IN_THREADS:
        with _guard:
            rung = (task.name, arguments)
            if rung in _at_work:
                _at_work[rung] = True
                return
            _at_work[rung] = False
        thread = threading.Thread(target=_run, args=(task, arguments), name=task.name, daemon=True)
        _threads.add(thread)
        thread.start()
    else:
        task(*arguments)


def _run(task, arguments) -> None:
    """The work, and once more if it was rung for while it was done: one thread answers many doorbells."""
    rung = (task.name, arguments)
    try:
        with as_worker():
            task(*arguments)
            while _was_rung_again(rung):
                task(*arguments)
    except Exception:  # the end of a thread: nobody is above to be told
        logger.exception("%s failed", task.name)
        with _guard:
            _at_work.pop(rung, None)


def _was_rung_again(rung) -> bool:
    with _guard:
        again = _at_work.pop(rung)
        if again:
            _at_work[rung] = False
        return again
