"""Work beside the request. A task carries an id and makes one call."""

from celery import shared_task


@shared_task
def work_on(run_id) -> None:
    from .importing import working

    working.go_on(run_id)


@shared_task
def poll_imports() -> None:
    from .importing import folder, runs

    folder.poll()
    runs.sweep()
