"""The verbs of the programs that use the API: let one in, give it a new secret, stop it, let it go on.

A secret exists in clear only in what these return, to be shown once; the database keeps its hash.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import get_access_token_model

from core.errors import Refused

from .access import record
from .models import ApiClient

# Sources of a department's own (businesses/facts.py, which this room may not import; a test holds the two equal).
SOURCES = (
    ("registry", "市场监管登记"),
    ("tax", "税务"),
    ("social_security", "社会保险"),
    ("veterans", "退役军人事务"),
    ("employment", "公共就业服务"),
)


def may_manage(user) -> bool:
    """Only the administrator lets programs in."""
    return bool(user.is_active and user.is_superuser)


def let_in(client: ApiClient, *, by) -> str:
    """Save a program that was not there before. Returns its secret, in clear, for the last time."""
    _require_manager(by)
    client.client_type = ApiClient.CLIENT_CONFIDENTIAL
    client.authorization_grant_type = ApiClient.GRANT_CLIENT_CREDENTIALS
    client.hash_client_secret = True
    with transaction.atomic():
        secret = _give_secret(client)
        record(by, "let_in_client", f"client {client.pk}", client=client.client_id, scopes=client.scopes)
    return secret


def change(client: ApiClient, *, by) -> None:
    """Save another name, department, source or other scopes. Tokens given before can do no more than these."""
    _require_manager(by)
    with transaction.atomic():
        client.save()
        record(by, "change_client", f"client {client.pk}", client=client.client_id, scopes=client.scopes)


def give_new_secret(client: ApiClient, *, by) -> str:
    """Make the old secret and every token of it void. Returns the new secret, in clear, for the last time."""
    _require_manager(by)
    with transaction.atomic():
        secret = _give_secret(client)
        _tokens(client).delete()
        record(by, "new_client_secret", f"client {client.pk}", client=client.client_id)
    return secret


def disable(client: ApiClient, *, by) -> None:
    """Stop a program at once: no new tokens, and those it has end."""
    _require_manager(by)
    with transaction.atomic():
        now = timezone.now()
        if not ApiClient.objects.filter(pk=client.pk, disabled_at=None).update(disabled_at=now):
            raise Refused("这个客户端已经停用了。")
        _tokens(client).delete()
        record(by, "disable_client", f"client {client.pk}", client=client.client_id)


def enable(client: ApiClient, *, by) -> None:
    """Let a stopped program get tokens again, with the secret it has."""
    _require_manager(by)
    with transaction.atomic():
        if not ApiClient.objects.filter(pk=client.pk).exclude(disabled_at=None).update(disabled_at=None):
            raise Refused("这个客户端没有停用，不用恢复。")
        record(by, "enable_client", f"client {client.pk}", client=client.client_id)


def _require_manager(user) -> None:
    if not may_manage(user):
        raise PermissionDenied


def _give_secret(client):
    secret = generate_client_secret()
    client.client_secret = secret
    client.save()
    return secret


def _tokens(client):
    return get_access_token_model().objects.filter(application=client)
