"""A case as its owner reads it, as plain data: where it stands, what has happened, what the owner is to do.

Offices are named, never people. What stands here of days and amounts is what the bureau sees too.
"""

from datetime import date

from django.db.models import Prefetch
from django.utils import timezone

from cases.actions.appealing import unmet_for_appeal
from cases.models import AuditEntry
from cases.pages.form_view import file_of, judged_rows, label_of, said_text
from cases.procedure import GRANTED, OPEN, REFUSED, WITHDRAWN
from cases.terms import terms_of
from cases.transitions import is_movable
from cases.wording import due_words, local_day, marked, near_day
from core.money import yuan_text
from core.wording import day_text
from core.workdays import add_workdays, workdays_between

from .grants import add_months, opens_on
from .headlines import has_account_to_mend, is_claimable
from .models import Application, Grant, Instalment, Payment
from .procedure import Verb
from .wording import amount_text

UNPAID = (REFUSED, WITHDRAWN)
MONEY = Prefetch("grants__instalments__payments", Payment.objects.select_related("account"))


# Where it stands


def status_of(application: Application, today: date) -> dict:
    """``{sentence, tone, label}``: the one sentence above everything else. Looks at prefetched rows."""
    stage = application.stage
    said = stage.sentence(application, today) if callable(stage.sentence) else stage.sentence
    tone = "may" if has_account_to_mend(application) else stage.tone
    return {"sentence": said, "tone": tone, "label": stage.owner}


def amount_shown(application: Application) -> str:
    """What it comes to, where anything is to be had."""
    return "" if application.outcome in UNPAID else amount_text(application)


# What has happened


def timeline_of(application: Application, corrections: list, today: date) -> list[dict]:
    """``[{key, title, status: done|current|todo|blocked, office, when, due, notes}]`` from filing to money."""
    steps = [_step("submitted", "已提交", application.submitted_at, office="您")]
    office = application.department.name
    steps.append(_accepted(application, office, today))
    steps += [_corrected(row, today) for row in corrections]
    if application.outcome == WITHDRAWN:
        return [*(step for step in steps if step["status"] == "done"), _withdrawn(application)]
    steps.append(_reviewed(application, office, today))
    steps.append(_decided(application, office))
    if application.outcome != REFUSED:
        steps += _paid_out(application, office)
    return steps


def _step(key, title, moment, *, status=None, office="", due="", notes=()):
    return {
        "key": key,
        "title": title,
        "status": status or ("done" if moment else "todo"),
        "office": office,
        "when": local_day(moment),
        "due": due,
        "notes": list(notes),
    }


def _accepted(application, office, today):
    terms = terms_of(application.benefit_version)
    status, due, step = None, "", application.stage.step
    if step == "accepted":
        last = add_workdays(local_day(application.submitted_at), terms.acceptance_working_days)
        status = "current"
        due = f"最迟 {near_day(last, today)}{marked(terms, 'acceptance_working_days')}"
    moment = application.accepted_at
    if moment is None and step not in ("accepted", "correcting", "withdrawn"):
        status = "done"
    return _step("accepted", "受理", moment, status=status, office=office, due=due)


def _corrected(row, today):
    if row.answered_at:
        days = workdays_between(local_day(row.asked_at), local_day(row.answered_at))
        notes = [f"补正用了 {days} 个工作日，不计时"] if days else ["当天补齐，不计时"]
        return _step("correcting", "补正", row.answered_at, office="您", notes=notes)
    if row.closed_at:
        return _step("correcting", "补正", row.closed_at, office="您", notes=["没有补齐"])
    due = f"最迟 {near_day(row.due_on, today)}"
    return _step("correcting", "补正", None, status="blocked", office="您", due=due, notes=["补正期间不计时"])


def _reviewed(application, office, today):
    waiting = application.stage.step == "reviewing"
    status = "current" if waiting else "done" if application.outcome else "todo"
    due = due_words(application, today) if waiting else ""
    return _step("reviewing", "审核", None, status=status, office=office, due=due)


def _decided(application, office):
    notes = []
    if application.outcome == GRANTED:
        notes = [f"已批准，{amount_text(application)}"]
    elif application.outcome == REFUSED:
        notes = ["未批准，您已申诉" if application.phase == OPEN else "未批准"]
    moment = application.decided_at if application.outcome else None
    return _step("decided", "决定", moment, office=office, notes=notes)


def _paid_out(application, office):
    step = application.stage.step
    status = "current" if step == "paying" else "done" if step == "paid" else "todo"
    if application.category == "loan":
        return [_step("paying", "银行放款", None, status=status, office="银行", notes=["由银行审批和放款"])]
    due = "日期待公布" if status == "current" else ""
    return [
        _step("paying", "拨付", None, status=status, office=office, due=due),
        _step("paid", "到账", application.paid_at if status == "done" else None, office="银行"),
    ]


def _withdrawn(application):
    return _step("withdrawn", "已撤回", application.decided_at, status="done", office="您")


# Decision and money


def decision_of(application: Application, today: date) -> dict | None:
    """Why it was refused, criterion by criterion, and what can be done about it; None where it was not."""
    if application.outcome != REFUSED:
        return None
    terms = terms_of(application.benefit_version)
    failed = [
        {**row, "result": "fail", "changeable": False}
        for row in judged_rows(application.judged)
        if row["id"] in application.failed
    ]
    may_appeal = is_movable(application, Verb.APPEAL) and not unmet_for_appeal(application, today)
    return {
        "reason": application.reason,
        "failed": failed,
        "until": application.remedy_until,
        "may_appeal": may_appeal,
        "remedies": [
            "在这里申诉，由没有参与过的人重新看。",
            f"知道决定后 {terms.appeal_days} 日内{marked(terms, 'appeal_days')}申请行政复议。",
            f"知道决定后 {terms.litigation_months} 个月内{marked(terms, 'litigation_months')}到法院起诉。",
        ],
    }


def money_of(application: Application) -> list[dict]:
    """The instalments of the grant with what came of each: ``[{pk, number, period, amount, status, tone, lines,
    problem, may_claim, opens_on}]``."""
    grants = list(application.grants.exclude(status=Grant.Status.VOID).prefetch_related(
        "instalments__payments__batch", "instalments__payments__account"
    ))  # fmt: skip
    return [instalment_of(row) for grant in grants for row in grant.instalments.all()]


def instalment_of(row: Instalment) -> dict:
    payments = list(row.payments.all())
    return {
        "pk": row.pk,
        "number": row.number,
        "period": _period(row),
        "amount": yuan_text(row.amount_fen),
        "status": row.get_status_display(),
        "tone": {"paid": "ok", "due": "soon", "claimed": "soon"}.get(row.status, "no"),
        "lines": [line for payment in payments if (line := _payment_line(payment))],
        "problem": row.problem,
        "may_claim": is_claimable(row, timezone.localdate()),
        "opens_on": opens_on(row) if row.status == Instalment.Status.PLANNED else None,
    }


def _period(row):
    if row.from_month is None:
        return ""
    last = add_months(row.from_month, row.months - 1)
    if row.months == 1:
        return f"{row.from_month.year} 年 {row.from_month.month} 月"
    until = f"{last.month} 月" if last.year == row.from_month.year else f"{last.year} 年 {last.month} 月"
    return f"{row.from_month.year} 年 {row.from_month.month} 月到 {until}，{row.months} 个月"


def _payment_line(payment):
    end, batch = payment.account.last_four, payment.batch.number
    if payment.status == Payment.Status.PAID:
        return f"{day_text(local_day(payment.settled_at))}转入尾号 {end} 的账户，批次 {batch}"
    if payment.status == Payment.Status.RETURNED:
        return f"{day_text(local_day(payment.settled_at))}被银行退回：{payment.reason}。请核对收款账户"
    if payment.status in (Payment.Status.BATCHED, Payment.Status.SENT):
        return f"已编入批次 {batch}，转到尾号 {end} 的账户"
    return ""


# Corrections, files, history


def defects_of(correction, files: dict) -> list[dict]:
    """``[{pk, kind, name, anchor, label, reason, sample, before, after, is_done}]``. ``files``: {evidence id: file}.

    ``before`` and ``after`` are text of a fact, and lists of files of a material.
    """
    return [
        {
            "pk": row.pk,
            "kind": row.kind,
            "name": row.name,
            "anchor": f"defect-{row.pk}",
            "label": label_of(row.name) if row.kind == "fact" else row.name,
            "reason": row.reason,
            "sample": row.sample,
            "before": _said(row, row.before, files),
            "after": _said(row, row.after, files) if row.resolved_at else None,
            "is_done": row.resolved_at is not None,
        }
        for row in correction.defects.all()
    ]


def _said(row, value, files):
    if row.kind == "fact":
        return said_text(row.name, value)
    return [files[key] for key in value or () if key in files]


def files_of(application: Application) -> tuple[list[dict], dict]:
    """The files in use by material, and all by their id, replaced ones included: ``([{name, files}], {id: file})``."""
    materials, every = {}, {}
    for use in application.files.select_related("evidence"):
        file = every[str(use.evidence.public_id)] = file_of(use.evidence)
        if use.removed_at is None:
            materials.setdefault(use.material, []).append(file)
    return [{"name": name, "files": files} for name, files in materials.items()], every


def answers_of(application: Application) -> list[dict]:
    """What the owner has said for this application: ``[{label, value}]``."""
    return [
        {"label": label_of(name), "value": said_text(name, value)}
        for name, value in application.answers.items()
    ]


def history_of(application: Application, user) -> list[dict]:
    """What was done, the latest first: ``[{at, who, what}]``. The rows belong to a case that ``user`` may see."""
    verbs = application.life.verbs
    rows = AuditEntry.objects.filter(case=application.pk, verb__in=list(verbs)).order_by("-sequence")
    return [{"at": row.at, "who": _who(row, application, user), "what": verbs[row.verb].done} for row in rows]


def _who(row, application, user):
    if not application.life.verbs[row.verb].owner:
        return application.department.name
    if row.actor == user.pk:
        return "您"
    if row.client:
        return "代办的程序"
    return "系统" if row.actor is None else "店主或代办人"
