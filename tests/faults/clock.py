"""Celery with a clock that is wrong: ``python -m tests.faults.clock SECONDS worker -c 1 …``."""

import sys
import time


def main(ahead, *arguments):
    import time_machine

    from portal.celery import app

    with time_machine.travel(time.time() + float(ahead), tick=True):
        app.start(list(arguments))


if __name__ == "__main__":
    main(*sys.argv[1:])
