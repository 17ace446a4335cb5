"""Work beside the request."""

from celery import shared_task


@shared_task
def sweep_cases() -> None:
    from . import sweeping

    sweeping.sweep()
