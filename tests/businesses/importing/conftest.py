"""Importing in tests: a private folder, files written beside it, and the whole register as one fingerprint."""

import hashlib
from datetime import date

import orjson
import pytest
from django.db import connection

from businesses.importing import mapping, runs, working
from businesses.models import (
    Business,
    BusinessRecord,
    CreditRating,
    ImportRun,
    Operator,
    OperatorRecord,
    Source,
)

from .made_up import write_csv

DAY = date(2026, 11, 1)


@pytest.fixture(autouse=True)
def private_folder(settings, tmp_path):
    settings.PRIVATE_FOLDER = str(tmp_path / "private")
    return tmp_path / "private" / "imports"


@pytest.fixture
def sources(db):
    """The shipped sources on whichever engine stands for default."""
    mapping.create_sources()
    return {source.code: source for source in Source.objects.all()}


@pytest.fixture
def take(tmp_path, sources):
    """Receive rows as a file and take them in: ``take(rows, source="tax")``. Returns the run, done."""

    def take_rows(rows, source="registry", as_of=DAY, **how):
        run = receive(tmp_path, rows, sources[source], as_of, **how)
        runs.apply_at_once(run, by=None)
        working.work(run)
        run.refresh_from_db()
        return run

    return take_rows


def receive(tmp_path, rows, source, as_of=DAY, **how):
    path = tmp_path / f"{source.code}-{ImportRun.objects.count()}.csv"
    return runs.receive(write_csv(path, rows, **how), source, by=None, as_of=as_of, name=path.name)


def fingerprint():
    """What the register says, without ids, random names, versions, times, and the type that is judged from it."""
    shops = [
        [value for name, value in row.items() if name not in ("id", "operator_id", "public_id", "version",
         "updated_at", "created_in", "business_type")]
        for row in Business.objects.order_by("credit_code").values()
    ]  # fmt: skip
    behind = list(
        Business.objects.order_by("credit_code").values_list("credit_code", "operator__identity_index")
    )
    said = list(
        BusinessRecord.objects.order_by("business__credit_code").values_list("business__credit_code", "said")
    )
    people = list(Operator.objects.order_by("identity_index", "name").values_list("identity_index", "name"))
    personal = list(
        OperatorRecord.objects.order_by("operator__identity_index").values_list(
            "operator__identity_index", "said"
        )
    )
    ratings = list(
        CreditRating.objects.order_by("business__credit_code").values_list(
            "business__credit_code", "rated", "on"
        )
    )
    everything = [shops, behind, said, people, personal, ratings]
    return hashlib.sha256(orjson.dumps(everything, default=str, option=orjson.OPT_SORT_KEYS)).hexdigest()


def findings(run):
    """{row: (column, code)} of what was wrong."""
    return {issue.row: (issue.column, issue.code) for issue in run.issues.all()}


def counts(run):
    return run.created, run.updated, run.unchanged, run.wrong


def everything_stored_as_text():
    """Every table as text, for finding what must not be there."""
    with connection.cursor() as cursor:
        text = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            text += [str(row) for row in cursor.fetchall()]
    return "\n".join(text)
