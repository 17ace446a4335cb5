"""The time a bureau has: working days from the day after filing, standing still while something is wanted of the owner.

Both sides see the same day. Nothing promised: no day, and the page says 时限待公布.
"""

from datetime import date

from core.workdays import add_workdays, workdays_between

from .models import Application
from .terms import terms_of

FIELDS = ["due_on", "legal_due_on", "stopped_on", "days_left", "legal_days_left"]
_PAIRS = (("due_on", "days_left"), ("legal_due_on", "legal_days_left"))


def start(application: Application, day: date):
    """Begin to count, the day after ``day``."""
    terms = terms_of(application.benefit_version)
    promised, legal = terms.promised_working_days, terms.legal_working_days
    application.due_on = None if promised is None else add_workdays(day, promised)
    application.legal_due_on = None if legal is None else add_workdays(day, legal)
    application.stopped_on = application.days_left = application.legal_days_left = None


def stop(application: Application, day: date):
    """Stand still from ``day`` on; what is left is kept. Days already over stay over."""
    if application.stopped_on is not None:
        return
    for due, left in _PAIRS:
        last = getattr(application, due)
        setattr(application, left, None if last is None else workdays_between(day, last))
    application.stopped_on = day


def go_on(application: Application, day: date):
    """Count again with what was left when it stopped."""
    if application.stopped_on is None:
        return
    for due, left in _PAIRS:
        days = getattr(application, left)
        if days is not None and days >= 0:
            setattr(application, due, add_workdays(day, days))
        setattr(application, left, None)
    application.stopped_on = None


def days_left(application: Application, today: date) -> int | None:
    """Working days left, negative when overdue; None where nothing is promised."""
    if application.stopped_on is not None:
        return application.days_left
    return None if application.due_on is None else workdays_between(today, application.due_on)
