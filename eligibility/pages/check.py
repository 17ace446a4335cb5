"""The questionnaire. Plain GET and POST; answers live in a book (answers.py): a cookie, or the shop. What they come to
is shown by results.py."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from businesses import merge
from businesses.facts import SOURCES
from core.errors import Invalid, Refused
from core.facts import Misread
from core.wording import value_text
from policies.catalogue import catalogue

from .. import undo
from ..answers import (
    OTHER_SHOP,
    AnonymousBook,
    answers_of,
    book_of,
    chosen_shop,
    forget,
    has_answers,
    is_for,
)
from ..evaluation import evaluate
from ..questions import amount_companions, useful_facts
from .questions import (
    ABSENT,
    NOTHING_CHOSEN,
    field_of,
    page_by_key,
    page_of,
    read_field,
)

PAGES_TYPICAL = (
    "3 到 5 页简单的问题"  # `manage.py measure_questionnaire`: half need 3 pages, nine in ten at most 5.
)


def start(request) -> HttpResponse:
    """Before the first question. POST begins, with earlier answers kept; ``nobody`` leaves the shop out of it."""
    if request.method == "POST":
        if request.user.is_authenticated and "nobody" in request.POST:
            request.session["checking_shop"] = False
        return redirect(next_url(book_of(request)))
    context = {
        "pages_typical": PAGES_TYPICAL,
        "has_answers": has_answers(request),
        "cleared": "cleared" in request.GET and undo.remembered(request, AnonymousBook({})) is not None,
        "shop": chosen_shop(request),
    }
    return render(request, "check/start.html", context)


def evaluation_of(book, answers=None):
    """What the book's shop or person can have; with other ``answers`` where given."""
    known, today = catalogue(), timezone.localdate()
    answers = book.answers if answers is None else answers
    return evaluate(book.profile_of(answers, known.registry, today), today, held=book.held(today))


def next_url(book, answers=None):
    """The page of the question most worth asking; the results when none is left."""
    question = evaluation_of(book, answers).next_question if book.may_answer else None
    return reverse("question", args=[page_of(question).key]) if question else reverse("results")


def question(request, key):
    """One page of questions."""
    known = catalogue()
    page = page_by_key(key, known.registry)
    if page is None:
        raise Http404
    book = book_of(request)
    if request.method == "POST" and not is_for(request, book.shop):
        messages.error(request, OTHER_SHOP)
        return redirect("me" if request.user.is_authenticated else "check")
    if has_lost_its_shop(request, book):
        return redirect("me")
    if not book.may_answer:
        messages.error(request, "店主只让您查看，没有让您代填。要代填，请店主改授权。")
        return redirect("results")
    if request.method == "POST":
        return _answered(request, page, book)
    return _question_page(request, page, book, _shown_facts(page, book))


def has_lost_its_shop(request, book):
    """Whether this would go on without the shop it was begun with; /me/ says so and lets the person choose."""
    return book.shop is None and request.user.is_authenticated and request.session.get("checking_shop")


def _shown_facts(page, book):
    """The facts of a page that can still matter, were answered before, or set an amount; none that is settled."""
    answers = book.answers
    evaluation = evaluation_of(
        book, {name: value for name, value in answers.items() if name not in page.facts}
    )
    registry = evaluation.catalogue.registry
    useful = {fact.name for fact in useful_facts(evaluation.assessments, registry)}
    useful |= amount_companions(evaluation.assessments, registry) | set(answers)
    open_to_answers = [
        registry[name] for name in page.facts if name in registry and not book.is_settled(registry[name])
    ]
    return [fact for fact in open_to_answers if fact.name in useful] or open_to_answers


def _question_page(request, page, book, facts, errors=None, posted=None) -> HttpResponse:
    errors = errors or {}
    fields = [_field(fact, page, book, errors.get(fact.name, ""), posted) for fact in facts]
    if len(fields) > 1:
        fields[0]["hint"] = ""  # why the page asks stands right above it
    context = {
        "page": {
            "key": page.key,
            "title": page.title,
            "why": page.why,
            "fields": fields,
            "opens": page.opens if len(fields) > 1 and fields[0]["name"] == page.opens else "",
        },
        "errors": [{"anchor": name, "message": message} for name, message in errors.items()],
        "remaining": _remaining(book, page),
        "back_url": reverse("check"),
        "results_url": reverse("results"),
        "changed": change_of(request, book),
        "shop": book.shop,
        "known": known_lines(book, page.facts),
    }
    return render(request, "check/question.html", context, status=400 if errors else 200)


def _field(fact, page, book, error, posted):
    """A field without the members of a set that departments know already: those are shown beside it."""
    field, best = field_of(fact, page, book.answers, error=error, posted=posted), book.known(fact.name)
    if best and best.members:
        field["options"] = [option for option in field["options"] if option["value"] not in best.members]
    return field


def known_lines(book, names):
    """What departments know of some facts, as lines with value, source and day."""
    registry, lines = catalogue().registry, []
    for name in names:
        best = book.known(name)
        if best is None or name not in registry:
            continue
        fact = registry[name]
        lines += [
            {
                "label": fact.label,
                "value": value_text(fact, merge.inside(fact, part.value)),
                "source": SOURCES[part.source],
                "on": part.on,
                "url": reverse("me-correct", args=[name]),
            }
            for part in merge.parts(best)
        ]
    return lines


def change_of(request, book):
    """The change that was made on the page before, as components/changed.html shows it; None where there was none."""
    kept = undo.remembered(request, book) if "changed" in request.GET else None
    lines = undo.change_lines(kept, book.answers, catalogue().registry) if kept else []
    return {"lines": lines, "shop": str(book.shop.public_id) if book.shop else ""} if lines else None


def _remaining(book, page) -> str:
    """How many pages may still come, this one included."""
    evaluation = evaluation_of(book)
    registry = evaluation.catalogue.registry
    missing = {
        name
        for assessment in evaluation.assessments
        for name in assessment.missing_facts
        if registry[name].ask != "never" and name not in evaluation.profile.asked
    }
    pages = {page_of(registry[name]).key for name in missing} | {page.key}
    return f"大约还有 1–{len(pages)} 个问题" if len(pages) > 1 else "这是最后一个问题"


def _answered(request, page, book):
    """``only``: the fact that was asked alone; ``card``: the benefit whose result is shown then."""
    facts, answers = _shown_facts(page, book), book.answers
    if "only" in request.POST:  # asked on the card of a result
        facts = [fact for fact in facts if fact.name == request.POST["only"]]
    given, errors, blank = {}, {}, []
    for fact in facts:
        try:
            read = read_field(fact, request.POST)
        except Misread as problem:
            errors[fact.name] = f"{fact.label}：{problem.detail}"
            continue
        given |= read
        if not read:
            blank.append(fact.name)
    asked = {fact.name for fact in facts}
    changed = _merged({name: value for name, value in answers.items() if name not in asked}, given)
    if not errors:
        errors = _refusals(changed) | _unanswered(book, changed, blank)
    if errors:
        return _question_page(request, page, book, facts, errors, request.POST)
    was_changed = any(name in answers and answers[name] != changed.get(name) for name in page.facts)
    target, place = next_url(book, changed), ""
    if request.POST.get("card") in catalogue().benefits:
        target, place = reverse("results"), f"#{request.POST['card']}"
    try:
        response = book.keep(redirect(f"{target}{'?changed' if was_changed else ''}{place}"), changed)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("results")
    # What does not matter any more stays: it is used again where the question comes back.
    return undo.remember(response, book, answers, changed) if was_changed else response


def _merged(answers, given) -> dict:
    merged = {**answers, **given}
    return {name: value for name, value in merged.items() if value is not ABSENT}


def _refusals(answers) -> dict:
    """Answers that are well formed but cannot be, such as leaving school in the future."""
    registry = catalogue().registry
    try:
        registry.read_profile(answers, as_of=timezone.localdate())
    except Invalid as problem:
        return {fault.field.split(".")[1]: fault.detail for fault in problem.faults}
    return {}


def _unanswered(book, answers, blank) -> dict:
    """Blank facts that still matter once the rest of the page is known."""
    if not blank:
        return {}
    evaluation = evaluation_of(book, answers)
    useful = {fact.name for fact in useful_facts(evaluation.assessments, evaluation.catalogue.registry)}
    return {name: NOTHING_CHOSEN for name in blank if name in useful}


@require_POST
def clear(request):
    """清除我的答案. They can be had back once, for a day."""
    response = undo.remember(
        redirect(f"{reverse('check')}?cleared"), AnonymousBook({}), answers_of(request), {}
    )
    return forget(response)


@require_POST
def undo_change(request):
    """恢复: the answers as they were before the last change."""
    book = book_of(request)
    kept = undo.remembered(request, book)
    if kept is None or not is_for(request, book.shop) or not book.may_answer:
        messages.error(request, "没有可以恢复的回答了。")
        return redirect("check")
    try:
        response = book.keep(redirect("results"), undo.put_back(book.answers, kept))
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("results")
    return undo.forget(response)
