"""What one page asks of the database again and again, whose shops these are, is asked once while it is being made."""

from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps

from django.http import HttpRequest, HttpResponse

_answers: ContextVar[dict | None] = ContextVar("answers", default=None)
SAFE = ("GET", "HEAD")


class AnswersForOnePage:
    """Middleware: opens the memory of ``once`` for a request that changes nothing, and empties it with the answer."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in SAFE:
            return self.get_response(request)
        token = _answers.set({})
        try:
            return self.get_response(request)
        finally:
            _answers.reset(token)


def once(function) -> Callable:
    """``function`` of one row (a user) and ids, whose answer is not to be changed by the caller: asked of each once a
    page.

    Outside of such a request, in a verb, a task or a command, it is asked every time.
    """

    @wraps(function)
    def asked_once(row, *ids) -> object:
        answers = _answers.get()
        if answers is None:
            return function(row, *ids)
        key = function, row.__class__, row.pk, *ids  # of a lazy user the class that it stands for
        if key not in answers:
            answers[key] = function(row, *ids)
        return answers[key]

    return asked_once
