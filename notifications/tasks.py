"""Work beside the request. A task carries ids and makes one call; the database says what is to be done."""

from celery import shared_task


@shared_task
def work_on_push(run_id):
    from . import pushing

    pushing.work(run_id)


@shared_task
def follow_facts():
    from . import following

    following.follow_facts()


@shared_task
def relay():
    from . import relaying

    relaying.relay()


@shared_task
def follow_the_day():
    from . import days

    days.follow_the_day()


@shared_task
def gather():
    from . import gathering

    gathering.gather()


@shared_task
def deliver():
    from . import delivering

    delivering.deliver()


@shared_task
def send_webhooks():
    from .webhooks import enqueueing, sending

    enqueueing.enqueue_changes()
    sending.send_due()
