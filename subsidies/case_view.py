"""A case as its owner reads it, as plain data: where it stands, what has happened, what the owner is to do.

Offices are named, never people. What stands here of days and amounts is what the bureau sees too.
"""

from datetime import date, timedelta

from django.db.models import Prefetch
from django.utils import timezone

from core.money import yuan_text
from core.wording import day_text
from core.workdays import add_workdays, workdays_between

from . import clock
from .actions.appealing import unmet_for_appeal
from .actions.claiming import opens_on
from .enums import GRANTED, RUNNING, State, Verb
from .form_view import file_of, judged_rows, label_of, said_text
from .grants import add_months
from .models import Application, AuditEntry, Grant, Instalment, Payment
from .returned import is_mended, returned_of
from .terms import terms_of
from .wording import NO_PROMISE, amount_text, marked

HOTLINE = "您可以拨打 12345。"
TONES = {
    State.DRAFT: "may",
    State.CORRECTING: "may",
    State.APPROVED: "ok",
    State.PAID: "ok",
    State.REFUSED: "no",
    State.WITHDRAWN: "no",
}
UNPAID = (State.REFUSED, State.APPEALED, State.WITHDRAWN)
Part = Instalment.Status
MONEY = Prefetch("grants__instalments__payments", Payment.objects.select_related("account"))
UNPAID_PARTS = (Part.PLANNED, Part.CLAIMED, Part.DUE)


def local_day(moment) -> date | None:
    return moment and timezone.localtime(moment).date()


def near_day(day: date, today: date) -> str:
    """A day without its year where that is this one: 12 月 8 日."""
    return day_text(day) if day.year != today.year else f"{day.month} 月 {day.day} 日"


# Where it stands


def status_of(application: Application, today: date, *, correction=None) -> dict:
    """``{sentence, tone, label}``: the one sentence above everything else. ``correction``: the open one."""
    return {
        "sentence": _sentence(application, today, correction),
        "tone": "may" if has_account_to_mend(application) else TONES.get(application.state, "soon"),
        "label": application.get_state_display(),
    }


def _sentence(application, today, correction):
    state = application.state
    if state == State.DRAFT:
        kept = terms_of(application.benefit_version).draft_days
        last = local_day(application.saved_at) + timedelta(days=kept)
        return f"还没提交，草稿保留到 {near_day(last, today)}"
    if state == State.CORRECTING:
        last = f"最迟 {near_day(correction.due_on, today)}补齐" if correction else "请按通知补齐"
        return f"等您补材料，{last}"
    if state in RUNNING:
        return (
            f"{'已提交，等待受理' if state == State.SUBMITTED else '审核中'}，{due_words(application, today)}"
        )
    if payment := returned_of(application):
        return _returned_words(payment)
    if state == State.APPROVED:
        return "已批准，等待拨付"
    if state == State.PAID:
        return _paid_words(application, today)
    if state == State.REFUSED:
        until = application.remedy_until
        return f"未批准，{near_day(until, today)}前可以申诉" if until and until >= today else "未批准"
    if state == State.WITHDRAWN:
        return "已撤回，不再办理"
    if state == State.APPEALED:
        return "申诉中，由没有参与过的人重新看"
    return application.get_state_display()


def has_account_to_mend(application: Application) -> bool:
    """Whether money came back from the bank, and the account that it went to still stands."""
    payment = returned_of(application)
    return payment is not None and not is_mended(payment)


def _returned_words(payment):
    part = payment.instalment
    what = f"{yuan_text(part.amount_fen)} 元"
    if part.from_month is not None:
        what = f"第 {part.number} 期 {what}"
    if is_mended(payment):
        return f"{what}被银行退回，收款账户已改，核对以后再转"
    return f"{what}没有打进去，请改收款账户"


def _paid_words(application, today):
    """Of a grant paid in parts also what comes next."""
    part = next_instalment(application)
    if part is None:
        day = local_day(application.paid_at)
        return f"已到账，{near_day(day, today)}" if day else "已到账"
    coming = {
        Part.CLAIMED: f"第 {part.number} 期凭证在核对",
        Part.DUE: f"第 {part.number} 期等待拨付",
    }.get(part.status)
    if coming is None:
        opens = opens_on(part)
        coming = f"第 {part.number} 期" + (
            f" {near_day(opens, today)}起可以领" if opens > today else "可以领了"
        )
    return f"第 {part.number - 1} 期已到账，{coming}"


def next_instalment(application: Application) -> Instalment | None:
    """The first part of a grant that has begun to be paid and is not yet; None where all has been, or ended."""
    parts = [part for grant in application.grants.all() for part in grant.instalments.all()]
    paid = [part.number for part in parts if part.status == Part.PAID]
    return next((part for part in parts if paid and part.status in UNPAID_PARTS), None)


def is_claimable(part: Instalment | None, today: date) -> bool:
    return part is not None and part.status == Part.PLANNED and opens_on(part) <= today


def due_words(application: Application, today: date) -> str:
    """By when there is a result; how long it is overdue, and that somebody has been reminded."""
    left = clock.days_left(application, today)
    if left is None:
        return NO_PROMISE
    if left >= 0:
        return f"最迟 {near_day(application.due_on, today)}有结果"
    reminded = "，已自动催办" if application.escalated_at else ""
    return f"已超过承诺时限 {-left} 个工作日{reminded}。{HOTLINE}"


# What has happened


def timeline_of(application: Application, corrections: list, today: date) -> list[dict]:
    """``[{key, title, status: done|current|todo|blocked, office, when, due, notes}]`` from filing to money."""
    steps = [_step("submitted", "已提交", application.submitted_at, office="您")]
    office = application.department.name
    steps.append(_accepted(application, office, today))
    steps += [_corrected(row, today) for row in corrections]
    if application.state == State.WITHDRAWN:
        return [*(step for step in steps if step["status"] == "done"), _withdrawn(application)]
    steps.append(_reviewed(application, office, today))
    steps.append(_decided(application, office))
    if application.state not in (State.REFUSED, State.APPEALED):
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
    status, due = None, ""
    if application.state == State.SUBMITTED:
        last = add_workdays(local_day(application.submitted_at), terms.acceptance_working_days)
        status = "current"
        due = f"最迟 {near_day(last, today)}{marked(terms, 'acceptance_working_days')}"
    moment = application.accepted_at
    if moment is None and application.state not in (State.SUBMITTED, State.CORRECTING, State.WITHDRAWN):
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
    waiting = application.state in (State.REVIEWING, State.RECOMMENDED, State.COUNTERSIGNING)
    done = application.state in (*GRANTED, State.REFUSED, State.APPEALED)
    status = "current" if waiting else "done" if done else "todo"
    due = due_words(application, today) if waiting else ""
    return _step("reviewing", "审核", None, status=status, office=office, due=due)


def _decided(application, office):
    words = {State.REFUSED: "未批准", State.APPEALED: "未批准，您已申诉"}
    notes = [words[application.state]] if application.state in words else []
    if application.state in GRANTED:
        notes = [f"已批准，{amount_text(application)}"]
    moment = application.decided_at if application.state in (*GRANTED, *words) else None
    return _step("decided", "决定", moment, office=office, notes=notes)


def _paid_out(application, office):
    if application.category == "loan":
        status = "current" if application.state == State.APPROVED else "todo"
        return [_step("paying", "银行放款", None, status=status, office="银行", notes=["由银行审批和放款"])]
    status = {State.APPROVED: "current", State.PAID: "done"}.get(application.state, "todo")
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
    if application.state not in (State.REFUSED, State.APPEALED):
        return None
    terms = terms_of(application.benefit_version)
    failed = [
        {**row, "result": "fail", "changeable": False}
        for row in judged_rows(application.judged)
        if row["id"] in application.failed
    ]
    may_appeal = application.state == State.REFUSED and not unmet_for_appeal(application, today)
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


HISTORY = {
    Verb.SUBMIT: "提交申请",
    Verb.ACCEPT: "受理",
    Verb.REQUEST_CORRECTION: "通知补正",
    Verb.CORRECT: "补齐，重新提交",
    Verb.RECOMMEND: "审核完，交给审批",
    Verb.SEND_BACK: "退回重新审核",
    Verb.APPROVE: "批准",
    Verb.REFUSE: "未批准",
    Verb.WITHDRAW: "撤回",
    Verb.PAY: "到账",
    Verb.APPEAL: "提出申诉",
    Verb.UPHOLD: "申诉后维持原决定",
    Verb.REOPEN: "重新审核",
}
OWN_VERBS = (Verb.SUBMIT, Verb.CORRECT, Verb.WITHDRAW, Verb.APPEAL)


def history_of(application: Application, user) -> list[dict]:
    """What was done, the latest first: ``[{at, who, what}]``. The rows belong to a case that ``user`` may see."""
    rows = AuditEntry.objects.filter(application=application.pk, verb__in=list(HISTORY)).order_by("-sequence")
    return [{"at": row.at, "who": _who(row, application, user), "what": HISTORY[row.verb]} for row in rows]


def _who(row, application, user):
    if row.verb not in OWN_VERBS:
        return application.department.name
    if row.actor == user.pk:
        return "您"
    if row.client:
        return "代办的程序"
    return "系统" if row.actor is None else "店主或代办人"
