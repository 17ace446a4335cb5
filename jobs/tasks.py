"""Work beside the request."""

from celery import shared_task


@shared_task
def match_all() -> None:
    from .pairs import matching

    matching.match_all()
