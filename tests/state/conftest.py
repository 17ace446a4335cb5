import pytest

from .cases import Cases


@pytest.fixture(scope="module")
def cases(django_db_setup, django_db_blocker):
    """An application in every state, once for the module; every attempt of a test is undone."""
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield Cases()
        transaction.set_rollback(True)
