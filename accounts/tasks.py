"""What the clock starts."""

from celery import shared_task

from .purging import purge


@shared_task
def purge_accounts() -> None:
    purge()
