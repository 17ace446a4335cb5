"""What pages of the catalogue know of whoever reads them."""

from django.utils import timezone

from policies.catalogue import benefit_url

from .. import wording
from ..answers import book_of
from ..evaluation import evaluate


def assessed(request, known):
    """The owner's evaluation where something has been answered, else None."""
    book = book_of(request)
    if not book.answers and book.shop is None:
        return None
    today = timezone.localdate()
    return evaluate(book.profile_of(book.answers, known.registry, today), today, held=book.held(today))


def assessments_of(evaluation):
    """Assessments by the code of their benefit; none where nothing has been answered."""
    return {assessment.rule.code: assessment for assessment in evaluation.assessments} if evaluation else {}


def names_of(departments) -> str:
    return "、".join(department.name for department in departments)


def told(result) -> dict:
    """The owner's own state, where it is about money."""
    known = result is not None and result.rule.is_money
    return {
        "state": result.state if known else None,
        "state_label": wording.STATE_HEADINGS[result.state] if known else "",
    }


def benefit_row(benefit, result, today) -> dict:
    """A benefit in a list: the name that people use, what it officially is called where that is another, and what it
    gives. ``result``: the owner's assessment, or None."""
    version = benefit.in_force_on(today)
    rule, title = version.rule, wording.plain_title(version)
    return {
        "code": benefit.code,
        "icon": wording.subject_icon(rule),
        "title": title,
        "official": rule.title if title != rule.title else "",
        "summary": version.content["summary"],
        "url": benefit_url(benefit),
        "amount_label": wording.standing_label(version, today),
        "closed": "" if rule.window.is_open_on(today) else wording.STATE_HEADINGS["closed"],
        **told(result),
    }
