"""This room's part of what a person may take with them, and of what goes when they leave."""

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.utils import timezone

from core import own_data

from .access import told_of
from .signing_in import devices


def export(user) -> dict:
    """Account, agreements, open sign-ins, and who looked at this account."""
    return {
        "phone": user.phone.reveal() if user.phone else None,
        "name": user.get_full_name(),
        "joined_at": user.date_joined,
        "phone_verified_at": user.phone_verified_at,
        "consents": list(user.consents.values("kind", "notice", "given_at", "withdrawn_at")),
        "sessions": list(_sessions(user).values("created_at", "last_seen_at", "ip", "user_agent")),
        "access_events": told_of([f"user {user.pk}"]),
    }


def kept(user) -> list:
    """The journal of who looked: without it nobody could show afterwards that looking was lawful."""
    return [
        own_data.Kept(
            "谁在什么时候看过、改过信息的记录", "《网络安全法》第二十一条", ends="至少保存 6 个月，不含号码"
        )
    ]


def erase(user) -> None:
    """End every agreement and sign-in and forget second factors. The row of the user is left to close_account."""
    user.consents.filter(withdrawn_at=None).update(withdrawn_at=timezone.now())
    user.login_codes.all().delete()
    Authenticator.objects.filter(user=user).delete()
    devices.end(_sessions(user))


def _sessions(user):
    return UserSession.objects.filter(user=user).order_by("created_at")
