"""What the clock starts."""

from celery import shared_task

from .search import missed


@shared_task
def forget_searches() -> None:
    missed.forget()
