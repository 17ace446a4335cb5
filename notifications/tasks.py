"""Work beside the request. A task carries ids and makes one call; the database says what is to be done."""

from celery import shared_task


@shared_task
def work_on_push(run_id) -> None:
    from .pushes import pushing

    pushing.work(run_id)


@shared_task
def follow_facts() -> None:
    from .pushes import fact_changes

    fact_changes.follow_facts()


@shared_task
def relay() -> None:
    from . import sweep

    sweep.relay()


@shared_task
def follow_the_day() -> None:
    from .pushes import calendar_run

    calendar_run.follow_the_day()


@shared_task
def gather() -> None:
    from .outside import digest_queue

    digest_queue.gather()


@shared_task
def deliver() -> None:
    from .outside import delivering

    delivering.deliver()


@shared_task
def send_webhooks() -> None:
    from .webhooks import enqueueing, sending

    enqueueing.enqueue_changes()
    sending.send_due()
