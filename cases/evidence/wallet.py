"""The evidence wallet: what an operator has uploaded once and may use for every application.

Files lie in PRIVATE_FOLDER/evidence under random keys and are reached through here alone. A file is on the disk before
its row is committed; what is left over after a crash, ``sweep_orphans`` finds from both sides.
"""

import hashlib
import logging
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils import timezone

from accounts.access import record
from accounts.models import ApiClient
from businesses.models import Assistance, Business, Mandate, Operator
from core import uploads
from core.errors import Invalid, Refused
from core.scanning import Result, scan

from ..models import Case, CaseFile, Evidence, people_of
from ..procedure import DRAFT

logger = logging.getLogger(__name__)
MOST_FILES = 200
WARNED_AHEAD = timedelta(days=30)
LEFT_ALONE = 24 * 60 * 60  # seconds in which a file without a row may belong to a transaction still running
SCANNED_AT_ONCE = 100

INFECTED = "这个文件有病毒，不能收。请换一台设备重拍一张"
FULL = f"您存的材料已有 {MOST_FILES} 份，放不下了。请先在“我的材料”里删掉不用的。"
IN_USE = "这份材料已经随申请交上去，要留档，不能改也不能删。"
GONE = "这份材料已经删掉了。请刷新页面。"
LOST = "这份材料读不出来了。请重新上传一份。"


class Sweep(NamedTuple):
    """``removed``: how many files nobody owned; ``missing``: ids of rows whose file is not there."""

    removed: int
    missing: list[int]


def keep(
    operator: Operator,
    material: str,
    file,
    *,
    by=None,
    client: ApiClient | None = None,
    expires_on: date | None = None,
) -> Evidence:
    """Take a file (with ``read`` and ``name``) in as ``material``. The same file again is the row that is there.

    ``by``: the person who applies for a shop of the operator; ``client``: the program that does. Raises Invalid,
    Refused, PermissionDenied. While the scanner does not answer, the file is kept and waits.
    """
    _require(by or client, operator)
    taken = uploads.take(file, name=file.name or "")
    found = scan(taken.content)
    if found.result is Result.INFECTED:
        record(by, "infected_upload", f"operator {operator.pk}", found=found.name)
        raise Invalid.because("file", "infected", INFECTED)
    status = Evidence.Status.CLEAN if found.result is Result.CLEAN else Evidence.Status.PENDING
    with _stored(taken.content) as stored_name:
        row = Evidence(
            operator=operator,
            material=material,
            original_name=taken.name,
            stored_name=stored_name,
            media_type=taken.media_type,
            size=len(taken.content),
            sha256=hashlib.sha256(taken.content).hexdigest(),
            pages=taken.pages,
            status=status,
            expires_on=expires_on,
            uploaded_by=by,
        )
        return _kept(row, by, client)


@transaction.atomic
def _kept(row, by, client) -> Evidence:
    # Locked, so that the same file sent twice is one row, and that nobody goes over the quota by sending at once.
    operator = Operator.objects.select_for_update(of=("self",)).get(pk=row.operator_id)
    _require(by or client, operator)
    mine = Evidence.objects.kept().filter(operator=operator)
    if same := mine.filter(material=row.material, sha256=row.sha256).first():
        _remove_after_commit(row.stored_name)
        if row.expires_on and row.expires_on != same.expires_on:
            same.expires_on = row.expires_on
            same.save(update_fields=["expires_on"])
        return same
    if mine.count() >= MOST_FILES:
        raise Refused(FULL)
    row.save()
    program = {"client": client.client_id} if client else {}
    record(by, "upload_evidence", f"operator {operator.pk}", evidence=row.pk, **program)
    return row


def _require(principal, operator) -> None:
    if not may_keep(principal, operator):
        raise PermissionDenied


def may_keep(principal, operator: Operator) -> bool:
    """Whether a User, or an ApiClient, may apply for one of the operator's shops, and so fill the wallet."""
    if isinstance(principal, ApiClient):
        shops = Mandate.objects.standing().filter(client=principal).shops_within("apply")
        return Business.objects.filter(pk__in=shops, operator=operator).exists()
    if not getattr(principal, "is_active", False):
        return False
    return operator.pk in people_of(principal) or _helps(principal, operator)


def _helps(clerk, operator) -> bool:
    """Whether a clerk fills in for them at the window or on the phone."""
    rows = Assistance.objects.standing().filter(clerk=clerk, operator=operator, clerk__is_staff=True)
    return rows.exists()


def rotate(evidence: Evidence, degrees: int, *, by) -> Evidence:
    """Turn a picture clockwise by 90, 180 or 270 degrees. What has been filed stays as it was filed."""
    if degrees not in (90, 180, 270):
        raise Invalid.because("degrees", "invalid_choice", "只能转 90、180 或 270 度")
    if evidence.media_type != uploads.JPEG:
        raise Refused("PDF 不能在这里转。请转好再传一份。")
    _require(by, evidence.operator)
    seen = Evidence.objects.get(pk=evidence.pk)
    try:
        content = uploads.rotate(read(seen), degrees)
    except uploads.Damaged:
        logger.exception("The picture of evidence %s opens no more.", seen.pk)
        raise Refused(LOST) from None
    with _stored(content) as stored_name, transaction.atomic():
        _lock_drafts(evidence)
        row = _locked(evidence, by)
        if row.stored_name != seen.stored_name:
            raise Refused("这张照片刚刚转过。请看最新的样子，再转。")
        row.stored_name, row.size = stored_name, len(content)
        row.sha256 = hashlib.sha256(content).hexdigest()
        row.save(update_fields=["stored_name", "size", "sha256"])
        _remove_after_commit(seen.stored_name)
        record(by, "rotate_evidence", f"evidence {row.pk}", degrees=degrees)
    return row


@transaction.atomic
def delete(evidence: Evidence, *, by) -> None:
    """Take a piece out of the wallet and out of drafts; its file goes with it, the row stays as what was there."""
    _lock_drafts(evidence)
    row = _locked(evidence, by)
    CaseFile.objects.filter(evidence=row).delete()
    row.deleted_at = timezone.now()
    row.save(update_fields=["deleted_at"])
    _remove_after_commit(row.stored_name)
    record(by, "delete_evidence", f"evidence {row.pk}")


def _lock_drafts(evidence) -> None:
    """Hold the drafts that use it: none of them is handed in while it loses a file."""
    drafts = Case.objects.filter(phase=DRAFT, files__evidence=evidence)
    list(Case.objects.select_for_update(of=("self",)).filter(pk__in=drafts).order_by("pk"))


def _locked(evidence, by) -> Evidence:
    """The row, held, still there, still ``by``'s to change, and part of nothing that was filed."""
    row = Evidence.objects.select_for_update(of=("self",)).select_related("operator").get(pk=evidence.pk)
    _require(by, row.operator)
    if row.deleted_at:
        raise Refused(GONE)
    if in_use([row]):
        raise Refused(IN_USE)
    return row


def in_use(rows) -> set[int]:
    """Ids of those that belong to something filed, even where another has taken their place since."""
    used = CaseFile.objects.filter(evidence__in=rows).exclude(case__phase=DRAFT)
    return set(used.values_list("evidence", flat=True))


def offered(operator: Operator, material: str, today: date) -> QuerySet:
    """What can be used again for ``material`` on ``today``, the newest first."""
    rows = Evidence.objects.usable().filter(operator=operator, material=material)
    return rows.exclude(expires_on__lt=today).order_by("-id")


def expiring(operator: Operator, today: date) -> QuerySet:
    """What has expired or does within WARNED_AHEAD, the first first."""
    rows = Evidence.objects.kept().filter(operator=operator, expires_on__lte=today + WARNED_AHEAD)
    return rows.order_by("expires_on", "id")


# Files


def read(evidence: Evidence) -> bytes:
    """The content, as it was when it was stored. Refused where it is gone or has been altered."""
    try:
        content = _path(evidence.stored_name).read_bytes()
    except OSError:
        content = b""
    if hashlib.sha256(content).hexdigest() != evidence.sha256:
        logger.error("The file of evidence %s is missing or altered.", evidence.pk)
        raise Refused(LOST)
    return content


def is_there(stored_name: str) -> bool:
    """Whether its file lies on the disk."""
    return _path(stored_name).is_file()


def _path(stored_name: str) -> Path:
    return _folder() / stored_name[:2] / stored_name


def _folder() -> Path:
    return Path(settings.PRIVATE_FOLDER) / "evidence"


@contextmanager
def _stored(content) -> Iterator[str]:
    """Within: the key under which the content lies safely on the disk. Leaving by an exception takes it away."""
    stored_name = secrets.token_hex(16)
    path = _path(stored_name)
    partial = path.with_suffix(".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(path)
        _sync(path.parent)
    except OSError:
        with suppress(OSError):
            partial.unlink()
        logger.exception("An uploaded file could not be stored.")
        raise Refused("文件现在存不下来，其他内容都已保存。请过几分钟再传。") from None
    try:
        yield stored_name
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _sync(folder) -> None:
    """Make a new name in a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_after_commit(stored_name) -> None:
    transaction.on_commit(lambda: _path(stored_name).unlink(missing_ok=True))


# Sweeps


def rescan() -> int:
    """Ask the scanner about files that wait, the oldest first, until it is of no help. Returns how many it settled."""
    waiting = Evidence.objects.kept().filter(status=Evidence.Status.PENDING)
    settled = 0
    for row in waiting.order_by("id")[:SCANNED_AT_ONCE]:
        try:
            found = scan(read(row))
        except Refused as refusal:
            status, problem = Evidence.Status.ERROR, str(refusal)
        else:
            if found.result is Result.UNAVAILABLE:
                break
            status, problem = Evidence.Status(found.result.value), found.name
        # Turned or deleted meanwhile: what was scanned is no longer what is there.
        same = waiting.filter(pk=row.pk, sha256=row.sha256)
        settled += same.update(status=status, problem=problem)
    return settled


def sweep_orphans() -> Sweep:
    """Remove files that have belonged to no row for a day; name the rows whose file is not there."""
    removed, missing = 0, []
    before = time.time() - LEFT_ALONE
    for folder, owned in _folders_and_owned():
        found = {path.name: path for path in folder.iterdir()} if folder.is_dir() else {}
        missing += [pk for name, pk in owned.items() if name not in found]
        for name in found.keys() - owned.keys():
            if found[name].stat().st_mtime < before:
                found[name].unlink(missing_ok=True)
                removed += 1
    if missing:
        logger.error("The files of these pieces of evidence are missing: %s", sorted(missing)[:100])
    return Sweep(removed, sorted(missing))


def _folders_and_owned() -> Iterator[tuple[Path, dict[str, int]]]:
    """Each folder with the rows, by name, whose files belong there: folder by folder, since a city's files need not
    fit into memory, and in one query."""
    whole = _folder()
    rest = {path.name for path in whole.iterdir()} if whole.is_dir() else set()
    rows = Evidence.objects.kept().annotate(prefix=Left("stored_name", 2)).order_by("prefix")
    names = rows.values_list("prefix", "stored_name", "pk").iterator(chunk_size=2_000)
    for prefix, group in groupby(names, key=itemgetter(0)):
        yield whole / prefix, {name: pk for _, name, pk in group}
        rest.discard(prefix)
    for prefix in rest:
        yield whole / prefix, {}
