"""After a test in real transactions the databases are what they were."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection

from accounts.models import AccessEvent
from core import guards
from tests import measures
from tests.restoring import restore

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "postgres"])


@pytest.mark.usefixtures("engine")
def test_what_is_left_goes_and_what_was_there_is_there_again_and_guarded():
    before = _rows()
    measures.load_catalogue()
    AccessEvent.objects.create(action="view", subject="operator 1")
    Group.objects.all().delete()

    restore([connection.alias])

    after = _rows()
    assert {table: after[table] for table in before} == before  # matching makes tables for a session besides
    assert before["auth_group"] != []
    assert guards.missing(connection.alias) == []


def _rows():
    return {table: sorted(rows, key=repr) for table, (_, rows) in measures._everything().items()}
