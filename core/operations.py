"""Steps of a migration that let the portal serve while a big table changes (docs/migrations.md).

On PostgreSQL each takes no lock that anybody waits behind; SQLite, which has one writer anyway, does the plain thing.
"""

from collections.abc import Callable
from typing import Any

from django.contrib.postgres import operations as postgres
from django.db import migrations, transaction
from django.db.models import QuerySet


class _Apart:
    """Django's operation for PostgreSQL; elsewhere ``plain``, or nothing."""

    plain: Any = None

    def database_forwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)  # type: ignore[misc]
        elif self.plain is not None:
            self.plain.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label, schema_editor, from_state, to_state) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_backwards(app_label, schema_editor, from_state, to_state)  # type: ignore[misc]
        elif self.plain is not None:
            self.plain.database_backwards(self, app_label, schema_editor, from_state, to_state)


class AddIndexConcurrently(_Apart, postgres.AddIndexConcurrently):
    """In a migration of its own, with ``atomic = False``."""

    plain = migrations.AddIndex


class RemoveIndexConcurrently(_Apart, postgres.RemoveIndexConcurrently):
    """Likewise."""

    plain = migrations.RemoveIndex


class AddConstraintNotValid(_Apart, postgres.AddConstraintNotValid):
    """A check of what is written from now on; ``ValidateConstraint`` in the next migration looks at what is there."""

    plain = migrations.AddConstraint


class ValidateConstraint(_Apart, postgres.ValidateConstraint):
    pass


class RunInBatches(migrations.RunPython):
    """``change(rows)`` with the rows of a model, some at a time, each time in a transaction of its own. What is broken
    off begins anew, so ``change`` may meet rows that it has changed before. In a migration with ``atomic = False``."""

    def __init__(self, model: str, change: Callable[[QuerySet], object], *, size=1_000) -> None:
        self.model, self.change, self.size = model, change, size
        super().__init__(self._run, migrations.RunPython.noop)

    def deconstruct(self) -> tuple:
        return type(self).__name__, [self.model, self.change], {"size": self.size}

    def _run(self, apps, schema_editor) -> None:
        alias = schema_editor.connection.alias
        rows, last = apps.get_model(self.model)._base_manager.using(alias).order_by("pk"), None
        while True:
            left = rows if last is None else rows.filter(pk__gt=last)
            ids = list(left.values_list("pk", flat=True)[: self.size])
            if not ids:
                return
            with transaction.atomic(using=alias):
                self.change(rows.filter(pk__gte=ids[0], pk__lte=ids[-1]))
            last = ids[-1]
