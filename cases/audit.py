"""The audit chain: what was done to cases and money, so that no row can be changed, removed or put elsewhere
without ``verify`` finding it.

``record`` is the last thing an action does in its transaction: it locks the end of the chain until the commit. Who
locks cases, envelopes or payments does so before. The database refuses changes besides (core/guards.py).
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC

import orjson
from django.db import transaction
from django.utils import timezone

from .models import AuditEntry, AuditHead, Case
from .rights import parts


def record(
    verb: str,
    subject: str,
    *,
    by=None,
    client=None,
    case: Case | None = None,
    department_id: int | None = None,
    before="",
    after="",
    note="",
    **detail,
) -> AuditEntry:
    """Add one row. ``subject`` names a row (``Case.subject``); ``detail`` must hold no name, number or phone.

    ``by``: a User, None for the system; ``client``: the ApiClient that acted for somebody. What is a part in a case is
    written down as one (cases/rights/parts.py).
    """
    with transaction.atomic():
        if by is not None and case is not None and (kind := parts.kind_of(case, verb, before)):
            parts.write(case, by, kind)
        head = AuditHead.objects.select_for_update().filter(pk=1).first()
        if head is None:
            AuditHead.objects.get_or_create(pk=1)
            head = AuditHead.objects.select_for_update().get(pk=1)
        entry = AuditEntry(
            sequence=head.sequence + 1,
            at=timezone.now(),
            actor=by.pk if by is not None else None,
            client=client.client_id if client is not None else "",
            department_id=department_id or (case.department_id if case else None),
            verb=verb,
            subject=subject,
            case=case.pk if case else None,
            before=before,
            after=after,
            note=note[:500],
            detail=detail,
            previous=head.digest,
        )
        entry.digest = digest(entry)
        entry.save(force_insert=True)
        head.sequence, head.digest = entry.sequence, entry.digest
        head.save(update_fields=["sequence", "digest"])
    return entry


def digest(entry: AuditEntry) -> str:
    """SHA-256 of everything the row says and of the digest before it."""
    said = {
        "sequence": entry.sequence,
        "at": entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": entry.actor,
        "client": entry.client,
        "department": entry.department_id,
        "verb": entry.verb,
        "subject": entry.subject,
        "application": entry.case,  # the word of the first entries stays: digests rest on it
        "before": entry.before,
        "after": entry.after,
        "note": entry.note,
        "detail": entry.detail,
        "previous": entry.previous,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def verify() -> Iterable[str]:
    """A Chinese sentence for every place where the chain does not hold; nothing where it is whole."""
    expected, previous = 1, ""
    for entry in AuditEntry.objects.order_by("sequence").iterator(chunk_size=2_000):
        if entry.sequence != expected:
            yield f"审计记录缺第 {expected} 条到第 {entry.sequence - 1} 条。"
        if entry.previous != previous:
            yield f"第 {entry.sequence} 条审计记录接不上前一条，中间被动过。"
        if digest(entry) != entry.digest:
            yield f"第 {entry.sequence} 条审计记录的内容被改过。"
        expected, previous = entry.sequence + 1, entry.digest
    head = AuditHead.objects.filter(pk=1).first()
    sequence, last = (head.sequence, head.digest) if head else (0, "")
    if (sequence, last) != (expected - 1, previous):
        yield f"审计记录的末尾应是第 {sequence} 条，现在是第 {expected - 1} 条。"
