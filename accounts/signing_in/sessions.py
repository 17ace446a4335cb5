"""How long a sign-in lasts, who needs a second factor, and that nothing personal stays in a cache.

Times are kept in the session itself, on the server: when it began, when it was last used, when its owner last proved
who they are.
"""

import time

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.functional import SimpleLazyObject
from django.utils.http import urlencode

from .. import actions
from ..access import record
from . import devices, limits

MINUTE, HOUR, DAY = 60, 3600, 86400
# (idle, in all), in seconds.
STAFF_LASTS = (30 * MINUTE, 12 * HOUR)
OWNER_LASTS = (12 * HOUR, 14 * DAY)
PROOF_LASTS = 10 * MINUTE
MONEY_PROOF_LASTS = 15 * MINUTE
_BEGAN, _SEEN, _PROVED = "began_at", "seen_at", "proved_at"
API = "/api/"


def begin(sender, request, user, **kwargs) -> None:
    """A sign-in begins: its clocks start. For django.contrib.auth.signals.user_logged_in."""
    now = time.time()
    request.session.update({_BEGAN: now, _SEEN: now, _PROVED: now})


def note(sender, request, user, **kwargs) -> None:
    """Write down the sign-in and, for an owner, what they agreed to by going on. For allauth's user_logged_in."""
    record(user, "signed_in", f"user {user.pk}", place=limits.place_index(request))
    if not user.is_staff:
        actions.agree(user, "service")
    elif not must_have_second_factor(user) and not has_second_factor(user):
        messages.info(request, "第二重验证还没打开。可以在“登录与安全”里打开。")


def forget_here(sender, request, **kwargs) -> None:
    """The browser is to forget what it kept of this sign-in. For django.contrib.auth.signals.user_logged_out."""
    request.has_signed_out = True


def prove(request) -> None:
    """The person has just shown again who they are."""
    request.session[_PROVED] = time.time()


def proved_again(sender, request, user, reauthenticated=False, **kwargs) -> None:
    """For allauth's authentication_step_completed."""
    if reauthenticated:
        prove(request)


def proved_within(request, seconds) -> bool:
    """Whether the person has signed in, or shown again who they are, in the last so many seconds."""
    return time.time() - request.session.get(_PROVED, 0) <= seconds


def proved_recently(request) -> bool:
    """Within ten minutes: enough for what must not happen by accident to one's own account."""
    return proved_within(request, PROOF_LASTS)


def second_factor_is_enforced() -> bool:
    return settings.STAFF_SECOND_FACTOR and not settings.DEBUG


def is_fresh_owner(request) -> bool:
    """Signed in with a code, or shown again by one, within fifteen minutes: what a change of an account takes."""
    return time.time() - request.session.get(_PROVED, 0) <= MONEY_PROOF_LASTS


def must_have_second_factor(user) -> bool:
    """Staff, where it is enforced, who have none yet."""
    return user.is_staff and second_factor_is_enforced() and not has_second_factor(user)


def proves_by_factor(user) -> bool:
    """Where the second factor is enforced, a password alone proves nothing again."""
    return user.is_staff and second_factor_is_enforced() and has_second_factor(user)


def has_second_factor(user) -> bool:
    return Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


class SessionLimits:
    """Ends sign-ins that were idle or lasted too long. Nothing is read until somebody asks who is signed in.

    To the API, staff without the second factor they need are nobody.
    """

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        request.user = SimpleLazyObject(lambda: _signed_in(request))
        return self.get_response(request)


def _signed_in(request):
    user = get_user(request)
    if not user.is_authenticated:
        return user
    session, now = request.session, time.time()
    idle, in_all = STAFF_LASTS if user.is_staff else OWNER_LASTS
    if now - session.get(_SEEN, now) > idle or now - session.get(_BEGAN, now) > in_all:
        return _ended(request)
    if now - session.get(_SEEN, 0) > MINUTE:
        session[_SEEN] = now
        session.setdefault(_BEGAN, now)
        devices.seen(request)
    if request.path_info.startswith(API) and must_have_second_factor(user):
        return AnonymousUser()
    return user


def _ended(request):
    devices.current(request).delete()
    request.user = request._cached_user
    logout(request)
    request._cached_user = request.user = AnonymousUser()
    if not request.path_info.startswith(API):
        messages.info(request, "您已经很久没有操作，为了安全已退出。请重新登录。")
    return request.user


class SecondFactor:
    """Staff reach the admin only with a second factor; without one they are led to setting it up."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        if _wants_admin(request) and must_have_second_factor(request.user):
            target = urlencode({"next": request.get_full_path()})
            return redirect(f"{reverse('mfa_activate_totp')}?{target}")
        return self.get_response(request)


def _wants_admin(request) -> bool:
    return request.path_info.startswith("/admin/") and request.path_info != "/admin/logout/"


class PersonalAnswers:
    """What was answered to somebody signed in, or to a program by its token, is kept by no cache, and where somebody
    signs out the browser clears what it has kept all the same."""

    def __init__(self, get_response) -> None:
        self.get_response = get_response

    def __call__(self, request):
        response = self.get_response(request)
        if getattr(request, "has_signed_out", False):
            # Not "cookies": that would reach every site of the city under the same domain.
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        if "HTTP_AUTHORIZATION" in request.META:
            patch_vary_headers(response, ["Authorization"])
        elif not (request.session.accessed and SESSION_KEY in request.session):
            return response
        else:
            patch_vary_headers(response, ["Cookie"])
        response.headers["Cache-Control"] = "no-store"
        return response
