"""The time a bureau has: working days from the day after filing, standing still while something is wanted of the owner.

Both sides see the same day. Nothing promised: no day, and the page says 时限待公布. What the functions give are the
columns to be set; a state says which of them happens when it is entered (``State.clock``).
"""

from datetime import date

from core.workdays import add_workdays, workdays_between

from .models import Case
from .procedure import RUNS, STANDS, State

_PAIRS = (("due_on", "days_left"), ("legal_due_on", "legal_days_left"))


def entering(case: Case, state: State, today: date, *, anew: bool) -> dict:
    """What becomes of the clock of a case that enters ``state``. ``anew``: where it runs, it begins from the start."""
    if state.clock == RUNS:
        return started(case, today) if anew else going_on(case, today)
    if state.clock == STANDS:
        return stopped(case, today)
    return {} if case.stopped_on is None else {"stopped_on": None}


def started(case: Case, day: date) -> dict:
    """It counts from the day after ``day``."""
    promised, legal = case.life.promise(case)
    return {
        "due_on": None if promised is None else add_workdays(day, promised),
        "legal_due_on": None if legal is None else add_workdays(day, legal),
        **dict.fromkeys(("stopped_on", "days_left", "legal_days_left")),
    }


def stopped(case: Case, day: date) -> dict:
    """It stands still from ``day`` on; what is left is kept. Days already over stay over."""
    if case.stopped_on is not None:
        return {}
    found: dict = {"stopped_on": day}
    for due, left in _PAIRS:
        last = getattr(case, due)
        found[left] = None if last is None else workdays_between(day, last)
    return found


def going_on(case: Case, day: date) -> dict:
    """It counts again with what was left when it stopped."""
    if case.stopped_on is None:
        return {}
    found: dict = {"stopped_on": None}
    for due, left in _PAIRS:
        days = getattr(case, left)
        if days is not None and days >= 0:
            found[due] = add_workdays(day, days)
        found[left] = None
    return found


def days_left(case: Case, today: date) -> int | None:
    """Working days left, negative when overdue; None where nothing is promised."""
    if case.stopped_on is not None:
        return case.days_left
    return None if case.due_on is None else workdays_between(today, case.due_on)
