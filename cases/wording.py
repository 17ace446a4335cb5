"""Days and numbers of a case as owners and staff read them, and words of theirs as they are kept."""

from datetime import date

from django.utils import timezone

from core.wording import day_text

from . import clock
from .models import Case
from .terms import Terms

NO_PROMISE = "时限待公布"
UNVERIFIED = "（待核实）"
HOTLINE = "您可以拨打 12345。"


def kept_words(text: str) -> str:
    """What somebody has typed as it is kept: without blanks around it, and without NUL, which no form of ours sends and
    PostgreSQL raises on."""
    return text.replace("\x00", "").strip()


def promise_text(case: Case) -> str:
    """By when there is a result, the same for both sides; says so where nothing is promised, or the clock stands."""
    if case.stopped_on is not None:
        left = case.days_left
        return "补正期间不计时" if left is None else f"补正期间不计时，还剩 {max(left, 0)} 个工作日"
    return NO_PROMISE if case.due_on is None else f"最迟 {day_text(case.due_on)}"


def marked(terms: Terms, name: str) -> str:
    """A mark behind a term that no text of this city says; empty behind those that one does."""
    return UNVERIFIED if name in terms.unverified else ""


def masked_number(number: str) -> str:
    """A 受理编号 of which only year and end are shown."""
    head, _, tail = number.rpartition("-")
    return f"{head}-****{tail[-4:]}"


def local_day(moment) -> date | None:
    return moment and timezone.localtime(moment).date()


def near_day(day: date, today: date) -> str:
    """A day without its year where that is this one: 12 月 8 日."""
    return day_text(day) if day.year != today.year else f"{day.month} 月 {day.day} 日"


def due_words(case: Case, today: date) -> str:
    """By when there is a result; how long it is overdue, and that somebody has been reminded."""
    left = clock.days_left(case, today)
    if left is None:
        return NO_PROMISE
    if left >= 0:
        return f"最迟 {near_day(case.due_on, today)}有结果"
    reminded = "，已自动催办" if case.escalated_at else ""
    return f"已超过承诺时限 {-left} 个工作日{reminded}。{HOTLINE}"
