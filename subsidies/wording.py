"""Days, amounts and account ends of an application as owners and staff read them."""

from core.money import yuan_text
from core.wording import day_text

from .models import Application
from .terms import Terms

NO_PROMISE = "时限待公布"
UNVERIFIED = "（待核实）"


def kept_words(text: str) -> str:
    """What somebody has typed as it is kept: without blanks around it, and without NUL, which no form of ours sends and
    PostgreSQL raises on."""
    return text.replace("\x00", "").strip()


def amount_text(application: Application) -> str:
    """What an application comes to: 5,000 元, or so much a month for so many months; empty while it is unknown."""
    if application.amount_fen is None:
        return ""
    if application.months:
        return f"每月 {yuan_text(application.monthly_fen)} 元，共 {application.months} 个月"
    return f"{yuan_text(application.amount_fen)} 元"


def promise_text(application: Application) -> str:
    """By when there is a result, the same for both sides; says so where nothing is promised, or the clock stands."""
    if application.stopped_on is not None:
        left = application.days_left
        return "补正期间不计时" if left is None else f"补正期间不计时，还剩 {max(left, 0)} 个工作日"
    return NO_PROMISE if application.due_on is None else f"最迟 {day_text(application.due_on)}"


def marked(terms: Terms, name: str) -> str:
    """A mark behind a term that no text of this city says; empty behind those that one does."""
    return UNVERIFIED if name in terms.unverified else ""


def masked_number(number: str) -> str:
    """A 受理编号 of which only year and end are shown."""
    head, _, tail = number.rpartition("-")
    return f"{head}-****{tail[-4:]}"
