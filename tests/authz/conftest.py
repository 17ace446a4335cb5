import pytest

from . import world as made


@pytest.fixture(scope="module")
def world(_measures, django_db_setup, django_db_blocker, tmp_path_factory):
    """The world and a browser for each role, once for the module; every request of a test is rolled back."""
    from django.db import transaction
    from django.test import override_settings

    private = override_settings(PRIVATE_FOLDER=str(tmp_path_factory.mktemp("private")), UPLOAD_SCANNER="")
    with private, django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True):
            rows = made.build()
        yield rows, {role: made.browser(role) for role in made.ROLES}
        transaction.set_rollback(True)
