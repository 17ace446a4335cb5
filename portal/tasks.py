"""What the clock starts."""

from celery import shared_task

from .effect import figures


@shared_task
def reckon_effect() -> None:
    figures.reckon()
