import pytest

from . import world as made


@pytest.fixture(scope="module")
def world(_measures, django_db_setup, django_db_blocker):
    """The world and a browser for each role, once for the module; every request of a test is rolled back."""
    from django.conf import settings
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        settings.DEBUG = True
        try:
            rows = made.build()
        finally:
            settings.DEBUG = False
        yield rows, {role: made.browser(role) for role in made.ROLES}
        transaction.set_rollback(True)
