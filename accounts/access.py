"""Writing down who saw or took out what (个人信息保护法 §51, §54)."""

from .models import AccessEvent


def record(user, action, subject, *, reason="", **detail):
    """Log one access. ``subject`` names a row (``operator 12``); ``detail`` must hold no number, name or phone."""
    known = user if getattr(user, "pk", None) and user.is_authenticated else None
    return AccessEvent.objects.create(
        user=known,
        department=getattr(known, "department", None),
        action=action,
        subject=subject,
        reason=reason,
        detail=detail,
    )
