"""The verbs of an import: what people and the folder ask of a run. The work itself is in working.py.

uploaded → checking → checked → applying ⇄ paused → done; from paused or done rolling_back → rolled_back; whatever has
not begun can be cancelled. A file that cannot be read leaves no run, or a failed one that says why.
"""

import hashlib
import logging
import os
import secrets
from datetime import date, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import access
from core.background import start_after_commit
from core.errors import Refused
from core.log import masked

from ..models import ImportedKey, ImportIssue, ImportRun, Source
from ..registry import business_registry
from . import files, mapping

logger = logging.getLogger(__name__)
UNCONFIRMED = timedelta(days=7)
STANDING_OVER = ("rolled_back", "failed", "cancelled")


class AlreadyHere(Refused):
    """The same file has been received from the same source; ``run`` is that import."""

    def __init__(self, run) -> None:
        at = f"{timezone.localtime(run.uploaded_at):%Y-%m-%d %H:%M}"
        super().__init__(f"这个文件已在 {at} 上传过，现在是“{run.get_status_display()}”。")
        self.run = run


def receive(file, source: Source, *, by, as_of: date, columns=None, name="") -> ImportRun:
    """Keep a file and look it over. ``file``: a Path, or something open that ``read(size)`` takes bytes from.

    ``columns``: ``{heading: field}``, else what the source's mapping suggests. Raises ``AlreadyHere`` for a file that
    is here, ``Refused`` for one that cannot be read, of which nothing is kept.
    """
    _refuse_unless_allowed(by, source)
    if as_of > timezone.localdate():
        raise Refused("数据日期不能晚于今天。请改成这批数据统计到的那一天。")
    path, sha256, size = _store(file)
    try:
        standing = _standing(source, sha256)
        if standing:
            raise AlreadyHere(standing)
        form = files.survey(path)
        headings = files.read_headings(path, form)
        if next(files.read_table(path, form, len(headings)), None) is None:
            raise Refused("文件里只有表头，没有数据。请重新导出一份再上传。")
        registry = business_registry()
        if columns is None:
            columns = mapping.suggest(source, headings, registry)
        else:
            mapping.check_columns(source.code, columns, registry)
        with transaction.atomic():
            run = ImportRun.objects.create(
                source=source,
                columns=columns,
                file_name=masked(name or getattr(file, "name", ""))[-200:],
                path=str(path),
                sha256=sha256,
                size=size,
                as_of=as_of,
                rows=form.lines,
                checked={"form": list(form), "headings": headings},
                by=by,
            )
            _log(by, "import_received", run, size=size)
    except IntegrityError:
        path.unlink(missing_ok=True)
        raise AlreadyHere(_standing(source, sha256)) from None
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return run


def _standing(source, sha256):
    runs = ImportRun.objects.filter(source=source, sha256=sha256)
    return runs.exclude(status__in=STANDING_OVER).first()


def folder() -> Path:
    """Where uploads are kept; readable by this program's account alone."""
    path = Path(settings.PRIVATE_FOLDER) / "imports"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def _store(file):
    """(path, SHA-256, bytes) of a private copy."""
    path = folder() / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    opened = file.open("rb") if isinstance(file, Path) else file
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as kept:
            while block := opened.read(1 << 20):
                digest.update(block)
                size += len(block)
                kept.write(block)
    except OSError:
        path.unlink(missing_ok=True)
        raise Refused("文件存不下来，可能是磁盘满了。请联系机房，腾出空间后再传。") from None
    finally:
        if opened is not file:
            opened.close()
    return path, digest.hexdigest(), size


def set_columns(run: ImportRun, columns: dict[str, str], *, by):
    """Say what each heading means, for this run and for the next file of its source; then look the whole file over."""
    _refuse_unless_allowed(by, run.source)
    headings = run.checked.get("headings", [])
    columns = {heading: field for heading, field in columns.items() if field and heading in headings}
    mapping.check_columns(run.source_id, columns, business_registry())
    with transaction.atomic():
        run = _locked(run, "uploaded", "checked")
        run.columns, run.status, run.row, run.problem = columns, "checking", 0, ""
        run.started_at = timezone.now()
        run.save(update_fields=["columns", "status", "row", "problem", "started_at"])
        source = Source.objects.select_for_update(of=("self",)).get(pk=run.source_id)
        ignored = {heading for heading in headings if heading not in columns}
        kept = {heading: field for heading, field in source.columns.items() if heading not in ignored}
        source.columns = {**kept, **columns}
        source.save(update_fields=["columns"])
        _log(by, "import_columns_set", run, columns=len(columns))
        _ring(run)
    return run


def confirm(run: ImportRun, *, by, expected=None):
    """Take the checked file in. ``expected``: the mark of the check that was seen; another one since is refused."""
    _refuse_unless_allowed(by, run.source)
    with transaction.atomic():
        run = _locked(run, "checked")
        if expected is not None and run.checked.get("mark") != expected:
            raise Refused("文件刚又检查过一次。请看最新的结果，再确认导入。")
        _begin(run, by)
        _ring(run)
    return run


def apply_at_once(run: ImportRun, *, by):
    """Take a received file in without a dry run: the shell counts as it goes. The caller works on it."""
    _refuse_unless_allowed(by, run.source)
    mapping.check_columns(run.source_id, run.columns, business_registry())
    with transaction.atomic():
        run = _locked(run, "uploaded", "checked")
        _begin(run, by)
    return run


def check_at_once(run: ImportRun, *, by):
    """Set a received file to be looked over with its mapping as it is. The caller works on it."""
    _refuse_unless_allowed(by, run.source)
    mapping.check_columns(run.source_id, run.columns, business_registry())
    with transaction.atomic():
        run = _locked(run, "uploaded", "checked")
        run.status, run.row, run.started_at = "checking", 0, timezone.now()
        run.save(update_fields=["status", "row", "started_at"])
        _log(by, "import_checked", run)
    return run


def _begin(run, by) -> None:
    run.status, run.row, run.started_at, run.problem = "applying", 0, timezone.now(), ""
    run.created = run.updated = run.unchanged = run.wrong = 0
    run.checked = {**run.checked, "since": 0}
    run.save()
    forget_findings(run)
    _log(by, "import_confirmed", run)


def pause(run: ImportRun, *, by):
    """Stop after the chunk at hand."""
    _refuse_unless_allowed(by, run.source)
    with transaction.atomic():
        run = _locked(run, "applying")
        run.status = "paused"
        run.save(update_fields=["status"])
        _log(by, "import_paused", run)
    return run


def resume(run: ImportRun, *, by):
    """Go on where it stopped."""
    with transaction.atomic():
        run = resume_here(run, by=by)
        _ring(run)
    return run


def resume_here(run: ImportRun, *, by):
    """Set a paused run going again; the caller works on it."""
    _refuse_unless_allowed(by, run.source)
    with transaction.atomic():
        run = _locked(run, "paused")
        run.status, run.started_at, run.problem = "applying", timezone.now(), ""
        run.checked = {**run.checked, "since": run.row, "tries": {}}
        run.save(update_fields=["status", "started_at", "problem", "checked"])
        _log(by, "import_resumed", run)
    return run


def cancel(run: ImportRun, *, by):
    """Give up a file of which nothing has been taken in."""
    _refuse_unless_allowed(by, run.source)
    with transaction.atomic():
        run = _locked(run, "uploaded", "checking", "checked")
        run.status, run.finished_at = "cancelled", timezone.now()
        run.save(update_fields=["status", "finished_at"])
        forget_findings(run)
        _log(by, "import_cancelled", run)
    drop_file(run)
    return run


def roll_back(run: ImportRun, *, by):
    """Take back what the run brought, but for what others have built on since."""
    _refuse_unless_allowed(by, run.source)
    with transaction.atomic():
        run = _locked(run, "paused", "done")
        run.status, run.started_at, run.problem = "rolling_back", timezone.now(), ""
        run.checked = {**run.checked, "tries": {}, "back": {}}
        run.save(update_fields=["status", "started_at", "problem", "checked"])
        _log(by, "import_rolled_back", run)
        _ring(run)
    return run


def sweep() -> None:
    """Take up stalled runs, whatever becomes of each; cancel what nobody has confirmed for a week.

    Files that no run knows are deleted.
    """
    from . import lease, working

    for run in lease.stalled():
        try:
            working.go_on(run.pk)
        except Exception:  # one run that cannot go on must not keep the others waiting
            logger.exception("Import %s stopped; the next sweep takes it up again.", run.pk)
    before = timezone.now() - UNCONFIRMED
    for run in ImportRun.objects.filter(status__in=("uploaded", "checked"), uploaded_at__lt=before):
        cancel(run, by=None)
    known = set(ImportRun.objects.exclude(path="").values_list("path", flat=True))
    for path in folder().iterdir():
        if str(path) not in known and path.stat().st_mtime < before.timestamp():
            path.unlink(missing_ok=True)


def drop_file(run) -> None:
    """The file has done its work; its fingerprint stays."""
    if run.path:
        Path(run.path).unlink(missing_ok=True)
        ImportRun.objects.filter(pk=run.pk).update(path="")
        run.path = ""


def forget_findings(run) -> None:
    ImportIssue.objects.filter(run=run)._raw_delete(using="default")
    ImportedKey.objects.filter(run=run)._raw_delete(using="default")


def _locked(run, *statuses):
    """The run as it stands, locked, or ``Refused`` where it is in none of ``statuses``."""
    row = ImportRun.objects.select_for_update(of=("self",)).select_related("source").get(pk=run.pk)
    if row.status not in statuses:
        raise Refused(f"这次导入现在是“{row.get_status_display()}”，不能这样做。请刷新看最新的情况。")
    return row


def may_import(user, source: Source) -> bool:
    """Staff with the permission, for the sources of their own department; the full export: the administrator alone."""
    if source.code == mapping.REGISTER and not user.is_superuser:
        return False
    return (
        user.has_perm("businesses.run_import")
        and Source.objects.visible_to(user).filter(pk=source.pk).exists()
    )


def _refuse_unless_allowed(by, source) -> None:
    if by is not None and not may_import(by, source):  # None is the shell or the clock of this machine
        raise PermissionDenied


def _ring(run) -> None:
    from ..tasks import work_on

    start_after_commit(work_on, run.pk)


def _log(by, action, run, **detail) -> None:
    access.record(by, action, f"import {run.pk}", source=run.source_id, **detail)
