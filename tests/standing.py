"""What many tests of a module begin with, written once for all of them."""

from contextlib import ExitStack, contextmanager

import pytest
from django.core.cache import cache
from django.db import connections, transaction

from core.models import forget_editions

BOTH = ("default", "postgres")


@contextmanager
def standing(make, blocker, engines=("default",)):
    """What ``make()`` writes stands on these engines as long as this is open; what a test does to it is undone after
    the test."""
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


def stands(make, engines=("default",)):
    """A fixture of the module in whose tests what ``make()`` writes stands."""

    @pytest.fixture(scope="module")
    def stand(django_db_setup, django_db_blocker):
        with standing(make, django_db_blocker, engines):
            yield

    return stand
