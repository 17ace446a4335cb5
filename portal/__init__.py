import atexit
import gc

# What a process loads stays, and what a request makes dies by itself, all but a little: to look for garbage as often as
# is usual would take a fifth of the time of every start.
gc.set_threshold(50_000, 20, 20)
# At the end the system takes everything back: what is loaded need not be searched and freed before, which would take a
# quarter of the time of a command that has little to do.
atexit.register(gc.freeze)

from .celery import app as celery_app  # noqa: E402

__all__ = ["celery_app"]
