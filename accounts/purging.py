"""What is not needed any more goes: unproven accounts, old codes and sessions, counted tries, request keys."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from core import idempotency
from core.models import Attempts

from .models import LoginCode, User

TO_PROVE = timedelta(days=1)
LONGEST_WINDOW = timedelta(days=32)  # of any core.limits.Limit


def purge() -> dict[str, int]:
    """Delete it and say how many of each. Calling it again is harmless."""
    now = timezone.now()
    unproved = _nothing_else_points_at(
        User.objects.filter(
            phone_index__isnull=False,
            phone_verified_at=None,
            is_staff=False,
            date_joined__lt=now - TO_PROVE,
        ).exclude(Exists(LoginCode.objects.filter(user=OuterRef("pk"), sent_at__gte=now - TO_PROVE)))
    )
    # Codes go with their user, and are counted on their own.
    codes = LoginCode.objects.filter(sent_at__lt=now - TO_PROVE).delete()[1].get("accounts.LoginCode", 0)
    accounts = unproved.delete()[1].get("accounts.User", 0)
    Attempts.objects.filter(starts__lt=(now - LONGEST_WINDOW).timestamp()).delete()
    idempotency.purge()
    sessions = Session.objects.filter(expire_date__lt=now).delete()[0]
    return {"accounts": accounts, "codes": codes, "sessions": sessions}


def _nothing_else_points_at(users):
    """An account that somebody has given a mandate to is waited for, whether or not its owner has come yet."""
    for relation in User._meta.get_fields(include_hidden=True):
        if not relation.auto_created or relation.concrete or relation.related_model is LoginCode:
            continue
        if relation.one_to_many or relation.one_to_one:
            rows = relation.related_model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            users = users.filter(~Exists(rows))
    return users
