"""What this room keeps of a person, for their own export and for closing their account (个人信息保护法 §45, §47).

What was filed stays while the bureau has to keep it: decisions and payments of public money are archived (档案法,
会计档案管理办法), and an owner's leaving does not undo them. Such a file names the operator of the register, not the
account, of which it keeps a number without a name.
"""

from datetime import date

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef
from django.utils import timezone

from accounts import access
from businesses.models import Binding
from businesses.signals import accounts_forgotten
from cases.evidence import wallet
from cases.models import CaseFile, Evidence, Interest, Rating
from cases.procedure import DRAFT, GRANTED
from core import own_data
from core.errors import Refused

from .models import Application, Payment

YEARS_OF_ACCOUNTS = 30  # 会计档案管理办法 §14 and its table: vouchers, from the end of the year
YEARS_OF_FILES = 10  # 机关文件材料归档范围和文书档案保管期限规定: what is kept for a limited time
_ACCOUNTS_LAW = "《会计档案管理办法》第十四条"
_FILES_LAW = "《档案法》和《机关文件材料归档范围和文书档案保管期限规定》"


def register() -> None:
    """Called once when the site starts."""
    own_data.register("applications", export, erase, kept=kept, files=files)
    accounts_forgotten.connect(let_go_of_accounts)


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
            for row in Rating.objects.filter(case__operator__in=people, rated_at__isnull=False)
            .order_by("pk")
        ],
        "interests": [
            {"relation": row.relation, "declared_at": _said(row.declared_at), "ended_at": _said(row.ended_at)}
            for row in Interest.objects.filter(user=user).order_by("pk")
        ],
        "access_events": access.told_of(
            [f"application {row.pk}" for row in applications]
            + [f"evidence {pk}" for pk in Evidence.objects.filter(operator__in=people).values_list("pk", flat=True)]
        ),
    }  # fmt: skip


def files(user):
    """(name, content) of what was uploaded, is clean and still there, in the order of ``export``."""
    for row in Evidence.objects.usable().filter(operator__in=_people(user)).order_by("pk"):
        try:
            yield f"{row.pk}-{row.material}-{row.original_name}".replace("/", "-"), wallet.read(row)
        except Refused:  # lost: the sweep has told whoever runs the site
            continue


def _application(row) -> dict:
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


def _people(user) -> set:
    """Ids of the operators that ``user`` has shown to be, and nobody else since."""
    later = Binding.objects.filter(operator=OuterRef("operator"), pk__gt=OuterRef("pk")).exclude(user=user)
    last = Binding.objects.filter(~Exists(later), user=user, operator__isnull=False)
    return set(last.values_list("operator", flat=True))


@transaction.atomic
def erase(user) -> None:
    """Throw away drafts and what was uploaded and never filed; forget who uploaded, and the words of ratings.

    Of what was filed everything else stays. A file without its row is removed by wallet.sweep_orphans within days.
    """
    people = _people(user)
    # Held, so that none is handed in while it loses its files or its account. Applications come before shops.
    held = Application.objects.filter(operator__in=people, standing=True).order_by("pk")
    phases = dict(held.select_for_update(of=("self",)).values_list("pk", "phase"))
    Application.objects.filter(pk__in=[pk for pk, phase in phases.items() if phase == DRAFT]).delete()
    used = CaseFile.objects.filter(evidence__operator__in=people).values("evidence")
    Evidence.objects.filter(operator__in=people).exclude(pk__in=used).delete()
    Evidence.objects.filter(uploaded_by=user).update(uploaded_by=None)
    Rating.objects.filter(case__operator__in=people).update(words="")
    Interest.objects.filter(user=user, ended_at=None).update(ended_at=timezone.now())


# What a law keeps


def kept(user) -> list[own_data.Kept]:
    """Of what was filed: the case, and of what was granted the money and the account that it goes to."""
    rows = []
    for found in Application.objects.filed().filter(operator__in=_people(user)).order_by("pk"):
        if found.outcome == GRANTED:
            rows.append(
                own_data.Kept(
                    f"办件 {found.number} 的申请、材料、发放记录和收款账号（账号封存）",
                    _ACCOUNTS_LAW,
                    _end_of_year(max(filter(None, (found.decided_at, found.paid_at))), YEARS_OF_ACCOUNTS),
                )
            )
        else:
            ended = None if found.standing else found.decided_at or found.saved_at
            rows.append(
                own_data.Kept(
                    f"办件 {found.number} 的申请和材料",
                    _FILES_LAW,
                    ended and _end_of_year(ended, YEARS_OF_FILES),
                    f"办结以后保存 {YEARS_OF_FILES} 年，年限待核实",
                )
            )
    return rows


def _end_of_year(when, years):
    return date(timezone.localdate(when).year + years, 12, 31)


def let_go_of_accounts(sender, accounts, **kwargs) -> dict[int, date]:
    """Take account numbers out of what is not granted; answer with those that money was granted or sent to.

    Who waits for a decision is asked for an account again, once they agree to one.
    """
    cases = Application.objects.filter(account__in=accounts).order_by("pk").select_for_update(of=("self",))
    held: dict[int, date] = {}
    loose = []
    for found in cases:
        if found.outcome != GRANTED:
            loose.append(found.pk)
            continue
        until = _end_of_year(max(filter(None, (found.decided_at, found.paid_at))), YEARS_OF_ACCOUNTS)
        held[found.account_id] = max(until, held.get(found.account_id, until))
    Application.objects.filter(pk__in=loose).update(account=None, version=F("version") + 1)
    sent = Payment.objects.filter(account__in=accounts).order_by().values_list("account")
    for account, last in sent.annotate(last=Max("batch__prepared_at")):
        until = _end_of_year(last, YEARS_OF_ACCOUNTS)
        held[account] = max(until, held.get(account, until))
    return held
