"""/needs/…: a need in one's own words, what is like it, and sending it.

Anybody may type and look; whoever sends it signs in. What was typed is kept sealed in the session until it is sent.
"""

import json
from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.http import urlencode

from cases.evidence import wallet
from cases.models import Case, Evidence
from cases.pages.owners import NO_MANDATE, NOT_FOR_STAFF, errors_of, status_for
from cases.pages.view import status_of
from cases.rights import permissions
from cases.transitions import ATTACHED
from cases.wording import kept_words
from core import uploads
from core.addresses import whole_number
from core.encryption import Unreadable, decrypt, encrypt
from core.errors import Invalid, Refused
from eligibility.answers import chosen_shop
from services.asking import LONGEST, asker_key, faults_of_words
from services.models import Request
from services.pages.once import begun_once

from .. import answers, routing
from ..models import Answer
from ..similar import answers_like, own_requests_like

KEPT, _PLACE = "need", "session.need"
MOST_PHOTOS = 5
A_PAGE = 20


# What was typed


def typed(request) -> dict:
    """``{words, topic, files}`` of what is being written; empty where nothing is."""
    sealed = request.session.get(KEPT)
    if not sealed:
        return {}
    try:
        return json.loads(decrypt(sealed, _PLACE))
    except Unreadable:
        return {}


def keep(request, draft: dict) -> None:
    request.session[KEPT] = encrypt(json.dumps(draft, ensure_ascii=False), _PLACE)


def forget(request) -> None:
    request.session.pop(KEPT, None)


def for_a_need(page) -> Callable:
    """A page about what was typed before; without it one begins anew, or sees what came of it."""

    @wraps(page)
    def with_need(request, *args, **kwargs) -> HttpResponse:
        draft = typed(request)
        return page(request, draft, *args, **kwargs) if draft else _over(request)

    return with_need


def _over(request) -> HttpResponse:
    """Whoever pressed twice, and is late with the second, sees the receipt as well."""
    try:
        return _sent(request, _nothing_typed)
    except (Invalid, Refused):
        return redirect("need")


def _nothing_typed() -> Case:
    raise Refused("请先写您遇到什么事。")


@uploads.takes_files
def need(request) -> HttpResponse:
    """您遇到什么事？ POST keeps it and goes on: to what is like it, or to sending it."""
    draft, faults = typed(request), []
    words = draft.get("words", "")
    if request.method == "POST":
        words = kept_words(request.POST.get("words", ""))
        faults = faults_of_words(words)
        if not faults:
            return _kept(request, draft, words)
    context = {
        "words": words,
        "most": LONGEST,
        "errors": [{"anchor": fault.field, "message": fault.detail} for fault in faults],
        "error": faults[0].detail if faults else "",
        "asked": Answer.objects.published().answered().order_by("-helped", "-published_at")[:3],
    }
    return render(request, "needs/need.html", context, status=400 if faults else 200)


def _kept(request, draft, words) -> HttpResponse:
    draft |= {"words": words}
    if not draft.get("chosen"):  # a topic that the owner chose stays
        draft |= {"topic": routing.guessed(words).key}
    keep(request, draft)
    found = answers_like(words) or _own_like(request, words)
    return redirect("needs-similar" if found else "needs-send")


def _own_like(request, words) -> list[Request]:
    shop = chosen_shop(request)
    if shop is None or shop.operator_id is None:
        return []
    seen = set(visible(request).filter(operator=shop.operator_id).values_list("pk", flat=True))
    return [row for row in own_requests_like(words, asker_key(shop)) if row.pk in seen]


# What is like it


@for_a_need
def similar(request, draft) -> HttpResponse:
    """Published answers, needs that several have, and requests of one's own. POST says which it is, or none."""
    problem = None
    if request.method == "POST":
        try:
            return _chosen(request, draft, *request.POST.get("it", "").partition("-")[::2])
        except (Invalid, Refused) as refusal:
            problem = refusal
    today, shop = timezone.localdate(), chosen_shop(request)
    found = answers_like(draft["words"])
    own = [
        {
            "case": row.case,
            "words": row.words,
            "status": status_of(row.case, today),
            "is_other_shop": shop is not None and row.case.business_id != shop.pk,
        }
        for row in _own_like(request, draft["words"])
    ]
    context = {
        "words": draft["words"],
        "answers": [row for row in found if row.answer],
        "shared": [row for row in found if not row.answer],
        "own": own,
        "errors": errors_of(problem),
    }
    return render(request, "needs/similar.html", context, status=status_for(problem))


def _chosen(request, draft, what, which) -> HttpResponse:
    """``what`` of ``which`` was pressed. An unknown one shows the page again."""
    rows = Answer.objects.published().visible_to(request.user)
    answer = rows.filter(pk=whole_number(which) or 0).first()
    if what == "answer" and answer is not None and answer.answer:
        answers.helped(answer)
        forget(request)
        messages.success(request, "好的，这一件就不用提了。")
        return redirect("needs-answer", pk=answer.pk)
    if what == "none":
        return redirect("needs-send")
    if not request.user.is_authenticated:
        return _to_sign_in("needs-similar")
    if what == "case":
        case = get_object_or_404(visible(request), pk=whole_number(which) or 0)
        forget(request)
        return redirect("case", public_id=case.public_id)
    shop = shop_to_ask_for(request)
    if shop is None:
        return redirect("me-bind")
    if what == "too" and answer is not None:
        return _sent(request, lambda: routing.me_too(answer, draft["words"], shop, by=request.user))
    if what == "also":
        first = get_object_or_404(
            Request.objects.filter(case__in=visible(request)), pk=whole_number(which) or 0
        )
        return _sent(request, lambda: routing.also_for(first, draft["words"], shop, by=request.user))
    return redirect("needs-similar")


def visible(request) -> QuerySet:
    """The cases of whoever is signed in."""
    return Case.objects.visible_to(request.user)


def _to_sign_in(name) -> HttpResponse:
    return redirect(f"{reverse('login')}?{urlencode({'next': reverse(name)})}")


def shop_to_ask_for(request):
    """The shop of whoever is signed in; None where they have none. PermissionDenied for staff, and without the mandate
    to apply."""
    if request.user.is_staff:
        raise PermissionDenied(NOT_FOR_STAFF)
    shop = chosen_shop(request)
    if shop is not None and not permissions.may_apply(request.user, shop):
        raise PermissionDenied(NO_MANDATE)
    return shop


def _sent(request, send: Callable[[], Case]) -> HttpResponse:
    case, _ = begun_once(request, lambda: (send(), True))
    forget(request)
    messages.success(request, f"发出去了，编号 {case.number}。有答复会告诉您。")
    return redirect("case", public_id=case.public_id)


# Sending it


@uploads.takes_files
@for_a_need
def send(request, draft) -> HttpResponse:
    """Once more what was typed, what it is about and who answers; photos; and the button."""
    shop = shop_to_ask_for(request) if request.user.is_authenticated else None
    problem = None
    if request.method == "POST":
        if not request.user.is_authenticated:
            return _to_sign_in("needs-send")
        if shop is None:
            return redirect("me-bind")
        try:
            return _done(request, draft, shop)
        except (Invalid, Refused) as refusal:
            problem = refusal
    return _send_page(request, draft, shop, problem)


def _done(request, draft, shop) -> HttpResponse:
    """What the pressed button says: another photo, one less, or the whole is sent."""
    if request.POST.get("topic") in routing.topics():
        draft |= {"topic": request.POST["topic"], "chosen": True}
        keep(request, draft)
    files = _files(draft, shop)
    if request.FILES.get("file") or hasattr(request, "upload_let_go") or request.POST.get("do") == "add":
        if len(files) >= MOST_PHOTOS:
            raise Refused(f"最多传 {MOST_PHOTOS} 张。")
        row = wallet.keep(shop.operator, ATTACHED, uploads.sent(request), by=request.user)
        draft["files"] = [*dict.fromkeys([*draft.get("files", []), str(row.public_id)])]
        keep(request, draft)
        files = _files(draft, shop)
    if dropped := request.POST.get("drop"):
        draft["files"] = [one for one in draft.get("files", []) if one != dropped]
        keep(request, draft)
    if dropped or request.POST.get("do") == "add":
        return redirect("needs-send")
    return _sent(
        request,
        lambda: routing.send(draft["words"], draft["topic"], shop, by=request.user, files=files),
    )


def _files(draft, shop) -> list[Evidence]:
    """The photos that were added, of this shop's operator."""
    rows = Evidence.objects.kept().filter(operator=shop.operator_id, public_id__in=draft.get("files", []))
    return list(rows.order_by("pk"))


def _send_page(request, draft, shop, problem) -> HttpResponse:
    found = routing.doors()
    said = {fault.field: fault.detail for fault in getattr(problem, "faults", ())}
    context = {
        "words": draft["words"],
        "topic": draft["topic"],
        "doors": found.values(),
        "door": found.get(draft["topic"]),
        "shop": shop,
        "files": _files(draft, shop) if shop is not None else [],
        "accept": uploads.ACCEPT,
        "file_error": said.get("file", ""),
        "errors": [
            {"anchor": name if name == "file" else "main", "message": message}
            for name, message in said.items()
        ]
        or errors_of(problem),
    }
    return render(request, "needs/send.html", context, status=status_for(problem))


urlpatterns = [
    path("needs/", need, name="need"),
    path("needs/similar/", similar, name="needs-similar"),
    path("needs/send/", send, name="needs-send"),
]
