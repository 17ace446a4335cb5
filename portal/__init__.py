import gc

# What a process loads stays, and what a request makes dies by itself, all but a little: to look for garbage as often as
# is usual would take a fifth of the time of every start.
gc.set_threshold(50_000, 20, 20)

from .celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
