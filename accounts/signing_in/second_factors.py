"""Second factors of staff, beside what allauth does: taking a lost one away, keeping secrets under one key."""

from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction

from core.encryption import current_key
from core.errors import Refused

from ..access import record
from ..actions import end_sessions
from .adapter import SecondFactorAdapter

# The one encrypted value in the data of each kind.
SECRETS = {Authenticator.Type.TOTP: "secret", Authenticator.Type.RECOVERY_CODES: "seed"}


def reset(user, *, by) -> None:
    """Take away the second factor of somebody whose phone is lost, and end their sign-ins.

    Only the administrator may, and not for themselves: whoever got hold of one administrator's session must not get
    rid of that factor too.
    """
    if not by.is_superuser:
        raise PermissionDenied
    if by.pk == user.pk:
        raise Refused("自己的第二重验证请别的管理员清除，或在“登录与安全”里关闭")
    with transaction.atomic():
        gone, _ = Authenticator.objects.filter(user=user).delete()
        if not gone:
            raise Refused("没有打开第二重验证")
        end_sessions(user)
        record(by, "second_factor_reset", f"user {user.pk}")


def reencrypt() -> int:
    """Bring every secret under the current key, as core.encryption.reencrypt does for columns. How many changed."""
    adapter, prefix, changed = SecondFactorAdapter(), f"{current_key()}.", 0
    for pk, kind in list(Authenticator.objects.filter(type__in=SECRETS).values_list("pk", "type")):
        with transaction.atomic():
            row = Authenticator.objects.select_for_update().filter(pk=pk).first()
            old = row.data[SECRETS[kind]] if row else prefix
            if not old.startswith(prefix):
                row.data[SECRETS[kind]] = adapter.encrypt(adapter.decrypt(old))
                row.save(update_fields=["data"])
                changed += 1
    return changed
