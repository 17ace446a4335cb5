"""/a/<token>/: one verb by whoever has the address, without signing in. It shows one case, and no number of anybody."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import timezone
from django.views.decorators.cache import never_cache

from cases.actions import general
from cases.models import Message
from cases.pages.owners import errors_of, status_for
from cases.pages.view import status_of
from cases.wording import masked_number
from core.errors import Invalid, Refused
from core.log import masked

from .. import links
from ..links import Link, Unusable


@never_cache
def one_tap(request, token) -> HttpResponse:
    """GET shows what it is about and one button; POST does it, once."""
    try:
        link = links.read(token)
    except Unusable as problem:
        response = _unusable(request, problem)
    else:
        response = _done(request, token, link) if request.method == "POST" else _page(request, token, link)
    # As of a rating: the address is the key, and goes into no index and to no other site.
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Referrer-Policy"] = "same-origin"
    return response


def _unusable(request, problem) -> HttpResponse:
    return render(
        request, "links/unusable.html", {"words": problem.words}, status=404 if problem.is_forged else 410
    )


def _done(request, token, link: Link) -> HttpResponse:
    case, verb = link.case, link.case.life.verbs[link.verb]
    try:
        general.do(case, link.verb, request.POST, by=link.user, expected_version=case.version)
    except (Invalid, Refused) as problem:
        return _page(request, token, link, problem)
    except PermissionDenied:
        return _unusable(request, Unusable(links.USED))
    messages.success(request, f"{verb.done}。")
    return render(request, "links/done.html", {"title": case.title, "done": verb.done})


def _page(request, token, link: Link, problem=None) -> HttpResponse:
    case, verb = link.case, link.case.life.verbs[link.verb]
    said = {fault.field: fault.detail for fault in getattr(problem, "faults", ())}
    context = {
        "token": token,
        "title": case.title,
        "number": masked_number(case.number),
        "sentence": status_of(case, timezone.localdate())["sentence"],
        "answer": _last_words(case),
        "button": verb.owner or verb.staff,
        "boxes": general.boxes(verb, request.POST, said),
        "errors": errors_of(problem, said),
    }
    return render(request, "links/link.html", context, status=status_for(problem))


def _last_words(case) -> dict | None:
    """What the office has said last, without numbers in it."""
    line = case.messages.filter(side=Message.Side.OFFICE).order_by("-id").first()
    return line and {"office": line.office, "words": masked(line.words), "at": line.at}


urlpatterns = [path("a/<str:token>/", one_tap, name="one-tap")]
