"""/ask/ 问一问: a question in one's own words, answered from the rules and from what has been answered before."""

import unicodedata
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone

from accounts.signing_in.limits import place
from core.log import masked
from eligibility.answers import book_of
from eligibility.asking.answering import Answer, answer
from eligibility.pages.questions import page_of
from policies.catalogue import catalogue
from policies.models import MissedSearch
from policies.search import missed

from ..similar import answers_like

LONGEST = 100  # as templates/components/ask_box.html
EXAMPLES = ("房租 400 元能补多少？", "开店补贴要带什么？", "为什么我领不了开店补贴？", "信用修复要多久？")
MOST_ANSWERED = 3


def ask(request) -> HttpResponse:
    """A question is sent by POST, and stands in the address with numbers masked, as what is searched for does."""
    if request.method == "POST":
        typed = request.POST.get("q", "").strip()[:LONGEST]
        _note_if_missed(request, typed)
        plain = unicodedata.normalize("NFKC", typed)
        asked = {"q": masked(plain) if masked(plain) != plain else typed}
        return redirect(f"{reverse('ask')}?{urlencode(asked)}" if typed else "ask")
    words = request.GET.get("q", "").strip()[:LONGEST]
    context = {"words": words, "examples": [_example(one) for one in EXAMPLES]}
    return render(request, "needs/ask.html", context | (_answered(request, words) if words else {}))


def _note_if_missed(request, typed) -> None:
    """没答到点子上, as whoever asked says; or no answer at all, where it is not said who else has one."""
    if not typed:
        return
    reply = answer(typed, catalogue(), timezone.localdate(), book_of(request))
    code = reply.code if isinstance(reply, Answer) else ""
    if code and "beside" in request.POST:
        missed.note(MissedSearch.Kind.BESIDE, typed, place=place(request), benefit=code)
        messages.success(request, "记下了，谢谢您。")
    elif not code and not reply.elsewhere:
        missed.note(MissedSearch.Kind.ASK, typed, place=place(request))


def _example(words) -> dict:
    return {"words": words, "url": f"{reverse('ask')}?{urlencode({'q': words})}"}


def _answered(request, words) -> dict:
    reply = answer(words, catalogue(), timezone.localdate(), book_of(request))
    before = [row for row in answers_like(words) if row.answer][:MOST_ANSWERED]
    if not isinstance(reply, Answer):
        return {"no_answer": reply, "before": before}
    missing = reply.missing and {
        "label": reply.missing.question or reply.missing.label,
        "url": reverse("question", args=[page_of(reply.missing).key]),
    }
    return {"reply": reply, "missing": missing, "before": before}


urlpatterns = [path("ask/", ask, name="ask")]
