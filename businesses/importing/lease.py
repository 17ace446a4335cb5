"""Who is working on a run. One worker at a time: whoever holds the lease, and beats while it works.

A lease is free when its holder has not beaten for two minutes, or was a process of this machine that is gone.
"""

import os
import secrets
import socket
import threading
from contextlib import contextmanager
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from ..models import ImportRun

STALE = timedelta(minutes=2)
BEAT_SECONDS = 20
# Taken up so often without getting a row further, a run is left to a person.
MOST_TRIES = 5


class Lost(Exception):
    """Somebody paused or cancelled the run, or another worker has it now."""


def hold(run: ImportRun, status: str) -> str | None:
    """Take the lease of a run that is in ``status``. The holder's name, or None where that cannot be."""
    with transaction.atomic():
        row = ImportRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
        if row.status != status or _is_held(row):
            return None
        tries = row.checked.get("tries", {})
        count = tries.get("count", 0) + 1 if tries.get("row") == row.row else 1
        if count > MOST_TRIES and status != "rolling_back":
            row.status = "paused" if status == "applying" else "failed"
            row.problem = f"连续 {MOST_TRIES} 次没有进展，已经停下。请看服务器日志，再继续或撤回。"
            row.save(update_fields=["status", "problem"])
            return None
        row.checked = {**row.checked, "tries": {"row": row.row, "count": count}}
        row.holder = f"{socket.gethostname()[:16]}:{os.getpid()}:{secrets.token_hex(6)}"
        row.beat_at = timezone.now()
        row.save(update_fields=["holder", "beat_at", "checked"])
        return row.holder


def _is_held(run):
    if not run.holder or run.beat_at is None or run.beat_at < timezone.now() - STALE:
        return False
    host, process, _ = run.holder.split(":")
    return host != socket.gethostname()[:16] or _is_alive(int(process))


def _is_alive(process) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def held(run: ImportRun, holder: str, status: str) -> ImportRun:
    """The run, locked until the end of the transaction. Raises ``Lost`` where it is no longer ours."""
    row = ImportRun.objects.select_for_update(of=("self",)).select_related("source", "by").get(pk=run.pk)
    if row.holder != holder or row.status != status:
        raise Lost
    row.beat_at = timezone.now()
    return row


@contextmanager
def beating(run: ImportRun, holder: str):
    """Beat from beside during work that writes no chunks, be it as long as it may."""
    over = threading.Event()
    thread = threading.Thread(target=_beat_until, args=(over, run.pk, holder), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat_until(over, pk, holder) -> None:
    try:
        while not over.wait(BEAT_SECONDS):
            try:
                ImportRun.objects.filter(pk=pk, holder=holder).update(beat_at=timezone.now())
            except DatabaseError:  # SQLite is busy with the very work; the next beat may come through
                connection.close()
    finally:
        connection.close()


def release(run: ImportRun, holder: str) -> None:
    ImportRun.objects.filter(pk=run.pk, holder=holder).update(holder="")


def stalled() -> list:
    """Runs that should be worked on and are not."""
    working = ImportRun.objects.filter(status__in=ImportRun.WORKING).order_by("pk")
    return [run for run in working if not _is_held(run)]
