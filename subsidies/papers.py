"""What the letters of an application say: receipt, correction, decision."""

from django.utils import timezone

from businesses.registry import business_registry
from cases.models import Correction
from cases.papers.sheet import Paper, pdf
from cases.procedure import DRAFT, GRANTED, REFUSED
from cases.terms import terms_of
from cases.wording import NO_PROMISE, marked
from core.wording import day_text
from core.workdays import add_workdays

from .models import Application
from .wording import amount_text


def paper_of(application: Application, kind: str, number: int | None = None) -> Paper | None:
    """The letter of ``kind``, or None while there is none. ``number``: of a correction, the last by default."""
    if application.phase == DRAFT:
        return None
    if kind == "receipt":
        return receipt_paper(application)
    if kind == "decision":
        return decision_paper(application) if is_decided(application) else None
    if kind == "correction":
        rows = application.corrections.order_by("-number")
        correction = (rows.filter(number=number) if number else rows).first()
        return correction and correction_paper(application, correction)
    return None


def is_decided(application: Application) -> bool:
    return application.decided_at is not None and application.outcome in (GRANTED, REFUSED)


def receipt(application: Application) -> bytes:
    return pdf(receipt_paper(application))


def correction_letter(application: Application, correction: Correction) -> bytes:
    return pdf(correction_paper(application, correction))


def decision(application: Application) -> bytes:
    return pdf(decision_paper(application))


# What they say


def _paper(application, kind, title, opening, at, blocks):
    return Paper(
        kind=kind,
        title=title,
        number=application.number,
        to=application.operator.name,
        opening=opening,
        signed=application.department.name,
        at=timezone.localtime(at),
        blocks=blocks,
    )


def _what(application) -> list:
    return [
        f"事项：{application.benefit_version.content['title']}",
        f"店铺：{application.business.name}",
        f"提交日期：{day_text(timezone.localtime(application.submitted_at))}",
    ]


def receipt_paper(application: Application) -> Paper:
    """收件回执: number, due date and bureau."""
    terms = terms_of(application.benefit_version)
    accepted_in = f"{terms.acceptance_working_days} 个工作日{marked(terms, 'acceptance_working_days')}"
    blocks = [
        ("申请内容", _what(application)),
        ("材料", [f"已收到：{name}" for name in _materials(application)] or ["这一项不用交材料"]),
        (
            "办理时限",
            [
                f"收到后 {accepted_in}内一次告诉您要补什么。",
                _promise(application, terms),
            ],
        ),
    ]
    opening = "您的申请已经收到。办到哪一步，登录后在“我的办件”里看。"
    return _paper(application, "receipt", "收件回执", opening, application.submitted_at, blocks)


def _promise(application, terms) -> str:
    """As promised when it was filed: a receipt does not change afterwards."""
    if terms.promised_working_days is None:
        return f"{NO_PROMISE}。"
    filed = timezone.localtime(application.submitted_at).date()
    until = day_text(add_workdays(filed, terms.promised_working_days))
    return f"最迟 {until}有结果，补正期间不计时。"


def _materials(application) -> list:
    """Materials as they were handed in: what a correction replaced later was there."""
    filed = application.files.filter(added_at__lte=application.submitted_at)
    return list(dict.fromkeys(filed.order_by("material").values_list("material", flat=True)))


def correction_paper(application: Application, correction: Correction) -> Paper:
    """补正通知书: everything that is wrong, with reason, sample and day."""
    registry, blocks = business_registry(), [("申请内容", _what(application))]
    for place, defect in enumerate(correction.defects.all(), 1):
        fact = registry.get(defect.name)
        lines = [f"哪里不对：{defect.reason}"]
        if defect.sample:
            lines.append(f"怎样才对：{defect.sample}")
        blocks.append((f"{place}. {fact.label if fact else defect.name}", lines))
    until = day_text(correction.due_on)
    term = marked(terms_of(application.benefit_version), "correction_working_days")
    blocks.append(("时限", [f"请在 {until}前补上{term}，补正期间不计时。", "过期没有补，按撤回处理。"]))
    opening = "您的申请还要补下面几项，一次告诉您，补齐就接着审核。"
    return _paper(application, "correction", "补正通知书", opening, correction.asked_at, blocks)


def decision_paper(application: Application) -> Paper:
    """The decision: what is granted, or why not, by which clause, and what can be done against it."""
    refused = application.outcome != GRANTED
    blocks = [("申请内容", _what(application))]
    blocks += _refusal(application) if refused else _approval(application)
    blocks.append(("不服怎么办", _remedy(application)))
    title = "不予批准决定书" if refused else "批准决定书"
    opening = "您的申请没有通过，原因如下。" if refused else "您的申请已经通过。"
    return _paper(application, "decision", title, opening, application.decided_at, blocks)


def _approval(application) -> list:
    lines = [amount_text(application)]
    if application.account:
        lines.append(f"转到：{application.account}")
    if application.months:
        starts = application.starts_on
        lines.append(f"从 {starts.year} 年 {starts.month} 月算起，先付后补，凭房租凭证领。")
    return [("批准的内容", lines), ("依据", _clauses(application))]


def _refusal(application) -> list:
    failed = [
        f"不符合：{row['sentence']}"
        for row in application.judged.get("criteria", ())
        if row["id"] in application.failed
    ]
    return [
        ("没有达到的条件", failed or ["见下面的理由"]),
        ("理由", [application.reason]),
        ("依据", _clauses(application)),
    ]


def _clauses(application):
    content = application.benefit_version.content
    named = [
        f"《{row['document'].strip('《》')}》{row.get('clause') or ''}" for row in content.get("basis") or ()
    ]
    return named or [content["clause"]]


def _remedy(application):
    terms, decided = terms_of(application.benefit_version), timezone.localtime(application.decided_at)
    appeal = f"从知道决定那天起 {terms.appeal_days} 日内{marked(terms, 'appeal_days')}"
    court = f"{terms.litigation_months} 个月内{marked(terms, 'litigation_months')}"
    lines = [f"{appeal}，可以申请行政复议；{court}，可以向法院提起行政诉讼。"]
    if application.remedy_until:
        lines.append(f"也可以在本站申诉，最迟 {day_text(application.remedy_until)}，由别的人办理。")
    lines.append(f"决定日期：{day_text(decided)}。")
    return lines


# The PDF
