"""What many tests of a module begin with, written once for all of them."""

from contextlib import ExitStack, contextmanager

from django.core.cache import cache
from django.db import connections, transaction

from core.models import forget_editions

BOTH = ("default", "postgres")


@contextmanager
def standing(make, blocker, engines=("default",)):
    """What ``make()`` writes stands on these engines as long as this is open; what a test does to it is undone after
    the test. For a fixture of the module, with ``django_db_blocker``, that asks for ``django_db_setup``."""
    default = connections["default"]
    with blocker.unblock(), ExitStack() as undone:
        for alias in engines:
            undone.enter_context(transaction.atomic(alias))
            undone.callback(transaction.set_rollback, True, alias)
            connections["default"] = connections[alias]
            try:
                cache.clear()
                forget_editions()
                make()
            finally:
                connections["default"] = default
        yield
