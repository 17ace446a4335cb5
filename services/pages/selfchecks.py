"""/selfcheck/…: lists to check oneself against, and 个转企 both ways beside each other. GET forms: nothing is kept."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.errors import Invalid
from core.facts import Fact, Misread
from core.typed import read_yuan
from eligibility.answers import book_of
from eligibility.pages.questions import QuestionPage, field_of, read_field
from policies.catalogue import catalogue

from ..checklists.conversion import taxes_compared, ways
from ..models import Offering
from ..selfchecks import selfchecks

PROFIT = Fact("annual_taxable_income", "money", "一年赚多少", question="店里一年赚多少（利润）？", unit="元")


@require_GET
def selfcheck(request, key) -> HttpResponse:
    """The questions, and once something was answered what it comes to, and what is still lacking."""
    check = selfchecks().get(key)
    if check is None:
        raise Http404
    facts = list(check.registry.values())
    answers, errors = _read(facts, request.GET)
    page = QuestionPage(key, check.title, "", tuple(check.registry))
    posted = request.GET or None
    result = None
    if request.GET and not errors:
        result = check.judge(check.registry.read_profile(answers, as_of=timezone.localdate()))
    offering = Offering.objects.visible_to(request.user).filter(code=check.offering).first()
    context = {
        "check": check,
        "fields": [
            field_of(fact, page, {}, error=errors.get(fact.name, ""), posted=posted) for fact in facts
        ],
        "errors": [{"anchor": name, "message": message} for name, message in errors.items()],
        "result": result,
        "doubts": _doubts(check, result),
        "offering": offering,
    }
    return render(request, "services/selfcheck.html", context, status=400 if errors else 200)


def _doubts(check, result) -> str:
    """What nobody has made clear, said once a page."""
    if result is None:
        return ""
    return "".join([*check.doubts, result.answer.doubt if result.answer else ""])


def _read(facts, typed) -> tuple[dict, dict]:
    """``(answers, errors)``; what was left blank is not known."""
    answers, errors = {}, {}
    for fact in facts:
        try:
            answers |= read_field(fact, typed)
        except Misread as problem:
            errors[fact.name] = problem.detail
    return answers, errors


@require_GET
def conversion(request) -> HttpResponse:
    """Both ways, and the taxes of a year before and after; what is known of the shop is filled in."""
    book, registry, today = book_of(request), catalogue().registry, timezone.localdate()
    profile, error = book.profile_of(book.answers, registry, today), ""
    typed = request.GET.get("profit", "")
    if typed:
        try:
            profit = PROFIT.read(read_yuan(typed))
            profile = profile.with_values({PROFIT.name: profit})
        except Misread as problem:
            error = problem.detail
    known = profile.values.get(PROFIT.name)
    try:
        taxes = taxes_compared(profile, today.year) if known is not None and not error else []
    except Invalid as problem:
        taxes, error = [], problem.faults[0].detail
    context = {
        "ways": ways(),
        "profit": typed or (known if known is not None else ""),
        "known": known,
        "taxes": taxes,
        "most": max((row.total for row in taxes), default=0),
        "error": error,
        "check": selfchecks()["conversion"],
        "offering": Offering.objects.visible_to(request.user).filter(code="conversion").first(),
    }
    return render(request, "services/conversion.html", context, status=400 if error else 200)


urlpatterns = [
    path("selfcheck/<slug:key>/", selfcheck, name="selfcheck"),
    path("services/conversion/compare/", conversion, name="conversion"),
]
