"""Access events are only ever added, and the gravest of them stand in the chain as well."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction

from accounts.access import CHAINED, record
from accounts.models import AccessEvent, User
from cases.audit import verify
from cases.models import AuditEntry

both_engines = pytest.mark.django_db(databases=["default", "postgres"])
REFUSED = {
    "one changed": "UPDATE accounts_accessevent SET action = 'nothing'",
    "one removed": "DELETE FROM accounts_accessevent",
}


@both_engines
@pytest.mark.parametrize("how", REFUSED)
def test_the_database_refuses_to_have_an_access_event(engine, how):
    record(AnonymousUser(), "looked", "operator 1")

    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(REFUSED[how])

    assert AccessEvent.objects.values_list("action", flat=True).get() == "looked"


@pytest.mark.django_db(databases=["default", "postgres"])
@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_postgresql_refuses_to_empty_them(engine):
    with (
        pytest.raises(DatabaseError, match="only ever added"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("TRUNCATE accounts_accessevent")


def test_what_goes_into_the_chain():
    assert {
        "propose_version",
        "publish_version",
        "withdraw_version",
        "export",
        "import_findings_exported",
        "unmask",
    } == CHAINED


@both_engines
def test_publishing_taking_out_and_unmasking_go_into_the_chain_and_looking_does_not(engine):
    user = User.objects.create(username="somebody", is_staff=True)
    for action in sorted(CHAINED):
        record(user, action, "operator 1", reason="核对", rows=3)
    record(user, "see_evidence", "evidence 1")

    entries = AuditEntry.objects.order_by("sequence").values_list(
        "verb", "subject", "actor", "note", "detail"
    )
    assert list(entries) == [
        (action, "operator 1", user.pk, "核对", {"rows": 3}) for action in sorted(CHAINED)
    ]
    assert AccessEvent.objects.count() == len(CHAINED) + 1
    assert list(verify()) == []


@both_engines
def test_who_it_was_stays_written_down_when_the_account_goes(engine):
    user = User.objects.create(username="somebody", is_staff=True)
    record(user, "looked", "operator 1")
    number = user.pk

    user.delete()

    assert AccessEvent.objects.values_list("user", flat=True).get() == number
