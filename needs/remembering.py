"""Open requests are found by their words, closed ones are not."""

from datetime import date

from cases.models import Case
from cases.procedure import CLOSED
from cases.sweeping import sweep_step
from services.kinds import KINDS
from services.models import Request

from . import similar
from .models import Gram


def remember(sender, case: Case, **more) -> None:
    """Of the signal ``asked``: what goes to one who answers is found by its words."""
    if KINDS[case.request.offering.kind].legs == "one":
        similar.remember_request(case.request)


def follow(sender, case: Case, verb: str, **more) -> None:
    """Of the signal ``moved``."""
    if getattr(case.life, "detail", "") != "request":
        return
    if case.phase == CLOSED:
        similar.forget_request(case.pk)
    elif verb == "reopen":
        similar.remember_request(case.request)


@sweep_step("清理办结诉求的词")
def forget_words(today: date) -> int:
    """What is closed is no longer looked for among open requests."""
    closed = Request.objects.filter(case__phase=CLOSED, grams__isnull=False).values("pk")
    count, _ = Gram.objects.filter(request__in=closed).delete()
    return count
