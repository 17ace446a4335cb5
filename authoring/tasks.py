"""Work beside the request. A task carries an id and makes one call."""

from celery import shared_task


@shared_task
def work_on_impact(run_id) -> None:
    from . import impact

    impact.work(run_id)


@shared_task
def go_on_with_impact() -> None:
    from . import impact

    impact.sweep()
