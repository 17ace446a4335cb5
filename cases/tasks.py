"""Work beside the request."""

from celery import shared_task


@shared_task
def sweep_cases():
    from . import sweeping

    sweeping.sweep()
