"""Applications as the API shows them. Amounts in yuan, two decimals; nobody of the staff is named."""

from django.utils import timezone

from businesses.registry import business_registry
from businesses.visibility import may_see_fact
from cases.assessment import judge_draft, judge_filed
from cases.materials import Need, wanted
from cases.models import AuditEntry, Evidence
from cases.procedure import DRAFT, GRANTED, REFUSED
from cases.terms import terms_of
from core.money import yuan_of_json

from ..checks import rules
from ..models import Application
from ..money.grants import standing_grant
from ..procedure import SUBSIDY
from .answers import ApplicationOut, ApplicationRow, StoredFile


def row_as_json(application: Application) -> ApplicationRow:
    """What a list says of one."""
    return ApplicationRow.of_values(**_row(application))


def _row(application) -> dict:
    return {
        "id": str(application.public_id),
        "number": application.number or None,
        "benefit": application.benefit.code,
        "benefit_version": application.benefit_version.number,
        "business": str(application.business.public_id),
        "state": application.state,
        "version": application.version,
        "total": yuan_of_json(application.amount_fen),
        "due_on": application.due_on,
        "submitted_at": instant(application.submitted_at),
        "decided_at": instant(application.decided_at),
        "paid_at": instant(application.paid_at),
    }


def application_as_json(principal, application: Application) -> ApplicationOut:
    """The whole of one, as it stands now and as far as ``principal``, who may see it, may see its facts."""
    found = Application.objects.select_related(
        "benefit", "benefit_version", "business__operator", "business__type_verdict", "account"
    ).get(pk=application.pk)
    judged, fresh, unmet = found.judged, None, []
    if found.phase == DRAFT:
        today = timezone.localdate()
        fresh = judge_draft(found, today)
        judged = fresh.as_json
        # The promise is given with the submission itself.
        unmet = [
            words
            for words in rules.unmet_for_submission(found, fresh, today=today)
            if words != rules.NOT_DECLARED
        ]
    return ApplicationOut.of_values(
        **_row(found),
        answers=found.answers,
        excused=found.excused,
        criteria=[_as_seen(row, principal) for row in judged["criteria"]],
        amount=judged["amount"],
        materials=_materials(found, fresh or judge_filed(found)),
        account=found.account and {"bank": found.account.bank, "last_four": found.account.last_four},
        promised_working_days=terms_of(found.benefit_version).promised_working_days,
        correction=_correction(found),
        decision=_decision(found),
        instalments=_instalments(found),
        unmet=unmet,
    )


def _as_seen(row, principal):
    """A criterion without what stands in the register of facts that ``principal`` may not see."""
    registry, shown = business_registry(), dict(row)
    if not all(may_see_fact(principal, registry[name]) for name in row["facts"] if name in registry):
        shown["actual"] = None
    if "alternatives" in row:
        shown["alternatives"] = [_as_seen(part, principal) for part in row["alternatives"]]
    return shown


def _materials(application, judged) -> list:
    used: dict[str, list] = {}
    for file in application.files.filter(removed_at=None).select_related("evidence"):
        used.setdefault(file.material, []).append(file_as_json(file.evidence))
    rows = wanted(application.benefit_version, judged, application.excused)
    listed = [{"name": row.name, "required": row.need is Need.NEEDED} for row in rows]
    extra = [name for name in used if name not in {row.name for row in rows}]
    listed += [{"name": name, "required": False} for name in extra]
    return [{**row, "files": used.get(row["name"], [])} for row in listed]


def file_as_json(piece: Evidence) -> StoredFile:
    return StoredFile.of_values(**file_values(piece))


def file_values(piece: Evidence) -> dict:
    return {
        "id": str(piece.public_id),
        "name": piece.original_name,
        "media_type": piece.media_type,
        "size": piece.size,
        "sha256": piece.sha256,
        "status": piece.status,
    }


def _correction(application) -> dict | None:
    found = application.open_correction
    if found is None:
        return None
    defects = [
        {
            "kind": row.kind,
            "name": row.name,
            "reason": row.reason,
            "sample": row.sample,
            "before": row.before,
            "after": row.after,
            "resolved": row.resolved_at is not None,
        }
        for row in found.defects.all()
    ]
    return {"number": found.number, "due_on": found.due_on, "defects": defects}


def _decision(application) -> dict | None:
    """A refusal stands until the appeal against it is answered."""
    if application.outcome == GRANTED:
        return {"state": "approved", "reason": "", "failed": [], "remedy_until": None}
    if application.outcome != REFUSED:
        return None
    return {
        "state": "refused",
        "reason": application.reason,
        "failed": application.failed,
        "remedy_until": application.remedy_until,
    }


def _instalments(application) -> list:
    grant = standing_grant(application)
    return [
        {
            "number": row.number,
            "from_month": row.from_month,
            "months": row.months,
            "amount": yuan_of_json(row.amount_fen),
            "status": row.status,
            "paid_at": instant(row.paid_at),
        }
        for row in (grant.instalments.order_by("number") if grant else ())
    ]


def event_as_json(entry: AuditEntry) -> dict:
    """As EventOut says it, in a dict, since ``from`` is no name in Python. ``office``: not where the owner did it;
    ``note``: only one written for the owner."""
    verb = SUBSIDY.verbs.get(entry.verb)
    of_bureau = entry.actor is not None and not (verb and verb.owner)
    return {
        "at": instant(entry.at),
        "verb": entry.verb,
        "from": entry.before,
        "to": entry.after,
        "office": entry.department.name if of_bureau and entry.department else None,
        "note": entry.note if verb and verb.note_is_shown else "",
    }


def instant(moment):
    return moment and timezone.localtime(moment)
