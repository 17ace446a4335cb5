"""Work beside the request."""

from celery import shared_task


@shared_task
def work_on_bank_answer(answer_id) -> None:
    from .actions import settling

    settling.work(answer_id)
