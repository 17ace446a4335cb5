"""What tests begin with is what the migrations and the measures file make."""

import inspect
from datetime import timedelta

import pytest
from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models.signals import post_migrate

from core.models import Edition
from eligibility.loading import load_measures
from policies.measures_file import DEFAULT_PATH
from tests import measures, snapshots
from tests.settings import BASE_DIR


def test_a_snapshot_is_made_anew_where_anything_that_fills_a_migrated_database_changes():
    receivers = [
        receiver for app in apps.get_app_configs() for receiver in post_migrate._live_receivers(sender=app)[0]
    ]
    files = {inspect.getsourcefile(receiver) for receiver in receivers}

    own = {file for file in files if file.startswith(str(BASE_DIR)) and "site-packages" not in file}
    assert own
    assert own <= {str(file) for file in snapshots.sources()}


@pytest.mark.django_db(databases=["default", "postgres"])
def test_the_copied_catalogue_is_the_loaded_one(engine, time_machine, monkeypatch):
    monkeypatch.setattr(measures, "_added", {})
    time_machine.move_to("2026-11-24T10:00:00+08:00", tick=False)
    _rows_after(measures.load_catalogue)
    time_machine.shift(timedelta(hours=1))

    loaded, copied = (
        _rows_after(load) for load in (lambda: load_measures(DEFAULT_PATH), measures.load_catalogue)
    )

    assert len(loaded["policies_measure"][1]) == 21
    assert copied == loaded


def _rows_after(load):
    """{table: rows} after a load that is undone, but for the number of the edition, which is drawn by lot."""
    models = apps.get_models(include_auto_created=True)
    with transaction.atomic():
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), models):
                cursor.execute(statement)
        load()
        Edition.objects.update(token=0)
        found = {
            table: (columns, sorted(rows, key=repr))
            for table, (columns, rows) in measures._everything().items()
        }
        transaction.set_rollback(True)
    return found
