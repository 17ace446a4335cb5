"""Where somebody is signed in: one row of allauth's for each sign-in, under the digest of its session's key.

allauth's own verbs look sessions up by the key itself, which is kept nowhere; these do it by the digest.
"""

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from .session_store import digest


def remember(request) -> None:
    """Write down from where the person of this session is signed in."""
    if not request.session.session_key:
        request.session.save()
    longest = UserSession._meta.get_field("user_agent").max_length
    UserSession.objects.update_or_create(
        session_key=digest(request.session.session_key),
        defaults={
            "user": request.user,
            "ip": get_adapter().get_client_ip(request),
            "user_agent": request.META.get("HTTP_USER_AGENT", "")[:longest],
            "last_seen_at": timezone.now(),
        },
    )


def note_sign_in(sender, request, **kwargs) -> None:
    """For allauth's user_logged_in, instead of its own receiver."""
    standing(request.user)
    remember(request)


def seen(request) -> None:
    """The session of this request was used just now."""
    current(request).update(last_seen_at=timezone.now())


def current(request):
    """The row of this request's session, as a queryset."""
    return UserSession.objects.filter(session_key=digest(request.session.session_key or ""))


def standing(user) -> list[UserSession]:
    """Where ``user`` is signed in now, the newest first. Rows whose session has ended, or was begun with a password
    that has changed since, go."""
    rows = list(UserSession.objects.filter(user=user).order_by("-created_at"))
    keys = [row.session_key for row in rows]
    proofs = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    live = {
        session.session_key
        for session in Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
        if any(constant_time_compare(_proof_of(session), proof) for proof in proofs)
    }
    if gone := [row.pk for row in rows if row.session_key not in live]:
        UserSession.objects.filter(pk__in=gone).delete()
    return [row for row in rows if row.session_key in live]


def _proof_of(session):
    return session.get_decoded().get(HASH_SESSION_KEY, "")


def end(rows) -> int:
    """Sign out wherever ``rows``, a queryset, says. How many sign-ins ended."""
    keys = list(rows.values_list("session_key", flat=True))
    Session.objects.filter(session_key__in=keys).delete()
    return UserSession.objects.filter(session_key__in=keys).delete()[0]
