"""The audit chain: what it finds, and that the database keeps its rows."""

import pytest
from django.db import connection, transaction
from django.db.utils import DatabaseError

from cases import audit
from cases.models import AuditEntry

ENGINES = ["default", "postgres"]


def _three_rows():
    for place in (1, 2, 3):
        audit.record("test", f"row {place}", note=f"第 {place} 条")


@pytest.mark.django_db(databases=ENGINES)
def test_rows_can_neither_be_changed_nor_removed(engine):
    _three_rows()

    for statement in (
        "UPDATE cases_auditentry SET note = 'x'",
        "DELETE FROM cases_auditentry WHERE sequence = 2",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert list(audit.verify()) == []
    assert AuditEntry.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("round", [1, 2])
def test_tests_in_real_transactions_start_with_an_empty_chain(round):
    _three_rows()

    assert AuditEntry.objects.count() == 3
