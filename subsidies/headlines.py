"""The one sentence above an application: where it stands, by when, and what is left to do."""

from datetime import date, timedelta

from cases.terms import terms_of
from cases.wording import due_words, local_day, near_day
from core.money import yuan_text

from .models import Application, Instalment
from .money.grants import opens_on
from .money.returned import is_mended, returned_of

Part = Instalment.Status
UNPAID_PARTS = (Part.PLANNED, Part.CLAIMED, Part.DUE)


def draft(application: Application, today: date) -> str:
    kept = terms_of(application.benefit_version).draft_days
    last = local_day(application.saved_at) + timedelta(days=kept)
    return f"还没提交，草稿保留到 {near_day(last, today)}"


def waiting(application: Application, today: date) -> str:
    return f"已提交，等待受理，{due_words(application, today)}"


def reviewing(application: Application, today: date) -> str:
    return f"审核中，{due_words(application, today)}"


def correcting(application: Application, today: date) -> str:
    correction = application.open_correction
    last = f"最迟 {near_day(correction.due_on, today)}补齐" if correction else "请按通知补齐"
    return f"等您补材料，{last}"


def approved(application: Application, today: date) -> str:
    return _returned(application) or "已批准，等待拨付"


def refused(application: Application, today: date) -> str:
    until = application.remedy_until
    return f"未批准，{near_day(until, today)}前可以申诉" if until and until >= today else "未批准"


def paid(application: Application, today: date) -> str:
    """Of a grant paid in parts also what comes next."""
    if words := _returned(application):
        return words
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


def _returned(application) -> str:
    payment = returned_of(application)
    if payment is None:
        return ""
    part = payment.instalment
    what = f"{yuan_text(part.amount_fen)} 元"
    if part.from_month is not None:
        what = f"第 {part.number} 期 {what}"
    if is_mended(payment):
        return f"{what}被银行退回，收款账户已改，核对以后再转"
    return f"{what}没有打进去，请改收款账户"


def tone(application: Application) -> str:
    """Of what is granted: well, unless the owner has an account to mend."""
    return "may" if has_account_to_mend(application) else "ok"


# What of the money waits


def has_account_to_mend(application: Application) -> bool:
    """Whether money came back from the bank, and the account that it went to still stands."""
    payment = returned_of(application)
    return payment is not None and not is_mended(payment)


def next_instalment(application: Application) -> Instalment | None:
    """The first part of a grant that has begun to be paid and is not yet; None where all has been, or ended."""
    parts = [part for grant in application.grants.all() for part in grant.instalments.all()]
    paid = [part.number for part in parts if part.status == Part.PAID]
    return next((part for part in parts if paid and part.status in UNPAID_PARTS), None)


def is_claimable(part: Instalment | None, today: date) -> bool:
    return part is not None and part.status == Part.PLANNED and opens_on(part) <= today
