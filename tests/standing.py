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
    the test. Gives what it returned on the last of them."""
    default, made = connections["default"], None
    with blocker.unblock(), ExitStack() as undone:
        for alias in engines:
            undone.enter_context(transaction.atomic(alias))
            undone.callback(transaction.set_rollback, True, alias)
            connections["default"] = connections[alias]
            try:
                cache.clear()
                forget_editions()
                made = make()
            finally:
                connections["default"] = default
        yield made


def stands(make, engines=("default",), on=None):
    """A fixture of the module in whose tests what ``make()`` writes stands. Called ``_begun``, it gives each test its
    own copy of what ``make()`` returned, as ``begun``. ``on``: the fixture whose rows it begins with."""

    @pytest.fixture(scope="module", autouse=True)
    def stand(request, django_db_setup, django_db_blocker):
        if on:
            request.getfixturevalue(on)
        with standing(make, django_db_blocker, engines) as made:
            yield made

    return stand
