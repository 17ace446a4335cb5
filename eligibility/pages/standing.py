"""What pages of the catalogue know of whoever reads them."""

from django.utils import timezone

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
