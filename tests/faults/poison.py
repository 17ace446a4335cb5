"""Celery whose workers die of one owner: ``python -m tests.faults.poison OPERATOR worker -c 2 …``."""

import os
import signal
import sys


def main(operator, *arguments):
    from notifications.pushes import pushing
    from portal.celery import app

    shops_of = pushing._shops_of

    def die_of_it(run, span, subject):
        if 0 <= span.lo <= int(operator) and (span.hi is None or int(operator) < span.hi):
            os.kill(os.getpid(), signal.SIGKILL)
        return shops_of(run, span, subject)

    pushing._shops_of = die_of_it
    app.start(list(arguments))


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    django.setup()
    main(*sys.argv[1:])
