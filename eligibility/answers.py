"""An owner's answers: kept in a signed cookie for a day, nowhere else. The server stores nothing before login."""

from django.conf import settings
from django.core import signing

from core.errors import Invalid
from core.facts import Profile

COOKIE = "answers"
HOURS_KEPT = 24
DAYS_SHARED = 7
_COOKIE_SALT = "eligibility.answers"
_SHARE_SALT = "eligibility.shared-answers"


def answers_of(request) -> dict:
    """Answers as the API would take them; None is 不清楚. Empty when there are none, or too old, or tampered with."""
    return _read(request.COOKIES.get(COOKIE, ""), _COOKIE_SALT, HOURS_KEPT * 3600)


def has_answers(request) -> bool:
    return bool(answers_of(request))


def keep(response, answers):
    """Put the answers into the response's cookie, for a day from now."""
    response.set_cookie(
        COOKIE,
        signing.dumps(answers, salt=_COOKIE_SALT, compress=True),
        max_age=HOURS_KEPT * 3600,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response):
    response.delete_cookie(COOKIE, samesite="Lax")
    return response


def share_token(answers) -> str:
    """The answers as a signed piece of an address that works for a week. It holds no identity."""
    return signing.dumps(answers, salt=_SHARE_SALT, compress=True)


def shared_answers(token) -> dict:
    """What a shared address holds; empty when it is too old or altered."""
    return _read(token, _SHARE_SALT, DAYS_SHARED * 86400)


def _read(text, salt, seconds):
    try:
        found = signing.loads(text, salt=salt, max_age=seconds)
    except signing.BadSignature:
        return {}
    return found if isinstance(found, dict) else {}


def profile_of(answers, registry, day) -> Profile:
    """Answers as a Profile. An answer that no longer fits its fact is left out rather than breaking the page."""
    try:
        return registry.read_profile(answers, as_of=day)
    except Invalid as problem:
        unfit = {fault.field.split(".")[1] for fault in problem.faults}
        kept = {name: value for name, value in answers.items() if name not in unfit}
        return registry.read_profile(kept, as_of=day)
