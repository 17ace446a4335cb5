"""What a worker does with a message whose envelope can be read and whose inside is no task in JSON."""

from celery.worker.consumer import Consumer

from . import broker


class TaskConsumer(Consumer):
    def on_decode_error(self, message, exc) -> None:
        super().on_decode_error(message, exc)
        broker.count(exc)

    def on_invalid_task(self, body, message, exc) -> None:
        super().on_invalid_task(body, message, exc)
        broker.count(exc)
