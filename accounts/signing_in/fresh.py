"""Proof of now: what an unlocked screen must not be enough for asks again who is there.

A view calls ``require`` before it does such a thing. Whoever proved who they are within fifteen minutes, by signing in
or since, goes on. Others get a page that asks for the proof and carries everything they had sent, so that the same
request goes on with it and nothing has to be typed again. Programs prove themselves with every request and are never
asked.
"""

from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from core.errors import Refused

from . import codes
from .forms import PasswordAgainForm, PhoneCodeAgainForm, SecondFactorAgainForm, shown
from .sessions import MINUTE, prove, proved_within, proves_by_factor

__all__ = ["LASTS", "AskAgain", "is_fresh", "prove", "require"]

LASTS = 15 * MINUTE  # seconds
PREFIX = (
    "proof"  # of the names of what the page itself asks, so that they meet none of the page it interrupts
)
ASKED, SEND = f"{PREFIX}-asked", f"{PREFIX}-send"


class ProofNeeded(Exception):
    """Who is signed in has to prove it again before this goes on."""


def is_fresh(request) -> bool:
    """Whether the person has signed in, or proved again who they are, within ``LASTS``."""
    return proved_within(request, LASTS)


def require(request) -> None:
    """Raises ``ProofNeeded``, which ``AskAgain`` answers, where the last proof is too old. Call it before the first
    change: what the view did before it stays done unless a transaction undoes it."""
    if not is_fresh(request):
        raise ProofNeeded


class AskAgain:
    """Shows the page that asks, and looks at what was answered on it before the view runs: a try that is counted
    there is not undone with the view's transaction."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        return self.get_response(request)

    def process_view(self, request, view, args, kwargs):
        # A view without the usual check of forms reads what was sent by itself.
        if request.method != "POST" or getattr(view, "csrf_exempt", False) or ASKED not in request.POST:
            return None
        if not request.user.is_authenticated:
            return None
        if SEND in request.POST:
            return _with_new_code(request)
        form = _form(request, request.POST)
        if not form.is_valid():
            return _page(request, form)
        prove(request)
        return None

    def process_exception(self, request, problem):
        if not isinstance(problem, ProofNeeded):
            return None
        if request.method != "POST":  # nothing was typed: prove it on a page of its own and come back
            from .pages import with_next  # the views import this module

            return redirect(with_next("prove", request.get_full_path()))
        return _page(request, _form(request))


def _form(request, sent=None):
    """What this person proves themselves by: staff the second factor where it is enforced, else their password;
    owners a code sent to their phone."""
    user = request.user
    if not user.is_staff:
        return PhoneCodeAgainForm(sent, request=request, prefix=PREFIX)
    kind = SecondFactorAgainForm if proves_by_factor(user) else PasswordAgainForm
    return kind(sent, user=user, prefix=PREFIX)


def _with_new_code(request):
    """A code is on its way to the person's own phone."""
    form, refused = _form(request), ""
    if isinstance(form, PhoneCodeAgainForm) and request.user.phone:
        try:
            form.remember(codes.send_code(request.user.phone.reveal(), request))
        except Refused as refusal:
            refused = f"{refusal}。"
    return _page(request, form, refused=refused)


def _page(request, form, refused=""):
    by_code = isinstance(form, PhoneCodeAgainForm)
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        if not name.startswith(f"{PREFIX}-") and name != "csrfmiddlewaretoken"
        for value in values
    ]
    came_from = request.headers.get("Referer", "")
    context = shown(form) | {
        "kept": kept,
        "asked": ASKED,
        "send": SEND if by_code else "",
        "waits_for_code": by_code and not form.was_sent,
        "phone": request.user.masked_phone,
        "refused": refused,
        "by_factor": isinstance(form, SecondFactorAgainForm),
        "back": came_from if url_has_allowed_host_and_scheme(came_from, {request.get_host()}) else "",
    }
    response = render(request, "accounts/prove_now.html", context, status=400 if form.errors else 403)
    response.asks_again = True  # which refuses nothing (accounts/refusals.py)
    return response
