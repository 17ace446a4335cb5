"""The reviewer's verbs: take the next file, accept, judge, ask for corrections, recommend, refuse; and the owner's
answer to a correction."""

from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from businesses.registry import business_registry
from core.errors import Fault, Invalid, Refused
from core.wording import day_text
from core.workdays import add_workdays
from eligibility import holdings
from eligibility.models import Holding

from .. import audit, clock, duplicates, grants, materials, parts, permissions, risks, rules, telling
from ..enums import TO_APPROVE, TO_REVIEW, State, Verb
from ..judging import asked_facts, filed_on, judge_filed
from ..models import Application, Correction, Defect, Evidence, Part
from ..moving import locked, move, require_movable, touch
from ..recusal import of_cases
from ..terms import terms_of
from ..wording import kept_words
from .applying import first_of, put_file, read_answers, set_judged

VERDICTS = ("pass", "fail", "correct")
MOST_LOOKED_AT = 200
NOT_ASKED = "这份材料不在补正的范围里，不能换"


def _for_review(application, by, expected_version=None) -> Application:
    found = locked(application, expected_version)
    if not permissions.may_review(by, found):
        raise PermissionDenied
    refuse_if_claimed(found, by)
    return found


def refuse_if_claimed(application, by):
    other = application.claimed_by_id not in (None, by.pk)
    if other and application.claimed_until and application.claimed_until > timezone.now():
        until = timezone.localtime(application.claimed_until)
        raise Refused(f"{application.claimed_by.shown_name} 正在办这一件，到 {until:%H:%M}。请先办别的。")


# The queue


def queue_for(user):
    """The applications that wait for somebody with the roles of ``user``, the earliest due first; those promised for no
    day after those that are, oldest first. Without those they must not touch."""
    states = []
    if user.has_perm("subsidies.review_application"):
        states += TO_REVIEW
    if user.has_perm("subsidies.approve_application"):
        states += TO_APPROVE
    rows = Application.objects.visible_to(user).filter(state__in=states)
    rows = rows.exclude(of_cases(user)).exclude(Q(approver=user) | Q(countersigner=user))
    rows = rows.exclude(parts.of(user, undone_at__isnull=False))
    rows = rows.exclude(Q(parts.of(user, Part.Kind.DECIDE), state__in=TO_REVIEW))
    rows = rows.exclude(Q(parts.of(user, Part.Kind.REVIEW), state__in=TO_APPROVE))
    return rows.order_by(F("due_on").asc(nulls_last=True), "id")


@transaction.atomic
def take_next(user, states=None) -> Application | None:
    """Claim the next application for a while: what one already has first. Two people never get the same one."""
    now, rows = timezone.now(), queue_for(user)
    if states:
        rows = rows.filter(state__in=states)
    free = Q(claimed_by=None) | Q(claimed_until=None) | Q(claimed_until__lt=now) | Q(claimed_by=user)
    rows = rows.filter(free).select_for_update(skip_locked=True, of=("self",))
    found = rows.filter(claimed_by=user, claimed_until__gte=now).first() or rows.first()
    if found is None:
        return None
    return _claim(found, user, now)


def claim(application: Application, *, by) -> Application:
    """Take one particular application. Refused while somebody else has it."""
    with transaction.atomic():
        found = locked(application)
        _require_for_stage(found, by)
        refuse_if_claimed(found, by)
        return _claim(found, by, timezone.now())


def _require_for_stage(found, by):
    """A claim is for the work that waits: nobody holds a file up for those whose turn it is, or one that is decided."""
    if found.state not in (*TO_REVIEW, *TO_APPROVE):
        raise Refused(f"这一件现在是“{found.get_state_display()}”，不用领办。请刷新页面。")
    may = permissions.may_approve if found.state in TO_APPROVE else permissions.may_review
    if not may(by, found):
        raise PermissionDenied


def _claim(found, user, now):
    minutes = terms_of(found.benefit_version).claim_minutes
    found.claimed_by, found.claimed_until = user, now + timedelta(minutes=minutes)
    found.save(update_fields=["claimed_by", "claimed_until"])
    return found


def put_back(application: Application, *, by):
    """Give a claimed application back to the queue."""
    Application.objects.filter(pk=application.pk, claimed_by=by).update(claimed_by=None, claimed_until=None)


# Review

JUDGED = ["judged", "category", "amount_fen", "monthly_fen", "months", "starts_on"]


@transaction.atomic
def accept(application: Application, *, by, expected_version: int | None = None) -> Application:
    """受理: everything is there, the file is looked into."""
    found = _for_review(application, by, expected_version)
    found.accepted_at = timezone.now()
    telling.tell(found, Verb.ACCEPT)
    move(found, Verb.ACCEPT, by=by, save=["accepted_at"])
    return found


@transaction.atomic
def set_verdicts(
    application: Application, verdicts: dict, *, by, expected_version: int | None = None
) -> Application:
    """Keep a reviewer's verdicts as they go: ``{criterion id: {"verdict": …, "note": …}}``; None takes one back."""
    found = _for_review(application, by, expected_version)
    if found.state not in TO_REVIEW:
        raise Refused("这一件现在不在审核中，不能改结论。请刷新页面。")
    known = {row["id"] for row in found.judged["criteria"]}
    faults = [
        Fault(f"verdicts.{name}", "invalid_choice", "没有这一条，或没有这种结论，请刷新页面")
        for name, said in verdicts.items()
        if name not in known or (said is not None and said.get("verdict") not in VERDICTS)
    ]
    if faults:
        raise Invalid(faults)
    kept = {
        name: {"verdict": said["verdict"], "note": kept_words(str(said.get("note", "")))[:300]}
        for name, said in {**found.verdicts, **verdicts}.items()
        if said is not None
    }
    if kept != found.verdicts:
        before, found.verdicts = found.verdicts, kept
        changed = sorted(name for name in {*kept, *before} if kept.get(name) != before.get(name))
        risks.judge_changed(found, kept, by)
        touch(found, "verdicts")
        audit.record("save_verdicts", f"application {found.pk}", by=by, application=found, criteria=changed)
    return found


@transaction.atomic
def recommend(
    application: Application, *, by, expected_version: int | None = None, override_note=""
) -> Application:
    """Say that it should be approved. What the machine does not pass and the reviewer does needs a note."""
    found = _for_review(application, by, expected_version)
    judged = judge_filed(found)
    # What the owner has changed since filing is looked at with the rest.
    found.account = duplicates.payee(found)
    flags = risks.refresh(found, judged)
    unmet = [*rules.unmet_for_recommendation(found, judged), *risks.unmet(flags)]
    if unmet:
        raise Refused(" ".join(unmet))
    overridden, override_note = rules.overridden(found, judged), kept_words(override_note)
    if overridden and len(override_note) < 4:
        raise Invalid.because("override_note", "required", "有条件和自动核验不一样，请写明理由，至少 4 个字")
    risks.judge_changed(found, found.verdicts, by)
    set_judged(found, judged, first_of(filed_on(found)))
    found.reviewer = by
    found.override_note = override_note[:500] if overridden else ""
    found.district = found.business.district or ""
    move(
        found,
        Verb.RECOMMEND,
        by=by,
        save=["reviewer", "override_note", "account", "district", *JUDGED],
        amount_fen=found.amount_fen,
        overridden=[row["id"] for row in overridden],
    )
    return found


@transaction.atomic
def refuse(
    application: Application, *, by, failed: list[str], reason: str, expected_version: int | None = None
) -> Application:
    """不予批准: names the criteria that fail and says why in words for the owner, with the remedy they have."""
    found = locked(application, expected_version)
    approving, countersigning = found.state in TO_APPROVE, found.state == State.COUNTERSIGNING
    if not (permissions.may_approve if approving else permissions.may_review)(by, found):
        raise PermissionDenied
    refuse_if_claimed(found, by)
    known = {row["id"] for row in found.judged["criteria"]}
    reason, faults = kept_words(reason), []
    if not failed or not set(failed) <= known:
        faults.append(Fault("failed", "required", "请至少选一条不符合的条件"))
    if not 8 <= len(reason) <= 1000:
        faults.append(Fault("reason", "required", "请写店主看得懂的理由，8 到 1000 个字"))
    if faults:
        raise Invalid(faults)
    today = timezone.localdate()
    found.failed, found.reason, found.decided_at = failed, reason, timezone.now()
    found.verdicts = {
        **found.verdicts,
        **{name: {**found.verdicts.get(name, {"note": ""}), "verdict": "fail"} for name in failed},
    }
    found.remedy_until = today + timedelta(days=terms_of(found.benefit_version).appeal_days)
    found.approved_digest = ""
    # Whoever had approved before stays named: they had a part in it, and do not answer an appeal.
    setattr(found, "countersigner" if countersigning else "approver" if approving else "reviewer", by)
    holdings.hold(found.business, found.benefit, Holding.Kind.DECLINED, since=today)
    telling.tell(found, Verb.REFUSE)
    move(
        found,
        Verb.REFUSE,
        by=by,
        note=reason[:500],
        save=[
            *("failed", "reason", "verdicts", "decided_at", "remedy_until", "approved_digest"),
            *("reviewer", "approver", "countersigner"),
        ],
        failed=failed,
    )
    return found


@transaction.atomic
def send_back(application: Application, *, by, note: str, expected_version: int | None = None) -> Application:
    """退回审核: an approver wants it looked into again, or what was approved has changed since."""
    found = locked(application, expected_version)
    if not permissions.may_send_back(by, found):
        raise PermissionDenied
    note = kept_words(note)
    if len(note) < 4:
        raise Invalid.because("note", "required", "请写明为什么退回，至少 4 个字")
    return back_to_review(found, by=by, note=note)


def back_to_review(found, *, by, note):
    if found.state == State.APPROVED:
        grants.void(found, by=by)
        holdings.hold(found.business, found.benefit, Holding.Kind.APPLIED)
    found.reviewer = found.approver = found.countersigner = None
    found.approved_digest, found.decided_at = "", None
    risks.forget_confirmations(found)
    people = ["reviewer", "approver", "countersigner", "approved_digest", "decided_at"]
    move(found, Verb.SEND_BACK, by=by, note=note, save=people)
    return found


# Corrections


@transaction.atomic
def request_correction(
    application: Application, defects: list[dict], *, by, expected_version: int | None = None
) -> Application:
    """一次性告知: everything that is wrong, at once; the clock stands still until it is mended.

    ``defects``: ``[{"kind": "fact"|"material", "name", "reason", "sample"}]``. Raises Invalid naming every fault.
    """
    found = _for_review(application, by, expected_version)
    require_movable(found, Verb.REQUEST_CORRECTION)
    _refuse_bad_defects(found, defects)
    today = timezone.localdate()
    correction = Correction.objects.create(
        application=found,
        number=found.corrections.count() + 1,
        asked_by=by,
        due_on=add_workdays(today, terms_of(found.benefit_version).correction_working_days),
    )
    Defect.objects.bulk_create(
        Defect(
            correction=correction,
            kind=defect["kind"],
            name=defect["name"],
            reason=kept_words(defect["reason"])[:300],
            sample=kept_words(defect.get("sample", ""))[:300],
            before=_as_it_is(found, defect["kind"], defect["name"]),
        )
        for defect in defects
    )
    clock.stop(found, today)
    telling.tell(found, Verb.REQUEST_CORRECTION, correction=correction)
    move(
        found,
        Verb.REQUEST_CORRECTION,
        by=by,
        save=clock.FIELDS,
        correction=correction.number,
        defects=[[defect["kind"], defect["name"]] for defect in defects],
    )
    return found


def _refuse_bad_defects(found, defects):
    if not defects:
        raise Invalid.because("defects", "required", "请至少选一项要补正的内容")
    judged = judge_filed(found)
    names = {
        "fact": {fact.name for fact in asked_facts(judged)} | set(found.answers),
        "material": {row["name"] for row in materials.to_upload(found.benefit_version)},
    }
    faults, seen = [], set()
    for place, defect in enumerate(defects):
        kind, name = defect.get("kind"), defect.get("name")
        if name not in names.get(kind, ()) or (kind, name) in seen:
            faults.append(Fault(f"defects.{place}.name", "invalid_choice", "没有这一项，或选了两次"))
        if len(str(defect.get("reason", "")).strip()) < 4:
            faults.append(Fault(f"defects.{place}.reason", "required", "请写明哪里不对，至少 4 个字"))
        seen.add((kind, name))
    if faults:
        raise Invalid(faults)


def _as_it_is(application, kind, name):
    if kind == "fact":
        return application.answers.get(name)
    files = application.files.filter(material=name, removed_at=None, instalment=None)
    return [str(pk) for pk in files.values_list("evidence__public_id", flat=True)]


def open_correction(application: Application) -> Correction | None:
    return application.corrections.filter(answered_at=None, closed_at=None).first()


def _for_correction(application, principal, expected_version=None):
    found = locked(application, expected_version)
    if not permissions.may_apply(principal, found.business):
        raise PermissionDenied
    if found.state != State.CORRECTING:
        raise Refused("这一件现在不用补正。请刷新页面看最新情况。")
    correction = open_correction(found)
    if correction.due_on < timezone.localdate():  # the sweep, which ends it, may not have come by yet
        until = day_text(correction.due_on)
        raise Refused(f"补材料到 {until}为止，已经过了。这一件按撤回处理。传过的材料还在，您可以重新申请。")
    return found, correction


def _defect(correction, kind, name) -> Defect | None:
    return next((row for row in correction.defects.all() if (row.kind, row.name) == (kind, name)), None)


@transaction.atomic
def mend_fact(application: Application, name: str, value, *, by=None, client=None) -> Application:
    """The owner's new answer to a fact that was called wrong. Only those that were asked for can be changed."""
    found, correction = _for_correction(application, by or client)
    defect = _defect(correction, "fact", name)
    if defect is None:
        raise Invalid.because("fact", "not_asked", "这一项不在补正的范围里，不能改")
    if value is None:
        raise Invalid.because("fact", "required", f"{_label(name)}：请填写")
    read_answers({name: value})
    found.answers = {**found.answers, name: value}
    defect.after, defect.resolved_at = value, timezone.now()
    defect.save(update_fields=["after", "resolved_at"])
    touch(found, "answers")
    return found


@transaction.atomic
def mend_material(
    application: Application, material: str, evidence: list[Evidence], *, by=None, client=None
) -> Application:
    """New files for a material that was called wrong; the old ones stay to be compared."""
    found, correction = _for_correction(application, by or client)
    defect = _defect(correction, "material", material)
    if defect is None:
        raise Invalid.because("material", "not_asked", NOT_ASKED)
    if not evidence:
        raise Invalid.because("files", "required", "请先上传新的材料")
    fresh = {row.pk for row in evidence}
    found.files.filter(material=material, removed_at=None).exclude(evidence__in=fresh).update(
        removed_at=timezone.now()
    )
    for row in evidence:
        put_file(found, material, row)
    defect.after, defect.resolved_at = [str(row.public_id) for row in evidence], timezone.now()
    defect.save(update_fields=["after", "resolved_at"])
    touch(found, "excused")
    return found


@transaction.atomic
def correct(
    application: Application, *, by=None, client=None, expected_version: int | None = None
) -> Application:
    """Everything is mended: back to review, and the clock goes on with what was left."""
    found, correction = _for_correction(application, by or client, expected_version)
    left = [row.name for row in correction.defects.filter(resolved_at=None)]
    if left:
        raise Refused(f"还有 {len(left)} 项没有补：{'、'.join(_label(name) for name in left)}。")
    if waiting := found.files.filter(removed_at=None).exclude(evidence__status=Evidence.Status.CLEAN).count():
        raise Refused(f"还有 {waiting} 个文件在检查，请过几分钟再提交。")
    correction.answered_at = timezone.now()
    correction.save(update_fields=["answered_at"])
    # What was mended is looked at again; the other verdicts stand.
    named = {row.name for row in correction.defects.all()}
    found.verdicts = {
        row["id"]: found.verdicts[row["id"]]
        for row in found.judged["criteria"]
        if row["id"] in found.verdicts
        and not named & set(row["facts"])
        and found.verdicts[row["id"]]["verdict"] == "pass"
    }
    set_judged(found, judge_filed(found), first_of(filed_on(found)))
    clock.go_on(found, timezone.localdate())
    found.accepted_at = found.accepted_at or timezone.now()
    telling.tell(found, Verb.CORRECT)
    move(
        found,
        Verb.CORRECT,
        by=by,
        client=client,
        save=["verdicts", "accepted_at", *JUDGED, *clock.FIELDS],
        correction=correction.number,
    )
    return found


def _label(name):
    fact = business_registry().get(name)
    return fact.label if fact else name
