"""The reviewer's verbs: accept, judge, recommend, refuse, send back."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from cases import audit
from cases.assessment import filed_on, first_of, judge_filed, judged_columns
from cases.procedure import DECIDE, REVIEW
from cases.queue import for_review, refuse_if_claimed
from cases.terms import terms_of
from cases.transitions import change, locked, move, permit, require, touch
from cases.wording import kept_words
from core.errors import Fault, Invalid, Refused
from eligibility import holdings
from eligibility.models import Holding

from ..checks import duplicates, risks, rules
from ..models import Application
from ..money import grants
from ..permissions import is_to_be_paid
from ..procedure import Verb

VERDICTS = ("pass", "fail", "correct")


@transaction.atomic
def accept(application: Application, *, by, expected_version: int | None = None) -> Application:
    """受理: everything is there, the file is looked into."""
    row = for_review(application, by, expected_version)
    move(row, Verb.ACCEPT, by=by, accepted_at=timezone.now())
    return row


@transaction.atomic
def set_verdicts(
    application: Application, verdicts: dict, *, by, expected_version: int | None = None
) -> Application:
    """Keep a reviewer's verdicts as they go: ``{criterion id: {"verdict": …, "note": …}}``; None takes one back."""
    row = for_review(application, by, expected_version)
    if row.stage.turn != REVIEW:
        raise Refused("这一件现在不在审核中，不能改结论。请刷新页面。")
    known = {criterion["id"] for criterion in row.judged["criteria"]}
    faults = [
        Fault(f"verdicts.{name}", "invalid_choice", "没有这一条，或没有这种结论，请刷新页面")
        for name, said in verdicts.items()
        if name not in known or (said is not None and said.get("verdict") not in VERDICTS)
    ]
    if faults:
        raise Invalid(faults)
    kept = {
        name: {"verdict": said["verdict"], "note": kept_words(str(said.get("note", "")))[:300]}
        for name, said in {**row.verdicts, **verdicts}.items()
        if said is not None
    }
    before = row.verdicts
    if kept != before:
        changed = sorted(name for name in {*kept, *before} if kept.get(name) != before.get(name))
        risks.judge_changed(row, kept, by)
        touch(row, verdicts=kept)
        audit.record("save_verdicts", row.subject, by=by, case=row, criteria=changed)
    return row


@transaction.atomic
def recommend(
    application: Application, *, by, expected_version: int | None = None, override_note=""
) -> Application:
    """Say that it should be approved. What the machine does not pass and the reviewer does needs a note."""
    row = for_review(application, by, expected_version)
    judged = judge_filed(row)
    # What the owner has changed since filing is looked at with the rest.
    change(row, account=duplicates.payee(row))
    flags = risks.refresh(row, judged)
    unmet = [*rules.unmet_for_recommendation(row, judged), *risks.unmet(flags)]
    if unmet:
        raise Refused(" ".join(unmet))
    overridden, override_note = rules.overridden(row, judged), kept_words(override_note)
    if overridden and len(override_note) < 4:
        raise Invalid.because("override_note", "required", "有条件和自动核验不一样，请写明理由，至少 4 个字")
    risks.judge_changed(row, row.verdicts, by)
    amounts = judged_columns(judged, first_of(filed_on(row)))
    move(
        row,
        Verb.RECOMMEND,
        by=by,
        said={
            "amount_fen": amounts["amount_fen"],
            "overridden": [criterion["id"] for criterion in overridden],
        },
        reviewer=by,
        override_note=override_note[:500] if overridden else "",
        district=row.business.district or "",
        **amounts,
    )
    return row


@transaction.atomic
def refuse(
    application: Application, *, by, failed: list[str], reason: str, expected_version: int | None = None
) -> Application:
    """不予批准: names the criteria that fail and says why in words for the owner, with the remedy they have."""
    row = locked(application, expected_version)
    permit(row, Verb.REFUSE, by=by)
    refuse_if_claimed(row, by)
    known = {criterion["id"] for criterion in row.judged["criteria"]}
    reason, faults = kept_words(reason), []
    if not failed or not set(failed) <= known:
        faults.append(Fault("failed", "required", "请至少选一条不符合的条件"))
    if not 8 <= len(reason) <= 1000:
        faults.append(Fault("reason", "required", "请写店主看得懂的理由，8 到 1000 个字"))
    if faults:
        raise Invalid(faults)
    require(row, Verb.REFUSE, by=by)
    today = timezone.localdate()
    said = {name: {**row.verdicts.get(name, {"note": ""}), "verdict": "fail"} for name in failed}
    holdings.hold(row.business, row.benefit, Holding.Kind.DECLINED, since=today)
    move(
        row,
        Verb.REFUSE,
        by=by,
        note=reason[:500],
        said={"failed": failed},
        failed=failed,
        reason=reason,
        verdicts={**row.verdicts, **said},
        decided_at=timezone.now(),
        remedy_until=today + timedelta(days=terms_of(row.benefit_version).appeal_days),
        approved_digest="",
        # Whoever had approved before stays named: they had a part in it, and do not answer an appeal.
        **{_seat_of_refusal(row): by},
    )
    return row


def _seat_of_refusal(application) -> str:
    """Whose decision it is: who reviews, who approves, or the second who does."""
    if application.stage.turn != DECIDE:
        return "reviewer"
    return "countersigner" if application.approver_id else "approver"


@transaction.atomic
def send_back(application: Application, *, by, note: str, expected_version: int | None = None) -> Application:
    """退回审核: an approver wants it looked into again, or what was approved has changed since."""
    row = locked(application, expected_version)
    permit(row, Verb.SEND_BACK, by=by)
    note = kept_words(note)
    if len(note) < 4:
        raise Invalid.because("note", "required", "请写明为什么退回，至少 4 个字")
    return back_to_review(row, by=by, note=note)


def back_to_review(application, *, by, note) -> Application:
    """Undo what was recommended or approved. ``by``: None where what was approved has changed."""
    require(application, Verb.SEND_BACK, by=by)
    if is_to_be_paid(application):
        grants.void(application, by=by)
        holdings.hold(application.business, application.benefit, Holding.Kind.APPLIED)
    risks.forget_confirmations(application)
    move(
        application,
        Verb.SEND_BACK,
        by=by,
        note=note,
        **dict.fromkeys(("reviewer", "approver", "countersigner", "decided_at")),
        approved_digest="",
    )
    return application
