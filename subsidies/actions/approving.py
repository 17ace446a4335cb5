"""The approver's verb. Approval takes the money out of the envelope in the same transaction and binds what was seen."""

import hashlib
from datetime import date, datetime, time

import orjson
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from cases.assessment import judge_filed
from cases.models import CaseFile
from cases.queue import refuse_if_claimed
from cases.terms import terms_of
from cases.transitions import change, locked, move, require
from core.errors import Refused
from core.money import in_fen
from eligibility import holdings
from eligibility.models import Holding
from policies.criteria.durations import Duration

from ..checks import exclusive, risks
from ..models import Application
from ..money import grants
from ..procedure import CLOSED_FOR_GOOD, State, Verb
from .reviewing import back_to_review

COUNTED_FOR = Duration("months", 12)
NOT_BESIDE = "这一项和“{}”只能领一个，这个人已经批准了那一项。请退回审核，或不予批准。"
MOVED = "建议批准以后，店迁到了别的县区。请退回审核，按现在的县区再核对。"
CLOSED = "建议批准以后，店已经注销或被吊销。请退回审核，或不予批准。"
ACCOUNT_CHANGED = "建议批准以后，店主换了收款账户。请退回审核，核对新的账户。"
CHANGED_AFTERWARDS = "批准以后内容变了，批准不再有效。"
ACCOUNT_GONE = "店主撤回了对收款账户的同意，账号已清除。请退回审核，请店主重新登记。"


def evidence_bound(applications) -> dict[int, list]:
    """What approval binds of the evidence of applications: ``{application id: [[material, sha256]]}``. Proof of rent
    handed in later, for an instalment, is judged by itself."""
    files = CaseFile.objects.filter(case__in=applications, removed_at=None, proof=None)
    files = files.order_by("material", "evidence__sha256")
    found = {}
    for pk, *row in files.values_list("case", "material", "evidence__sha256"):
        found.setdefault(pk, []).append(row)
    return found


def what_is_approved(application: Application, evidence: dict[int, list] | None = None) -> str:
    """SHA-256 of what approval binds: amount, payee, evidence, verdicts and the version of the rule.

    ``evidence``: as ``evidence_bound`` gives it, where many applications are looked at together.
    """
    account = application.account
    evidence = evidence_bound([application]) if evidence is None else evidence
    said = {
        "application": str(application.public_id),
        "version": application.benefit_version_id,
        "amount": [application.amount_fen, application.monthly_fen, application.months],
        "starts_on": application.starts_on and application.starts_on.isoformat(),
        "district": application.district,
        "payee": account and [account.holder, account.bank, account.number_index, _stands(application)],
        "evidence": evidence.get(application.pk, []),
        "answers": application.answers,
        "excused": application.excused,
        "verdicts": application.verdicts,
    }
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _stands(application) -> bool:
    """Whether the account still stands: one that has been changed has ended, and its successor is another row. After
    the first payment that is no news: later instalments go to whatever account stands."""
    return application.paid_at is not None or application.account.ended_at is None


def granted_lately_fen(application: Application, today: date) -> int:
    """What the same person was granted in the twelve months before, by any bureau, without this application. A loan is
    no money given."""
    since = timezone.make_aware(datetime.combine(COUNTED_FOR.latest_start_over_by(today), time.max))
    others = Application.objects.granted().exclude(pk=application.pk).exclude(category="loan")
    lately = others.filter(person_index=application.person_index, decided_at__gt=since)
    return lately.aggregate(sum=Sum("amount_fen"))["sum"] or 0


def needs_second(application: Application, lately_fen: int | None = None) -> bool:
    """Whether two people approve: from a sum on that a person is granted in twelve months, and where the reviewer went
    against the machine. ``lately_fen``: as ``granted_lately_fen`` gives it, where it is known already."""
    limit = in_fen(terms_of(application.benefit_version).second_approval_from)
    if application.override_note or application.amount_fen >= limit:
        return True
    if lately_fen is None:
        lately_fen = granted_lately_fen(application, timezone.localdate())
    return application.amount_fen + lately_fen >= limit


@transaction.atomic
def approve(
    application: Application, *, by, expected_version: int | None = None, confirmed=()
) -> Application:
    """批准. Where two have to approve, the first leads to countersigning and moves no money yet.

    ``confirmed``: ids of the risk flags that the approver has looked at as well.
    """
    found = locked(application, expected_version)
    require(found, Verb.APPROVE, by=by)
    refuse_if_claimed(found, by)
    if found.category != "loan" and (found.account is None or found.account.ended_at):
        raise Refused(ACCOUNT_CHANGED if found.account else ACCOUNT_GONE)
    risks.confirm(found, confirmed, by=by)
    risks.refuse_unless_looked_at(risks.refresh(found, judge_filed(found)))
    _refuse_if_turned(found)
    if found.state == State.RECOMMENDED and needs_second(found):
        digest = what_is_approved(found)
        move(
            found,
            Verb.APPROVE,
            State.COUNTERSIGNING,
            by=by,
            said={"approved": digest},
            approver=by,
            approved_digest=digest,
        )
        return found
    if found.state == State.COUNTERSIGNING:
        if found.approved_digest != what_is_approved(found):
            return back_to_review(found, by=None, note=CHANGED_AFTERWARDS)
        change(found, countersigner=by)
    else:
        change(found, approver=by)
    _give(found, by)
    return found


def _refuse_if_turned(found) -> None:
    """What nobody can look away from goes back to review. What the rule asks for is judged by risks.refresh."""
    if beside := exclusive.titles(exclusive.granted_beside(found, timezone.localdate())):
        raise Refused(NOT_BESIDE.format(beside[0]))
    if found.district != (found.business.district or ""):
        raise Refused(MOVED)
    if found.business.operating_status in CLOSED_FOR_GOOD:
        raise Refused(CLOSED)


def _give(found, by) -> None:
    """Money, holding, message, state: all or nothing."""
    today = timezone.localdate()
    change(found, decided_at=timezone.now(), approved_digest=what_is_approved(found))
    if found.category != "loan":
        grants.give(found, by=by, today=today)
    holdings.hold(found.business, found.benefit, Holding.Kind.GRANTED, since=today)
    said = {"approved": found.approved_digest, "amount_fen": found.amount_fen}
    move(found, Verb.APPROVE, State.APPROVED, by=by, said=said)


def still_as_approved(application: Application, evidence: dict[int, list] | None = None) -> bool:
    """Whether nothing that was approved has changed."""
    return application.approved_digest == what_is_approved(application, evidence)
