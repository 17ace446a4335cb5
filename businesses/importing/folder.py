"""Files that bureaus put into settings.IMPORT_FOLDER, one folder a source; taken in by the clock.

A file that has not grown for a minute is received, looked over, and taken in where at most one row in twenty is wrong;
else it waits for a person. Then it moves to ``done/``, or to ``failed/`` with a text beside it that says why.
"""

import logging
import re
import shutil
import time
from datetime import UTC, date, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from core.errors import Refused

from ..models import ImportRun, Source
from . import runs, working

logger = logging.getLogger(__name__)
QUIET_SECONDS = 60
MOST_WRONG = 0.05


def poll() -> None:
    """Look through the folders once. Whatever is wrong with one file does not keep the next from coming in."""
    if not settings.IMPORT_FOLDER:
        return
    for source in Source.objects.order_by("code"):
        for path in _files_of(source):
            try:
                if _is_quiet(path):
                    _take(path, source)
            except Exception:  # the file stays where it is, and the next look tries again
                logger.exception("%s could not be taken in.", path)


def _files_of(source) -> list:
    directory = Path(settings.IMPORT_FOLDER) / source.code
    try:
        if not directory.is_dir():
            return []
        return sorted(
            path for path in directory.iterdir() if path.is_file() and not path.name.startswith(".")
        )
    except OSError:
        logger.exception("The folder %s cannot be read.", directory)
        return []


def _is_quiet(path) -> bool:
    try:
        return path.stat().st_mtime < time.time() - QUIET_SECONDS
    except FileNotFoundError:  # another poll has moved it
        return False


def _take(path, source) -> None:
    try:
        run = runs.receive(path, source, by=None, as_of=_day_of(path), name=path.name)
        runs.check_at_once(run, by=None)
    except runs.AlreadyHere as known:
        run = known.run
        if run.by_id is not None:  # a person has sent it, and confirms it or not
            _move(path, "done")
            return
    except Refused as problem:
        _move(path, "failed", str(problem))
        return
    except FileNotFoundError:
        return
    working.go_on(run.pk)
    run.refresh_from_db()
    if run.status == "checked" and _is_good_enough(run):
        runs.apply_at_once(run, by=None)
        working.go_on(run.pk)
        run.refresh_from_db()
    if run.status in ("done", "checked", "rolled_back"):
        _move(path, "done")
    elif run.status in ("failed", "paused", "cancelled"):
        _move(path, "failed", run.problem or f"这次导入现在是“{run.get_status_display()}”。")


def _is_good_enough(run: ImportRun) -> bool:
    read = run.created + run.updated + run.unchanged + run.wrong
    return read > 0 and run.wrong <= read * MOST_WRONG


def _day_of(path) -> date:
    """The day in the file's name (20261124 or 2026-11-24), else the day it was written."""
    today = timezone.localdate()
    for year, month, day in re.findall(r"(20[0-9]{2})-?([01][0-9])-?([0-3][0-9])", path.name):
        try:
            found = date(int(year), int(month), int(day))
        except ValueError:
            continue
        if found <= today:
            return found
    changed = datetime.fromtimestamp(path.stat().st_mtime, tz=UTC)
    return min(timezone.localdate(changed), today)


def _move(path, where, problem="") -> None:
    """Beside its source's folder; a name that is taken gets the time in front."""
    directory = path.parent / where
    directory.mkdir(exist_ok=True)
    target = directory / path.name
    if target.exists():
        target = directory / f"{timezone.localtime():%Y%m%d%H%M%S}-{path.name}"
    shutil.move(path, target)
    if problem:
        target.with_name(f"{target.name}.txt").write_text(f"{problem}\n", "utf-8")
