"""The catalogue as shipped: read, checked and published once a day and process, and copied as rows from then on."""

from datetime import UTC, datetime

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.utils import timezone

from core.models import Edition
from eligibility.loading import load_measures
from policies.measures_file import DEFAULT_PATH
from policies.models import CATALOGUE_EDITION, Benefit

NOW = object()  # stands in a row for the moment of the load
# {(vendor of the database, day): {table: (columns, rows)}}: what a load adds where there is no catalogue.
_added = {}


@transaction.atomic
def load_catalogue():
    """What ``load_measures`` does."""
    key = connection.vendor, timezone.localdate()
    if any(_holds_rows(table) for table in _added.get(key, [Benefit._meta.db_table])):
        load_measures(DEFAULT_PATH)
    elif key in _added:
        _copy(_added[key])
        Edition.objects.bump(CATALOGUE_EDITION)
    else:
        before, start = _everything(), timezone.now()
        load_measures(DEFAULT_PATH)
        _added[key] = _new_rows(before, _everything(), start)


def _holds_rows(table):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM {table} LIMIT 1")
        return bool(cursor.fetchall())


def _everything():
    """{table: (columns, rows)} of the database."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {table}")
            found[table] = ([column[0] for column in cursor.description], cursor.fetchall())
    return found


def _new_rows(before, after, start):
    found = {}
    for table, (columns, rows) in after.items():
        known = set(before[table][1])
        if new := [tuple(_unless_now(value, start) for value in row) for row in rows if row not in known]:
            found[table] = columns, new
    return found


def _unless_now(value, start):
    if isinstance(value, datetime) and start <= (value if value.tzinfo else value.replace(tzinfo=UTC)):
        return NOW
    return value


def _copy(added):
    now = connection.ops.adapt_datetimefield_value(timezone.now())
    with connection.cursor() as cursor:
        for table, (columns, rows) in added.items():
            places = ", ".join(["%s"] * len(columns))
            cursor.executemany(
                f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})",
                [tuple(now if value is NOW else value for value in row) for row in rows],
            )
        every = apps.get_models(include_auto_created=True)
        models = [model for model in every if model._meta.db_table in added]
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
