"""What has become of a case is told to the programs that see it: by id, state and outcome alone."""

from django.dispatch import receiver
from django.utils import timezone

from notifications.webhooks.enqueueing import enqueue_moved

from .models import Case
from .signals import moved


@receiver(moved)
def tell_programs(sender, case: Case, **kwargs) -> None:
    if case.business_id is not None:
        enqueue_moved(_said(case), case.business_id, lambda client: _sees(client, case))


def _said(case) -> dict:
    return {
        "id": str(case.public_id),
        "number": case.number,
        "procedure": case.procedure,
        "business": str(case.business.public_id),
        "state": case.state,
        "outcome": case.outcome or None,
        "version": case.version,
        "at": timezone.localtime().isoformat(),
    }


def _sees(client, case) -> bool:
    return (
        case.life.scope in client.allowed_scopes
        and Case.objects.visible_to(client).filter(pk=case.pk).exists()
    )
