"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47).

What was filed stays while the bureau has to keep it: decisions and payments of public money are archived (档案法,
会计档案管理办法), and an owner's leaving does not undo them. Such a file names the operator of the register, not the
account, of which it keeps a number without a name.
"""

from datetime import date

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from businesses.models import Binding
from core import own_data

from .enums import State
from .models import Application, CaseFile, Evidence, Interest, Rating


def register():
    """Called once when the site starts."""
    own_data.register("applications", export, erase)


def export(user) -> dict:
    """Applications and evidence of the people that ``user`` has shown to be, days and instants in ISO spelling."""
    people = _people(user)
    related = ("business", "benefit", "department", "account")
    applications = Application.objects.filter(operator__in=people).select_related(*related).order_by("pk")
    files = applications.prefetch_related(
        "files__evidence", "corrections__defects", "appeals", "grants__instalments"
    )
    return {
        "applications": [_application(row) for row in files],
        "evidence": [
            {
                "material": row.material,
                "name": row.original_name,
                "media_type": row.media_type,
                "size": row.size,
                "sha256": row.sha256,
                "uploaded_at": _said(row.uploaded_at),
                "deleted_at": _said(row.deleted_at),
            }
            for row in Evidence.objects.filter(operator__in=people).order_by("pk")
        ],
        "ratings": [
            {"stage": row.stage, "level": row.level, "tags": row.tags, "words": row.words}
            for row in Rating.objects.filter(application__operator__in=people, rated_at__isnull=False)
            .order_by("pk")
        ],
        "interests": [
            {"relation": row.relation, "declared_at": _said(row.declared_at), "ended_at": _said(row.ended_at)}
            for row in Interest.objects.filter(user=user).order_by("pk")
        ],
    }  # fmt: skip


def _application(row):
    return {
        "number": row.number or None,
        "shop": row.business.name,
        "benefit": row.benefit.code,
        "department": row.department.name,
        "state": row.state,
        "answers": row.answers,
        "criteria": row.judged.get("criteria", []),
        "amount_fen": row.amount_fen,
        "account": row.account and {"bank": row.account.bank, "last_four": row.account.last_four},
        "reason": row.reason,
        "files": [[file.material, file.evidence.original_name] for file in row.files.all()],
        "excused": row.excused,
        "corrections": [
            [_said(one.asked_at), [[defect.name, defect.reason] for defect in one.defects.all()]]
            for one in row.corrections.all()
        ],
        "appeals": [[one.words, one.answer] for one in row.appeals.all()],
        "instalments": [
            [part.amount_fen, part.status, _said(part.paid_at)]
            for grant in row.grants.all()
            for part in grant.instalments.all()
        ],
        **{name: _said(getattr(row, name)) for name in ("begun_at", "submitted_at", "decided_at", "paid_at")},
    }


def _said(when: date | None):
    return when and when.isoformat()


def _people(user):
    """Ids of the operators that ``user`` has shown to be, and nobody else since."""
    later = Binding.objects.filter(operator=OuterRef("operator"), pk__gt=OuterRef("pk")).exclude(user=user)
    last = Binding.objects.filter(~Exists(later), user=user, operator__isnull=False)
    return set(last.values_list("operator", flat=True))


@transaction.atomic
def erase(user):
    """Throw away drafts and what was uploaded and never filed; forget who uploaded, and the words of ratings.

    Of what was filed everything else stays. A file without its row is removed by wallet.sweep_orphans within days.
    """
    people = _people(user)
    drafts = Application.objects.filter(operator__in=people, state=State.DRAFT)
    # Held, so that none is handed in while it loses its files.
    held = list(drafts.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    Application.objects.filter(pk__in=held).delete()
    used = CaseFile.objects.filter(evidence__operator__in=people).values("evidence")
    Evidence.objects.filter(operator__in=people).exclude(pk__in=used).delete()
    Evidence.objects.filter(uploaded_by=user).update(uploaded_by=None)
    Rating.objects.filter(application__operator__in=people).update(words="")
    Interest.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())
