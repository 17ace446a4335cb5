import re

import pytest
from django.db import connection

from tests.fuzz.operations import operations_of_api, schema

from . import answers
from .asking import Site

KNOWN = answers.known()


@pytest.fixture
def other_ids(db):
    """The database gives out other numbers than it did when the answers were written down."""
    if connection.vendor != "sqlite":  # a server does so by itself
        return
    with connection.cursor() as cursor:
        for place, table in enumerate(connection.introspection.table_names(cursor), 3):
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, place])


@pytest.fixture
def differences(other_ids):
    """How the answers of today differ: ``[(request, before, now)]``."""
    with answers.world() as (rows, browsers):
        site = Site(rows, browsers)
        found = [(request, before, site.ask(request)) for request, before in KNOWN]
    return [(request, before, now) for request, before, now in found if now != before]


def test_the_api_answers_byte_for_byte_as_before(differences):
    assert differences == []


@pytest.mark.django_db
def test_every_operation_stands_in_the_corpus():
    asked = {f"{request.method} {request.path.split('?')[0]}" for request, _ in KNOWN}

    def stands(operation):
        address = re.sub(r"\{[a-z_]+\}", r"[^/]+", operation.address)
        return any(re.fullmatch(f"{operation.method} /{address}", one) for one in asked)

    assert [str(row) for row in operations_of_api(schema()) if not stands(row)] == []
    assert len(KNOWN) == 368
    assert sum(answer["status"] < 300 for _, answer in KNOWN) > 140
