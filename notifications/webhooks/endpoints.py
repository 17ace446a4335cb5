"""The verbs of whoever looks after the endpoints of programs. Secrets exist in clear only in what these return."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import record
from accounts.clients import may_manage
from core.errors import Invalid, Refused

from ..models import WebhookEndpoint
from ..models.webhooks import EVENTS
from .addresses import read_url
from .signing import new_secret

BY_STAFF = "管理员停用"


def _require(user) -> None:
    if not may_manage(user):
        raise PermissionDenied


@transaction.atomic
def register(endpoint: WebhookEndpoint, *, by) -> str:
    """Save a new endpoint. Returns its secret, in clear, for the last time. Raises Invalid."""
    _require(by)
    endpoint.url = read_url(endpoint.url)
    if not endpoint.events or set(endpoint.events) - dict(EVENTS).keys():
        raise Invalid.because("events", "invalid_choice", "请至少选一种事件。")
    secret = endpoint.secret = new_secret()
    endpoint.save()
    record(by, "add_webhook", f"webhook {endpoint.pk}", events=endpoint.events)
    return secret


@transaction.atomic
def rotate(endpoint: WebhookEndpoint, *, by) -> str:
    """A new secret; the one before it signs as well until ``retire``. Returns the new one, for the last time."""
    _require(by)
    locked = _locked(endpoint)
    secret = new_secret()
    locked.old_secret, locked.secret = locked.secret.reveal(), secret
    locked.save(update_fields=["old_secret", "secret"])
    record(by, "rotate_webhook", f"webhook {locked.pk}")
    return secret


@transaction.atomic
def retire(endpoint: WebhookEndpoint, *, by) -> None:
    """Sign with the new secret alone: the program has changed over."""
    _require(by)
    locked = _locked(endpoint)
    if locked.old_secret is None:
        raise Refused("没有旧密钥，不用停。")
    locked.old_secret = None
    locked.save(update_fields=["old_secret"])
    record(by, "retire_webhook_secret", f"webhook {locked.pk}")


@transaction.atomic
def disable(endpoint: WebhookEndpoint, *, by, reason=BY_STAFF) -> None:
    """Send nothing there any more. What waits stays until it is enabled again, or is too old."""
    _require(by)
    if not switch_off(endpoint.pk, reason):
        raise Refused("这个地址已经停用了。")
    record(by, "disable_webhook", f"webhook {endpoint.pk}", reason=reason)


@transaction.atomic
def enable(endpoint: WebhookEndpoint, *, by) -> None:
    """Go on. What happened meanwhile is sent as far as it was written down."""
    _require(by)
    rows = WebhookEndpoint.objects.filter(pk=endpoint.pk).exclude(disabled_at=None)
    if not rows.update(disabled_at=None, reason="", looked_at=timezone.now()):
        raise Refused("这个地址没有停用，不用恢复。")
    record(by, "enable_webhook", f"webhook {endpoint.pk}")


def switch_off(endpoint_id: int, reason: str) -> int:
    """Disable, whoever finds that it has to be; how many were not disabled before."""
    rows = WebhookEndpoint.objects.filter(pk=endpoint_id, disabled_at=None)
    return rows.update(disabled_at=timezone.now(), reason=reason[:200])


def _locked(endpoint):
    return WebhookEndpoint.objects.select_for_update().get(pk=endpoint.pk)
